"""Dense and the activation layers: arithmetic, options, checks."""

import numpy as np
import pytest

from glia import activations, errors, initializers, layers, models, ops
from glia.graph import Trace
from glia.graph.op import Spec
from glia.layers import Dense

ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def test_it_weighs_adds_and_activates() -> None:
    layer = Dense(3, activation="relu")
    layer(ROWS)
    layer.bias.assign(np.array([1, -1, 0.5]))
    z = ROWS @ layer.kernel.array + layer.bias.array
    np.testing.assert_allclose(layer(ROWS), np.maximum(z, 0), rtol=1e-6)


def test_more_axes_are_contracted_along_the_last() -> None:
    layer = Dense(3)
    x = np.random.default_rng(1).normal(size=(2, 3, 5, 4)).astype("float32")
    np.testing.assert_allclose(layer(x), x @ layer.kernel.array, rtol=1e-5, atol=1e-6)
    assert layer.kernel.shape == (4, 3)


def test_weights_are_kernel_then_bias() -> None:
    layer = Dense(3)
    layer(ROWS)
    assert [weight.name for weight in layer.weights] == ["kernel", "bias"]
    assert layer.count_params() == 15
    bare = Dense(3, use_bias=False)
    bare(ROWS)
    assert (bare.count_params(), bare.bias) == (12, None)


@pytest.mark.parametrize(
    "activation",
    [
        "tanh",
        np.tanh,
        ops.tanh,
        lambda x: 1 - 2 / (1 + ops.exp(2 * x)),
        activations.tanh,
        activations.ACTIVATIONS["tanh"],
        layers.Activation("tanh"),
        {"class_name": "Activation", "config": {"activation": "tanh"}},
    ],
)
def test_an_activation_may_be_a_name_function_record_or_layer(activation) -> None:
    layer = Dense(3, activation=activation)
    entry = layers.Input((4,))
    model = models.Model(entry, layer(entry))
    z = ROWS @ layer.kernel.array
    np.testing.assert_allclose(model(ROWS), np.tanh(z), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layers.Activation(activation)(z), np.tanh(z), rtol=1e-5, atol=1e-6)


def test_an_activation_may_be_a_class_of_layer() -> None:
    np.testing.assert_allclose(layers.Activation(layers.LeakyReLU)([-2.0]), [-0.6], rtol=1e-6)


def test_initializers_may_be_names_or_objects() -> None:
    layer = Dense(
        3,
        kernel_initializer=initializers.Constant(2.0),
        bias_initializer="ones",
    )
    np.testing.assert_array_equal(layer(np.ones((1, 4))), [[9, 9, 9]])
    he = Dense(400, kernel_initializer="he_normal")
    he(np.ones((1, 100)))
    assert abs(he.kernel.array.std() - np.sqrt(2 / 100)) < 0.01


def test_the_sum_before_the_activation_is_noted() -> None:
    layer = Dense(3, activation="sigmoid")
    layer(ROWS)
    with Trace(keeps_notes=True) as trace:
        a = layer(trace.input(Spec((5, 4), ROWS.dtype)))
    notes = {name: value for owner, name, value in trace.notes if owner is layer}
    assert notes["output"] is a
    assert notes["z"].shape == (5, 3)
    assert a.node.inputs[0] is notes["z"]


@pytest.mark.parametrize("units", [-1, 0, "a", 2.5, None, True])
def test_units_must_be_a_number_of_neurons(units) -> None:
    with pytest.raises(ValueError, match=r"Dense: units got .*expected a whole number >= 1"):
        Dense(units)


def test_units_may_be_numpys() -> None:
    assert Dense(np.int64(3)).get_config()["units"] == 3


def test_use_bias_in_the_place_of_an_initializer_is_noticed() -> None:
    with pytest.raises(ValueError, match=r"use_bias got 'he_normal'.*by name"):
        Dense(3, "relu", "he_normal")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"activation": "rleu"}, "unknown activation 'rleu'.*'relu'"),
        ({"kernel_initializer": "he_norml"}, "unknown initializer 'he_norml'.*'he_normal'"),
        ({"kernel_regularizer": "l3"}, "unknown regularizer 'l3'"),
        ({"actvation": "relu"}, "unknown argument of Dense 'actvation'.*'activation'"),
        ({"activity_regularizer": "l2"}, "unknown argument of Dense 'activity_regularizer'"),
        ({"input_shape": 4}, r"Dense: the shape of one row got 4.*shape=\(4,\)"),
    ],
)
def test_unknown_options_and_names(option, message) -> None:
    with pytest.raises(ValueError, match=message):
        Dense(3, **option)


def test_other_features_than_it_was_built_for() -> None:
    layer = Dense(3, name="dense_1")
    layer(ROWS)
    with pytest.raises(errors.ShapeError) as caught:
        layer(np.ones((2, 5)))
    message = str(caught.value)
    assert "Dense 'dense_1' was built for 4 features but got 5" in message
    assert "(None, 5)" in message
    assert "make a new layer" in message


def test_a_single_row_needs_a_batch_axis() -> None:
    with pytest.raises(errors.ShapeError, match=r"2 axes or more.*x\[None, :\]"):
        Dense(3)(np.ones(4))


def test_several_inputs_are_refused_with_the_layer_that_joins_them() -> None:
    with pytest.raises(errors.ShapeError, match=r"takes one input.*Concatenate\(\)"):
        Dense(3)([ROWS, ROWS])


def test_the_number_of_features_must_be_known() -> None:
    with pytest.raises(errors.ShapeError, match="known number of features"):
        Dense(3)(layers.Input((None,)))


def test_relu_and_leaky_relu_and_softmax() -> None:
    x = np.array([[-2.0, 0.5, 9.0]], "float32")
    np.testing.assert_array_equal(layers.ReLU()(x), [[0, 0.5, 9]])
    np.testing.assert_array_equal(layers.ReLU(max_value=6)(x), [[0, 0.5, 6]])
    np.testing.assert_allclose(layers.ReLU(negative_slope=0.5, threshold=1)(x), [[-1.5, -0.25, 9]])
    np.testing.assert_allclose(layers.LeakyReLU()(x), [[-0.6, 0.5, 9]], rtol=1e-6)
    np.testing.assert_allclose(layers.Softmax()(x).sum(), 1, rtol=1e-6)
    np.testing.assert_allclose(layers.Softmax(axis=0)(x), [[1, 1, 1]])
    for layer in (layers.ReLU(), layers.LeakyReLU(), layers.Softmax()):
        assert np.isnan(layer(np.array([[np.nan]]))).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.ReLU(max_value=-1), "ReLU: max_value got -1"),
        (lambda: layers.ReLU(negative_slope=None), "ReLU: negative_slope got None"),
        (lambda: layers.ReLU(threshold="a"), "ReLU: threshold got 'a'"),
        (lambda: layers.LeakyReLU(-0.1), "LeakyReLU: negative_slope got -0.1"),
        (lambda: layers.Softmax(axis="last"), "Softmax: axis got 'last'"),
        (lambda: layers.Activation(3), "activation got 3"),
    ],
)
def test_options_of_activation_layers_are_checked(make, message) -> None:
    with pytest.raises(ValueError, match=message):
        make()
