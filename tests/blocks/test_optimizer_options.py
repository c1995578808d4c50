"""Optimizers' options: the learning rate and its schedules, names, configs, and what is refused."""

import re

import numpy as np
import pytest

from glia.errors import ArgumentError
from glia.function import function
from glia.graph import Flat, Variable
from glia.optimizers import OPTIMIZERS, SGD, Adagrad, Adam, AdamW, RMSprop, get
from glia.optimizers.schedules import CosineDecay, StepDecay


def flat_of(*arrays) -> Flat:
    return Flat([Variable(np.array(a), f"w{i}") for i, a in enumerate(arrays)])


def test_the_learning_rate_is_read_back_as_it_was_set() -> None:
    optimizer = Adam(learning_rate=0.003)
    assert float(optimizer.learning_rate) == 0.003
    optimizer.learning_rate = 1
    assert float(optimizer.learning_rate) == 1.0
    optimizer.learning_rate = optimizer.learning_rate * 0.5
    assert float(optimizer.learning_rate) == 0.5
    optimizer.learning_rate = np.float32(0.25)
    assert optimizer.get_config()["learning_rate"] == 0.25


def test_a_compiled_step_follows_a_new_learning_rate() -> None:
    flat, optimizer = flat_of([0.0]), SGD(1.0)
    optimizer.build(flat)
    train = function(optimizer.apply)
    train(np.array([1.0]))
    optimizer.learning_rate = 0.25
    train(np.array([1.0]))
    assert flat.array.tolist() == [-1.25]


def test_a_compiled_step_follows_its_schedule() -> None:
    flat, optimizer = flat_of([0.0]), SGD(StepDecay(1.0, 2, drop=0.5))
    optimizer.build(flat)
    train = function(optimizer.apply)
    positions = []
    for _ in range(5):
        train(np.array([1.0]))
        positions.append(float(-flat.array[0]))
    assert positions == [1.0, 2.0, 2.5, 3.0, 3.25]
    assert float(optimizer.learning_rate) == 0.25


def test_a_function_of_the_update_count_is_a_schedule() -> None:
    optimizer = SGD(lambda iteration: 1.0 / (iteration + 1))
    point, _ = optimizer.step(np.ones(1), np.zeros(1), {}, 3)
    assert point.tolist() == [-0.25]


@pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf"), "0.1", True, None])
def test_a_wrong_learning_rate_is_refused_when_made_and_when_set(rate) -> None:
    with pytest.raises(ArgumentError, match=re.escape(f"learning_rate got {rate!r}")):
        SGD(learning_rate=rate)
    optimizer = SGD(0.1)
    with pytest.raises(ArgumentError, match=r"Write for example learning_rate=0\.01"):
        optimizer.learning_rate = rate
    assert float(optimizer.learning_rate) == 0.1


def test_a_word_for_a_learning_rate_is_taken_for_a_schedule_and_refused() -> None:
    with pytest.raises(ArgumentError, match=r"unknown learning-rate schedule 'fast'. .*StepDecay"):
        SGD(learning_rate="fast")


def test_a_scheduled_learning_rate_cannot_be_set_by_hand() -> None:
    optimizer = SGD(CosineDecay(0.1, 100))
    with pytest.raises(ArgumentError, match=r"follows CosineDecay\(.*cannot be set to 0.5"):
        optimizer.learning_rate = 0.5


def test_a_schedule_cannot_replace_a_number_behind_a_compiled_step() -> None:
    optimizer = SGD(0.1)
    with pytest.raises(ArgumentError, match=r"SGD\(learning_rate=schedule\), and compile again"):
        optimizer.learning_rate = CosineDecay(0.1, 100)


# Options.


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SGD(momentum=1.5), ["SGD", "momentum", "1.5", "<= 1", "momentum=0.9"]),
        (lambda: SGD(momentum=-0.5), ["momentum", "-0.5", ">= 0"]),
        (lambda: RMSprop(rho="0.9"), ["RMSprop", "rho", "'0.9'"]),
        (lambda: RMSprop(epsilon=-1e-7), ["epsilon", "-1e-07"]),
        (lambda: Adagrad(initial_accumulator_value=-1), ["initial_accumulator_value", "-1"]),
        (lambda: Adam(beta_1=1.0), ["Adam", "beta_1", "< 1", "beta_1=0.9"]),
        (lambda: Adam(beta_2=1.2), ["beta_2", "1.2"]),
        (lambda: AdamW(weight_decay=None), ["AdamW", "weight_decay", "None", "use Adam"]),
        (lambda: SGD(weight_decay=-0.1), ["SGD", "weight_decay", "-0.1"]),
        (lambda: SGD(clipnorm=0), ["clipnorm", "> 0", "clipnorm=1.0"]),
        (lambda: SGD(clipvalue=-2.0), ["clipvalue", "-2.0"]),
        (lambda: SGD(global_clipnorm="big"), ["global_clipnorm", "'big'"]),
    ],
)
def test_bad_options_say_what_was_got_and_the_fix(make, words) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_names_classes_objects_and_configs_stand_for_optimizers(name: str) -> None:
    kind = OPTIMIZERS[name]
    assert type(get(name)) is type(get(kind.__name__)) is type(get(kind)) is kind
    optimizer = kind(learning_rate=0.125)
    assert get(optimizer) is optimizer
    again = get({"class_name": kind.__name__, "config": optimizer.get_config()})
    assert again.get_config() == optimizer.get_config()
    assert f"{kind.__name__}(learning_rate=0.125" in repr(optimizer)


def test_a_config_keeps_options_and_schedule() -> None:
    optimizer = SGD(StepDecay(0.5, 3), momentum=0.75, nesterov=True, clipnorm=2.0, name="mine")
    again = SGD.from_config(optimizer.get_config())
    assert (again.momentum, again.nesterov, again.clipnorm, again.name) == (0.75, True, 2.0, "mine")
    assert float(again.learning_rate) == 0.5
    assert repr(again) == (
        "SGD(learning_rate=StepDecay(initial_learning_rate=0.5, decay_steps=3), momentum=0.75, "
        "nesterov=True, clipnorm=2.0)"
    )


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(ArgumentError, match=r"unknown optimizer 'adm'. Did you mean 'adam'\?"):
        get("adm")
    with pytest.raises(ArgumentError, match=r"optimizer got 3; expected a name such as 'adam'"):
        get(3)
