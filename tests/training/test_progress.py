"""Progress is shown where it can be read, and nowhere else."""

import builtins
import io
import subprocess
import sys

import numpy as np
import pytest
from tests.training.networks import binary, compiled, dense

from glia.callbacks.readout import line
from glia.training import progress
from glia.training.progress import verbosity


class Terminal(io.StringIO):
    def isatty(self):
        return True


def train(**options):
    x, y = binary(40)
    model = compiled(dense(1, head="sigmoid"), "binary_crossentropy", "adam", metrics=["accuracy"])
    return model.fit(x, y, **options)


def test_quiet_when_output_is_no_terminal(capsys):
    train(epochs=2)
    train(epochs=2, verbose=0)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_a_line_per_epoch(capsys):
    train(epochs=3, verbose=2, validation_split=0.25)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "accuracy = binary accuracy, threshold 0.5"
    assert [line.split("  ")[0] for line in lines[1:4]] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    for word in ("loss ", "accuracy ", "val_loss ", "val_accuracy ", "rows/s"):
        assert word in lines[1]
    assert lines[4].startswith("training rows, measured after training in evaluation mode: loss ")


def test_many_epochs_get_about_twenty_lines_unless_each_is_asked_for(capsys):
    train(epochs=200, verbose=1)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("epoch")]
    assert 20 <= len(lines) <= 22
    assert lines[0].startswith("epoch 1/200")
    assert lines[-1].startswith("epoch 200/200")
    train(epochs=60, verbose=2)
    assert capsys.readouterr().out.count("epoch ") == 60


def test_a_live_bar_in_a_terminal(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(progress, "TERMINAL_INTERVAL", 0.0)
    train(epochs=3)
    text = screen.getvalue()
    for part in ("epoch 3/3", "loss", "accuracy", "rows/s", "left"):
        assert part in text


def test_a_bar_is_redrawn_at_most_so_often(monkeypatch):
    drawn = []
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr(progress, "TERMINAL_INTERVAL", 1000.0)
    draw = progress.Progress.draw
    monkeypatch.setattr(
        progress.Progress, "draw", lambda self, *rest: (drawn.append(1), draw(self, *rest))
    )
    train(epochs=30)
    assert len(drawn) <= 1
    shown = progress.Progress(1, 10, {})
    shown._bar = object()
    shown._drawn = progress.time.perf_counter()
    assert not shown.is_due()
    shown._drawn -= 1001
    assert shown.is_due()


def test_notebooks_are_redrawn_less_often(monkeypatch):
    assert progress.Progress(1, 10, {})._interval == progress.TERMINAL_INTERVAL
    monkeypatch.setattr(builtins, "__IPYTHON__", True, raising=False)
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    assert progress.Progress(1, 10, {})._interval == progress.NOTEBOOK_INTERVAL
    assert progress.NOTEBOOK_INTERVAL >= 0.5
    assert verbosity("auto") == 1


def test_the_terminal_is_given_back_after_an_error(monkeypatch):
    closed = []
    close = progress.Progress.close
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr(progress.Progress, "close", lambda self: (closed.append(1), close(self)))

    def fail(epoch, logs):
        raise RuntimeError

    from glia.callbacks import LambdaCallback

    with pytest.raises(RuntimeError):
        train(callbacks=LambdaCallback(on_epoch_end=fail))
    assert closed


def test_evaluate_prints_one_line_when_asked(capsys):
    x, y = binary(20)
    model = compiled(dense(1, head="sigmoid"), "binary_crossentropy")
    loss = model.evaluate(x, y, verbose=2)
    assert capsys.readouterr().out == f"loss {loss:.4g}\n"
    model.evaluate(x, y)
    model.predict(x, verbose=1)
    assert capsys.readouterr().out == ""


def test_rich_is_imported_only_when_a_bar_is_drawn():
    code = (
        "import sys, numpy as np\n"
        "from glia.models import Sequential\n"
        "from glia.layers import Dense\n"
        "m = Sequential([Dense(1)])\n"
        "m.compile('sgd', 'mse')\n"
        "m.fit(np.ones((4, 2)), np.ones(4), verbose=2)\n"
        "assert 'rich' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_metrics_of_several_numbers_can_be_shown():
    assert line({"f1": np.array([0.5, 1.0]), "loss": 0.25}) == "f1 [0.5, 1]  loss 0.25"
