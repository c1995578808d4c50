"""Batch, layer and data normalization, and Rescaling."""

import numpy as np
import pytest

from glia import errors, layers, models
from glia.layers import BatchNormalization, LayerNormalization, Normalization, Rescaling

ROWS = np.random.default_rng(0).normal(3, 2, size=(50, 3)).astype("float32")


def test_a_batch_is_centred_and_scaled_while_training() -> None:
    layer = BatchNormalization()
    y = layer(ROWS, training=True)
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(0), 1, atol=1e-3)


def test_moving_averages_move_while_training_only() -> None:
    layer = BatchNormalization(momentum=0.9)
    layer(ROWS)
    np.testing.assert_array_equal(layer.moving_mean.array, [0, 0, 0])
    layer(ROWS, training=True)
    np.testing.assert_allclose(layer.moving_mean.array, 0.1 * ROWS.mean(0), rtol=1e-5)
    expected = 0.9 + 0.1 * ROWS.var(0)
    np.testing.assert_allclose(layer.moving_variance.array, expected, rtol=1e-5)
    expected = (ROWS - layer.moving_mean.array) / np.sqrt(layer.moving_variance.array + 1e-3)
    np.testing.assert_allclose(layer(ROWS), expected, rtol=1e-5, atol=1e-6)


def test_a_frozen_batch_normalization_predicts_while_the_model_trains() -> None:
    layer = BatchNormalization()
    plain = layer(ROWS)
    layer.trainable = False
    np.testing.assert_array_equal(layer(ROWS, training=True), plain)
    np.testing.assert_array_equal(layer.moving_mean.array, [0, 0, 0])


def test_fit_moves_the_averages_towards_the_data() -> None:
    model = models.Sequential([BatchNormalization(momentum=0.5), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(ROWS, ROWS[:, :1], epochs=10, batch_size=25, verbose=0)
    np.testing.assert_allclose(model.layers[0].moving_mean.array, ROWS.mean(0), rtol=0.2)


def test_weights_of_batch_normalization_come_in_keras_order() -> None:
    layer = BatchNormalization()
    layer(ROWS)
    names = ["gamma", "beta", "moving_mean", "moving_variance"]
    assert [weight.name for weight in layer.weights] == names
    assert len(layer.trainable_variables) == 2
    bare = BatchNormalization(center=False, scale=False)
    bare(ROWS)
    assert [weight.name for weight in bare.weights] == names[2:]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BatchNormalization(momentum=1.5), "momentum got 1.5"),
        (lambda: BatchNormalization(epsilon=0), "epsilon got 0"),
        (lambda: BatchNormalization(axis=[1, 2]), "axis got"),
        (lambda: LayerNormalization(epsilon=-1), "epsilon got -1"),
        (lambda: LayerNormalization(axis="a"), "axis got 'a'"),
        (lambda: Normalization(mean=3.0), "give both"),
        (lambda: Normalization(mean=0, variance=-1), "variance got -1"),
        (lambda: Rescaling("a"), "scale got 'a'"),
        (lambda: Rescaling(1, offset=np.inf), "offset got inf"),
    ],
)
def test_options_are_checked(make, message) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("kind", [BatchNormalization, LayerNormalization, Normalization])
def test_other_features_than_before_are_refused(kind) -> None:
    layer = kind()
    layer(ROWS)
    with pytest.raises(errors.ShapeError, match=r"3.*got.*4.*\(None, 4\)"):
        layer(np.ones((5, 4)))


@pytest.mark.parametrize(
    "layer", [BatchNormalization(axis=0), LayerNormalization(axis=0), Normalization(axis=0)]
)
def test_the_batch_is_no_axis_of_features(layer) -> None:
    with pytest.raises(errors.ShapeError, match="not of the batch"):
        layer(ROWS)


def test_an_axis_the_input_lacks() -> None:
    with pytest.raises(errors.ShapeError, match="along axis 4, and its input has 2 axes"):
        BatchNormalization(axis=4)(ROWS)


def test_every_row_is_centred_and_scaled_by_itself() -> None:
    y = LayerNormalization(epsilon=1e-7)(ROWS)
    np.testing.assert_allclose(y.mean(-1), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(-1), 1, atol=1e-4)
    both = LayerNormalization(axis=[1, 2])
    assert both(np.ones((2, 3, 5))).shape == (2, 3, 5)
    assert both.gamma.shape == (3, 5)
    assert not both.has_neurons


def test_adapting_brings_features_to_mean_0_and_variance_1() -> None:
    layer = Normalization()
    np.testing.assert_array_equal(layer(ROWS), ROWS)
    layer.adapt(ROWS)
    y = layer(ROWS)
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(0), 1, atol=1e-5)
    assert layer.trainable_variables == []
    undo = Normalization(invert=True)
    undo.adapt(ROWS)
    np.testing.assert_allclose(undo(y), ROWS, rtol=1e-4, atol=1e-4)


def test_adapting_a_layer_inside_a_built_model() -> None:
    layer = Normalization()
    model = models.Sequential([layers.Input((3,)), layer])
    layer.adapt(ROWS)
    np.testing.assert_allclose(model.predict(ROWS).std(0), 1, atol=1e-5)
    with pytest.raises(errors.ShapeError, match="statistics for size"):
        layer.adapt(ROWS[:, :2])


def test_a_feature_that_never_varies_is_centred_only() -> None:
    data = np.column_stack([np.full(9, 0.1), np.arange(9)])
    layer = Normalization(dtype="float64")
    layer.adapt(data)
    np.testing.assert_allclose(layer(data)[:, 0], 0, atol=1e-15)
    np.testing.assert_allclose(layer([[0.2, 4.0]]), [[0.1, 0]], atol=1e-15)


def test_statistics_along_several_axes_or_none() -> None:
    data = np.random.default_rng(1).normal(size=(6, 2, 3))
    both = Normalization(axis=(1, 2))
    both.adapt(data)
    np.testing.assert_allclose(both(data).mean(0), 0, atol=1e-6)
    one = Normalization(axis=None)
    one.adapt(data)
    np.testing.assert_allclose([one(data).mean(), one(data).std()], [0, 1], atol=1e-6)


def test_given_statistics_must_fit() -> None:
    with pytest.raises(errors.ShapeError, match=r"mean has shape \(2,\).*needs \(3,\)"):
        Normalization(mean=[1, 2], variance=[1, 1])(ROWS)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.array([[1, 2], [3, np.nan]]), r"got nan at \(1, 1\)"),
        (np.array([[np.inf, 2]]), r"got inf at \(0, 0\)"),
        (np.ones((0, 3)), "without any number"),
    ],
)
def test_data_that_cannot_be_adapted_to(data, message) -> None:
    with pytest.raises(errors.DataError, match=message):
        Normalization().adapt(data)


def test_rescaling_pixels() -> None:
    pixels = np.array([[0, 255]], np.uint8)
    np.testing.assert_allclose(Rescaling(1 / 255)(pixels), [[0, 1]], rtol=1e-6)
    np.testing.assert_allclose(Rescaling(1 / 127.5, offset=-1)(pixels), [[-1, 1]], rtol=1e-6)
    np.testing.assert_allclose(Rescaling([1, 2], [3, 4])(pixels), [[3, 514]], rtol=1e-6)
