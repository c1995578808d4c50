"""Whole networks: one step from each of fifty identical states, as a call and in place."""

from typing import Any

import numpy as np
import pytest
from tests.engines.agreement import HOST_LEVELS, compare
from tests.engines.networks import NETWORKS, ROWS

from glia import dtypes, ops, random
from glia.autodiff import gradients
from glia.dtypes import is_float
from glia.engines import Cpu, Reference
from glia.function import Traced
from glia.graph import Flat, Spec

STATES = 50
BATCH = 16


@pytest.fixture(autouse=True)
def _dtype():
    yield
    dtypes.set_dtype("float32")


class Training:
    """A network about to be trained: its step, and the rows of fifty batches."""

    def __init__(self, name: str, dtype: str) -> None:
        dtypes.set_dtype(dtype)
        random.seed(0)
        rng, network = np.random.default_rng(0), NETWORKS[name]
        x, y = network.x(rng), network.y(rng)
        self.data = [each.astype(dtype) if is_float(each.dtype) else each for each in (x, y)]
        self.model, self.loss = network.make(rng, dtype), network.loss()
        self.model(self.data[0][:2])
        self.flat, self.optimizer = Flat(self.model.trainable_variables), network.optimizer()
        self.optimizer.build(self.flat)
        self.rows = rng.integers(0, ROWS, (STATES, BATCH)).astype(np.int32)

    def step(self, row: Any, data: Any) -> list[Any]:
        x, y = (ops.gather(each, row) for each in data)
        prediction = self.model(x)
        loss = self.loss(y, prediction)
        for penalty in getattr(self.model, "regularization", list)():
            loss = loss + penalty
        (gradient,) = gradients(loss, [self.flat])
        self.optimizer.apply(gradient)
        return [loss, prediction, gradient]

    def record(self, is_loop: bool, rows: Any) -> Traced:
        def body(row: Any, *data: Any) -> Any:
            if not is_loop:
                return self.step(row, data)
            return ops.scan(lambda _, each: ([], self.step(each, data)), [], row)[1]

        specs = [Spec(each.shape, each.dtype) for each in (rows, *self.data)]
        return Traced(lambda symbols: body(*symbols), specs, is_training=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_step_from_each_of_fifty_states(name: str, dtype: str) -> None:
    training = Training(name, dtype)
    rows = training.rows
    called, looped = training.record(False, rows[0]), training.record(True, rows[:1])
    truth = Reference().compile(called.plan)
    levels = HOST_LEVELS if dtype == "float64" else [None]
    calls = [Cpu(level).compile(called.plan) for level in levels]
    loop = Cpu().compile_loop(looped.plan)
    for state in range(STATES):
        given = called.inputs([rows[state], *training.data])
        expected = truth(given)
        for one, other in zip(calls[state % len(calls)](given), expected, strict=True):
            compare(one, other)
        # In place: on copies of the Variables, and in the order of the loop's own record.
        copies = [np.array(each) for each in looped.inputs([rows[state : state + 1]])]
        copies[1:1] = training.data
        _, found = loop(copies, 0, None)
        for one, other in zip(found[:3], expected[:3], strict=True):
            compare(one[0], other)
        wanted = dict(zip(map(id, called.writes), expected[3:], strict=True))
        for variable, one in zip(looped.writes, found[3:], strict=True):
            compare(one, wanted[id(variable)])
        called.store(expected)


@pytest.mark.parametrize("name", NETWORKS)
def test_an_epoch_in_pieces_goes_where_the_reference_goes(name: str) -> None:
    """Fifty steps in place, stopped now and then, with a last batch of fewer rows."""
    ends = []
    for engine in (Reference(), Cpu()):
        training = Training(name, "float64")
        found = []
        for rows in (training.rows[:20], training.rows[20:21, :5]):
            record = training.record(True, rows)
            run, step = engine.compile_loop(record.plan), 0
            while step < len(rows):
                deadline = 0.0 if step % 3 == 0 else None
                step, results = run(record.inputs([rows, *training.data]), step, deadline)
                found.append(np.array(results[0]))
                record.store(results)
        ends.append([np.concatenate(found), training.flat.array, *training.flat.members])
    for one, other in zip(*ends, strict=True):
        compare(np.asarray(one), np.asarray(other), 1e-9)
