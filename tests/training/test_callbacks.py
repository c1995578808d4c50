"""Callbacks are called when Keras calls them, and the built-in ones do what they say."""

import csv

import numpy as np
import pytest
from tests.training.networks import binary, compiled, dense, quantity

from glia.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from glia.errors import ArgumentError, DivergenceError
from glia.optimizers import SGD


def linear(rate=0.01):
    return compiled(dense(1, kernel_initializer="zeros"), "mse", SGD(rate))


class Recorder(Callback):
    """Writes down every call."""

    def __init__(self):
        self.calls = []

    def on_train_begin(self, logs=None):
        self.calls.append("train begin")

    def on_train_end(self, logs=None):
        self.calls.append("train end")

    def on_epoch_begin(self, epoch, logs=None):
        self.calls.append(f"epoch begin {epoch}")

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append(f"epoch end {epoch} {','.join(logs)}")

    def on_test_begin(self, logs=None):
        self.calls.append("test begin")

    def on_test_end(self, logs=None):
        self.calls.append("test end")

    def on_predict_begin(self, logs=None):
        self.calls.append("predict begin")

    def on_predict_end(self, logs=None):
        self.calls.append("predict end")


class Steps(Callback):
    """Writes down every training step."""

    def __init__(self):
        self.begun, self.losses = [], []

    def on_train_batch_begin(self, batch, logs=None):
        self.begun.append(batch)

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])


class Sequence(Callback):
    """Pretends that a watched number takes given values."""

    def __init__(self, name, values):
        self.name, self.values = name, values

    def on_epoch_end(self, epoch, logs=None):
        logs[self.name] = self.values[epoch]


def fit(callbacks, epochs=1, model=None, **options):
    x, y = quantity(40)
    model = linear() if model is None else model
    history = model.fit(
        x, y, batch_size=8, epochs=epochs, callbacks=callbacks, verbose=0, shuffle=False, **options
    )
    return model, history


def test_hooks_are_called_in_kerass_order():
    recorder = Recorder()
    model, _ = fit(recorder, 2, validation_split=0.25)
    logs = "loss,val_loss"
    epoch = ["test begin", "test end"]
    assert recorder.calls == [
        "train begin",
        "epoch begin 0", *epoch, f"epoch end 0 {logs}",
        "epoch begin 1", *epoch, f"epoch end 1 {logs}",
        "train end",
    ]  # fmt: skip
    recorder.calls.clear()
    x, y = quantity(5)
    model.evaluate(x, y, callbacks=recorder, verbose=0)
    model.predict(x, callbacks=[recorder])
    assert recorder.calls == ["test begin", "test end", "predict begin", "predict end"]


def test_a_callback_knows_model_and_params():
    seen = {}

    class Look(Callback):
        def on_train_begin(self, logs=None):
            seen.update(self.params, model=self.model)

    model, _ = fit([Look()], 3, validation_split=0.25)
    assert seen["model"] is model
    assert (seen["epochs"], seen["steps"], seen["verbose"]) == (3, 4, 0)
    assert seen["metrics"] == ["loss", "val_loss"]


def test_every_step_is_seen_when_asked_for_and_trains_alike():
    steps = Steps()
    model, history = fit(steps, 2)
    plain, other = fit(None, 2)
    assert steps.begun == [0, 1, 2, 3, 4] * 2
    assert len(steps.losses) == 10
    assert steps.losses[4] == pytest.approx(history.history["loss"][0])
    assert history.history == other.history
    for a, b in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_seeing_every_step_is_said_to_be_slower(capsys):
    x, y = quantity(10)
    linear().fit(x, y, callbacks=Steps(), verbose=2)
    assert "a callback wants every single step" in capsys.readouterr().out


def test_the_old_names_of_step_hooks_work():
    batches = []
    fit(LambdaCallback(on_batch_end=lambda batch, logs: batches.append(batch)))
    assert batches == [0, 1, 2, 3, 4]


def test_a_callback_can_stop_training_within_an_epoch():
    class Stop(Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 2

    model, history = fit(Stop(), 5)
    assert history.epoch == [0]
    assert int(model.optimizer.iterations) == 3
    assert len(fit(None, 2, model)[1].epoch) == 2


def test_lambda_callback():
    calls = []
    callback = LambdaCallback(
        on_epoch_end=lambda epoch, logs: calls.append((epoch, logs["loss"])),
        on_train_end=lambda logs: calls.append("end"),
    )
    _, history = fit(callback, 2)
    assert calls == [*enumerate(history.history["loss"]), "end"]
    with pytest.raises(ArgumentError, match="Did you mean 'on_epoch_end'"):
        LambdaCallback(on_epoch_ends=print)


def test_a_class_in_place_of_a_callback():
    with pytest.raises(ArgumentError, match=r"write TerminateOnNaN\(\) with brackets"):
        fit([TerminateOnNaN])


# --- EarlyStopping


def stopping(values, epochs=None, **options):
    callback = EarlyStopping(monitor="loss", **options)
    weights = []
    keep = LambdaCallback(on_epoch_end=lambda *_: weights.append(callback.model.get_weights()))
    model, history = fit([keep, Sequence("loss", values), callback], epochs or len(values))
    return callback, model, history, weights


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_early_stopping_waits_for_its_patience():
    callback, _, history, _ = stopping([5, 4, 4.5, 4.2, 3, 3.1, 3.2, 2], patience=2)
    assert history.epoch == [0, 1, 2, 3]
    assert (callback.stopped_epoch, callback.best_epoch, callback.best) == (3, 1, 4)


def test_best_weights_are_kept_even_when_not_restored():
    callback, model, _, weights = stopping([5, 4, 6, 7], patience=2)
    assert same(callback.best_weights, weights[1])
    assert not same(model.get_weights(), weights[1])


def test_best_weights_are_restored_also_when_the_epochs_run_out():
    for values, patience in (([5, 4, 6, 7], 2), ([5, 4, 6], 9)):
        _, model, history, weights = stopping(values, patience=patience, restore_best_weights=True)
        assert same(model.get_weights(), weights[1])
        x, y = quantity(40)
        assert history.final["loss"] == pytest.approx(model.evaluate(x, y, verbose=0))


def test_min_delta_baseline_and_start():
    assert stopping([5, 4.9, 4.8, 4.7], patience=2, min_delta=0.5)[2].epoch == [0, 1, 2]
    assert stopping([5, 4, 3, 2], patience=2, baseline=1)[2].epoch == [0, 1, 2, 3]
    assert stopping([5, 6, 7, 8], patience=2, baseline=1)[2].epoch == [0, 1]
    assert stopping([1, 5, 4, 5, 6], patience=2, start_from_epoch=1)[2].epoch == [0, 1, 2, 3, 4]


def test_larger_is_better_for_accuracy_and_in_mode_max():
    x, y = binary(40)
    model = compiled(
        dense(1, head="sigmoid"), "binary_crossentropy", SGD(0.1), metrics=["accuracy"]
    )
    values = [0.5, 0.7, 0.6, 0.65, 0.9]
    callback = EarlyStopping("val_accuracy", patience=2)
    history = model.fit(
        x, y, epochs=5, validation_split=0.25, verbose=0,
        callbacks=[Sequence("val_accuracy", values), callback],
    )  # fmt: skip
    assert (history.epoch, callback.best_epoch) == ([0, 1, 2, 3], 1)
    assert stopping([1, 2, 1, 1], patience=2, mode="max")[0].best_epoch == 1


def test_one_object_serves_two_fits():
    callback = EarlyStopping(monitor="loss", patience=1)
    for _ in range(2):
        _, history = fit([Sequence("loss", [1, 2, 3]), callback], 3)
        assert history.epoch == [0, 1]


def test_verbose_says_why_training_ended(capsys):
    stopping([5, 4, 6, 7], patience=2, restore_best_weights=True, verbose=1)
    text = capsys.readouterr().out
    assert "Epoch 4: loss has not improved for 2 epochs" in text
    assert "the best epoch, 2, are restored" in text


# --- names to monitor


@pytest.mark.parametrize("kind", [EarlyStopping, ReduceLROnPlateau])
def test_a_wrong_monitor_is_an_error_before_the_first_epoch(kind):
    model = linear()
    before = model.get_weights()
    with pytest.raises(ArgumentError) as caught:
        fit(kind(monitor="val_los"), model=model, validation_split=0.25)
    assert "'val_los'" in str(caught.value)
    assert "Did you mean 'val_loss'" in str(caught.value)
    assert "loss, val_loss" in str(caught.value)
    assert same(before, model.get_weights())


def test_monitoring_validation_without_any():
    with pytest.raises(ArgumentError, match=r"no validation data.*validation_split=0.2"):
        fit(EarlyStopping())


def test_a_direction_that_cannot_be_told():
    with pytest.raises(ArgumentError, match="mode got 'up'"):
        EarlyStopping(mode="up")

    def gain(y_true, y_pred):
        return y_pred[:, 0]

    x, y = quantity(10)
    model = compiled(dense(1), "mse", metrics=[gain])
    with pytest.raises(ArgumentError, match="pass mode='max' or mode='min'"):
        model.fit(x, y, callbacks=EarlyStopping("gain"), verbose=0)


def test_epochs_without_validation_are_not_counted():
    callback = EarlyStopping(patience=1)
    values = [None, 5, None, 4, None]

    class Some(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if values[epoch] is not None:
                logs["val_loss"] = values[epoch]

    _, history = fit([Some(), callback], 5, validation_split=0.25, validation_freq=2)
    assert history.epoch == [0, 1, 2, 3, 4]


def test_validation_freq_counts_from_one():
    for freq, expected in ((2, 2), ([1, 4, 5], 3)):
        _, history = fit(None, 5, validation_split=0.25, validation_freq=freq)
        assert len(history.history["val_loss"]) == expected


# --- learning rates


def test_the_scheduler_sets_the_rate_of_each_epoch(capsys):
    for schedule in (lambda epoch, rate: rate / 2, lambda epoch: 0.01 / 2 ** (epoch + 1)):
        model, history = fit(LearningRateScheduler(schedule), 3)
        np.testing.assert_allclose(history.history["learning_rate"], [0.005, 0.0025, 0.00125])
        assert float(model.optimizer.learning_rate) == pytest.approx(0.00125)
    fit(LearningRateScheduler(lambda epoch, rate: 0.5, verbose=1))
    assert "Epoch 1: learning rate 0.5" in capsys.readouterr().out
    with pytest.raises(ArgumentError, match="returned None for epoch 0"):
        fit(LearningRateScheduler(lambda epoch, rate: None))


def test_the_scheduled_rate_is_the_one_used():
    frozen, _ = fit(LearningRateScheduler(lambda epoch, rate: 0.0), 2)
    np.testing.assert_array_equal(frozen.get_weights()[0], 0)


def test_reduce_on_plateau(capsys):
    values = [5, 5, 5, 5, 5, 4, 4, 4]
    callback = ReduceLROnPlateau("loss", factor=0.5, patience=2, cooldown=1, verbose=1)
    _, history = fit([Sequence("loss", values), callback], 8)
    rates = [0.01, 0.01, 0.01, 0.005, 0.005, 0.0025, 0.0025, 0.0025]
    np.testing.assert_allclose(history.history["learning_rate"], rates)
    assert "Epoch 3: loss stands still" in capsys.readouterr().out
    callback = ReduceLROnPlateau("loss", factor=0.1, patience=1, min_lr=0.004)
    model, _ = fit([Sequence("loss", [5] * 4), callback], 4)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.004)
    with pytest.raises(ArgumentError, match=r"factor got 1\.5"):
        ReduceLROnPlateau(factor=1.5)


# --- CSV


def test_csv_rows(tmp_path):
    path = tmp_path / "log.csv"
    _, history = fit(CSVLogger(path), 3, validation_split=0.25, validation_freq=2)
    rows = list(csv.reader(path.read_text().splitlines()))
    assert rows[0] == ["epoch", "loss", "val_loss"]
    assert [row[0] for row in rows[1:]] == ["0", "1", "2"]
    assert [row[2] for row in rows[1:]] == ["NA", str(history.history["val_loss"][0]), "NA"]
    assert float(rows[3][1]) == history.history["loss"][2]


def test_csv_append_and_separator(tmp_path):
    path = tmp_path / "log.csv"
    fit(CSVLogger(path, separator=";"), 2)
    fit(CSVLogger(path, separator=";", append=True), 1)
    lines = path.read_text().splitlines()
    assert lines[0] == "epoch;loss"
    assert len(lines) == 4
    fit(CSVLogger(str(path)), 1)
    assert len(path.read_text().splitlines()) == 2


# --- divergence


def test_terminate_on_nan_ends_quietly_with_good_weights():
    callback = TerminateOnNaN()
    model, history = fit(callback, 50, linear(1e3), validation_split=0.25)
    assert history.epoch == [*range(len(history.epoch))]
    assert len(history.epoch) < 50
    assert not np.isfinite(history.history["loss"][-1])
    assert len(history.history["val_loss"]) == len(history.epoch)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    assert isinstance(callback.error, DivergenceError)
