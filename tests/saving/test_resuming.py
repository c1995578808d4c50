"""A resumed fit ends as if it had never been interrupted: every bit of weights and history."""

from __future__ import annotations

import os
import signal
from typing import Any

import numpy as np
import pytest

import glia
from glia import callbacks, layers, optimizers
from glia.callbacks import Checkpoint, EarlyStopping, ReduceLROnPlateau
from glia.saving import load_with_extra
from glia.training import passes

from .networks import check_same_bits, check_same_weights, rows, small

EPOCHS = 7


class Crash(callbacks.Callback):
    """Ends the process's work at a moment, as a power cut would."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def on_pause(self, moment: Any) -> None:
        if moment.total_steps >= self.steps:
            raise SystemExit


class Remembering(callbacks.Callback):
    """A callback of the user's with a state that training depends on."""

    remembered = ("seen", "arrays")

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.arrays: dict[str, Any] = {}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seen.append((epoch, logs["loss"]))
        self.arrays = {"all": np.array([each[1] for each in self.seen])}
        self.model.optimizer.learning_rate = 0.02 / len(self.seen)


def with_schedule(**options: Any) -> glia.Sequential:
    model = small()
    schedule = optimizers.schedules.CosineDecay(0.1, 30)
    model.compile(optimizers.SGD(schedule, momentum=0.9), "mse", **options)
    return model


def tied() -> glia.Model:
    source = glia.Input((4,))
    shared = layers.Dense(4, activation="tanh")
    model = glia.Model(source, layers.Dense(1)(layers.Dropout(0.5)(shared(shared(source)))))
    model.compile("rmsprop", "mae", metrics=["r2_score"])
    return model


VALIDATION = {"validation_split": 0.25, "validation_freq": 2}
CASES: dict[str, tuple[Any, dict[str, Any], Any]] = {
    "everything": (
        small, VALIDATION, lambda: [ReduceLROnPlateau("loss", patience=0, factor=0.5)],
    ),
    "early stopping": (
        small,
        {"validation_split": 0.25},
        lambda: [EarlyStopping(patience=1, restore_best_weights=True)],
    ),
    "no shuffling": (with_schedule, {"shuffle": False, "class_weight": {0: 2.0}}, list),
    "shared layers": (tied, {"sample_weight": np.linspace(0, 2, 23)}, lambda: [Remembering()]),
    "rates by epoch": (
        small, {}, lambda: [callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9)],
    ),
    "every step": (small, {}, lambda: [callbacks.LambdaCallback(on_train_batch_end=print)]),
}  # fmt: skip


def run(make: Any, options: dict[str, Any], own: Any, seed: int = 1, **more: Any) -> Any:
    """Fit a new model; return it, its history, and its callbacks."""
    glia.seed(seed)
    model = make()
    x, y = rows()
    listed = own()
    calls = [*listed, *more.pop("callbacks", [])]
    settings = {"batch_size": 5, "epochs": EPOCHS, "verbose": 0} | options | more
    history = model.fit(x, y, callbacks=calls, **settings)
    return model, history, listed


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.glia"


@pytest.fixture
def stop_often(monkeypatch):
    """Come up for air after every step, so that every step can be the last."""
    monkeypatch.setattr(passes, "PIECE", 0.0)


@pytest.mark.usefixtures("stop_often")
@pytest.mark.parametrize("name", CASES)
def test_the_same_bits(name, path, capsys) -> None:
    make, options, own = CASES[name]
    model, history, listed = run(make, options, own)
    for unit, every, end in [("steps", 3, 12), ("epochs", 2, 13), ("steps", 1, 15)]:
        path.unlink(missing_ok=True)
        keep = Checkpoint(path, every=every, unit=unit)
        with pytest.raises(SystemExit):
            run(make, options, own, callbacks=[keep, Crash(end)])
        again, other, kept = run(make, options, own, seed=99, callbacks=[keep], resume=path)
        check_same_weights(model, again)
        assert other.history == history.history
        assert other.epoch == history.epoch
        assert other.final == history.final
        for one, twin in zip(listed, kept, strict=True):
            check_same_bits(one.get_state(), twin.get_state())
        for variable, twin in zip(
            model.optimizer.variables, again.optimizer.variables, strict=True
        ):
            check_same_bits(variable.array, twin.array)


@pytest.mark.usefixtures("stop_often")
def test_interrupted_again_and_again(path) -> None:
    model, history, _ = run(small, VALIDATION, list)
    keep = Checkpoint(path, every=1, unit="steps")
    for seed, end in enumerate((2, 3, 9, 10, 11, 25), start=1):
        with pytest.raises(SystemExit):
            run(small, VALIDATION, list, seed=seed, callbacks=[keep, Crash(end)], resume=path)
    again, other, _ = run(small, VALIDATION, list, seed=50, callbacks=[keep], resume=path)
    check_same_weights(model, again)
    assert other.history == history.history


@pytest.mark.parametrize("is_stepwise", [False, True])
def test_ctrl_c_loses_nothing(is_stepwise, path, monkeypatch) -> None:
    monkeypatch.setattr(passes, "PIECE", 0.0)
    model, history, _ = run(small, VALIDATION, list)

    class Interrupting(callbacks.Callback):
        def on_pause(self, moment: Any) -> None:
            if (moment.epoch, moment.steps) == (4, 2) and not moment.is_last:
                os.kill(os.getpid(), signal.SIGINT)

    extra = [callbacks.LambdaCallback(on_train_batch_begin=lambda *_: None)] * is_stepwise
    keep = Checkpoint(path, every=100)
    stopped, short, _ = run(small, VALIDATION, list, callbacks=[keep, Interrupting(), *extra])
    assert short.is_interrupted
    assert short.epoch == [0, 1, 2, 3]
    # Four epochs of four steps, and two more.
    assert int(glia.load(path).optimizer.iterations) == int(stopped.optimizer.iterations) == 18
    again, other, _ = run(small, VALIDATION, list, seed=7, callbacks=[keep, *extra], resume=path)
    check_same_weights(model, again)
    assert other.history == history.history
    assert not other.is_interrupted


def test_a_signal_while_the_compiled_loop_runs_is_not_lost(path, monkeypatch) -> None:
    """Ctrl-C arrives within a step and is delivered after it, with what it did counted."""
    monkeypatch.setattr(passes, "PIECE", 0.0)
    model, history, _ = run(small, {}, list)
    original, calls = passes.Loop.run, []

    def striking(loop: Any, *args: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 8:
            os.kill(os.getpid(), signal.SIGINT)
        return original(loop, *args, **options)

    monkeypatch.setattr(passes.Loop, "run", striking)
    _, short, _ = run(small, {}, list, callbacks=[Checkpoint(path, every=100)])
    assert short.is_interrupted
    assert int(glia.load(path).optimizer.iterations) == 8
    again, other, _ = run(small, {}, list, resume=path)
    check_same_weights(model, again)
    assert other.history == history.history


def test_a_finished_run_is_not_repeated_and_can_be_prolonged(path) -> None:
    longer, history, _ = run(small, VALIDATION, list)
    first, short, _ = run(small, VALIDATION, list, epochs=4, callbacks=[Checkpoint(path)])
    same, again, _ = run(small, VALIDATION, list, epochs=4, seed=3, resume=path)
    check_same_weights(first, same)
    assert (again.history, again.final) == (short.history, short.final)
    model, other, _ = run(small, VALIDATION, list, seed=4, resume=path)
    check_same_weights(longer, model)
    assert other.history == history.history


def test_a_checkpoint_is_a_model_like_any_other(path) -> None:
    model, history, _ = run(small, {}, list, callbacks=[Checkpoint(path)])
    again, extra = load_with_extra(path)
    check_same_weights(model, again)
    assert extra == {}
    assert again.training_record["history"] == history.history
    assert again.training_record["engine"] == glia.engines.current_engine().name
    x, y = rows()
    check_same_bits(model.predict(x), again.predict(x))
    other = again.fit(x, y, batch_size=5, epochs=EPOCHS + 1, verbose=0, resume=path)
    assert other.epoch == list(range(EPOCHS + 1))


def test_a_model_with_a_lambda_can_be_resumed_though_not_loaded(path) -> None:
    def make() -> glia.Sequential:
        head = layers.Dense(1, activation=lambda x: x * 2)
        model = glia.Sequential([layers.Input((4,)), head])
        model.compile("adam", "mse")
        return model

    model, _, _ = run(make, {}, list)
    run(make, {}, list, epochs=3, callbacks=[Checkpoint(path)])
    again, _, _ = run(make, {}, list, resume=path)
    check_same_weights(model, again)
    with pytest.raises(glia.FileError, match=r"a model with a lambda.*resume=path"):
        glia.load(path)


def test_without_a_file_training_starts_from_the_beginning(path, caplog) -> None:
    caplog.set_level("INFO", "glia")
    model, _, _ = run(small, {}, list)
    again, _, _ = run(small, {}, list, resume=path)
    check_same_weights(model, again)
    assert "no checkpoint" in caplog.text


def other_activation() -> glia.Sequential:
    model = small()
    model.layers[1].activation = glia.activations.get("relu")
    return model


def other_size() -> glia.Sequential:
    model = glia.Sequential([layers.Input((4,)), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    return model


def compiled(optimizer: Any = "adam", loss: str = "binary_crossentropy") -> Any:
    def make() -> glia.Sequential:
        model = small()
        model.compile(optimizer, loss, metrics=["accuracy", "auc"])
        return model

    return make


@pytest.mark.usefixtures("quick_engine")
@pytest.mark.parametrize(
    ("make", "options", "reason"),
    [
        (small, {"batch_size": 6}, r"batch_size is 6 and was 5 when"),
        (small, {"shuffle": False}, r"shuffle is False and was True"),
        (small, {"validation_freq": 3}, r"validation_freq is 3 and was 2"),
        (small, {"validation_split": 0.5}, r"training rows is int64 of shape \(11,\).* was .*\(17"),
        (small, {"validation_split": 0.0}, r"training rows is .*\(23,\)"),
        (small, {"x": rows()[0] + 1}, r"training input 1 is float32 of shape \(23, 4\), SHA-256"),
        (small, {"x": rows()[0][:20]}, r"of shape \(20, 4\).* was float32 of shape \(23, 4\)"),
        (small, {"y": 1 - rows()[1]}, r"training target 1 is"),
        (small, {"sample_weight": np.ones(23)}, r"training weights is .* and was absent"),
        (other_activation, {}, r"activation of its Dense dense is .*relu.* and was .*tanh"),
        (other_size, {}, r"belongs to another model: "),
        (compiled("sgd"), {}, r"it has a SGD where there was a Adam"),
        (compiled(optimizers.Adam(beta_1=0.5)), {}, r"beta_1 of its Adam is 0.5 and was 0.9"),
        (compiled(loss="mse"), {}, r"another model: compile is .*'mse'"),
    ],
)  # fmt: skip
def test_what_differs_is_named(make, options, reason, path) -> None:
    run(small, VALIDATION, list, epochs=2, callbacks=[Checkpoint(path)])
    x, y = options.pop("x", rows()[0]), options.pop("y", rows()[1])
    model = make()
    before = model.get_weights()
    settings = {"batch_size": 5, "epochs": 4, "verbose": 0, **VALIDATION} | options
    with pytest.raises((glia.ArgumentError, glia.DataError), match=reason):
        model.fit(x, y[: len(x)], resume=path, **settings)
    check_same_bits(model.get_weights(), before)


def test_another_learning_rate_does_not_make_another_model(path) -> None:
    model, _, _ = run(small, {}, list)
    run(small, {}, list, epochs=2, callbacks=[Checkpoint(path)])
    again, _, _ = run(compiled(optimizers.Adam(0.5)), {}, list, resume=path)
    check_same_weights(model, again)


def test_a_callback_with_a_state_must_be_there_again(path) -> None:
    own = [EarlyStopping("loss", patience=3)]
    run(small, {}, lambda: own, epochs=2, callbacks=[Checkpoint(path)])
    with pytest.raises(glia.ArgumentError, match="state of a callback EarlyStopping, which is not"):
        run(small, {}, list, resume=path)
    run(small, {}, lambda: own, resume=path)


def test_files_that_hold_no_fit(path) -> None:
    model, _, _ = run(small, {}, list, epochs=1)
    model.save(path)
    with pytest.raises(glia.FileError, match="no state of training to resume"):
        run(small, {}, list, resume=path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(glia.FileError, match="cut short"):
        run(small, {}, list, resume=path)


def test_a_csv_log_has_every_row_once(tmp_path, path) -> None:
    log = tmp_path / "log.csv"
    run(small, {}, lambda: [callbacks.CSVLogger(log)])
    expected = log.read_text()
    logger = callbacks.CSVLogger(log)
    with pytest.raises(SystemExit):
        run(small, {}, lambda: [logger], callbacks=[Checkpoint(path, every=2), Crash(26)])
    logger.on_train_end()
    assert len(log.read_text().splitlines()) == 6
    run(small, {}, lambda: [callbacks.CSVLogger(log)], resume=path)
    assert log.read_text() == expected


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"every": 0}, "every got 0; expected a finite number > 0"),
        ({"every": "5"}, "every got '5'"),
        ({"unit": "minutes"}, "unit got 'minutes'; expected one of 'epochs', 'steps', 'seconds'"),
    ],
)
def test_options_of_a_checkpoint(options, reason) -> None:
    with pytest.raises(glia.ArgumentError, match=reason):
        Checkpoint("m", **options)


@pytest.mark.usefixtures("quick_engine")
def test_how_often_it_writes(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(passes, "PIECE", 0.0)
    written = []
    monkeypatch.setattr(
        glia.training.resuming.Moment, "write", lambda m, _: written.append(m.total_steps)
    )
    for unit, every, expected in [
        ("epochs", 1, [5, 10, 15, 20]),
        ("epochs", 3, [5, 20]),
        ("steps", 7, [1, 8, 15, 20]),
        ("seconds", 1e6, [1, 20]),
    ]:
        run(small, {}, list, epochs=4, callbacks=[Checkpoint(tmp_path / "m", every, unit)])
        assert written == expected
        written.clear()


def test_a_place_that_cannot_be_written_is_known_in_the_first_epoch(tmp_path) -> None:
    keep = Checkpoint(tmp_path / "absent" / "m")
    with pytest.raises(glia.FileError, match="No such file"):
        run(small, {}, list, epochs=10**6, callbacks=[keep])
