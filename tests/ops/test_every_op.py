"""Every primitive and every public operation: values, specs, first and second derivatives."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tests.ops.numeric import central_differences, error
from tests.ops.samples import SAMPLES
from tests.ops.values import Array, Sample, generator

from glia import ops
from glia.autodiff import gradients
from glia.dtypes import is_float
from glia.engines import set_engine
from glia.function import function
from glia.graph import OPS, Body, Node, Spec, Tensor, Trace, flatten, walk
from glia.ops.words import NUMPY

STRUCTURE = {"placeholder"}  # inputs; they have no meaning of their own


def traced(sample: Sample) -> tuple[list[Tensor], list[Tensor]]:
    with Trace() as trace:
        symbols = [trace.input(Spec(a.shape, a.dtype)) for a in sample.arrays]
        leaves = flatten(sample.call(*symbols))[0]
    return symbols, [leaf for leaf in leaves if isinstance(leaf, Tensor)]


def all_nodes(outputs: Any) -> Iterator[Node]:
    for node in walk(outputs):
        yield node
        for body in (value for value in node.attributes.values() if isinstance(value, Body)):
            yield from all_nodes(body.outputs)


def is_smooth(sample: Sample) -> bool:
    """Whether floats go in and come out, so that there is something to differentiate."""
    return any(is_float(each.dtype) for each in sample.arrays) and any(
        is_float(each.dtype) for each in traced(sample)[1]
    )


samples = pytest.mark.parametrize("sample", SAMPLES, ids=str)
smooth_samples = pytest.mark.parametrize("sample", [*filter(is_smooth, SAMPLES)], ids=str)
SAMPLED = {node.op.name for sample in SAMPLES for node in all_nodes(traced(sample)[1])}


@pytest.mark.parametrize("name", sorted(set(OPS) - STRUCTURE))
def test_every_primitive_has_a_sample(name: str) -> None:
    assert name in SAMPLED, f"add a call that uses {name!r} to tests/ops/samples.py"


@pytest.mark.parametrize("name", sorted(set(ops.__all__) - {"Window"}))
def test_every_public_operation_has_a_sample(name: str) -> None:
    assert name in {sample.name for sample in SAMPLES}


@pytest.mark.parametrize("name", sorted(set(ops.__all__) - {"Window"}))
def test_every_public_operation_says_what_it_does(name: str) -> None:
    assert (getattr(ops, name).__doc__ or "").strip()


@samples
def test_infer_tells_what_evaluate_gives(sample: Sample) -> None:
    symbols, outputs = traced(sample)
    values = {id(s): np.asarray(a) for s, a in zip(symbols, sample.arrays, strict=True)}
    for node in walk(outputs, symbols):
        given = [values[id(tensor)] for tensor in node.inputs]
        with np.errstate(over="ignore"):  # random bits wrap around
            results = node.op.evaluate(NUMPY, *given, **node.attributes)
        for tensor, result in zip(
            node.outputs, results if len(node.outputs) > 1 else [results], strict=True
        ):
            values[id(tensor)] = result
            assert (np.shape(result), np.asarray(result).dtype) == tensor.spec, node


@samples
def test_arrays_and_symbols_give_the_same_values(sample: Sample, every_engine: str) -> None:
    eager = flatten(sample.call(*sample.arrays))[0]
    run = flatten(function(sample.call)(*sample.arrays))[0]
    assert len(eager) == len(run)
    for one, other in zip(eager, run, strict=True):
        assert isinstance(one, (np.ndarray, np.generic))
        assert isinstance(other, np.ndarray)
        assert other.dtype == one.dtype
        assert error(other, one) <= (1e-15 if every_engine == "reference" else 1e-13)


def loss_of(sample: Sample) -> Any:
    """A scalar that weighs every float element of the call's results differently."""

    def loss(*arrays: Array) -> Array:
        total: Array = 0.0
        for place, leaf in enumerate(flatten(sample.call(*arrays))[0]):
            if is_float(leaf.dtype):
                weight = generator(sample.name, place).normal(size=leaf.shape)
                total = total + ops.sum(ops.cast(leaf, "float64") * weight)
        return total

    return loss


def slopes_of(loss: Any, smooth: list[int]) -> Any:
    def slopes(*arrays: Array) -> list[Array]:
        return gradients(loss(*arrays), [arrays[i] for i in smooth], missing="zeros")

    return slopes


def check_slopes(f: Any, sample: Sample) -> None:
    """The slopes of a scalar, on the chosen engine, against central differences of truth."""
    smooth = [i for i, array in enumerate(sample.arrays) if is_float(array.dtype)]
    found = function(slopes_of(f, smooth))(*sample.arrays)
    set_engine("reference")
    values = function(f)
    for place, gradient in zip(smooth, found, strict=True):
        expected = central_differences(values, sample.arrays, place, sample.step)
        assert gradient.dtype == np.float64
        assert error(gradient, expected) <= 1e-6


@pytest.mark.usefixtures("every_engine")
@smooth_samples
def test_gradients_match_central_differences(sample: Sample) -> None:
    check_slopes(loss_of(sample), sample)


@pytest.mark.usefixtures("every_engine")
@smooth_samples
def test_second_derivatives_match_central_differences(sample: Sample) -> None:
    smooth = [i for i, array in enumerate(sample.arrays) if is_float(array.dtype)]
    slopes = slopes_of(loss_of(sample), smooth)

    def along(*arrays: Array) -> Array:
        found = slopes(*arrays)
        parts = [
            ops.sum(g * generator("along", i).normal(size=g.shape)) for i, g in enumerate(found)
        ]
        return sum(parts[1:], parts[0])

    check_slopes(along, sample)
