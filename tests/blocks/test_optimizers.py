"""Optimizers: their formulas by hand, clipping, their state, and one of one's own."""

import inspect

import numpy as np
import pytest

from glia import ops
from glia.errors import ArgumentError, NotBuiltError
from glia.function import Loop, function
from glia.graph import Flat, Variable
from glia.optimizers import (
    OPTIMIZERS,
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Optimizer,
    Perceptron,
    RMSprop,
    minimize,
)
from glia.optimizers.schedules import StepDecay

# Each optimizer's first two steps on the parameter 1 with the gradients 2 and -1, by hand.
BY_HAND = {
    "sgd": [
        (SGD(0.1), [0.8, 0.9], {}),
        (SGD(0.1, momentum=0.5), [0.8, 0.8], {"momentum": 0.0}),
        (SGD(0.1, momentum=0.5, nesterov=True), [0.7, 0.8], {"momentum": 0.0}),
        (SGD(0.1, weight_decay=0.5), [0.75, 0.8125], {}),
    ],
    "adagrad": [
        (
            Adagrad(0.3, initial_accumulator_value=5.0, epsilon=0.0),
            [0.8, 0.8 + 0.3 / 10**0.5],
            {"accumulator": 10.0},
        )
    ],
    "rmsprop": [
        (
            RMSprop(0.1, rho=0.5, epsilon=0.25),
            [1 - 0.2 / 1.5, 1 - 0.2 / 1.5 + 0.1 / 1.75**0.5],
            {"velocity": 1.5},
        ),
        (
            RMSprop(0.1, rho=0.5, epsilon=1.25, centered=True),
            [1 - 0.2 / 1.5, 1 - 0.2 / 1.5 + 0.1 / 2.75**0.5],
            {"velocity": 1.5, "average_gradient": 0.0},
        ),
        (
            RMSprop(0.1, rho=0.5, epsilon=0.25, momentum=0.5),
            [1 - 0.2 / 1.5, 1 - 0.2 / 1.5 - 0.1 / 1.5 + 0.1 / 1.75**0.5],
            {"velocity": 1.5, "momentum": 0.1 / 1.5 - 0.1 / 1.75**0.5},
        ),
    ],
    "adam": [
        (
            Adam(0.1, beta_1=0.5, beta_2=0.75, epsilon=0.5),
            [1 - 0.1 * 0.25**0.5 / 0.5 * 1 / 1.5, 1 - 0.1 / 1.5],
            {"momentum": 0.0, "velocity": 1.0},
        ),
        (
            Adam(0.1, beta_1=0.0, beta_2=0.0, epsilon=1.0, amsgrad=True),
            [1 - 0.2 / 3, 1 - 0.2 / 3 + 0.1 / 3],
            {"momentum": -1.0, "velocity": 1.0, "velocity_hat": 4.0},
        ),
    ],
    "adamw": [
        (
            AdamW(0.1, weight_decay=0.5, beta_1=0.0, beta_2=0.0, epsilon=1.0),
            [0.95 - 0.2 / 3, (0.95 - 0.2 / 3) * 0.95 + 0.1 / 2],
            {"momentum": -1.0, "velocity": 1.0},
        )
    ],
    "perceptron": [(Perceptron(), [-1.0, 0.0], {})],
}
CASES = [
    pytest.param(optimizer, points, slots, id=f"{name}-{position}")
    for name, samples in BY_HAND.items()
    for position, (optimizer, points, slots) in enumerate(samples)
]


def flat_of(*arrays) -> Flat:
    return Flat([Variable(np.array(a), f"w{i}") for i, a in enumerate(arrays)])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_has_a_sample(name: str) -> None:
    assert name in BY_HAND, f"add {name} to BY_HAND"
    assert all(type(optimizer) is OPTIMIZERS[name] for optimizer, _, _ in BY_HAND[name])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_docstring_gives_formula_defaults_and_paper(name: str) -> None:
    text = inspect.getdoc(OPTIMIZERS[name])
    for part in ("<-", "Default", "References", "Raises"):
        assert part in text, part
    for argument in inspect.signature(OPTIMIZERS[name]).parameters:
        assert argument in text, argument


@pytest.mark.parametrize(("optimizer", "points", "slots"), CASES)
def test_steps_on_arrays_are_those_worked_out_by_hand(optimizer, points, slots) -> None:
    point = np.array([1.0, 1.0])
    state = optimizer.slots(point)
    for iteration, (gradient, expected) in enumerate(zip([2.0, -1.0], points, strict=True)):
        point, state = optimizer.step(np.full(2, gradient), point, state, iteration)
        assert isinstance(point, np.ndarray)
        assert point == pytest.approx(np.full(2, expected), rel=1e-15, abs=1e-15)
    assert set(state) == set(slots)
    for slot, value in slots.items():
        assert state[slot] == pytest.approx(np.full(2, value), rel=1e-15, abs=1e-15)


@pytest.mark.parametrize(("optimizer", "points", "slots"), CASES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_graph_steps_as_the_arrays_do(optimizer, points, slots, dtype) -> None:
    traced, start = type(optimizer).from_config(optimizer.get_config()), np.array([1, -3], dtype)
    flat = flat_of(start)
    traced.build(flat)
    train = function(traced.apply)
    point, state = start, optimizer.slots(start)
    for iteration in range(4):
        gradient = np.array([2.0, 0.3 * iteration], dtype)
        train(gradient)
        point, state = optimizer.step(gradient, point, state, iteration)
    assert flat.dtype == dtype
    assert np.array_equal(flat.array, point)
    assert int(traced.iterations) == 4
    for slot, value in state.items():
        assert traced.slot_variables[slot].dtype == dtype
        assert np.array_equal(traced.slot_variables[slot].array, value)


@pytest.mark.parametrize(("optimizer", "points", "slots"), CASES)
def test_an_epoch_as_a_scan_steps_as_single_calls_do(optimizer, points, slots) -> None:
    gradients = np.random.default_rng(5).normal(size=(7, 3))
    config = optimizer.get_config() | {"learning_rate": StepDecay(0.1, 3)}
    ends = []
    for first in ([0], [0, 4]):
        trained = type(optimizer)(**config)
        flat = flat_of([1.0, 2.0], [3.0])
        trained.build(flat)

        def step(row, data, trained=trained):
            trained.apply(ops.gather(data[0], row)[0])
            return row

        epoch = Loop(step, is_training=True)
        for start, end in zip(first, [*first[1:], 7], strict=True):
            epoch.run(np.arange(start, end, dtype=np.int32).reshape(-1, 1), (gradients,))
        ends.append(flat.array.copy())
    point = np.array([1.0, 2.0, 3.0])
    single = type(optimizer)(**config)
    state = single.slots(point)
    for iteration, gradient in enumerate(gradients):
        point, state = single.step(gradient, point, state, iteration, sizes=(2, 1))
    assert np.array_equal(ends[0], ends[1])
    assert ends[0] == pytest.approx(point, rel=1e-14)


def test_apply_outside_a_trace_steps_at_once() -> None:
    flat, optimizer = flat_of([1.0, 2.0], [3.0]), SGD(0.5)
    optimizer.build(flat)
    optimizer.apply(np.array([1.0, 1.0, 2.0]))
    assert [member.array.tolist() for member in flat.members] == [[0.5, 1.5], [2.0]]


# The race of the tutorials on x**2 + 3*y**2, from (4, 3), 20 steps at rate 0.1.


def bowl(point):
    return point[0] ** 2 + 3 * point[1] ** 2


@pytest.mark.parametrize(
    ("optimizer", "golden"),
    [
        (SGD(0.1), 0.0021),
        (SGD(0.1, momentum=0.9), 3.177),
        (Adam(0.1, epsilon=1e-8), 8.087),
    ],
)
def test_the_race_ends_at_the_tutorials_losses(optimizer, golden) -> None:
    path, losses = minimize(bowl, (4.0, 3.0), optimizer, steps=20)
    digits = len(str(golden).split(".")[1])
    assert round(float(losses[-1]), digits) == golden
    assert losses[0] == 43.0
    assert path.shape == (21, 2)
    assert path[0].tolist() == [4.0, 3.0]
    assert np.array_equal(losses, [bowl(point) for point in path])


def test_minimize_takes_names_schedules_and_any_shape_and_leaves_the_optimizer_alone() -> None:
    optimizer = SGD(StepDecay(0.4, 1))
    path, losses = minimize(lambda p: ops.sum(p * p), np.ones((2, 3)), optimizer, steps=2)
    assert path.shape == (3, 2, 3)
    assert losses == pytest.approx([6.0, 6 * 0.2**2, 6 * (0.2 * 0.6) ** 2])
    assert int(optimizer.iterations) == 0
    assert optimizer.variables == [optimizer.iterations]
    assert minimize(bowl, [1.0, 1.0], "adam", steps=0).losses.tolist() == [4.0]


@pytest.mark.parametrize("steps", [-1, 2.5, True])
def test_minimize_wants_a_number_of_steps(steps) -> None:
    with pytest.raises(ArgumentError, match=r"steps got .* expected a whole number >= 0"):
        minimize(bowl, [1.0, 1.0], "sgd", steps=steps)


# Clipping.


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [3.0, 4.0, 0.6, -0.8]),
        ({"clipvalue": 0.7}, [0.7, 0.7, 0.6, -0.7]),
        ({"clipnorm": 2.0}, [1.2, 1.6, 0.6, -0.8]),
        ({"global_clipnorm": 26**0.5 / 2}, [1.5, 2.0, 0.3, -0.4]),
        ({"global_clipnorm": 6.0}, [3.0, 4.0, 0.6, -0.8]),
    ],
)
def test_clipping_limits_elements_variables_or_everything(options, expected) -> None:
    gradient = np.array([3.0, 4.0, 0.6, -0.8])
    flat, optimizer = flat_of([0.0, 0.0], [0.0, 0.0]), SGD(1.0, **options)
    optimizer.build(flat)
    function(optimizer.apply)(gradient)
    assert -flat.array == pytest.approx(np.array(expected), rel=1e-15)


@pytest.mark.parametrize("option", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_a_gradient_of_zeros_stays_zero(option) -> None:
    assert SGD(1.0, **{option: 0.5}).clip(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("option", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_a_nan_in_the_gradient_stays_visible(option) -> None:
    clipped = SGD(1.0, **{option: 0.5}).clip(np.array([np.nan, 1.0]))
    assert np.isnan(clipped[0])


@pytest.mark.parametrize("option", ["clipnorm", "global_clipnorm"])
def test_an_infinite_norm_does_not_look_like_convergence(option) -> None:
    with np.errstate(over="ignore"):
        clipped = SGD(1.0, **{option: 0.5}).clip(np.full(2, 1e30, np.float32))
    assert np.isnan(clipped).all()


def test_only_one_kind_of_clipping_may_be_set() -> None:
    with pytest.raises(ArgumentError) as caught:
        Adam(clipnorm=1.0, clipvalue=0.5)
    for part in ("Adam", "clipnorm=1.0", "clipvalue=0.5", "only one", "global_clipnorm"):
        assert part in str(caught.value)


def test_a_steady_gradient_does_not_turn_centered_rmsprop_into_nan() -> None:
    optimizer = RMSprop(0.01, centered=True)
    point, slots = np.zeros(64, np.float32), optimizer.slots(np.zeros(64, np.float32))
    gradient = np.linspace(100, 200, 64, dtype=np.float32)
    for iteration in range(300):
        point, slots = optimizer.step(gradient, point, slots, iteration)
    assert np.isfinite(point).all()


# State.


def test_variables_are_the_counter_the_rate_and_the_slots() -> None:
    optimizer = Adam(0.01)
    assert [v.name for v in optimizer.variables] == ["adam/iterations", "adam/learning_rate"]
    optimizer.build(flat_of([1.0, 2.0], [3.0]))
    assert [v.name for v in optimizer.variables] == [
        "adam/iterations",
        "adam/learning_rate",
        "adam/momentum",
        "adam/velocity",
    ]
    assert [v.shape for v in optimizer.variables] == [(), (), (3,), (3,)]
    assert not any(v.trainable for v in optimizer.variables)


def test_unused_slots_are_not_kept() -> None:
    for optimizer in (SGD(0.1), SGD(0.1, nesterov=True)):
        optimizer.build(flat_of([1.0]))
        assert optimizer.slot_variables == {}


def test_building_again_for_the_same_variables_keeps_the_slots() -> None:
    flat, optimizer = flat_of([1.0, 2.0]), SGD(0.1, momentum=0.9)
    optimizer.build(flat)
    optimizer.apply(np.array([1.0, 1.0]))
    optimizer.build(Flat(flat.members))
    assert optimizer.slot_variables["momentum"].array.tolist() == [-0.1, -0.1]
    optimizer.apply(np.array([0.0, 0.0]))
    assert flat.members[0].array == pytest.approx(np.array([0.81, 1.81]))


def test_building_for_another_model_is_an_error_with_the_way_out() -> None:
    optimizer = Adam()
    optimizer.build(flat_of([1.0, 2.0], [3.0]))
    with pytest.raises(ArgumentError) as caught:
        optimizer.build(flat_of([1.0, 2.0]))
    for part in (
        "Adam was built for 2 variables with 3 parameters (w0, w1)",
        "1 variables with 2 parameters (w0)",
        "Adam.from_config(optimizer.get_config())",
    ):
        assert part in str(caught.value)


def test_an_optimizer_without_a_model_says_so() -> None:
    with pytest.raises(NotBuiltError, match="Adam has no parameters to update yet"):
        Adam().apply(np.zeros(2))


# One's own.


class SignDescent(Optimizer):
    def update(self, gradient, parameter, slots, iteration, learning_rate):
        return parameter - learning_rate * ops.sign(gradient), slots


def test_an_optimizer_of_ones_own_takes_three_lines() -> None:
    flat, optimizer = flat_of([1.0, -1.0]), SignDescent(0.5, clipvalue=1.0)
    optimizer.build(flat)
    function(optimizer.apply)(np.array([30.0, -0.1]))
    assert flat.array.tolist() == [0.5, -0.5]


def test_an_optimizer_without_update_or_with_other_slots_is_told_so() -> None:
    class Empty(Optimizer):
        pass

    class Forgetful(Optimizer):
        def slots(self, parameter):
            return {"memory": parameter}

        def update(self, gradient, parameter, slots, iteration, learning_rate):
            return parameter, {}

    optimizer = Forgetful(0.1)
    optimizer.build(flat_of([1.0]))
    with pytest.raises(NotImplementedError, match=r"Empty has no update: write def update\("):
        Empty(0.1).step(np.ones(1), np.ones(1), {}, 0)
    with pytest.raises(ArgumentError, match=r"Forgetful.update returned the slots \[\]; .*memory"):
        optimizer.apply(np.ones(1))
