"""Every activation, loss, metric, optimizer, schedule and layer on both engines."""

from typing import Any

import numpy as np
import pytest
from tests.blocks.test_losses import SAMPLES as LOSS_SAMPLES
from tests.blocks.test_metrics import ROWS
from tests.blocks.test_metrics import SAMPLES as METRIC_SAMPLES
from tests.blocks.test_optimizers import BY_HAND
from tests.engines.agreement import agree
from tests.layers.test_every_layer import CASES, inputs_of

from glia import dtypes, ops, random
from glia.activations import ACTIVATIONS
from glia.autodiff import gradients
from glia.graph import Flat, Variable
from glia.losses import LOSSES
from glia.metrics import METRICS
from glia.optimizers.schedules import SCHEDULES

both = pytest.mark.parametrize("dtype", ["float32", "float64"])


@pytest.fixture(autouse=True)
def _dtype():
    yield
    dtypes.set_dtype("float32")


def normal(*shape: int, dtype: str = "float64", seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@both
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name: str, dtype: str) -> None:
    def both_ways(x: Any, g: Any) -> list[Any]:
        y = ACTIVATIONS[name].function(x)
        return [y, *gradients(ops.sum(y * g), [x], missing="zeros")]

    for shape in [(7, 5), (1, 17), (0, 3)]:
        x = normal(*shape, dtype=dtype)
        agree(both_ways, x, normal(*shape, dtype=dtype, seed=1))


@both
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str, dtype: str) -> None:
    def both_ways(y: Any, p: Any, w: Any) -> list[Any]:
        loss = LOSSES[name]()
        total = loss(y, p, w)
        return [loss.call(y, p), total, *gradients(total, [p])]

    for n in (0, 1, 7, 33):
        rng = np.random.default_rng(n)
        y, p = (np.asarray(each) for each in LOSS_SAMPLES[name][0](rng, n))
        y = y.astype("int32") if name.startswith("sparse") else y.astype(dtype)
        agree(both_ways, y, p.astype(dtype), rng.uniform(size=n).astype(dtype))


@pytest.mark.parametrize("name", METRICS)
def test_metrics(name: str) -> None:
    rng = np.random.default_rng(0)
    y, p = METRIC_SAMPLES[name][0](rng)
    metric = METRICS[name]()
    weight = rng.uniform(size=ROWS).astype("float32")
    for w in (weight, None):
        given = [dtypes.to_array(y), np.asarray(p, "float32"), *([] if w is None else [w])]
        agree(lambda *a: tuple(metric.statistics(*a)), *given)


@both
@pytest.mark.parametrize(
    "optimizer",
    [
        pytest.param(sample[0], id=f"{name}-{number}")
        for name, samples in BY_HAND.items()
        for number, sample in enumerate(samples)
    ],
)
@pytest.mark.parametrize("clipping", [{}, {"clipnorm": 0.5}, {"clipvalue": 0.3}])
def test_optimizers(optimizer: Any, clipping: dict[str, float], dtype: str) -> None:
    dtypes.set_dtype(dtype)
    config = {k: v for k, v in optimizer.get_config().items() if k != "name"}
    if not clipping.keys() <= config.keys():
        pytest.skip("it does not clip")
    fresh = type(optimizer)(**{**config, **clipping})
    rng = np.random.default_rng(0)
    members = [Variable(rng.normal(size=shape).astype(dtype)) for shape in [(5, 3), (3,), (17,)]]
    flat = Flat(members)
    fresh.build(flat)
    # A state as it might be after a while: squares are not negative.
    for variable in fresh.variables:
        if variable.shape == flat.shape:
            variable.array[...] = rng.uniform(0.1, 1, flat.shape)

    def update(g: Any) -> list[Any]:
        fresh.apply(g)
        return [flat.value * 2.0]

    agree(update, rng.normal(size=flat.shape).astype(dtype))


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name: str) -> None:
    dtypes.set_dtype("float64")
    options = {
        "ExponentialDecay": (0.1, 7, 0.9),
        "PiecewiseConstantDecay": ([3, 8], [1.0, 0.5, 0.1]),
        "StepDecay": (0.1, 0.5, 5),
        "CosineDecay": (0.1, 11),
    }
    schedule = SCHEDULES[name](*options.get(SCHEDULES[name].__name__, (0.1,)))
    for step in (0, 3, 8, 100):
        agree(schedule, np.asarray(step, np.int32))


@both
@pytest.mark.parametrize("is_training", [False, True])
@pytest.mark.parametrize(("make", "shapes"), CASES)
def test_layers(make: Any, shapes: Any, is_training: bool, dtype: str) -> None:
    dtypes.set_dtype(dtype)
    random.seed(0)
    layer, x = make(), inputs_of(shapes, dtype)
    layer(x)

    def both_ways(*xs: Any) -> list[Any]:
        y = layer(list(xs) if len(xs) > 1 else xs[0])
        # Not the plain sum: the gradient of a normalised one is zero but for rounding.
        loss = ops.sum(ops.sin(ops.cast(y, dtype)) * ops.cast(ops.iota(y.shape[-1]) + 1, dtype))
        wrt = [*xs, *layer.trainable_variables]
        return [y, *gradients(loss, wrt, missing="zeros")]

    agree(both_ways, *(x if isinstance(x, list) else [x]), is_training=is_training)
