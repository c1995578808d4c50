"""Loop: an epoch as one scan, the same bits as the loop of steps, in resumable pieces."""

import numpy as np
import pytest
from tests.ops.values import anywhere

from glia import errors, ops, random
from glia.autodiff import gradients
from glia.function import Loop, function
from glia.graph import Flat, Variable

X, Y = anywhere((24, 3)).astype(np.float32), anywhere((24, 1), 1).astype(np.float32)
ROWS = np.random.default_rng(0).permutation(24).astype(np.int32).reshape(6, 4)
PAST = 0.0  # a deadline that is over: one step is run


pytestmark = pytest.mark.usefixtures("every_engine")


class Network:
    """A small network with an optimizer slot, moving statistics and dropout."""

    def __init__(self):
        self.w1 = Variable(anywhere((3, 5), 2).astype(np.float32), "w1")
        self.w2 = Variable(anywhere((5, 1), 3).astype(np.float32), "w2")
        self.flat = Flat([self.w1, self.w2])
        self.speed = Variable(np.zeros(20, np.float32), "speed", trainable=False)
        self.seen = Variable(np.zeros(5, np.float32), "seen", trainable=False)
        self.count = Variable(np.array(0, np.int32), "count", trainable=False)
        self.draw = random.Generator(5)

    @property
    def state(self):
        held = self.flat, self.speed, self.seen, self.count, self.draw.state
        return [each.array.tobytes() for each in held]

    def step(self, row, data):
        x, y = (ops.gather(each, row) for each in data)
        hidden = ops.tanh(x @ self.w1)
        keep = self.draw.uniform(hidden.shape) < 0.8
        self.seen.assign(self.seen * 0.9 + ops.mean(hidden, 0) * 0.1)
        loss = ops.mean((ops.where(keep, hidden / 0.8, 0.0) @ self.w2 - y) ** 2)
        (gradient,) = gradients(loss, [self.flat])
        self.speed.assign(self.speed * 0.9 - gradient * 0.05)
        self.flat.assign(self.flat + self.speed)
        self.count.assign(self.count + 1)
        return {"loss": loss, "hits": (ops.sum(ops.cast(keep, "int32")), row)}


@pytest.fixture
def by_steps(every_engine):
    network = Network()
    step = function(network.step)
    return network, [step(row, (X, Y)) for row in ROWS]


def test_an_epoch_is_bit_identical_to_the_loop_of_steps(by_steps):
    reference, losses = by_steps
    network = Network()
    following, outputs = Loop(network.step, is_training=True).run(ROWS, (X, Y))
    assert following == 6
    assert network.state == reference.state
    assert outputs["loss"].tobytes() == np.stack([each["loss"] for each in losses]).tobytes()
    assert outputs["hits"][0].tolist() == [int(each["hits"][0]) for each in losses]
    assert np.array_equal(outputs["hits"][1], ROWS)
    assert int(network.count) == 6


def test_it_may_stop_after_any_step_and_continue(by_steps):
    reference, losses = by_steps
    network = Network()
    loop = Loop(network.step, is_training=True)
    following, pieces = 0, []
    while following < 6:
        before = following
        following, outputs = loop.run(ROWS, (X, Y), first=following, deadline=PAST)
        assert following == before + 1
        assert outputs["loss"].shape == (1,)
        pieces.append(float(outputs["loss"][0]))
    assert pieces == [float(each["loss"]) for each in losses]
    assert network.state == reference.state


@pytest.mark.parametrize("first", range(6))
def test_it_may_begin_at_any_step(first, by_steps):
    reference, losses = by_steps
    network = Network()
    loop = Loop(network.step, is_training=True)
    if first:
        loop.run(ROWS[:first], (X, Y))
    following, outputs = loop.run(ROWS, (X, Y), first=first)
    assert following == 6
    assert outputs["loss"].tolist() == [float(each["loss"]) for each in losses[first:]]
    assert network.state == reference.state


def test_a_tail_of_fewer_rows_is_another_trace_of_the_same_loop():
    network = Network()
    loop = Loop(network.step, is_training=True)
    loop.run(ROWS, (X, Y))
    following, outputs = loop.run(np.array([[0, 1]]), (X, Y))  # int64, as NumPy makes it
    assert (following, outputs["hits"][1].tolist()) == (1, [[0, 1]])
    assert int(network.count) == 7
    assert loop.trace(np.array([[0, 1]]), (X, Y)).plan.flops > 0


def test_what_a_step_may_return():
    count = Variable(np.array(0, np.int32))

    def nothing(row, data):
        count.assign(count + 1)

    assert Loop(nothing, is_training=False).run(np.zeros((3, 2), np.int32), ()) == (3, None)
    assert count.array == 3
    constant = Loop(lambda row, data: 1.5, is_training=False)
    assert constant.run(np.zeros((3, 2), np.int32), ())[1].tolist() == [1.5] * 3
    twice = Loop(lambda row, data: (row * 2, row * 2), is_training=False)
    _, (one, other) = twice.run(np.array([[1], [2]], np.int32), ())
    one[:] = 0
    assert other.tolist() == [[2], [4]]
    with pytest.raises(errors.ArgumentError, match="returns nothing and assigns no Variable"):
        Loop(lambda row, data: None, is_training=False).run(np.zeros((3, 2), np.int32), ())


@pytest.mark.parametrize("first", [-1, 6, 7])
def test_steps_that_are_not_there(first):
    loop = Loop(lambda row, data: row, is_training=False)
    with pytest.raises(errors.ArgumentError, match=f"got first={first} of 6 steps"):
        loop.run(ROWS, (), first=first)


def test_results_do_not_alias_variables():
    network = Network()
    loop = Loop(network.step, is_training=True)
    _, outputs = loop.run(ROWS, (X, Y))
    kept = network.state
    outputs["loss"][:] = 0
    assert network.state == kept
    assert np.shares_memory(network.w1.array, network.flat.array)


def test_an_epoch_is_one_scan_carrying_only_variables():
    network = Network()
    plan = Loop(network.step, is_training=True).trace(ROWS, (X, Y)).plan
    scans = [node for node in plan.nodes if node.op.name == "scan"]
    assert len(scans) == 1
    assert scans[0].attributes["carries"] == 5
    assert all(output.node is scans[0] for output in plan.outputs)


def test_regrouping_the_weights_is_noticed():
    network = Network()
    loop = Loop(lambda row, data: ops.sum(network.flat.members[0].value), is_training=False)
    before = float(loop.run(ROWS, ())[1][0])
    Flat([network.w1])
    network.w1.array[:] = 2
    assert float(loop.run(ROWS, ())[1][0]) == 30 != before


def test_an_index_out_of_range_stops_the_epoch(every_engine):
    network = Network()
    loop = Loop(network.step, is_training=True)
    before = network.state
    with pytest.raises(errors.DataError, match="index 24 is outside"):
        loop.run(ROWS + 1, (X, Y))
    if every_engine == "reference":  # native code updates in place, step by step
        assert network.state == before
