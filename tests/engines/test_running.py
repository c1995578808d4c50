"""Calling machine code: again, from threads, for long, with nothing, and interrupted."""

import gc
import logging
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.engines.agreement import agree, compare

import glia
from glia import layers, models, ops, optimizers
from glia.callbacks import LambdaCallback
from glia.engines import Cpu, Reference, current_engine, set_engine
from glia.errors import DataError
from glia.function import Loop, Traced, function
from glia.graph import Spec, Variable


@pytest.fixture(autouse=True)
def _machine_code():
    before = current_engine().name
    set_engine("cpu")
    glia.random.seed(0)
    yield
    set_engine(before)


def normal(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def mixed(x: Any, w: Any) -> Any:
    """A product, a softmax, a loop and a fallback: everything that keeps memory of its own."""
    z = ops.tanh(x @ w)
    e = ops.exp(z - ops.max(z, -1, True))
    p = e / ops.sum(e, -1, True)
    _, rows = ops.scan(lambda h, v: (ops.tanh(h + v), h * v), p[0], z)
    order = ops.argsort(rows, 0)
    return p, rows, order, ops.concatenate([p * 2.0, rows])


def test_the_same_call_gives_the_same_bits_again() -> None:
    call = function(mixed)
    first = [[each.copy() for each in call(normal(9, 5, seed=k), normal(5, 7))] for k in range(5)]
    for _ in range(3):
        for k in (3, 0, 4, 1, 2):
            for one, other in zip(first[k], call(normal(9, 5, seed=k), normal(5, 7)), strict=True):
                assert one.tobytes() == other.tobytes()


def test_results_are_the_callers_own() -> None:
    call = function(lambda x: (x, x, ops.reshape(x, (-1,)), ops.transpose(x), x * 2.0))
    x = normal(3, 4)
    kept = x.copy()
    results = call(x)
    for result in results:
        result[...] = 0
    assert np.array_equal(x, kept)
    assert np.array_equal(call(x)[0], kept)


@pytest.mark.parametrize("size", [3, 300])
def test_threads_share_a_function(size: int) -> None:
    """Small plans keep Python's lock, large ones give it up; neither may mix up two calls."""
    call, w = function(mixed), normal(size, 7) / np.float32(size**0.5)
    given = [normal(40, size, seed=k) for k in range(8)]
    expected = [[each.copy() for each in call(x, w)] for x in given]

    def work(k: int) -> bool:
        for _ in range(30):
            for one, other in zip(call(given[k], w), expected[k], strict=True):
                if one.tobytes() != other.tobytes():
                    return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def resident() -> int:
    """Bytes of memory this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's /proc")
@pytest.mark.parametrize("kind", ["call", "epoch", "predict", "failing", "fallback"])
def test_ten_thousand_calls_leak_nothing(kind: str) -> None:
    x, w = normal(8, 5), normal(5, 7)
    total, count = Variable(np.zeros(7, np.float32)), Variable(np.array(0, np.int32))

    def step(row: Any, data: Any) -> Any:
        total.assign(total + ops.sum(ops.gather(data[0], row), 0))
        count.assign(count + 1)
        return ops.sum(total.value)

    def picked(x: Any, i: Any) -> Any:
        return ops.gather(x, i)

    loop, call = Loop(step, is_training=True), function(lambda x, w: ops.tanh(x @ w))
    sort, pick = function(ops.argsort), function(picked)
    model = models.Sequential([layers.Dense(4, activation="relu"), layers.Dense(1)])
    rows, wrong = np.zeros((3, 2), np.int32), np.array([9], np.int32)

    def once() -> None:
        if kind == "call":
            call(x, w)
        elif kind == "epoch":
            loop.run(rows, (w,))
        elif kind == "predict":
            model.predict(x[:1], verbose=0)
        elif kind == "fallback":
            sort(x)
        else:
            with pytest.raises(DataError):
                pick(x, wrong)

    for _ in range(1500):
        once()
    gc.collect()
    before = resident()
    for _ in range(10_000):
        once()
    gc.collect()
    assert resident() - before < 2**20


def test_a_wrong_index_stops_a_call_and_the_next_is_right() -> None:
    pick = function(lambda x, i: (ops.gather(x, i), ops.scatter_add(i, x[:2], 3)))
    x = normal(4, 2)
    for wrong in (-1, 3, 2**31 - 1, -(2**31)):
        with pytest.raises(DataError, match=str(wrong)):
            pick(x[:3], np.array([0, wrong], np.int32))
        rows, sums = pick(x[:3], np.array([2, 2], np.int32))
        compare(rows, x[[2, 2]])
        compare(sums[2], x[0] + x[1])


def test_plans_with_no_outputs_constants_and_inputs() -> None:
    assert function(lambda x: None)(normal(3)) is None
    assert function(lambda x: (x, []))(normal(3))[1] == []
    agree(lambda x: (np.float32(2.5), np.arange(3), x, x, ops.zeros((2, 0)), x[:0]), normal(3))
    agree(lambda: (np.ones((2, 3)), ops.iota(4)))
    count = Variable(np.array(0, np.int32))
    function(lambda: count.assign(count + 1))()
    assert int(count) == 1
    fixed = Loop(lambda row, data: (np.ones(3), row, data[0]), is_training=False)
    ones, rows, data = fixed.run(np.zeros((2, 1), np.int32), (normal(3),))[1]
    assert ones.shape == data.shape == (2, 3)
    assert rows.tolist() == [[0], [0]]


def test_inputs_of_any_layout_and_order_of_bytes() -> None:
    base = normal(8, 6)
    unaligned = np.frombuffer(b"\0" + base.tobytes(), np.uint8)[1:].view(np.float32).reshape(8, 6)
    call = function(lambda x: ops.tanh(x) @ ops.transpose(x))
    expected = call(base)
    columns = np.asfortranarray(base)
    for x in (
        columns,
        unaligned,
        np.repeat(base, 2, 1)[:, ::2],
        base.astype(">f4"),
        base[::-1][::-1],
    ):
        assert call(x).tobytes() == expected.tobytes()
    fixed = base.copy()
    fixed.flags.writeable = False
    assert call(fixed).tobytes() == expected.tobytes()


def test_an_epoch_of_any_number_of_steps() -> None:
    """One, none of a kind that fits a vector, and more than any."""
    for steps in (1, 2, 3, 16, 17, 100):
        ends = []
        for engine in ("reference", "cpu"):
            set_engine(engine)
            total = Variable(np.zeros((2, 3), np.float32))

            def step(row: Any, data: Any, t: Variable = total) -> Any:
                t.assign(t * 0.9 + ops.gather(data[0], row))
                return ops.sum(t.value, 0), row

            rows = np.arange(2 * steps, dtype=np.int32).reshape(steps, 2) % 5
            _, (sums, same) = Loop(step, is_training=True).run(rows, (normal(5, 3),))
            assert np.array_equal(same, rows)
            ends.append([sums, total.array])
        for expected, found in zip(*ends, strict=True):
            compare(found, expected)


def test_one_recording_serves_data_of_any_size() -> None:
    """More rows and steps than it was recorded with, then fewer, in pieces and at once."""
    ends = []
    for engine in ("reference", "cpu"):
        set_engine(engine)
        total, found = Variable(np.zeros((4, 3), np.float32)), []

        def step(row: Any, data: Any, t: Variable = total) -> Any:
            t.assign(t * 0.9 + ops.gather(data[0], row))
            return ops.sum(t.value, 0)

        loop = Loop(step, is_training=True, is_by_rows=True)
        for count, steps in [(5, 1), (2000, 300), (4, 3), (1, 7)]:
            rows = np.random.default_rng(count).integers(0, count, (steps, 4)).astype(np.int32)
            at = 0
            while at < steps:
                deadline = 0.0 if at % 4 == 1 else None
                at, sums = loop.run(rows, (normal(count, 3),), at, deadline)
                found.append(sums.copy())
        with pytest.raises(DataError, match="row number 5 is outside"):
            loop.run(rows + 5, (normal(5, 3),))
        ends.append([np.concatenate(found), total.array])
    for expected, one in zip(*ends, strict=True):
        compare(one, expected)


def two_layers() -> Any:
    model = models.Sequential([layers.Dense(512, activation="relu"), layers.Dense(1)])
    model.compile(optimizers.SGD(0.001), "mse")
    return model


def test_a_diverging_run_shows_it_in_the_same_epoch(caplog: pytest.LogCaptureFixture) -> None:
    x = normal(64, 5)
    y = normal(64, 1, seed=1)
    ends = []
    for engine in ("reference", "cpu"):
        set_engine(engine)
        glia.random.seed(0)
        model = models.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1)])
        model.compile(optimizers.SGD(0.9), "mse")
        with caplog.at_level(logging.ERROR, "glia"):
            try:
                losses = model.fit(x, y, epochs=30, verbose=0, batch_size=16).history["loss"]
            except glia.errors.DivergenceError as error:
                losses = [str(error)]
        ends.append(losses)
    reference, native = ends
    assert len(reference) == len(native)
    assert [np.isfinite(v) if isinstance(v, float) else v for v in reference] == [
        np.isfinite(v) if isinstance(v, float) else v for v in native
    ]
    assert not all(isinstance(v, float) and np.isfinite(v) for v in reference)


def test_infinities_and_nan_come_through_a_step() -> None:
    """Each kind of op in between, and sums of both signs of infinity."""
    x = normal(6, 8)
    for value in (np.inf, -np.inf, np.nan, 3e38):
        for place in ((0, 0), (5, 7), (2, 3)):
            spoilt = x.copy()
            spoilt[place] = value
            with np.errstate(all="ignore"):
                agree(
                    lambda x: (
                        ops.sum(x),
                        ops.sum(x, 0),
                        ops.max(x, 1),
                        ops.min(x),
                        x @ ops.transpose(x),
                        ops.where(x <= 0, 0.0, x),
                        ops.argmax(x, 1),
                        ops.argmin(x, 0),
                        ops.cumsum(x, 1),
                        ops.scatter_add(np.arange(6, dtype=np.int32) % 2, x, 2),
                        ops.clip(x, -1.0, 1.0),
                        ops.argsort(x, 0),
                    ),
                    spoilt,
                )


def test_ctrl_c_in_a_long_epoch_keeps_the_last_finished_step() -> None:
    """Early in an epoch of many steps: the weights are those of whole steps."""
    x, y = np.tile(normal(1000, 64), (400, 1)), np.tile(normal(1000, 1), (400, 1))
    model, twin = two_layers(), two_layers()
    model.build((None, 64))
    twin.build((None, 64))
    twin.set_weights(model.get_weights())
    timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT))
    begin = LambdaCallback(on_epoch_begin=lambda epoch, logs: timer.start())
    options: Any = {"epochs": 1, "batch_size": 1, "shuffle": False, "verbose": 0}
    try:
        history = model.fit(x, y, callbacks=begin, **options)
    finally:
        timer.cancel()
    steps = int(model.optimizer.iterations)
    assert history.is_interrupted
    assert 0 < steps < len(x)
    twin.fit(x[:steps], y[:steps], **options)
    for one, other in zip(model.get_weights(), twin.get_weights(), strict=True):
        assert one.tobytes() == other.tobytes()


def test_denormals_are_flushed_inside_only() -> None:
    call = function(lambda x: x * np.float32(0.5))
    tiny = np.full(9, np.finfo(np.float32).tiny)
    assert not call(tiny).any()
    assert (tiny * np.float32(0.5)).all()
    # Also where Python is called back in between, and after an error.
    function(lambda x: ops.argsort(x * 0.5))(tiny)
    with pytest.raises(DataError):
        function(ops.gather)(tiny, np.array([99], np.int32))
    assert (tiny * np.float32(0.5)).all()


def test_an_unfitting_loop_runs_on_the_reference_engine() -> None:
    """A plan of a scan whose carries are no Variables is still an epoch."""
    x = normal(5, 3)

    def body(symbols: list[Any]) -> Any:
        return ops.scan(lambda h, v: (h * 0.5 + v, h), symbols[0][0] * 2.0, symbols[0])

    record = Traced(body, [Spec(x.shape, x.dtype)], False)
    ends = [engine.compile_loop(record.plan)([x], 0, None) for engine in (Reference(), Cpu())]
    assert ends[0][0] == ends[1][0] == 5
    for expected, found in zip(ends[0][1], ends[1][1], strict=True):
        compare(found, expected)
