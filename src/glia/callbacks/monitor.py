"""What callbacks that watch one number share: its name checked in time, and what 'better' is."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, unknown_name
from .callback import Callback, Logs

__all__ = ["MonitorCallback"]

LOWER_IS_BETTER = ("loss", "error", "mae", "mse", "rmse", "entropy", "mape", "msle", "huber")
HIGHER_IS_BETTER = ("accuracy", "acc", "auc", "precision", "recall", "f1", "r2", "score")


class MonitorCallback(Callback):
    """A callback that watches one entry of the logs.

    Parameters
    ----------
    monitor : str
        The entry, such as ``"val_loss"`` or ``"accuracy"``.
    mode : {"auto", "min", "max"}
        Whether smaller or larger is better; ``"auto"`` tells by the name.
    min_delta : float
        A change smaller than this is not counted as better.

    Raises
    ------
    ArgumentError
        For an unknown mode at once, and before the first epoch for a name the logs will not
        hold (the right ones are listed; Keras only warns, after each epoch), or an entry whose
        better direction the name does not tell.
    """

    def __init__(
        self, monitor: str = "val_loss", mode: str = "auto", min_delta: float = 0.0
    ) -> None:
        if mode not in ("auto", "min", "max"):
            raise ArgumentError(
                f"{type(self).__name__}: mode got {mode!r}; expected 'auto', 'min' or 'max'"
            )
        self.monitor = monitor
        self.mode = mode
        self.min_delta = abs(min_delta)
        self.best: float | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.best = None
        names = self.params.get("metrics")
        if names is not None and self.monitor not in names:
            raise self._unknown(names)
        self._is_higher_better()

    def _unknown(self, names: list[str]) -> ArgumentError:
        owner = type(self).__name__
        has_validation = any(name.startswith("val_") for name in names)
        if self.monitor.startswith("val_") and not has_validation:
            return ArgumentError(
                f"{owner} monitors {self.monitor!r} but this fit has no validation data, so it "
                f"will never be known. Pass validation_split=0.2 or validation_data=(x, y) to "
                f"fit, or monitor one of: {', '.join(names)}"
            )
        return unknown_name(f"quantity for {owner} to monitor:", self.monitor, names)

    def _is_higher_better(self) -> bool:
        if self.mode != "auto":
            return self.mode == "max"
        directions = self.params.get("directions", {})
        name = self.monitor.removeprefix("val_")
        if directions.get(name) is not None:
            return bool(directions[name])
        if name.endswith("_loss") or any(word in name for word in LOWER_IS_BETTER):
            return False
        if any(word in name for word in HIGHER_IS_BETTER):
            return True
        raise ArgumentError(
            f"{type(self).__name__}: whether a larger {self.monitor!r} is better cannot be told "
            "from its name; pass mode='max' or mode='min'"
        )

    def is_improvement(self, value: float, reference: float | None) -> bool:
        """Return whether a value is better than a reference by more than ``min_delta``."""
        if np.isnan(value):
            return False
        if reference is None or np.isnan(reference):
            return True
        if self._is_higher_better():
            return value - self.min_delta > reference
        return value + self.min_delta < reference

    def current(self, logs: Logs | None) -> float | None:
        """Return the watched entry, or None in epochs without it (``validation_freq`` > 1)."""
        value: Any = (logs or {}).get(self.monitor)
        return None if value is None else float(value)
