"""Random graphs, their gradients and random loops: the engines agree on all of them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.agreement import HOST_LEVELS, agree, compare
from tests.engines.random_graphs import Program, Sizes

from glia import dtypes, ops
from glia.autodiff import gradients
from glia.engines import Cpu, Reference
from glia.function import Traced
from glia.graph import Flat, Spec, Variable

# Graphs a hundred times longer were tried once; these are the size that fits a test run.
often = settings(max_examples=50, suppress_health_check=list(HealthCheck))
STEPS = 4
SHAPES = [(3, 4), (3, 4), (4,), (4, 3), (), (3, 3), (3, 3), (2, 3)]


@pytest.fixture(autouse=True)
def _double():
    dtypes.set_dtype("float64")
    yield
    dtypes.set_dtype("float32")


class Draws:
    """Choices drawn by hypothesis, and values that follow from them."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self.values = np.random.default_rng(self.pick(1000))

    def pick(self, count: int) -> int:
        return self.data.draw(st.integers(0, count - 1))

    def arrays(self) -> list[Any]:
        shapes = [[Sizes[self.pick(len(Sizes))] for _ in range(self.pick(4))] for _ in range(3)]
        return [self.values.normal(size=shape) for shape in shapes]

    def variables(self) -> list[Variable]:
        return [Variable(self.values.normal(size=shape)) for shape in SHAPES[: self.pick(9)]]

    def some(self, values: list[Any]) -> list[Any]:
        """Some of the values, one of them twice: inputs, constants and views among them."""
        chosen = [values[self.pick(len(values))] for _ in range(min(len(values), 6))]
        return [*chosen, chosen[0]]


@often
@given(st.data())
def test_graphs(data: Any) -> None:
    draws = Draws(data)
    variables = draws.variables()
    level = [None, *HOST_LEVELS][draws.pick(1 + len(HOST_LEVELS))]

    def program(*xs: Any) -> list[Any]:
        return draws.some(Program(draws.pick, variables).run(list(xs), 10))

    agree(program, *draws.arrays(), tolerance=1e-9, levels=[level])


@often
@given(st.data())
def test_gradients(data: Any) -> None:
    draws = Draws(data)

    def program(*xs: Any) -> list[Any]:
        values = Program(draws.pick, []).run(list(xs), 6)
        loss: Any = 0.0
        for value in values:
            loss = loss + ops.mean(ops.tanh(value))
        return [loss, *gradients(loss, list(xs), missing="zeros")]

    agree(program, *draws.arrays(), tolerance=1e-8)


@often
@given(st.data())
def test_loops_in_place(data: Any) -> None:
    """Steps that read, assign and exchange Variables, stopped after some of them."""
    draws = Draws(data)
    variables = draws.variables()
    if len(variables) > 1 and draws.pick(3) == 0:
        variables.append(Flat(variables[:2]))
    rows = draws.values.integers(0, 6, (STEPS, 1 + draws.pick(4))).astype(np.int32)
    arrays = [rows, draws.values.normal(size=(6, 3)), draws.values.normal(size=6)]
    stop = draws.pick(STEPS)

    def step(row: Any, given: Any) -> list[Any]:
        program = Program(draws.pick, variables)
        batch = [ops.gather(each, row) for each in given]
        values = program.run([*batch, *[each.value for each in variables]], 6)
        for _ in range(draws.pick(4) if variables else 0):
            program.assign(values)
        if variables and draws.pick(2):
            one, other = program.one_of(variables), program.one_of(variables)
            if one.shape == other.shape:
                before = one.value
                one.assign(other.value)
                other.assign(before)
        return draws.some(values)

    def whole(symbols: list[Any]) -> Any:
        row, *given = symbols
        return ops.scan(lambda _, each: ([], step(each, given)), [], row)[1]

    record = Traced(whole, [Spec(each.shape, each.dtype) for each in arrays], True)
    ends = []
    for engine in (Reference(), Cpu()):
        inputs = [np.array(each) for each in record.inputs(arrays)]
        held = {id(v): inputs[len(arrays) + i] for i, v in enumerate(record.reads)}
        run, at, outputs = engine.compile_loop(record.plan), 0, []
        while at < STEPS:
            if engine.name == "cpu":
                run._memory.arena[:] = 0xFF  # nothing may be left from before
            at, results = run(inputs, at, 0.0 if at < stop else None)
            outputs.append([np.array(each) for each in results[: record.count]])
            for variable, new in zip(record.writes, results[record.count :], strict=True):
                held[id(variable)][...] = new
        stacked = [np.concatenate(each) for each in zip(*outputs, strict=True)]
        ends.append([*stacked, *inputs])
    for expected, found in zip(*ends, strict=True):
        compare(found, expected, 1e-8)
