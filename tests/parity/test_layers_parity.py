"""Every layer against its peers: same weights, same outputs, gradients and moving averages.

In float32 the peer is Keras. On PyTorch Keras multiplies float64 matrices in float32, so in
float64 the peer is PyTorch itself, in its own functions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from glia import layers, models
from glia.autodiff import gradients
from glia.function import function

TOLERANCES = {"float32": 1e-5, "float64": 1e-9}

VECTORS = [[(1, 1)], [(1, 7)], [(5, 1)], [(13, 11)]]
PLANES = [[(2, 3, 5)], [(1, 1, 7)]]
IMAGES = [[(3, 4, 5, 2)]]


@dataclass
class Case:
    """A layer of glia and its equal of Keras; arguments are spelled alike in both."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    shapes: list[list[tuple[int, ...]]] = field(default_factory=lambda: VECTORS + PLANES)
    modes: tuple[bool, ...] = (False, True)


CASES = {
    "Activation": [Case("Activation", {"activation": "tanh"})],
    "Add": [
        Case(
            "Add", shapes=[[(1, 1)] * 2, [(5, 7)] * 3, [(4, 3, 5), (4, 1, 5)], [(4, 3, 5), (4, 5)]]
        )
    ],
    "BatchNormalization": [
        Case("BatchNormalization", shapes=VECTORS + PLANES + IMAGES),
        Case("BatchNormalization", {"axis": 1, "momentum": 0.7, "epsilon": 1e-2}, IMAGES),
        Case("BatchNormalization", {"center": False}, [[(7, 3)]]),
        Case("BatchNormalization", {"scale": False}, [[(7, 3)]]),
        Case("BatchNormalization", {"trainable": False}, [[(7, 3)]]),
    ],
    "Concatenate": [
        Case("Concatenate", shapes=[[(1, 1), (1, 2)], [(5, 7), (5, 1), (5, 3)], [(2, 3, 5)] * 2]),
        Case("Concatenate", {"axis": 1}, [[(2, 3, 5), (2, 1, 5)]]),
    ],
    "Dense": [
        Case("Dense", {"units": 1}),
        Case("Dense", {"units": 7, "activation": "tanh"}, VECTORS + PLANES + IMAGES),
        Case("Dense", {"units": 5, "activation": "relu", "use_bias": False}),
        Case("Dense", {"units": 3, "activation": "softmax"}),
    ],
    "Dropout": [Case("Dropout", {"rate": 0.3}, modes=(False,)), Case("Dropout", {"rate": 0.0})],
    "Flatten": [Case("Flatten", shapes=[[(5,)], *VECTORS, *PLANES, *IMAGES])],
    "LayerNormalization": [
        Case("LayerNormalization", shapes=VECTORS + PLANES + IMAGES),
        Case("LayerNormalization", {"axis": [1, 2], "epsilon": 1e-5}, PLANES),
        Case("LayerNormalization", {"axis": [1, 3], "epsilon": 1e-5}, IMAGES),
        Case("LayerNormalization", {"center": False}),
        Case("LayerNormalization", {"scale": False}),
    ],
    "LeakyReLU": [Case("LeakyReLU"), Case("LeakyReLU", {"negative_slope": 0.01})],
    "Normalization": [
        Case("Normalization", {"mean": 2.0, "variance": 3.0}),
        Case("Normalization", {"mean": [1, 2, 3.0], "variance": [3, 2, 0.5]}, [[(5, 3)]]),
        Case("Normalization", {"axis": None, "mean": 1.5, "variance": 0.3, "invert": True}),
    ],
    "ReLU": [
        Case("ReLU"),
        Case("ReLU", {"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.3}),
    ],
    "Rescaling": [Case("Rescaling", {"scale": 1 / 255, "offset": -0.5})],
    "Reshape": [
        Case("Reshape", {"target_shape": (2, -1)}, [[(1, 2)], [(5, 6)], [(3, 7, 2)]]),
        Case("Reshape", {"target_shape": (5, 3)}, [[(2, 3, 5)]]),
    ],
    "Softmax": [Case("Softmax"), Case("Softmax", {"axis": 1}, PLANES)],
}


def label(case: Case, shapes: list[tuple[int, ...]]) -> str:
    arguments = ",".join(f"{key}={value}" for key, value in case.arguments.items())
    return f"{case.name}({arguments}) on {shapes}"


EVERY_CASE = [
    pytest.param(case, shapes, id=label(case, shapes))
    for cases in CASES.values()
    for case in cases
    for shapes in case.shapes
]


# Layers of tables, compared in test_table_layers_parity.py.
OF_TABLES = ["Embedding", "Imputation", "OneHot"]


def test_every_layer_has_a_case() -> None:
    assert sorted([*CASES, *OF_TABLES]) == sorted(layers.LAYERS)
    assert sorted(CASES) == sorted(OF_TORCH)


def normalized(x: Any, axes: Any, epsilon: float) -> tuple[Any, Any, Any]:
    mean, variance = x.mean(axes, keepdim=True), x.var(axes, correction=0, keepdim=True)
    return (x - mean) * torch.rsqrt(variance + epsilon), mean, variance


def scaled(layer: Any, y: Any, axes: Any, weights: list[Any]) -> Any:
    beside = [size if axis in axes else 1 for axis, size in enumerate(y.shape)]
    rest = list(weights)
    y = y * rest.pop(0).reshape(beside) if layer.scale else y
    return y + rest.pop(0).reshape(beside) if layer.center else y


def batch_normalization(layer: Any, weights: list[Any], x: Any, training: bool) -> Any:
    axis = layer.axis % x.ndim
    moving = weights[-2:]
    first = torch.movedim(x, axis, 1)
    parameters = list(weights[:-2])
    gamma = parameters.pop(0) if layer.scale else None
    beta = parameters.pop(0) if layer.center else None
    is_training = training and layer.trainable
    if is_training:
        axes = [each for each in range(x.ndim) if each != axis]
        fresh = [x.mean(axes), x.var(axes, correction=0)]
        for average, new in zip(moving, fresh, strict=True):
            average.data = average.data * layer.momentum + new.data * (1 - layer.momentum)
        y, _, _ = normalized(x, axes, layer.epsilon)
        return scaled(layer, y, [axis], weights)
    y = F.batch_norm(first, *moving, gamma, beta, eps=layer.epsilon)
    return torch.movedim(y, 1, axis)


def layer_normalization(layer: Any, weights: list[Any], x: Any) -> Any:
    axes = [layer.axis] if isinstance(layer.axis, int) else layer.axis
    axes = sorted(axis % x.ndim for axis in axes)
    if axes == [x.ndim - 1] and layer.scale and layer.center:
        return F.layer_norm(x, x.shape[-1:], *weights, eps=layer.epsilon)
    return scaled(layer, normalized(x, axes, layer.epsilon)[0], axes, weights)


def normalization(layer: Any, x: Any) -> Any:
    mean, variance = (torch.tensor(each, dtype=x.dtype) for each in (layer.mean, layer.variance))
    return mean + x * variance.sqrt() if layer.invert else (x - mean) / variance.sqrt()


def add(inputs: list[Any]) -> Any:
    rank = max(each.ndim for each in inputs)
    wide = [each.reshape(len(each), *[1] * (rank - each.ndim), *each.shape[1:]) for each in inputs]
    return sum(wide[1:], wide[0])


def relu(layer: Any, x: Any) -> Any:
    y = torch.where(x <= layer.threshold, layer.negative_slope * (x - layer.threshold), x)
    return y if layer.max_value is None else y.clamp(max=layer.max_value)


ACTIVATIONS = {
    "linear": lambda z: z,
    "relu": torch.relu,
    "softmax": lambda z: torch.softmax(z, -1),
    "tanh": torch.tanh,
}

# What each layer is in PyTorch, as a function of (layer, weights, inputs, training).
OF_TORCH: dict[str, Callable[..., Any]] = {
    "Activation": lambda g, w, x, t: ACTIVATIONS[g.activation.name](x[0]),
    "Add": lambda g, w, x, t: add(x),
    "BatchNormalization": lambda g, w, x, t: batch_normalization(g, w, x[0], t),
    "Concatenate": lambda g, w, x, t: torch.cat(x, g.axis),
    "Dense": lambda g, w, x, t: ACTIVATIONS[g.activation.name](F.linear(x[0], w[0].T, *w[1:])),
    "Dropout": lambda g, w, x, t: F.dropout(x[0], g.rate, t),
    "Flatten": lambda g, w, x, t: x[0].reshape(len(x[0]), -1),
    "LayerNormalization": lambda g, w, x, t: layer_normalization(g, w, x[0]),
    "LeakyReLU": lambda g, w, x, t: F.leaky_relu(x[0], g.negative_slope),
    "Normalization": lambda g, w, x, t: normalization(g, x[0]),
    "ReLU": lambda g, w, x, t: relu(g, x[0]),
    "Rescaling": lambda g, w, x, t: x[0] * g.scale + g.offset,
    "Reshape": lambda g, w, x, t: x[0].reshape(len(x[0]), *g.target_shape),
    "Softmax": lambda g, w, x, t: torch.softmax(x[0], g.axis),
}


def assert_near(mine: Any, theirs: torch.Tensor | None, tolerance: float, what: str) -> None:
    """Compare by max|a - b| / max|b|; where b is structurally zero, a must be nearly so."""
    expected = np.zeros_like(mine) if theirs is None else theirs.detach().numpy()
    assert mine.shape == expected.shape, what
    assert mine.dtype == expected.dtype, what
    scale = np.max(np.abs(expected), initial=0.0)
    error = np.max(np.abs(mine - expected), initial=0.0)
    if scale > tolerance:
        error /= scale
    assert error <= tolerance, f"{what}: {error:.2e} > {tolerance:g}"


def of_keras(layer: Any, inputs: list[Any], seed: Any, training: bool) -> dict[str, Any]:
    for each in layer.trainable_variables:
        each.value.grad = None
    tensors = [torch.tensor(each, requires_grad=True) for each in inputs]
    output = layer(tensors if len(tensors) > 1 else tensors[0], training=training)
    weights = [each.value for each in layer.weights]
    trained = [each.value for each in layer.trainable_variables]
    return of_torch(output, tensors, trained, weights, seed)


def of_torch(
    output: Any, tensors: list[Any], trained: list[Any], weights: list[Any], seed: Any
) -> dict[str, Any]:
    output.backward(torch.tensor(seed))
    found = {f"gradient of input {i}": each.grad for i, each in enumerate(tensors)}
    found |= {f"gradient of weight {i}": each.grad for i, each in enumerate(trained)}
    found |= {f"weight {i}": each for i, each in enumerate(weights)}
    return {"output": output, **found}


def of_pytorch(stack: list[Any], inputs: list[Any], seed: Any, training: bool) -> dict[str, Any]:
    tensors = [torch.tensor(each, requires_grad=True) for each in inputs]
    trained, weights, values = [], [], tensors
    for layer in stack:
        ids = {id(each) for each in layer.trainable_variables}
        own = [torch.tensor(v.numpy(), requires_grad=id(v) in ids) for v in layer.variables]
        trained += [each for each in own if each.requires_grad]
        weights += own
        values = [OF_TORCH[type(layer).__name__](layer, own, values, training)]
    return of_torch(values[0], tensors, trained, weights, seed)


def of_glia(layer: Any, inputs: list[Any], seed: Any, training: bool) -> dict[str, Any]:
    def step(tensors: list[Any], seed: Any) -> Any:
        output = layer(tensors if len(tensors) > 1 else tensors[0])
        points = [*tensors, *layer.trainable_variables]
        return output, gradients(output, points, seeds=[seed], missing="zeros")

    output, found = function(step, is_training=training)(inputs, seed)
    count = len(inputs)
    result = {f"gradient of input {i}": each for i, each in enumerate(found[:count])}
    result |= {f"gradient of weight {i}": each for i, each in enumerate(found[count:])}
    result |= {f"weight {i}": each for i, each in enumerate(layer.get_weights())}
    return {"output": output, **result}


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize(("case", "shapes"), EVERY_CASE)
def test_outputs_gradients_and_averages_agree(
    case: Case, shapes: list[tuple[int, ...]], dtype: str
) -> None:
    generator = np.random.default_rng(sum(map(sum, shapes)))
    inputs = [generator.normal(0.3, 1.5, shape).astype(dtype) for shape in shapes]
    given = inputs if len(inputs) > 1 else inputs[0]
    for training in case.modes:
        mine = getattr(layers, case.name)(**case.arguments, dtype=dtype)
        seed = generator.normal(size=np.shape(mine(given))).astype(dtype)
        # A Normalization has weights too, those that were given.
        if case.name != "Normalization":
            weights = [generator.normal(0.2, 0.5, each.shape) for each in mine.weights]
            named = zip(weights, mine.weights, strict=True)
            mine.set_weights([abs(w) if "variance" in v.name else w for w, v in named])
        if dtype == "float64":
            expected = of_pytorch([mine], inputs, seed, training)
        else:
            theirs = getattr(keras.layers, case.name)(**case.arguments)
            theirs(given)
            theirs.set_weights(mine.get_weights() if theirs.weights else [])
            expected = of_keras(theirs, inputs, seed, training)
        assert_same(of_glia(mine, inputs, seed, training), expected, training, dtype)


def assert_same(
    found: dict[str, Any], expected: dict[str, Any], training: bool, dtype: str
) -> None:
    # Keras keeps a given mean and variance as constants, glia as weights that are not trained.
    assert [key for key in expected if key not in found] == []
    assert [key for key in found if key not in expected and "gradient" in key] == []
    for key, value in expected.items():
        assert_near(found[key], value, TOLERANCES[dtype], f"{key}, training={training}")


@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (4, 5, 2)])
@pytest.mark.parametrize("axis", [-1, None])
def test_adapting_to_data_agrees(shape: tuple[int, ...], axis: int | None) -> None:
    data = np.random.default_rng(3).normal(5, 3, shape).astype("float32")
    mine, theirs = layers.Normalization(axis=axis), keras.layers.Normalization(axis=axis)
    mine.adapt(data)
    theirs.adapt(data)
    assert_near(mine(data), theirs(torch.tensor(data)), 1e-5, "output")


@pytest.mark.parametrize("dtype", TOLERANCES)
def test_a_whole_network_agrees(dtype: str) -> None:
    def stack(kind: Any, **options: Any) -> list[Any]:
        return [
            kind.Dense(11, activation="relu", **options),
            kind.BatchNormalization(**options),
            kind.Dropout(0.0, **options),
            kind.Dense(5, **options),
            kind.LayerNormalization(**options),
            kind.LeakyReLU(**options),
            kind.Dense(3, activation="softmax", **options),
        ]

    generator = np.random.default_rng(0)
    x, seed = (generator.normal(size=shape).astype(dtype) for shape in [(13, 7), (13, 3)])
    mine = models.Sequential(stack(layers, dtype=dtype), dtype=dtype)
    theirs = keras.Sequential(stack(keras.layers))
    mine(x)
    theirs(x)
    for training in (True, False):
        theirs.set_weights(mine.get_weights())
        if dtype == "float64":
            expected = of_pytorch(mine.layers, [x], seed, training)
        else:
            expected = of_keras(theirs, [x], seed, training)
        assert_same(of_glia(mine, [x], seed, training), expected, training, dtype)
