"""Learning-rate schedules: their values, their place in the graph, and what they refuse."""

import inspect
import math
import re

import numpy as np
import pytest

from glia import ops, optimizers
from glia.errors import ArgumentError
from glia.function import function
from glia.graph import Variable
from glia.optimizers import schedules
from glia.optimizers.schedules import (
    SCHEDULES,
    Constant,
    CosineDecay,
    ExponentialDecay,
    LearningRateSchedule,
    PiecewiseConstantDecay,
    StepDecay,
)

# Each schedule with its rates after 0, 1, 2, ... updates, worked out by hand.
SAMPLES = {
    "Constant": [(Constant(0.3), {0: 0.3, 7: 0.3})],
    "StepDecay": [
        (StepDecay(0.8, 3), {0: 0.8, 2: 0.8, 3: 0.4, 5: 0.4, 6: 0.2}),
        (StepDecay(1.0, 2, drop=0.1), {1: 1.0, 2: 0.1, 4: 0.01}),
    ],
    "ExponentialDecay": [
        (ExponentialDecay(1.0, 2, 0.25), {0: 1.0, 1: 0.5, 2: 0.25, 4: 0.0625}),
        (ExponentialDecay(1.0, 2, 0.25, staircase=True), {0: 1.0, 1: 1.0, 2: 0.25, 3: 0.25}),
    ],
    "PiecewiseConstantDecay": [
        (
            PiecewiseConstantDecay([2, 4], [1.0, 0.5, 0.1]),
            {0: 1.0, 2: 1.0, 3: 0.5, 4: 0.5, 5: 0.1, 99: 0.1},
        ),
        (PiecewiseConstantDecay([], [0.2]), {0: 0.2, 5: 0.2}),
        (PiecewiseConstantDecay([1.5], [0.2, 0.1]), {1: 0.2, 2: 0.1}),
    ],
    "CosineDecay": [
        (CosineDecay(1.0, 4), {0: 1.0, 1: (1 + math.sqrt(0.5)) / 2, 2: 0.5, 4: 0.0, 9: 0.0}),
        (CosineDecay(1.0, 4, alpha=0.2), {0: 1.0, 2: 0.6, 4: 0.2, 9: 0.2}),
        (
            CosineDecay(0.0, 4, warmup_target=1.0, warmup_steps=2),
            {0: 0.0, 1: 0.5, 2: 1.0, 4: 0.5, 6: 0.0, 9: 0.0},
        ),
        (CosineDecay(0.0, 4, warmup_target=1.0), {0: 1.0, 2: 0.5, 4: 0.0}),
    ],
}
CASES = [
    pytest.param(schedule, rates, id=f"{name}-{position}")
    for name, samples in SAMPLES.items()
    for position, (schedule, rates) in enumerate(samples)
]


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_has_a_sample(name: str) -> None:
    assert name in SAMPLES, f"add a sample of {name} to SAMPLES"
    assert all(type(schedule) is SCHEDULES[name] for schedule, _ in SAMPLES[name])


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_docstring_gives_the_formula(name: str) -> None:
    assert "rate(t) = " in inspect.getdoc(SCHEDULES[name])


@pytest.mark.parametrize(("schedule", "rates"), CASES)
def test_the_rates_are_those_of_the_formula(schedule, rates) -> None:
    for iteration, rate in rates.items():
        assert float(schedule(iteration)) == pytest.approx(rate, abs=1e-15, rel=1e-15)


@pytest.mark.parametrize(("schedule", "rates"), CASES)
def test_in_a_graph_the_rates_are_the_same(schedule, rates) -> None:
    count = Variable(np.int32(0), "count")
    traced = function(lambda: schedule(count.value))
    for iteration in rates:
        count.assign(np.int32(iteration))
        result = traced()
        assert result.dtype == np.float64
        assert result == pytest.approx(float(schedule(np.int32(iteration))), rel=1e-15, abs=1e-16)


@pytest.mark.parametrize(("schedule", "rates"), CASES)
def test_many_counts_at_once_give_a_curve(schedule, rates) -> None:
    curve = schedule(np.arange(12, dtype=np.int32))
    assert curve.shape == (12,)
    assert curve == pytest.approx([float(schedule(t)) for t in range(12)], rel=1e-14, abs=1e-16)


@pytest.mark.parametrize(("schedule", "rates"), CASES)
def test_config_rebuilds_the_schedule(schedule, rates) -> None:
    again = type(schedule).from_config(schedule.get_config())
    assert again.get_config() == schedule.get_config()
    assert [float(again(t)) for t in rates] == [float(schedule(t)) for t in rates]


def test_a_schedule_of_ones_own_takes_three_lines() -> None:
    class Hyperbolic(LearningRateSchedule):
        def __init__(self, initial: float) -> None:
            self.initial = initial

        def __call__(self, iteration):
            return self.initial / (iteration + 1)

    count = Variable(np.int32(3), "count")
    schedule = Hyperbolic(1.0)
    assert float(function(lambda: schedule(count.value))()) == 0.25
    assert "Hyperbolic(initial=1.0)" in repr(schedule)


def test_without_a_call_the_message_shows_how_to_write_one() -> None:
    with pytest.raises(NotImplementedError, match=re.escape("def __call__(self, iteration)")):
        LearningRateSchedule()(0)


def test_get_takes_schedules_numbers_functions_and_configs() -> None:
    schedule = StepDecay(0.1, 10)
    assert schedules.get(schedule) is schedule
    assert float(schedules.get(0.25)(100)) == 0.25
    assert float(schedules.get(lambda t: 1.0 / (1.0 + t))(3)) == 0.25
    config = {"class_name": "StepDecay", "config": schedule.get_config()}
    assert schedules.get(config).get_config() == schedule.get_config()


def test_glia_optimizers_offers_the_schedules_as_keras_does() -> None:
    assert optimizers.schedules.CosineDecay is CosineDecay
    assert float(optimizers.schedules.get(ops.exp)(0)) == 1.0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Constant(-0.1), ["Constant", "learning_rate", "-0.1", ">= 0"]),
        (lambda: Constant(float("nan")), ["nan", "finite"]),
        (lambda: Constant("0.1"), ["'0.1'", "finite number", "learning_rate=0.01"]),
        (lambda: Constant(True), ["True", "number"]),
        (lambda: StepDecay(0.1, 0), ["StepDecay", "decay_steps", "0", "> 0"]),
        (lambda: StepDecay(0.1, 10, drop=0), ["drop", "> 0", "drop=0.5"]),
        (lambda: ExponentialDecay(0.1, -3, 0.9), ["ExponentialDecay", "decay_steps", "-3"]),
        (lambda: ExponentialDecay(0.1, 3, -0.9), ["decay_rate", "-0.9"]),
        (lambda: CosineDecay(0.1, 0), ["CosineDecay", "decay_steps"]),
        (lambda: CosineDecay(0.1, 10, warmup_steps=5), ["warmup_steps=5", "warmup_target"]),
        (lambda: CosineDecay(0.1, 10, warmup_target=1.0, warmup_steps=-5), ["warmup_steps", "-5"]),
        (
            lambda: PiecewiseConstantDecay([1, 2], [0.1, 0.2]),
            ["2 boundaries", "2 values", "one value more"],
        ),
        (lambda: PiecewiseConstantDecay([2, 1], [0.1, 0.2, 0.3]), ["[2, 1]", "increasing"]),
        (lambda: PiecewiseConstantDecay([2], [0.1, -0.2]), ["values", "-0.2"]),
        (lambda: schedules.get("cosine"), ["schedule 'cosine'", "Did you mean 'CosineDecay'"]),
        (lambda: schedules.get("cosine_decay"), ["CosineDecay(initial_learning_rate=..., decay"]),
        (lambda: schedules.get(StepDecay), ["StepDecay(initial_learning_rate=..., decay_steps"]),
        (lambda: schedules.get(lambda: 0.1), ["one argument", "lambda iteration: 0.1"]),
        (lambda: schedules.get(None), ["None", "finite number"]),
    ],
)
def test_bad_arguments_say_what_was_got_and_the_fix(make, words) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    for word in words:
        assert word in str(caught.value)
