"""Ctrl-C ends training cleanly: the model is whole, usable and trainable further."""

import logging
import os
import signal
import threading
import time

import numpy as np
import pytest
from tests.training.networks import compiled, dense, quantity

from glia.callbacks import LambdaCallback
from glia.optimizers import Adam
from glia.training import passes
from glia.training.interrupts import DeferredInterrupt


def model_for_fit():
    return compiled(dense(8, 1), "mse", Adam(0.01))


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def check_usable(model, x, y):
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    kernel, bias, end, offset = model.get_weights()
    expected = np.maximum(x @ kernel + bias, 0) @ end + offset
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-4, atol=1e-5)
    before = model.evaluate(x, y, verbose=0)
    assert model.fit(x, y, epochs=20, verbose=0).history["loss"][-1] < before
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("hook", ["on_epoch_begin", "on_epoch_end", "on_train_batch_end"])
def test_an_interrupt_raised_by_a_callback(hook, caplog):
    x, y = quantity(40)
    model = model_for_fit()
    ended = []

    def strike(number, logs):
        if number == 2:
            raise KeyboardInterrupt

    callbacks = [
        LambdaCallback(**{hook: strike}),
        LambdaCallback(on_train_end=lambda logs: ended.append(True)),
    ]
    with caplog.at_level(logging.WARNING, "glia"):
        history = model.fit(x, y, epochs=10, batch_size=8, callbacks=callbacks, verbose=0)
    assert history.is_interrupted
    assert history.epoch == {"on_epoch_begin": [0, 1], "on_epoch_end": [0, 1]}.get(hook, [])
    assert ended == [True]
    assert history.final == {}
    assert "ended by Ctrl-C" in repr(history)
    assert "the model keeps what it has learnt" in caplog.text
    check_usable(model, x, y)


def test_a_signal_during_steps_waits_for_their_end():
    x, y = quantity(40)
    model = model_for_fit()
    timer = threading.Timer(0.2, interrupt)
    begin = LambdaCallback(on_epoch_end=lambda epoch, logs: timer.start() if epoch == 0 else None)
    try:
        history = model.fit(x, y, epochs=10**6, batch_size=1, callbacks=begin, verbose=0)
    finally:
        timer.cancel()
    assert history.is_interrupted
    assert 0 < len(history.epoch) < 10**6
    assert int(model.optimizer.iterations) >= 40 * len(history.epoch)
    check_usable(model, x, y)


def test_the_steps_done_before_a_signal_are_kept(monkeypatch):
    x, y = quantity(40)
    model, twin = model_for_fit(), model_for_fit()
    twin.set_weights(model.get_weights())
    monkeypatch.setattr(passes, "PIECE", 0.0)

    pieces = []

    def strike_within(loop, rows, data, first=0, deadline=None):
        pieces.append(first)
        if len(pieces) == 2:
            interrupt()
            time.sleep(0.01)
        return run(loop, rows, data, first, deadline)

    run = passes.Loop.run
    monkeypatch.setattr(passes.Loop, "run", strike_within)
    history = model.fit(x, y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    monkeypatch.undo()
    assert history.is_interrupted
    assert history.epoch == []
    assert pieces == [0, 1]
    for start in (0, 8):
        twin.train_on_batch(x[start : start + 8], y[start : start + 8])
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_second_signal_strikes_at_once_and_the_epochs_first_weights_come_back(monkeypatch):
    x, y = quantity(40)
    model = model_for_fit()
    start = model.get_weights()

    def strike_twice(loop, rows, data, first=0, deadline=None):
        model.layers[0].kernel.array[:] = np.nan
        interrupt()
        time.sleep(0.01)
        interrupt()
        time.sleep(0.01)
        raise AssertionError("the second signal did not strike")

    monkeypatch.setattr(passes.Loop, "run", strike_twice)
    history = model.fit(x, y, epochs=3, verbose=0)
    monkeypatch.undo()
    assert history.is_interrupted
    for a, b in zip(start, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    check_usable(model, x, y)


def test_signals_outside_of_steps_strike_at_once():
    def strike():
        interrupt()
        time.sleep(1)

    with DeferredInterrupt(), pytest.raises(KeyboardInterrupt):
        strike()


def test_evaluate_passes_the_interrupt_on():
    x, y = quantity(40)
    model = model_for_fit()

    def strike(batch, logs):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.evaluate(x, y, callbacks=LambdaCallback(on_test_batch_end=strike), verbose=0)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_training_in_another_thread_leaves_signals_alone():
    x, y = quantity(40)
    model, results = model_for_fit(), []
    thread = threading.Thread(target=lambda: results.append(model.fit(x, y, verbose=0)))
    thread.start()
    thread.join()
    assert results[0].epoch == [0]


def test_an_error_in_a_callback_is_not_swallowed():
    x, y = quantity(40)

    def fail(epoch, logs):
        raise RuntimeError("own mistake")

    with pytest.raises(RuntimeError, match="own mistake"):
        model_for_fit().fit(x, y, callbacks=LambdaCallback(on_epoch_end=fail), verbose=0)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
