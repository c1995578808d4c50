"""Every activation, value and gradient, against Keras and PyTorch."""

import inspect

import keras
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from glia import activations
from glia.activations import ACTIVATIONS
from glia.derivatives import grad

# For each name: the same function of Keras (None: it has none), and of PyTorch.
SAMPLES = {
    "elu": (keras.activations.elu, F.elu),
    "gelu": (keras.activations.gelu, F.gelu),
    "leaky_relu": (keras.activations.leaky_relu, lambda x: F.leaky_relu(x, 0.2)),
    "linear": (keras.activations.linear, lambda x: x * 1),
    "log_softmax": (keras.activations.log_softmax, lambda x: F.log_softmax(x, -1)),
    "relu": (keras.activations.relu, F.relu),
    "sigmoid": (keras.activations.sigmoid, F.sigmoid),
    "silu": (keras.activations.silu, F.silu),
    "softmax": (keras.activations.softmax, lambda x: F.softmax(x, -1)),
    "softplus": (keras.activations.softplus, lambda x: F.softplus(x, threshold=1000)),
    "step": (None, lambda x: torch.heaviside(x, torch.ones_like(x)) + 0 * x),
    "tanh": (keras.activations.tanh, F.tanh),
}
OPTIONS = {
    "elu": {"alpha": 0.7},
    "gelu": {"approximate": True},
    "leaky_relu": {"negative_slope": 0.05},
    "log_softmax": {"axis": 0},
    "relu": {"negative_slope": 0.1, "max_value": 2.5, "threshold": 0.3},
    "softmax": {"axis": 0},
}
TOLERANCE = {"float32": 1e-5, "float64": 1e-12}
PEERS = [
    pytest.param(name, peer, id=f"{name}-{('keras', 'torch')[peer]}")
    for name in ACTIVATIONS
    for peer in (0, 1)
    if SAMPLES[name][peer]
]


def error(a, b):
    assert a.shape == b.shape
    return np.abs(a - b).max() / max(np.abs(b).max(), 1e-300)


def points(dtype):
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=(40, 5)) * 3, np.zeros((1, 5)), np.full((1, 5), 12.0)])
    return x.astype(dtype), rng.normal(size=x.shape).astype(dtype)


def compare(ours, theirs, dtype, rows=None):
    x, seed = (each[:rows] for each in points(dtype))
    leaf = torch.tensor(x, requires_grad=True)
    y = theirs(leaf)
    (y * torch.tensor(seed)).sum().backward()
    assert ours(x).dtype == dtype
    assert error(ours(x), y.detach().numpy()) <= TOLERANCE[dtype]
    got = grad(lambda x: (ours(x) * seed).sum())(x)
    assert got.dtype == dtype
    assert error(got, leaf.grad.numpy()) <= TOLERANCE[dtype]


def test_every_activation_has_a_peer():
    assert set(SAMPLES) == set(ACTIVATIONS)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("name", "peer"), PEERS)
def test_value_and_gradient(name, peer, dtype):
    ours = ACTIVATIONS[name]
    if name == "step":
        x, _ = points(dtype)
        assert error(ours(x), SAMPLES[name][peer](torch.tensor(x)).numpy()) == 0
        return
    compare(ours, SAMPLES[name][peer], dtype)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", OPTIONS)
def test_options_mean_what_they_do_in_keras(name, dtype):
    ours, theirs, options = getattr(activations, name), SAMPLES[name][0], OPTIONS[name]
    compare(lambda x: ours(x, **options), lambda x: theirs(x, **options), dtype, rows=40)


def test_defaults_are_keras_own():
    for name, (theirs, _) in SAMPLES.items():
        if theirs is None:
            continue
        assert options_of(getattr(activations, name)) == options_of(theirs)


def options_of(f):
    parameters = inspect.signature(f).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}
