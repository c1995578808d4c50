"""Whatever is registered survives a file: nothing new can be added without being saved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.layers.test_every_layer import SAMPLES as LAYER_SAMPLES
from tests.layers.test_every_layer import Codes

import glia
from glia import activations, initializers, layers, losses, metrics, optimizers, regularizers
from glia.optimizers import schedules
from glia.saving.kinds import KINDS

from .networks import check_round_trip, rows

pytestmark = pytest.mark.usefixtures("quick_engine")

# Values for the arguments of a constructor other than its defaults; tests fail for a name without.
SCHEDULE_SAMPLES = {
    "Constant": {"learning_rate": 0.03},
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 7, "alpha": 0.2},
    "ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.7},
    "PiecewiseConstantDecay": {"boundaries": [2, 4], "values": [0.1, 0.05, 0.01]},
    "StepDecay": {"initial_learning_rate": 0.1, "decay_steps": 2},
}


def dense(**options: Any) -> glia.Sequential:
    return glia.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(5, **{"activation": "tanh", **options}),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def input_of(shape: tuple[int, ...], is_codes: bool) -> np.ndarray:
    random = np.random.default_rng(1)
    size = (16, *shape[1:])
    return random.integers(0, 5, size) if is_codes else random.normal(size=size).astype("f4")


@pytest.mark.parametrize("name", layers.LAYERS)
def test_every_layer(name: str, tmp_path) -> None:
    for make, shapes in LAYER_SAMPLES[name]:
        is_codes = isinstance(shapes, Codes)
        shapes = [shape if len(shape) > 1 else (*shape, 1) for shape in shapes]
        x = [input_of(shape, is_codes) for shape in shapes]
        sources = [glia.Input(s[1:], dtype="int32" if is_codes else None) for s in shapes]
        hidden = make()(sources if len(sources) > 1 else sources[0])
        hidden = layers.Dense(3, activation="tanh")(layers.Flatten()(hidden))
        model = glia.Model(sources, layers.Dense(1)(hidden))
        model.compile("sgd", "mse")
        y = np.random.default_rng(2).normal(size=16)
        again = check_round_trip(model, x if len(x) > 1 else x[0], y, tmp_path / "m.glia")
        assert [type(each) for each in again.layers] == [type(each) for each in model.layers]


@pytest.mark.parametrize("name", activations.ACTIVATIONS)
def test_every_activation(name: str, tmp_path) -> None:
    x, y = rows()
    model = dense(activation=name)
    is_flat = name == "step"
    model.compile("perceptron" if is_flat else "adam", "mse" if is_flat else "binary_crossentropy")
    if is_flat:
        model = glia.Sequential([layers.Input((4,)), layers.Dense(1, activation=name)])
        model.compile("perceptron", "mse")
    again = check_round_trip(model, x, y, tmp_path / "m.glia")
    assert again.layers[0].activation is activations.ACTIVATIONS[name]


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
@pytest.mark.parametrize("options", [{}, {"clipnorm": 0.1, "weight_decay": 0.01}], ids=str)
def test_every_optimizer(name: str, options: dict[str, Any], tmp_path) -> None:
    x, y = rows()
    made = optimizers.OPTIMIZERS[name]
    model = dense()
    if name == "perceptron":
        model = glia.Sequential([layers.Input((4,)), layers.Dense(1, activation="step")])
        options = {}
    model.compile(made(**options), "mse", metrics=["mae"])
    again = check_round_trip(model, x, y, tmp_path / "m.glia")
    assert again.optimizer.get_config() == model.optimizer.get_config()
    assert int(again.optimizer.iterations) == int(model.optimizer.iterations) > 0


def test_every_schedule_has_a_sample() -> None:
    assert sorted(SCHEDULE_SAMPLES) == sorted(schedules.SCHEDULES)


@pytest.mark.parametrize("name", schedules.SCHEDULES)
def test_every_schedule(name: str, tmp_path) -> None:
    x, y = rows()
    model = dense()
    schedule = schedules.SCHEDULES[name](**SCHEDULE_SAMPLES[name])
    model.compile(optimizers.SGD(schedule, momentum=0.9), "mse")
    again = check_round_trip(model, x, y, tmp_path / "m.glia")
    assert again.optimizer.schedule.get_config() == schedule.get_config()


@pytest.mark.parametrize("form", ["name", "object", "class"])
@pytest.mark.parametrize("name", losses.LOSSES)
def test_every_loss(name: str, form: str, tmp_path) -> None:
    x, y = rows()
    kind = losses.LOSSES[name]
    loss = {"name": name, "object": kind(reduction="sum"), "class": kind}[form]
    units = 2 if "categorical" in name else 1
    head = "softmax" if units == 2 else "sigmoid"
    model = glia.Sequential([layers.Input((4,)), layers.Dense(units, activation=head)])
    model.compile("sgd", loss)
    check_round_trip(model, x, y, tmp_path / "m.glia")


@pytest.mark.parametrize("form", ["name", "object"])
@pytest.mark.parametrize("name", metrics.METRICS)
def test_every_metric(name: str, form: str, tmp_path) -> None:
    x, y = rows()
    units = 2 if "categorical" in name else 1
    model = glia.Sequential(
        [layers.Input((4,)), layers.Dense(units, activation="softmax" if units == 2 else "sigmoid")]
    )
    loss = "sparse_categorical_crossentropy" if units == 2 else "binary_crossentropy"
    if name == "categorical_accuracy":
        loss, y = "categorical_crossentropy", np.eye(2)[y]
    metric = name if form == "name" else metrics.METRICS[name]()
    model.compile("sgd", loss, metrics=[metric], weighted_metrics=[metric])
    again = check_round_trip(model, x, y, tmp_path / "m.glia")
    assert again.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
    assert again.metrics_names == model.metrics_names


@pytest.mark.parametrize("name", initializers.INITIALIZERS)
def test_every_initializer(name: str, tmp_path) -> None:
    x, y = rows()
    model = dense(kernel_initializer=initializers.INITIALIZERS[name]())
    model.compile("sgd", "mse")
    again = check_round_trip(model, x, y, tmp_path / "m.glia")
    made = again.layers[0].kernel_initializer
    assert made.get_config() == model.layers[0].kernel_initializer.get_config()


@pytest.mark.parametrize("name", regularizers.REGULARIZERS)
def test_every_regularizer(name: str, tmp_path) -> None:
    x, y = rows()
    model = dense(kernel_regularizer=name, bias_regularizer=regularizers.get(name))
    model.compile("sgd", "mse")
    again = check_round_trip(model, x, y, tmp_path / "m.glia")
    assert again.layers[0].kernel_regularizer.get_config() == regularizers.get(name).get_config()


def test_every_registry_is_tested_here() -> None:
    tested = {name.removeprefix("test_every_") for name in globals() if name.startswith("test_")}
    assert set(KINDS) <= tested
