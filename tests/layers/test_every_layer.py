"""What holds for every layer: a layer without a sample here fails by name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glia import layers, models
from glia.autodiff import gradients
from glia.function import function
from glia.layers import LAYERS, Layer


class Codes(list[tuple[int, ...]]):
    """Shapes of inputs that hold whole numbers from 0 to 4, which have no gradient."""


# A way to make the layer, and the shapes of its inputs.
SAMPLES: dict[str, list[tuple[Callable[..., Layer], list[tuple[int, ...]]]]] = {
    "Activation": [(lambda **o: layers.Activation("gelu", **o), [(5, 3)])],
    "Add": [(layers.Add, [(5, 3), (5, 3)]), (layers.Add, [(4, 2, 3), (4, 3), (4, 1, 3)])],
    "BatchNormalization": [
        (layers.BatchNormalization, [(7, 3)]),
        (lambda **o: layers.BatchNormalization(axis=1, scale=False, **o), [(3, 2, 5)]),
    ],
    "Concatenate": [
        (layers.Concatenate, [(5, 3), (5, 1)]),
        (lambda **o: layers.Concatenate(axis=1, **o), [(2, 3, 4), (2, 1, 4), (2, 2, 4)]),
    ],
    "Dense": [
        (lambda **o: layers.Dense(4, activation="tanh", **o), [(5, 3)]),
        (lambda **o: layers.Dense(1, use_bias=False, **o), [(1, 1)]),
        (lambda **o: layers.Dense(2, activation="softmax", **o), [(2, 3, 5)]),
    ],
    "Dropout": [(lambda **o: layers.Dropout(0.4, seed=3, **o), [(5, 3)])],
    "Embedding": [
        (lambda **o: layers.Embedding(5, 3, **o), Codes([(7,)])),
        (lambda **o: layers.Embedding(5, 2, "glorot_normal", "l2", **o), Codes([(4, 6)])),
    ],
    "Flatten": [(layers.Flatten, [(3, 2, 5)])],
    "Imputation": [
        (layers.Imputation, [(5, 3), (5, 3)]),
        (lambda **o: layers.Imputation([1, 2, 3], indicators=True, **o), [(5, 3), (5, 3)]),
        (lambda **o: layers.Imputation(7.0, indicators=[2], **o), [(4, 3), (4, 3)]),
    ],
    "LayerNormalization": [
        (layers.LayerNormalization, [(5, 3)]),
        (lambda **o: layers.LayerNormalization(axis=(1, 2), center=False, **o), [(3, 2, 5)]),
    ],
    "LeakyReLU": [(layers.LeakyReLU, [(5, 3)])],
    "Normalization": [
        (lambda **o: layers.Normalization(mean=[1, 2, 3], variance=[4, 5, 6], **o), [(5, 3)])
    ],
    "OneHot": [
        (lambda **o: layers.OneHot([4, 2], **o), Codes([(5, 2)])),
        (lambda **o: layers.OneHot((4, 2, 3), columns=[2, 0], **o), Codes([(6, 3)])),
    ],
    "ReLU": [(lambda **o: layers.ReLU(max_value=0.9, negative_slope=0.2, **o), [(5, 3)])],
    "Rescaling": [(lambda **o: layers.Rescaling([1, 2, 3.0], offset=-1, **o), [(5, 3)])],
    "Reshape": [(lambda **o: layers.Reshape((-1, 2), **o), [(5, 6)])],
    "Softmax": [(layers.Softmax, [(5, 3)])],
}

CASES = [
    pytest.param(make, shapes, id=f"{name}-{number}")
    for name, samples in SAMPLES.items()
    for number, (make, shapes) in enumerate(samples)
]
every_layer = pytest.mark.parametrize(("make", "shapes"), CASES)


def test_every_layer_has_a_sample() -> None:
    assert sorted(SAMPLES) == sorted(LAYERS)


def test_every_layer_is_public() -> None:
    assert [name for name in LAYERS if getattr(layers, name, None) is not LAYERS[name]] == []


def inputs_of(shapes: list[tuple[int, ...]], dtype: str = "float32") -> Any:
    generator = np.random.default_rng(sum(map(sum, shapes)))
    if isinstance(shapes, Codes):
        # Between two whole numbers, where central differences are zero as they should be.
        arrays = [(generator.integers(0, 5, shape) + 0.4).astype(dtype) for shape in shapes]
    else:
        arrays = [generator.normal(size=shape).astype(dtype) for shape in shapes]
    return arrays if len(arrays) > 1 else arrays[0]


@every_layer
def test_arrays_and_traces_agree(make, shapes) -> None:
    x = inputs_of(shapes)
    for training in (False, True):
        one, other = make(), make()
        one(x)
        other(x)
        other.set_weights(one.get_weights())
        at_once = one(x, training=training)
        traced = function(other, is_training=training)(x)
        assert isinstance(at_once, np.ndarray)
        assert at_once.dtype == traced.dtype == np.float32
        np.testing.assert_allclose(traced, at_once, rtol=1e-5, atol=1e-6)
        for mine, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)


@every_layer
def test_recorded_shapes_are_the_true_ones(make, shapes) -> None:
    symbols = [layers.Input(shape[1:]) for shape in shapes]
    layer = make()
    output = layer(symbols if len(symbols) > 1 else symbols[0])
    for batch in (1, 5):
        x = inputs_of(type(shapes)([(batch, *shape[1:]) for shape in shapes]))
        assert output.shape == (None, *layer(x).shape[1:])
        model = models.Model(symbols, output)
        np.testing.assert_array_equal(model([x] if len(shapes) == 1 else x), layer(x))


@every_layer
def test_a_config_makes_an_equal_layer(make, shapes) -> None:
    x = inputs_of(shapes)
    layer = make(name="mine", dtype="float64", trainable=False)
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert (again.name, again.trainable) == ("mine", False)
    layer(x)
    assert again(x).dtype == np.float64
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(x), layer(x))


@every_layer
@pytest.mark.parametrize("training", [False, True])
def test_gradients_are_those_of_central_differences(make, shapes, training) -> None:
    x = inputs_of(shapes, "float64")
    layer = make(dtype="float64")
    seed = np.random.default_rng(1).normal(size=layer(x).shape)
    for variable in layer.trainable_variables:
        variable.assign(np.random.default_rng(2).normal(size=variable.shape))
    points = x if isinstance(x, list) else [x]
    state = layer.get_weights()

    def value() -> float:
        return float(np.sum(fresh(layer, state)(x, training=training) * seed))

    def taken(tensors):
        y = layer(tensors if len(tensors) > 1 else tensors[0])
        wrt = [*tensors, *layer.trainable_variables]
        return gradients(y, wrt, seeds=[seed], missing="zeros")

    found = function(taken, is_training=training)(points)
    arrays = [*points, *(variable.array for variable in layer.trainable_variables)]
    for array, gradient in zip(arrays, found, strict=True):
        np.testing.assert_allclose(gradient, differences(value, array), rtol=1e-6, atol=1e-6)


def fresh(layer: Layer, state: list[Any]) -> Layer:
    """Put moving averages and a dropout's masks back to where they were."""
    trained = {id(variable) for variable in layer.trainable_variables}
    for variable, value in zip(layer.variables, state, strict=True):
        if id(variable) not in trained:
            variable.assign(value)
    if isinstance(layer, layers.Dropout):
        layer._generator.seed(layer.seed)
    return layer


def differences(value: Callable[[], float], array: Any, step: float = 1e-5) -> Any:
    gradient = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + step
        above = value()
        array[index] = kept - step
        below = value()
        array[index] = kept
        gradient[index] = (above - below) / (2 * step)
    return gradient


@pytest.mark.parametrize(
    ("make", "shapes"), [case for case in CASES if not isinstance(case.values[1], Codes)]
)
def test_it_learns_within_a_model(make, shapes) -> None:
    symbols = [layers.Input(shape[1:]) for shape in shapes]
    hidden = [layers.Dense(symbol.shape[-1])(symbol) for symbol in symbols]
    output = make()(hidden if len(hidden) > 1 else hidden[0])
    output = layers.Dense(1)(layers.Flatten()(output))
    model = models.Model(symbols, output)
    model.compile(optimizer="sgd", loss="mse")
    generator = np.random.default_rng(0)
    x = [generator.normal(size=(12, *shape[1:])) for shape in shapes]
    before = model.layers[0].kernel.numpy()
    history = model.fit(x, generator.normal(size=(12, 1)), epochs=2, batch_size=5, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert np.abs(model.layers[0].kernel.array - before).max() > 0


@every_layer
def test_integers_become_floats_where_numbers_are_computed(make, shapes) -> None:
    x = inputs_of(shapes)
    whole = [np.arange(a.size).reshape(a.shape) % 5 for a in (x if isinstance(x, list) else [x])]
    whole = whole if len(whole) > 1 else whole[0]
    layer = make()
    y = layer(whole)
    moves_only = isinstance(
        layer, layers.Add | layers.Concatenate | layers.Flatten | layers.Reshape
    )
    assert y.dtype == (np.int32 if moves_only else np.float32)
    assert y.shape == layer(x).shape


def test_options_no_layer_has_are_named_with_the_nearest() -> None:
    for name in LAYERS:
        with pytest.raises(ValueError, match=f"argument of {name} 'traineble'.*'trainable'"):
            LAYERS[name](**REQUIRED.get(name, {}), traineble=False)


REQUIRED: dict[str, dict[str, Any]] = {
    "Activation": {"activation": "relu"},
    "Dense": {"units": 1},
    "Dropout": {"rate": 0.5},
    "Embedding": {"input_dim": 3, "output_dim": 2},
    "OneHot": {"sizes": [3]},
    "Rescaling": {"scale": 2.0},
    "Reshape": {"target_shape": (1,)},
}
