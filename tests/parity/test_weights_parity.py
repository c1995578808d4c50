"""How weights start and how they are penalised, against Keras and PyTorch."""

import inspect

import keras
import numpy as np
import pytest
import torch

from glia import initializers, regularizers
from glia.initializers import INITIALIZERS
from glia.regularizers import REGULARIZERS

SHAPES = [(100, 700), (3, 3, 40, 200)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", INITIALIZERS)
def test_initial_weights_are_distributed_as_in_keras(name, shape):
    kind = INITIALIZERS[name]
    options = {"seed": 1} if "seed" in inspect.signature(kind).parameters else {}
    ours = kind(**options)(shape)
    theirs = keras.ops.convert_to_numpy(
        getattr(keras.initializers, kind.__name__)(**options)(shape)
    )
    assert ours.dtype == theirs.dtype == "float32"
    levels = np.linspace(0.02, 0.98, 25)
    spread = theirs.std() + 1e-9
    gap = np.abs(np.quantile(ours, levels) - np.quantile(theirs, levels)).max()
    assert gap <= 0.05 * spread
    assert abs(ours.std() - theirs.std()) <= 0.015 * spread


@pytest.mark.parametrize(
    ("name", "fill"),
    [
        ("glorot_uniform", torch.nn.init.xavier_uniform_),
        ("glorot_normal", torch.nn.init.xavier_normal_),
        ("he_uniform", lambda w: torch.nn.init.kaiming_uniform_(w, nonlinearity="relu")),
        ("he_normal", lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="relu")),
    ],
)
def test_deviations_are_pytorchs(name, fill):
    torch.manual_seed(0)
    theirs = fill(torch.empty(700, 100)).numpy()  # PyTorch's weights are (outputs, inputs)
    assert INITIALIZERS[name](seed=0)((100, 700)).std() == pytest.approx(theirs.std(), rel=0.015)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_arguments_and_defaults_are_keras_own(name):
    kind = INITIALIZERS[name]
    ours, theirs = (
        {p.name: p.default for p in inspect.signature(f).parameters.values()}
        for f in (kind, getattr(keras.initializers, kind.__name__))
    )
    assert ours.items() <= theirs.items()


def test_keras_names_are_found():
    for name in ("he_normal", "HeNormal", "zeros", "Zeros", "random_normal", "normal", "uniform"):
        assert type(initializers.get(name)).__name__ == type(keras.initializers.get(name)).__name__


@pytest.mark.parametrize("name", REGULARIZERS)
def test_penalties(name):
    w = np.random.default_rng(0).normal(size=(7, 5)).astype("float32")
    kind = REGULARIZERS[name]
    options = {"l1": 0.3, "l2": 0.2}
    options = {key: options[key] for key in inspect.signature(kind).parameters}
    theirs = getattr(keras.regularizers, kind.__name__)
    assert kind(**options)(w) == pytest.approx(float(theirs(**options)(w)), rel=1e-6)
    assert {p.name: p.default for p in inspect.signature(kind).parameters.values()} == {
        p.name: p.default for p in inspect.signature(theirs).parameters.values()
    }


@pytest.mark.parametrize("name", ["l1", "l2"])
def test_penalties_by_name(name):
    w = np.random.default_rng(0).normal(size=(7, 5)).astype("float32")
    assert regularizers.get(name)(w) == pytest.approx(
        float(keras.regularizers.get(name)(w)), rel=1e-6
    )


def test_the_name_l1_l2_penalises_here_and_not_in_keras():
    w = np.ones((2, 2), "float32")
    assert regularizers.get("L1L2")(w) == pytest.approx(0.08)
    assert float(keras.regularizers.get("L1L2")(w)) == 0
