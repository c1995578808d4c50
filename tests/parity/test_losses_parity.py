"""Every loss, value and gradient, against Keras and PyTorch."""

import inspect

import keras
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from glia import activations, losses
from glia.derivatives import grad, value_and_grad
from glia.losses import LOSSES

ROWS, CLASSES = 9, 4
TOLERANCE = {"float32": 1e-5, "float64": 1e-12}


def bits(rng):
    return rng.integers(0, 2, (ROWS, CLASSES)).astype("float64")


def one_hot(rng):
    return np.eye(CLASSES)[rng.integers(0, CLASSES, ROWS)]


def labels(rng):
    return rng.integers(0, CLASSES, ROWS)


def numbers(rng):
    return rng.normal(size=(ROWS, CLASSES))


def probabilities(rng):
    return rng.uniform(0.05, 0.95, (ROWS, CLASSES))


def distributions(rng):
    return rng.dirichlet(np.full(CLASSES, 3), ROWS)


def logits(rng):
    return 3 * rng.normal(size=(ROWS, CLASSES))


def smooth(y, amount, middle):
    return y * (1 - amount) + amount * middle


# For each name: targets, predictions, options, and PyTorch's mean of the rows.
SAMPLES = {
    "binary_crossentropy": [
        (bits, probabilities, {}, F.binary_cross_entropy),
        (bits, probabilities, {"axis": 0}, F.binary_cross_entropy),
        (bits, logits, {"from_logits": True}, F.binary_cross_entropy_with_logits),
        (
            bits,
            probabilities,
            {"label_smoothing": 0.2},
            lambda p, y: F.binary_cross_entropy(p, smooth(y, 0.2, 1 / 2)),
        ),
        (
            bits,
            logits,
            {"from_logits": True, "label_smoothing": 0.2},
            lambda z, y: F.binary_cross_entropy_with_logits(z, smooth(y, 0.2, 1 / 2)),
        ),
    ],
    "categorical_crossentropy": [
        (one_hot, distributions, {}, lambda p, y: F.nll_loss(p.log(), y.argmax(-1))),
        (one_hot, logits, {"from_logits": True}, F.cross_entropy),
        (
            one_hot,
            logits,
            {"from_logits": True, "label_smoothing": 0.2},
            lambda z, y: F.cross_entropy(z, y, label_smoothing=0.2),
        ),
        (
            distributions,
            distributions,
            {"label_smoothing": 0.2},
            lambda p, y: -(smooth(y, 0.2, 1 / CLASSES) * p.log()).sum(-1).mean(),
        ),
    ],
    "huber": [
        (numbers, numbers, {}, F.huber_loss),
        (numbers, logits, {"delta": 0.7}, lambda p, y: F.huber_loss(p, y, delta=0.7)),
    ],
    "mean_absolute_error": [(numbers, numbers, {}, F.l1_loss)],
    "mean_squared_error": [(numbers, numbers, {}, F.mse_loss)],
    "sparse_categorical_crossentropy": [
        (labels, distributions, {}, lambda p, y: F.nll_loss(p.log(), y)),
        (
            labels,
            distributions,
            {"ignore_class": 1},
            lambda p, y: F.nll_loss(p.log(), y, ignore_index=1),
        ),
        (labels, logits, {"from_logits": True}, F.cross_entropy),
        (
            labels,
            logits,
            {"from_logits": True, "ignore_class": 1},
            lambda z, y: F.cross_entropy(z, y, ignore_index=1),
        ),
    ],
}
CASES = [
    pytest.param(name, case, id="-".join([name, *map(str, case[2])]))
    for name, cases in SAMPLES.items()
    for case in cases
]


def error(a, b):
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape
    return np.abs(a - b).max() / max(np.abs(b).max(), 1e-300)


def data(case, dtype):
    rng = np.random.default_rng(0)
    y = case[0](rng)
    return (y if y.dtype.kind == "i" else y.astype(dtype)), case[1](rng).astype(dtype)


def differentiated(f, p):
    leaf = torch.tensor(p, requires_grad=True)
    value = f(leaf)
    value.sum().backward()
    return value.detach().numpy(), leaf.grad.numpy()


def test_every_loss_has_samples():
    assert set(SAMPLES) == set(LOSSES)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_rows_and_gradients_against_keras(name, case):
    # In float32 only: Keras rounds every mean to it.
    y, p = data(case, "float32")

    def ours(p):
        return getattr(losses, name)(y, p, **case[2])

    def theirs(p):
        return getattr(keras.losses, name)(torch.tensor(y), p, **case[2])

    value, slope = differentiated(theirs, p)
    got = grad(lambda p: ours(p).sum())(p)
    if name.endswith("categorical_crossentropy") and "from_logits" not in case[2]:
        # Keras divides p by its sum: the two agree on every step that keeps the sum at 1.
        got, slope = (each - each.mean(-1, keepdims=True) for each in (got, slope))
    assert error(ours(p), value) <= TOLERANCE["float32"]
    assert error(got, slope) <= TOLERANCE["float32"]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("name", "case"), CASES)
def test_mean_and_gradient_against_pytorch(name, case, dtype):
    y, p = data(case, dtype)
    loss = LOSSES[name](**case[2])
    value, gradient = differentiated(lambda p: case[3](p, torch.tensor(y)), p)
    assert error(loss(y, p), value) <= TOLERANCE[dtype]
    assert error(grad(lambda p: loss(y, p))(p), gradient) <= TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(
    ("name", "head", "target", "fused"),
    [
        ("binary_crossentropy", "sigmoid", bits, F.binary_cross_entropy_with_logits),
        ("categorical_crossentropy", "softmax", one_hot, F.cross_entropy),
        ("sparse_categorical_crossentropy", "softmax", labels, F.cross_entropy),
    ],
)
def test_a_head_and_its_loss_equal_pytorchs_fused_form(name, head, target, fused, dtype):
    rng = np.random.default_rng(1)
    y, z = target(rng), (60 * rng.normal(size=(ROWS, CLASSES))).astype(dtype)
    y = y if y.dtype.kind == "i" else y.astype(dtype)

    def ours(z):
        return LOSSES[name]()(y, getattr(activations, head)(z))

    value, slope = value_and_grad(ours)(z)
    expected, expected_slope = differentiated(lambda z: fused(z, torch.tensor(y)), z)
    assert error(value, expected) <= TOLERANCE[dtype]
    assert error(slope, expected_slope) <= TOLERANCE[dtype]


@pytest.mark.parametrize(
    "reduction", ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None]
)
@pytest.mark.parametrize("name", LOSSES)
def test_reductions_with_and_without_weights(name, reduction):
    y, p = data(SAMPLES[name][0], "float32")
    weight = np.arange(ROWS, dtype="float32")
    kind = LOSSES[name]
    theirs = getattr(keras.losses, kind.__name__)(reduction=reduction)
    for weights in (None, weight):
        expected = keras.ops.convert_to_numpy(theirs(y, p, sample_weight=weights))
        assert error(kind(reduction=reduction)(y, p, weights), expected) <= 1e-5


def test_ignored_classes_are_left_out_of_the_mean():
    y, p = data(SAMPLES["sparse_categorical_crossentropy"][0], "float32")
    weight = np.arange(ROWS, dtype="float32")
    for options in ({}, {"reduction": "mean_with_sample_weight"}):
        ours = losses.SparseCategoricalCrossentropy(ignore_class=1, **options)
        theirs = keras.losses.SparseCategoricalCrossentropy(ignore_class=1, **options)
        for weights in (None, weight):
            expected = keras.ops.convert_to_numpy(theirs(y, p, sample_weight=weights))
            assert error(ours(y, p, weights), expected) <= 1e-5


@pytest.mark.parametrize("name", LOSSES)
def test_arguments_and_defaults_are_keras_own(name):
    for ours, theirs in [
        (LOSSES[name].__init__, getattr(keras.losses, LOSSES[name].__name__).__init__),
        (getattr(losses, name), getattr(keras.losses, name)),
    ]:
        mine, other = (
            {p.name: p.default for p in inspect.signature(f).parameters.values()}
            for f in (ours, theirs)
        )
        assert mine == {key: value for key, value in other.items() if key != "dtype"}


@pytest.mark.parametrize("alias", ["mse", "MSE", "mae", "MAE", "bce", "BCE"])
def test_aliases_of_keras(alias):
    assert losses.get(alias).name == keras.losses.get(alias).__name__
