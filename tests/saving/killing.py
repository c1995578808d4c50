"""A program that trains, is killed at random moments, is resumed, and compares the weights.

Each training is a forked child, so that a kill costs no import. Run by test_killing.py.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import llvmlite.binding
import llvmlite.ir  # noqa: F401 - here once, not in every child
import numpy as np

import glia
from glia import callbacks, layers
from glia.saving import container
from glia.training import passes

# Many pauses, and a file at each: most of the time is spent writing.
PIECE = 0.002
EPOCHS = 4


class Telling(callbacks.Callback):
    """Says through a pipe that the first steps are done, and the first file is to be written."""

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe

    def on_pause(self, moment: Any) -> None:
        os.write(self.pipe, b"x")


def train(path: Path, result: Path, pipe: int) -> None:
    """Train to the end, from the checkpoint if there is one, and store the weights."""
    passes.PIECE = PIECE
    glia.seed(4)
    x = np.random.default_rng(0).normal(size=(640, 4)).astype(np.float32)
    model = glia.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(6000, activation="relu"),
            layers.Dropout(0.2, seed=3),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    keep = callbacks.Checkpoint(path, every=1, unit="steps")
    history = model.fit(
        x, x[:, 0] > 0, batch_size=32, epochs=EPOCHS, validation_split=0.1, verbose=0,
        callbacks=[callbacks.EarlyStopping(patience=50), Telling(pipe), keep], resume=path,
    )  # fmt: skip
    arrays = {name: each.array for name, each in model.named_variables().items()}
    arrays["loss"] = np.array(history.history["val_loss"])
    container.write(result, {}, arrays)


def fork(path: Path, result: Path) -> tuple[int, int]:
    """Begin a training; return its process and the pipe that tells when it trains."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receive)
        status = 1
        try:
            train(path, result, send)
            status = 0
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(status)
    os.close(send)
    return child, receive


def finish(path: Path, result: Path) -> float:
    """Let a training run to its end; return the seconds it trained."""
    child, pipe = fork(path, result)
    os.read(pipe, 1)
    begin = time.monotonic()
    _, status = os.waitpid(child, 0)
    os.close(pipe)
    if status:
        raise SystemExit(f"a training failed with status {status}")
    return time.monotonic() - begin


def main(folder: Path, kills: int) -> dict[str, int]:
    """Kill and resume so many trainings; count what happened."""
    moments = random.Random(1)
    path, result, expected = (folder / name for name in ("run.glia", "end.glia", "whole.glia"))
    finish(path, expected)
    path.unlink()
    seconds = finish(path, result)
    counts = {"kills": 0, "while_writing": 0, "before_the_first_file": 0, "identical": 0}
    while counts["kills"] < kills:
        path.unlink(missing_ok=True)
        result.unlink(missing_ok=True)
        child, pipe = fork(path, result)
        os.read(pipe, 1)
        time.sleep(moments.uniform(0, seconds))
        had_file = path.exists()
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(pipe)
        if not os.WIFSIGNALED(status):
            continue
        counts["kills"] += 1
        counts["while_writing"] += any(folder.glob(".*.partial"))
        counts["before_the_first_file"] += not path.exists()
        if had_file or path.exists():
            container.read(path)
        finish(path, result)
        counts["identical"] += result.read_bytes() == expected.read_bytes()
    counts["left_behind"] = len(list(folder.glob(".*")))
    return counts


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
