"""Dropout: what is silenced, what is kept, and whose random numbers it uses."""

import numpy as np
import pytest

from glia import models, random
from glia.autodiff import gradients
from glia.function import function
from glia.layers import Dense, Dropout

ONES = np.ones((200, 50), "float32")


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_a_share_is_silenced_and_the_rest_scaled_up(rate) -> None:
    y = Dropout(rate)(ONES, training=True)
    kept = y != 0
    np.testing.assert_allclose(y[kept], 1 / (1 - rate), rtol=1e-6)
    assert abs(1 - kept.mean() - rate) < 0.02
    assert abs(y.mean() - 1) < 0.1


def test_prediction_changes_nothing() -> None:
    layer = Dropout(0.5)
    np.testing.assert_array_equal(layer(ONES), ONES)
    np.testing.assert_array_equal(layer(ONES, training=False), ONES)


def test_the_extremes() -> None:
    np.testing.assert_array_equal(Dropout(0)(ONES, training=True), ONES)
    np.testing.assert_array_equal(Dropout(1)(ONES, training=True), 0 * ONES)


def test_each_call_draws_a_new_mask() -> None:
    layer = Dropout(0.5)
    assert np.any(layer(ONES, training=True) != layer(ONES, training=True))
    traced = function(layer, is_training=True)
    assert np.any(traced(ONES) != traced(ONES))


def test_masks_follow_the_global_seed_or_their_own() -> None:
    drawn = []
    for _ in range(2):
        random.seed(1)
        drawn.append(Dropout(0.5)(ONES, training=True))
    np.testing.assert_array_equal(*drawn)
    random.seed(2)
    one = Dropout(0.5, seed=7)(ONES, training=True)
    random.seed(3)
    np.testing.assert_array_equal(Dropout(0.5, seed=7)(ONES, training=True), one)
    np.testing.assert_array_equal(function(Dropout(0.5, seed=7), is_training=True)(ONES), one)


def test_its_own_generator_is_no_weight() -> None:
    layer = Dropout(0.5, seed=7)
    layer(ONES)
    assert layer.weights == []


def test_the_gradient_passes_where_the_value_does() -> None:
    layer = Dropout(0.3, seed=0)
    pair = function(lambda x: (y := layer(x), gradients(y, [x])[0]), is_training=True)
    y, gradient = pair(ONES)
    np.testing.assert_array_equal(y, gradient)


def test_a_mask_may_be_shared_along_an_axis() -> None:
    y = Dropout(0.5, noise_shape=(None, 1, 8))(np.ones((4, 5, 8)), training=True)
    np.testing.assert_array_equal(y, np.repeat(y[:, :1], 5, axis=1))
    with pytest.raises(ValueError, match="has 2 axes and the input 3"):
        Dropout(0.5, noise_shape=(None, 1))(np.ones((4, 5, 8)), training=True)


@pytest.mark.parametrize("rate", [-0.1, 1.5, "a", None, float("nan")])
def test_a_rate_is_between_0_and_1(rate) -> None:
    with pytest.raises(ValueError, match=r"Dropout: rate got .*>= 0 and <= 1"):
        Dropout(rate)


def test_a_noise_shape_is_a_tuple() -> None:
    with pytest.raises(ValueError, match="noise_shape got 'ab'"):
        Dropout(0.5, noise_shape="ab")


def test_the_same_seed_trains_the_same_model() -> None:
    x = np.random.default_rng(0).normal(size=(20, 4))
    trained = []
    for _ in range(2):
        random.seed(4)
        model = models.Sequential([Dense(8, "relu"), Dropout(0.5), Dense(1)])
        model.compile("adam", "mse")
        model.fit(x, x[:, :1], epochs=3, batch_size=8, verbose=0)
        trained.append(model.get_weights())
    for one, other in zip(*trained, strict=True):
        np.testing.assert_array_equal(one, other)
