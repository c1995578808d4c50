"""Losses at extremes: exact in value and gradient for logits of ±200, and nothing is clipped."""

import numpy as np
import pytest

from glia import activations, losses, ops
from glia.derivatives import grad, value_and_grad
from glia.function import function
from glia.losses import LOSSES

TOLERANCE = {"float32": 2e-6, "float64": 1e-14}


def one_hot(labels, k):
    return np.eye(k)[labels]


def error(a, b):
    assert np.shape(a) == np.shape(b)
    return np.max(np.abs(a - b), initial=0) / max(np.max(np.abs(b), initial=0), 1e-300)


def exact(name, y, z):
    """Loss and gradient of a head with logits z, in long double, without cancellation."""
    z = z.astype(np.longdouble)
    if name == "binary_crossentropy":
        value = y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)
        p = np.where(z < 0, np.exp(-np.abs(z)), 1) / (1 + np.exp(-np.abs(z)))
        return value.mean(-1).mean(), (p - y) / z.size
    y = y if y.shape == z.shape else one_hot(y, z.shape[-1])
    top = z.max(-1, keepdims=True)
    log_p = z - top - np.log(np.exp(z - top).sum(-1, keepdims=True))
    return -(y * log_p).sum(-1).mean(), (np.exp(log_p) - y) / len(z)


def logits(name, dtype):
    rng = np.random.default_rng(3)
    if name == "binary_crossentropy":
        z = np.array([[200.0], [-200], [200], [-200], [30], [-90], [0], [1e-3]])
        return z.astype(dtype), np.array([[0], [1], [1], [0], [1], [0], [1], [0]])
    z = rng.choice([-200.0, 200.0, 0.0, 17.0], (12, 5)).astype(dtype)
    labels = rng.integers(0, 5, 12)
    return z, labels if name.startswith("sparse") else one_hot(labels, 5)


HEADS = {
    "binary_crossentropy": activations.sigmoid,
    "categorical_crossentropy": activations.softmax,
    "sparse_categorical_crossentropy": activations.softmax,
}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("name", HEADS)
def test_a_head_with_logits_of_200_is_exact(name, from_logits, dtype):
    z, y = logits(name, dtype)
    loss = LOSSES[name](from_logits=from_logits)
    head = (lambda z: z) if from_logits else HEADS[name]
    value, gradient = value_and_grad(lambda z: loss(y, head(z)))(z)
    expected, slope = exact(name, y, z)
    assert value.dtype == gradient.dtype == dtype
    assert error(value, expected) <= TOLERANCE[dtype] / 2
    assert error(gradient, slope) <= TOLERANCE[dtype] / 2
    assert error(function(lambda z: loss(y, head(z)))(z), expected) <= TOLERANCE[dtype] / 2


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_a_head_that_is_reshaped_sliced_and_smoothed_stays_exact(dtype):
    z, y = logits("categorical_crossentropy", dtype)
    smooth = losses.CategoricalCrossentropy(label_smoothing=0.1)

    def moved(z):
        p = activations.softmax(z)
        return smooth(y[2:], ops.transpose(ops.reshape(ops.transpose(p)[:, 2:], (5, 10))))

    value, gradient = value_and_grad(moved)(z)
    expected, slope = exact("categorical_crossentropy", y[2:] * 0.9 + 0.02, z[2:])
    assert error(value, expected) <= TOLERANCE[dtype]
    assert error(gradient[2:], slope) <= TOLERANCE[dtype]
    assert not gradient[:2].any()


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("axis", [0, 1])
def test_a_two_way_softmax_with_binary_crossentropy_is_exact_too(axis, dtype):
    z = np.array([[200.0, -200], [-200, 200], [200, 0], [3, -1], [0, 0]], dtype)
    y = one_hot([0, 0, 1, 1, 0], 2)
    loss = losses.BinaryCrossentropy()

    def turned(z):
        p = activations.softmax(ops.transpose(z) if axis == 0 else z, axis)
        return loss(y, ops.transpose(p) if axis == 0 else p)

    value, gradient = value_and_grad(turned)(z)
    expected, slope = exact("categorical_crossentropy", y, z)
    assert error(value, expected) <= TOLERANCE[dtype]
    assert error(gradient, slope) <= TOLERANCE[dtype]


def test_the_gradient_through_the_head_is_p_minus_y():
    z = np.random.default_rng(0).normal(size=(6, 4))
    y = one_hot(np.arange(6) % 4, 4)
    loss = losses.CategoricalCrossentropy(reduction="sum")
    p = activations.softmax(z)
    assert error(grad(lambda z: loss(y, activations.softmax(z)))(z), p - y) < 1e-15
    bits = (z > 0.3).astype(float)
    binary = losses.BinaryCrossentropy(reduction="sum", axis=-1)
    got = grad(lambda z: binary(bits, activations.sigmoid(z)))(z)
    assert error(got, (activations.sigmoid(z) - bits) / 4) < 1e-15


def test_certain_and_wrong_costs_infinity_and_nothing_is_clipped():
    assert losses.binary_crossentropy([[0.0, 1.0]], [[0.0, 1.0]])[0] == 0
    with np.errstate(divide="ignore"):
        assert losses.binary_crossentropy([[1.0]], [[0.0]])[0] == np.inf
        assert losses.categorical_crossentropy([[1.0, 0.0]], [[0.0, 1.0]])[0] == np.inf
    tiny = losses.binary_crossentropy(np.ones((1, 1)), np.full((1, 1), 1e-30))[0]
    assert tiny == pytest.approx(30 * np.log(10), rel=1e-14)


def test_masked_logits_of_minus_infinity_cost_nothing_where_untrue():
    z = np.array([[1.0, -np.inf, 0.0]])
    y = np.array([[1.0, 0.0, 0.0]])
    value, gradient = value_and_grad(
        lambda z: losses.CategoricalCrossentropy(from_logits=True)(y, z)
    )(z)
    assert value == pytest.approx(np.log1p(np.exp(-1)))
    assert gradient[0, 0] == pytest.approx(activations.sigmoid(1.0) - 1)
    assert gradient[0, 1] == 0


def test_huber_survives_errors_whose_square_overflows():
    y, p = np.zeros((1, 2), "float32"), np.array([[1e30, 0.5]], "float32")
    value, gradient = value_and_grad(lambda p: losses.Huber(delta=2.0)(y, p))(p)
    assert value == pytest.approx((2e30 - 2 + 0.125) / 2)
    assert gradient.tolist() == [[1.0, 0.25]]
