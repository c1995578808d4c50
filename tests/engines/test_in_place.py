"""Variables written over while they are still read: every way that could go wrong."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.engines.agreement import compare

from glia import dtypes, ops
from glia.engines import current_engine, set_engine
from glia.function import Loop, function
from glia.graph import Flat, Variable

ROWS = np.arange(12, dtype=np.int32).reshape(4, 3) % 5


@pytest.fixture(autouse=True)
def _double():
    before = current_engine().name
    dtypes.set_dtype("float64")
    yield
    dtypes.set_dtype("float32")
    set_engine(before)


class State:
    """A few Variables: two of one shape, its transpose, a square, a vector, a scalar, a count."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.a, self.b = Variable(rng.normal(size=(3, 4))), Variable(rng.normal(size=(3, 4)))
        self.c, self.q = Variable(rng.normal(size=(4, 3))), Variable(rng.normal(size=(3, 3)))
        self.v, self.s = Variable(rng.normal(size=4)), Variable(np.array(0.5))
        self.n = Variable(np.array([1, -7, 2**31 - 1], np.int32))
        self.flat = Flat([Variable(rng.normal(size=(2, 3))), Variable(rng.normal(size=5))])

    @property
    def arrays(self) -> list[Any]:
        held = self.a, self.b, self.c, self.q, self.v, self.s, self.n, self.flat
        return [np.array(each.array) for each in held]


def swap(t: State, row: Any) -> Any:
    a, b = t.a.value, t.b.value
    t.a.assign(b)
    t.b.assign(a)
    return a - b


def rotate(t: State, row: Any) -> None:
    a, b = t.a.value, t.b.value
    t.a.assign(ops.transpose(t.c.value))
    t.b.assign(a)
    t.c.assign(ops.transpose(b))


def read_old_and_new(t: State, row: Any) -> Any:
    old = t.a.value
    t.a.assign(old * 0.5 + 1.0)
    return old, t.a.value, old - t.a.value


def transposed_with_itself(t: State, row: Any) -> Any:
    t.q.assign(ops.tanh(t.q + ops.transpose(t.q.value)))
    return t.q.value


def product_with_itself(t: State, row: Any) -> Any:
    t.q.assign(ops.tanh(t.q @ t.q))


def product_and_itself(t: State, row: Any) -> Any:
    t.q.assign(ops.tanh(ops.transpose(t.q.value) @ t.q.value + t.q))


def assigned_then_multiplied(t: State, row: Any) -> Any:
    before = t.a @ t.c
    t.c.assign(t.c - 0.1)
    t.q.assign(ops.tanh(before))
    return before + t.a @ t.c


def row_of_itself(t: State, row: Any) -> None:
    t.a.assign(t.a - t.a[:1])
    t.b.assign(ops.broadcast_to(t.b[2], (3, 4)))


def flipped(t: State, row: Any) -> Any:
    t.v.assign(ops.flip(t.v.value, 0))
    t.a.assign(t.a[::-1, ::-1])


def shifted(t: State, row: Any) -> None:
    t.v.assign(ops.concatenate([t.v[1:], t.v[:1]]))
    t.a.assign(ops.concatenate([t.a[:, 1:], t.a[:, :1]], 1))


def centred(t: State, row: Any) -> Any:
    t.a.assign(t.a - ops.mean(t.a.value, 0))
    t.v.assign(t.v / ops.sum(ops.absolute(t.v.value)))
    t.s.assign(ops.sum(t.v.value) * t.s)


def each_by_the_other(t: State, row: Any) -> None:
    a = t.a.value
    t.a.assign(a * ops.tanh(ops.sum(t.b.value)))
    t.b.assign(t.b * ops.tanh(ops.sum(a)))


def same_for_both(t: State, row: Any) -> Any:
    x = ops.sin(t.a + t.b)
    t.a.assign(x)
    t.b.assign(x)
    return x, x


def constants(t: State, row: Any) -> Any:
    t.v.assign(np.arange(4.0))
    t.s.assign(2.0)
    t.q.assign(ops.zeros((3, 3), "float64"))
    return np.ones(3), row


def rows_of_itself(t: State, row: Any) -> None:
    t.q.assign(ops.gather(t.q.value, row % 3 if isinstance(row, int) else ops.minimum(row, 2)))
    t.v.assign(ops.cumsum(t.v.value) / 4)


def order_of_itself(t: State, row: Any) -> None:
    """argsort has no machine code: the reference rule reads and writes in between."""
    t.v.assign(ops.gather(t.v.value, ops.argsort(t.v.value)) + 0.1)


def loop_over_itself(t: State, row: Any) -> Any:
    def inner(h: Any, x: Any) -> Any:
        return ops.tanh(h @ t.q + x), h

    last, hs = ops.scan(inner, t.a[:, :3], ops.stack([t.b[:, 1:], t.a[:, 1:]]))
    t.q.assign(last)
    return hs


def assigned_in_an_inner_loop(t: State, row: Any) -> Any:
    def inner(_: Any, x: Any) -> Any:
        t.v.assign(t.v * 0.5 + x)
        t.s.assign(t.s + ops.sum(t.v.value))
        return [], t.s.value

    return ops.scan(inner, [], t.a.value)[1], t.v.value


def exchanged_in_an_inner_loop(t: State, row: Any) -> Any:
    def inner(state: Any, _: Any) -> Any:
        x, y, z = state
        return (y, z, x), x - y

    (x, y, z), ys = ops.scan(inner, (t.a.value, t.b.value, t.a * 2.0), None, length=4)
    t.a.assign(y)
    t.b.assign(z)
    return x, ys


def wrapping(t: State, row: Any) -> Any:
    t.n.assign(t.n * 3 + 1)
    return ops.cast(t.n.value, "uint8"), ops.cast(t.n.value, "uint32"), t.n > 0


def pieces_of_flat(t: State, row: Any) -> Any:
    first, second = (member.value for member in t.flat.members)
    t.flat.assign(ops.concatenate([ops.reshape(first * 0.5, (-1,)), second + ops.sum(first)]))
    return first, t.flat.value


def taken_and_left(t: State, row: Any) -> Any:
    t.a.assign(ops.where(t.a > 0.1, t.b.value, t.a.value))
    t.b.assign(ops.where(t.a > 0.1, t.a.value, t.b.value) - ops.transpose(t.c.value))


STEPS: list[Callable[[State, Any], Any]] = [
    swap,
    rotate,
    read_old_and_new,
    transposed_with_itself,
    product_with_itself,
    product_and_itself,
    assigned_then_multiplied,
    row_of_itself,
    flipped,
    shifted,
    centred,
    each_by_the_other,
    same_for_both,
    constants,
    rows_of_itself,
    order_of_itself,
    loop_over_itself,
    assigned_in_an_inner_loop,
    exchanged_in_an_inner_loop,
    wrapping,
    pieces_of_flat,
    taken_and_left,
]
every_step = pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)


def flattened(tree: Any) -> list[Any]:
    if isinstance(tree, (tuple, list)):
        return [leaf for branch in tree for leaf in flattened(branch)]
    return [] if tree is None else [np.asarray(tree)]


@every_step
def test_in_an_epoch(step: Callable[[State, Any], Any]) -> None:
    ends = []
    for engine in ("reference", "cpu"):
        set_engine(engine)
        state = State()
        loop = Loop(lambda row, data, t=state: step(t, row), is_training=True)
        at, found = 0, []
        while at < len(ROWS):
            at, outputs = loop.run(ROWS, (), at, deadline=0.0 if at == 0 else None)
            found += flattened(outputs)
        ends.append([*found, *state.arrays])
    for expected, other in zip(*ends, strict=True):
        compare(other, expected)


@every_step
def test_in_a_call(step: Callable[[State, Any], Any]) -> None:
    ends = []
    for engine in ("reference", "cpu"):
        set_engine(engine)
        state, found = State(), []
        call = function(lambda row, t=state: step(t, row))
        for row in ROWS:
            found += flattened(call(row))
        ends.append([*found, *state.arrays])
    for expected, other in zip(*ends, strict=True):
        compare(other, expected)


def test_all_steps_one_after_another() -> None:
    """One graph with every hazard at once."""
    ends = []
    for engine in ("reference", "cpu"):
        set_engine(engine)
        state = State()

        def every(row: Any, data: Any, t: State = state) -> Any:
            return [flat for step in STEPS for flat in (step(t, row),) if flat is not None]

        _, outputs = Loop(every, is_training=True).run(ROWS, ())
        ends.append([*flattened(outputs), *state.arrays])
    for expected, other in zip(*ends, strict=True):
        compare(other, expected, 1e-9)


def test_data_that_are_a_variables_own_array() -> None:
    """What an epoch reads as data stays as it was, also where it is a Variable's memory."""
    ends = []
    for engine in ("reference", "cpu"):
        set_engine(engine)
        state = State()

        def step(row: Any, data: Any, t: State = state) -> Any:
            batch = ops.gather(data[0], ops.minimum(row, 2))
            t.a.assign(t.a + ops.mean(batch))
            return ops.sum(batch) + ops.sum(data[0])

        _, sums = Loop(step, is_training=True).run(ROWS, (state.a.array,))
        _, more = Loop(step, is_training=True).run(ROWS, (state.a.array[:, ::2],))
        ends.append([sums, more, *state.arrays])
    for expected, other in zip(*ends, strict=True):
        compare(other, expected)
