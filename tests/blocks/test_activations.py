"""Every activation against its formula, on arrays and on symbols."""

import math

import numpy as np
import pytest

from glia import activations
from glia.activations import ACTIVATIONS
from glia.derivatives import grad
from glia.errors import ArgumentError
from glia.function import function

erf = np.vectorize(math.erf, otypes=[float])


def sigmoid(x):
    return np.where(x < 0, np.exp(np.minimum(x, 0)), 1) / (1 + np.exp(-np.abs(x)))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def density(x):
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


# For each name: the function, and the cotangent of x for a cotangent g of the output.
SAMPLES = {
    "elu": (
        lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        lambda x, g: g * np.exp(np.minimum(x, 0)),
    ),
    "gelu": (
        lambda x: x * (1 + erf(x / math.sqrt(2))) / 2,
        lambda x, g: g * ((1 + erf(x / math.sqrt(2))) / 2 + x * density(x)),
    ),
    "leaky_relu": (
        lambda x: np.where(x > 0, x, 0.2 * x),
        lambda x, g: g * np.where(x > 0, 1, 0.2),
    ),
    "linear": (lambda x: x, lambda x, g: g),
    "log_softmax": (
        lambda x: np.log(softmax(x)),
        lambda x, g: g - softmax(x) * g.sum(-1, keepdims=True),
    ),
    "relu": (lambda x: np.maximum(x, 0), lambda x, g: g * (x > 0)),
    "sigmoid": (sigmoid, lambda x, g: g * sigmoid(x) * sigmoid(-x)),
    "silu": (
        lambda x: x * sigmoid(x),
        lambda x, g: g * sigmoid(x) * (1 + x * sigmoid(-x)),
    ),
    "softmax": (
        softmax,
        lambda x, g: softmax(x) * (g - (g * softmax(x)).sum(-1, keepdims=True)),
    ),
    "softplus": (lambda x: np.logaddexp(0, x), lambda x, g: g * sigmoid(x)),
    "step": (lambda x: (x >= 0).astype(x.dtype), lambda x, g: 0 * g),
    "tanh": (np.tanh, lambda x, g: g / np.cosh(x) ** 2),
}

SHAPES = [(7, 5), (1, 1), (1, 3), (0, 3), (2, 3, 4), (11,)]
TOLERANCE = {"float32": 2e-6, "float64": 1e-14}


def error(a, b):
    assert np.shape(a) == np.shape(b)
    return np.max(np.abs(a - b), initial=0) / max(np.max(np.abs(b), initial=0), 1e-300)


def points(shape, dtype="float64", seed=0):
    return np.random.default_rng(seed).uniform(-6, 6, shape).astype(dtype)


def test_every_activation_has_a_sample():
    assert set(SAMPLES) == set(ACTIVATIONS)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_value_eager_and_traced(name, shape, dtype):
    x = points(shape, dtype)
    expected = SAMPLES[name][0](x.astype("float64"))
    for f in (ACTIVATIONS[name], function(ACTIVATIONS[name].function)):
        y = f(x)
        assert y.dtype == dtype
        assert error(y, expected) <= TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"step"}))
def test_gradient(name, shape, dtype):
    x, seed = points(shape, dtype), points(shape, dtype, seed=1)
    got = grad(lambda x: (ACTIVATIONS[name](x) * seed).sum())(x)
    expected = SAMPLES[name][1](x.astype("float64"), seed.astype("float64"))
    assert got.dtype == dtype
    assert error(got, expected) <= 3 * TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"step"}))
def test_far_from_zero_value_and_gradient_are_exact(name, dtype):
    x = np.array([[-200.0, 0.5, 200.0], [200.0, -200.0, 199.0]], dtype)
    seed = points(x.shape, dtype)
    f, vjp = SAMPLES[name]
    wide = x.astype("float64")
    shifted = wide - wide.max(-1, keepdims=True)
    expected = (
        f(wide)
        if name != "log_softmax"
        else shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    )
    with np.errstate(over="ignore"):
        slope = vjp(wide, seed.astype("float64"))
    assert error(ACTIVATIONS[name](x), expected) <= TOLERANCE[dtype]
    got = grad(lambda x: (ACTIVATIONS[name](x) * seed).sum())(x)
    assert error(got, slope) <= TOLERANCE[dtype]


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"step"}))
def test_nan_stays_visible(name):
    x = np.array([[1.0, np.nan, -1.0]], "float32")
    assert np.isnan(ACTIVATIONS[name](x)[0, 1])
    assert np.isnan(function(ACTIVATIONS[name].function)(x)[0, 1])


def test_step_hides_nan_and_its_record_says_so():
    assert activations.step(np.array([np.nan]))[0] == 0
    assert "NaN" in ACTIVATIONS["step"].drawback


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_keep_to_the_range_of_the_record(name):
    record = ACTIVATIONS[name]
    low, high = record.range.split(", each")[0].strip("()[]{}").split(", ")
    y = record(np.linspace(-8, 8, 1001)[None, :])
    assert y.min() >= float(low) - 0.005
    assert y.max() <= float(high) + 0.005


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_record_is_complete_and_prints_itself(name):
    record = ACTIVATIONS[name]
    assert record.name == name
    assert record.function is getattr(activations, name)
    lines = repr(record).splitlines()
    assert lines[0] == name
    for part in (record.formula, record.range, record.derivative, record.use, record.drawback):
        assert len(part) > 5
        assert sum(part in line for line in lines) == 1
    for sentence in (record.use, record.drawback):
        assert sentence.endswith(".")


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"step", "softmax", "log_softmax"}))
def test_is_smooth_says_whether_the_slope_jumps(name):
    x = np.array([-1e-7, 1e-7])
    below, above = grad(lambda x: ACTIVATIONS[name](x).sum())(x)
    assert (abs(above - below) < 1e-3) == ACTIVATIONS[name].is_smooth


def test_the_tutorials_values():
    assert round(float(activations.sigmoid(2.3)), 4) == 0.9089
    assert activations.relu(2.3) == 2.3
    assert activations.relu(-2) == 0
    assert round(float(activations.tanh(2.3)), 4) == 0.9801


def test_numbers_lists_and_integers_are_taken():
    assert activations.relu([-1, 2]).tolist() == [0, 2]
    assert activations.sigmoid(np.array([0, 0])).dtype == np.float32
    assert activations.softmax([[1, 1]]).tolist() == [[0.5, 0.5]]


def test_relu_options():
    x = np.array([-2.0, -0.5, 0.0, 0.5, 1.0, 3.0])
    relu = activations.relu
    assert relu(x, max_value=1).tolist() == [0, 0, 0, 0.5, 1, 1]
    assert relu(x, negative_slope=0.5).tolist() == [-1, -0.25, 0, 0.5, 1, 3]
    assert relu(x, threshold=0.5).tolist() == [0, 0, 0, 0, 1, 3]
    assert relu(x, 0.5, 2.0, 0.5).tolist() == [-1.25, -0.5, -0.25, 0, 1, 2]
    assert relu(np.array([-np.inf])) == 0


def test_other_options():
    x = points((4, 3))
    assert error(activations.softmax(x, axis=0), softmax(x.T).T) < 1e-15
    assert error(activations.log_softmax(x, axis=0), np.log(softmax(x.T)).T) < 1e-14
    assert error(activations.elu(-x * x, alpha=2.0), 2 * np.expm1(-x * x)) < 1e-14
    assert error(activations.leaky_relu(x, 0.01), np.where(x > 0, x, 0.01 * x)) == 0
    assert error(activations.gelu(x, approximate=True), activations.gelu(x)) < 1e-3
    assert error(activations.gelu(x, approximate=True), activations.gelu(x)) > 1e-6


def test_get_finds_by_name_alias_function_and_record():
    assert activations.get("relu") is ACTIVATIONS["relu"]
    assert activations.get("ReLU") is ACTIVATIONS["relu"]
    assert activations.get("swish") is ACTIVATIONS["silu"]
    assert activations.get(None) is ACTIVATIONS["linear"]
    assert activations.get(activations.tanh) is ACTIVATIONS["tanh"]
    assert activations.get(ACTIVATIONS["elu"]) is ACTIVATIONS["elu"]


@pytest.mark.parametrize("alias", activations.ALIASES)
def test_every_alias_leads_somewhere(alias):
    assert activations.get(alias) is ACTIVATIONS[activations.ALIASES[alias]]


def test_get_takes_a_function_of_your_own():
    def cube(x):
        return x * x * x

    record = activations.get(cube)
    assert record.name == "cube"
    assert record(np.array([2.0])) == 8
    assert "your own" in repr(record)


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(ArgumentError, match=r"unknown activation 'rleu'.*'relu'.*Known.*sigmoid"):
        activations.get("rleu")
    with pytest.raises(ArgumentError, match=r"activation got 3.*expected a name"):
        activations.get(3)
