"""Every op on every processor level: the machine code says what the reference engine says."""

import functools
from typing import Any

import numpy as np
import pytest
from tests.engines.agreement import HOST_LEVELS, agree, answers, compare, traced
from tests.ops.samples import SAMPLES
from tests.ops.test_every_op import is_smooth, loss_of, slopes_of
from tests.ops.values import Sample

from glia import ops
from glia.dtypes import is_float
from glia.engines import Cpu, Reference
from glia.graph import flatten

levels = pytest.mark.parametrize("level", HOST_LEVELS)
# The gradient of a gradient is checked where the first is; its graphs are larger, not other.
SMOOTH = [sample for sample in SAMPLES if is_smooth(sample)]
WITHOUT_SINGLE = {"float32 and back"}  # casts fixed by the sample


def whole(sample: Sample, *arrays: Any) -> list[Any]:
    """The sample's results and the gradient of a loss of them."""
    results = flatten(sample.call(*arrays))[0]
    if sample not in SMOOTH:
        return list(results)
    smooth = [i for i, array in enumerate(sample.arrays) if is_float(array.dtype)]
    return [*results, *slopes_of(loss_of(sample), smooth)(*arrays)]


@levels
def test_every_op_and_its_gradient(level: str) -> None:
    for sample in SAMPLES:
        try:
            agree(functools.partial(whole, sample), *sample.arrays, levels=[level])
        except Exception as error:
            raise AssertionError(f"{sample} on {level}") from error


@pytest.mark.parametrize("level", [None, *HOST_LEVELS[:-1]])
def test_every_op_in_single_precision(level: str | None) -> None:
    for sample in SAMPLES:
        if sample.label in WITHOUT_SINGLE or any(a.dtype.kind == "u" for a in sample.arrays):
            continue
        arrays = [a.astype(np.float32) if is_float(a.dtype) else a for a in sample.arrays]
        try:
            record = traced(lambda *x, s=sample: flatten(s.call(*x))[0], arrays)
        except TypeError:
            continue  # a sample with a float64 constant of its own
        try:
            expected = answers(record, arrays, Reference())
            for one, other in zip(answers(record, arrays, Cpu(level)), expected, strict=True):
                compare(one, other)
        except Exception as error:
            raise AssertionError(f"{sample} on {level}") from error


SPECIAL = [0.0, -0.0, 1, -1, 2, 0.5, -0.5, np.inf, -np.inf, np.nan, 1e-3, 3.5, -3.5]
SPECIAL += [88.5, 88.8, -87, 709.5, -700, 1e5, -1e5, 1e-7, 0.6249, 0.6251, 7.9, 8.1, 1e18]
UNARY = ["exp", "log", "sqrt", "tanh", "sigmoid", "softplus", "erf", "floor", "sign", "absolute"]
UNARY += ["negative", "square", "sin", "cos"]
BINARY = ["add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "less", "equal"]
BINARY += ["less_equal", "greater", "greater_equal", "not_equal", "x_log_y"]
LIMITS = {"float32": 3e-6, "float64": 3e-13}
both = pytest.mark.parametrize("dtype", ["float32", "float64"])


def check_each(f: Any, *arrays: Any) -> None:
    """Compare element by element, each by its own size; denormals may be flushed to zero."""
    record = traced(f, arrays)
    (expected,) = answers(record, arrays, Reference())
    for level in HOST_LEVELS:
        (found,) = answers(record, arrays, Cpu(level))
        if not is_float(expected.dtype):
            np.testing.assert_array_equal(found, expected)
            continue
        is_denormal = np.abs(expected) < np.finfo(expected.dtype).tiny
        found = np.where(is_denormal & (found == 0), expected, found)
        np.testing.assert_allclose(found, expected, rtol=LIMITS[expected.dtype.name], atol=0)


@both
@pytest.mark.parametrize("name", UNARY)
def test_edges_of_one_operand(name: str, dtype: str) -> None:
    x = np.asarray(SPECIAL, np.float64)
    if name in ("sin", "cos"):
        x = x[~(np.abs(x) > 1e9) | np.isinf(x)]
    with np.errstate(over="ignore"):
        check_each(getattr(ops, name), x.astype(dtype))


@both
@pytest.mark.parametrize("name", BINARY)
def test_edges_of_two_operands(name: str, dtype: str) -> None:
    with np.errstate(over="ignore"):
        x, y = (each.ravel() for each in np.meshgrid(np.asarray(SPECIAL).astype(dtype), SPECIAL))
    check_each(getattr(ops, name), x, y.astype(dtype))


@both
@pytest.mark.parametrize("name", UNARY)
def test_accuracy_over_the_whole_range(name: str, dtype: str) -> None:
    x = np.random.default_rng(0).normal(size=5000) * np.logspace(-6, 2.5, 5000)
    x = np.abs(x) if name in ("log", "sqrt") else x
    check_close_to_scale(getattr(ops, name), x.astype(dtype))


def check_close_to_scale(f: Any, x: Any) -> None:
    record = traced(f, [x])
    (expected,), (found,) = answers(record, [x], Reference()), answers(record, [x], Cpu())
    scale = np.maximum(np.abs(expected), np.finfo(x.dtype).tiny)
    # sin and cos near their zeros, and log near 1, lose digits that no one has.
    scale = np.maximum(scale, 1e-3) if f in (ops.sin, ops.cos, ops.log) else scale
    with np.errstate(invalid="ignore"):
        off = np.where(expected == found, 0, np.abs(found - expected) / scale)
    is_denormal = np.abs(expected) < np.finfo(x.dtype).tiny
    assert off[~is_denormal].max() <= LIMITS[x.dtype.name]
