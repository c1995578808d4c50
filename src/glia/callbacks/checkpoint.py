"""Keep a file from which training goes on as if it had never been interrupted."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from ..config import checked_number
from ..errors import ArgumentError
from .callback import Callback, Logs

__all__ = ["Checkpoint"]

UNITS = ("epochs", "steps", "seconds")


class Checkpoint(Callback):
    """Write all of a fit's state to a file now and then, for ``fit(..., resume=path)``.

    The file holds the model, which :func:`glia.load` reads like any other, and what else the
    further course depends on: optimizer, random numbers, the order of the data and the place in
    it, history and the state of all callbacks. The resumed fit ends with the same bits in every
    weight as one that was never interrupted. It is replaced in one step: whenever the process is
    killed, there is a whole file.

    It is first written as soon as it can be, so that a wrong path is known at once, and last when
    training ends, by itself or by Ctrl-C.

    Parameters
    ----------
    path : str or path
        The file.
    every : float
        How much may be lost: so many epochs, steps or seconds.
    unit : {"epochs", "steps", "seconds"}
        What ``every`` counts. Steps and seconds also write in the middle of an epoch, when the
        compiled loop next comes up for air, about every 50 ms.

    Raises
    ------
    ArgumentError
        For a number that is not above 0 or another unit; when it is first written, also for a
        model that cannot be stored.

    Examples
    --------
    The same program starts training and, started again after a crash, goes on with it::

        checkpoint = glia.callbacks.Checkpoint("run.glia", every=10, unit="seconds")
        model.fit(x, y, epochs=100, callbacks=[checkpoint], resume="run.glia")
    """

    def __init__(
        self, path: str | os.PathLike[str], every: float = 1, unit: str = "epochs"
    ) -> None:
        if unit not in UNITS:
            raise ArgumentError(
                f"Checkpoint: unit got {unit!r}; expected one of {', '.join(map(repr, UNITS))}"
            )
        self.path = Path(path)
        self.every = checked_number("Checkpoint", "every", every, example=1.0, is_low_allowed=False)
        self.unit = unit
        self._last: float | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._last = None

    def on_pause(self, moment: Any) -> None:
        if self.unit == "epochs" and moment.steps and not moment.is_last:
            return
        counts = {"epochs": moment.epoch, "steps": moment.total_steps, "seconds": time.monotonic()}
        now = counts[self.unit]
        if moment.is_last or self._last is None or now - self._last >= self.every:
            moment.write(self.path)
            self._last = now
