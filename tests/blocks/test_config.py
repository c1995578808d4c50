"""Config, printed form and names, all read from the constructor's signature."""

import json

import numpy as np
import pytest

from glia.activations import ACTIVATIONS
from glia.config import Configurable, arguments_of, checked_number, find, instance, plain
from glia.errors import ArgumentError


class Root(Configurable):
    def __init__(self, *, trainable=True, name=None):
        self.trainable = trainable
        self.name = name


class Leaf(Root):
    def __init__(self, units, rate=0.5, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.rate = rate
        self.activation = activation


class Closed(Leaf):
    def __init__(self, size):
        super().__init__(units=size)
        self.size = size


class Forgetful(Configurable):
    def __init__(self, rate):
        self.speed = rate


def test_arguments_follow_keywords_passed_on():
    assert list(arguments_of(Leaf)) == ["units", "rate", "activation", "trainable", "name"]
    assert list(arguments_of(Closed)) == ["size"]
    assert list(arguments_of(Configurable)) == []


def test_config_is_plain_and_rebuilds_the_object():
    leaf = Leaf(np.int64(3), rate=Leaf(1), activation=ACTIVATIONS["relu"], name="a")
    config = leaf.get_config()
    assert config["units"] == 3
    assert config["activation"] == "relu"
    assert config["rate"] == {"class_name": "Leaf", "config": Leaf(1).get_config()}
    assert json.loads(json.dumps(config)) == config
    assert Leaf.from_config(config).get_config() == config


def test_plain_values():
    assert plain(np.arange(3)) == [0, 1, 2]
    assert plain((1, np.float64(2))) == (1, 2.0)
    assert plain({"a": [np.dtype("float32")]}) == {"a": ["float32"]}


def test_printed_form_shows_what_differs_from_the_defaults():
    assert repr(Leaf(3)) == "Leaf(units=3)"
    assert repr(Leaf(3, activation=ACTIVATIONS["tanh"], trainable=False)) == (
        "Leaf(units=3, activation='tanh', trainable=False)"
    )
    assert repr(Leaf(np.zeros((4, 4)))) == "Leaf(units=<array (4, 4) float64>)"
    assert repr(Leaf(3, rate=np.array([0.5, 0.5]))) == "Leaf(units=3, rate=array([0.5, 0.5]))"
    assert repr(Forgetful(3)) == "Forgetful()"


def test_a_forgotten_argument_is_named():
    with pytest.raises(ArgumentError, match=r"Forgetful takes .*'rate'.*write self\.rate = rate"):
        Forgetful(3).get_config()
    with pytest.raises(ArgumentError, match=r"unknown argument of Leaf 'unts'.*'units'"):
        Leaf.from_config({"unts": 3})


def test_find_takes_any_spelling():
    table = {"he_normal": 1, "l1_l2": 2}
    for spelling in ("he_normal", "HeNormal", "he-normal", "HENORMAL", "He Normal"):
        assert find("initializer", spelling, table) == 1
    assert find("regularizer", "L1L2", table) == 2
    assert find("initializer", "Kaiming", table, {"kaiming": "he_normal"}) == 1
    with pytest.raises(ArgumentError, match=r"unknown initializer 'he_norml'.*'he_normal'"):
        find("initializer", "he_norml", table)


def test_instance_of_names_classes_objects_and_configs():
    table = {"leaf": Leaf, "root": Root}
    made = Root()
    assert instance("part", made, Root, table) is made
    assert type(instance("part", "ROOT", Root, table)) is Root
    assert type(instance("part", Root, Root, table)) is Root
    rebuilt = instance("part", {"class_name": "Leaf", "config": {"units": 2}}, Root, table)
    assert rebuilt.units == 2
    assert instance("part", len, Root, table) is None
    assert instance("part", {"units": 2}, Root, table) is None
    for needy in ("leaf", Leaf):
        with pytest.raises(ArgumentError, match=r"part Leaf needs arguments.*Leaf\(units=\.\.\.\)"):
            instance("part", needy, Root, table)


@pytest.mark.parametrize("bad", ["0.1", None, True, float("nan"), float("inf"), -0.1, [1], 2])
def test_a_number_out_of_range_is_refused(bad):
    with pytest.raises(ArgumentError) as caught:
        checked_number("Dropout", "rate", bad, high=1.0, example=0.5)
    message = f"Dropout: rate got {bad!r}; expected a finite number >= 0 and <= 1. "
    assert str(caught.value) == message + "Write for example rate=0.5"


def test_good_numbers_become_floats():
    assert checked_number("A", "b", np.float32(0.5), example=1) == 0.5
    assert type(checked_number("A", "b", 3, example=1)) is float
    assert checked_number("A", "b", -3, low=-np.inf, example=1) == -3
    with pytest.raises(ArgumentError, match=r"expected a finite number > 0\. "):
        checked_number("A", "b", 0, is_low_allowed=False, example=1)
    with pytest.raises(ArgumentError, match=r"expected a finite number\. "):
        checked_number("A", "b", "x", low=-np.inf, example=1)
