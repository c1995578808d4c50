"""Showing how training goes: a live bar in a terminal or notebook, lines elsewhere, or nothing."""

from __future__ import annotations

import builtins
import sys
import time
from typing import Any

from ..callbacks.callback import Callback, Logs
from ..callbacks.readout import line
from ..errors import ArgumentError

__all__ = ["Progress", "verbosity"]

# Seconds between two drawings; notebooks freeze when redrawn often.
TERMINAL_INTERVAL = 0.1
NOTEBOOK_INTERVAL = 0.5
# With verbose=1 about this many epochs get a line of their own above the bar.
LINES = 20


def _is_notebook() -> bool:
    return hasattr(builtins, "__IPYTHON__") and "ipykernel" in sys.modules


def _is_live() -> bool:
    return sys.stdout.isatty() or _is_notebook()


def verbosity(verbose: Any) -> int:
    """Return 0, 1 or 2; ``"auto"`` is 1 in a terminal or notebook and 0 elsewhere.

    Raises
    ------
    ArgumentError
        For anything else.
    """
    if verbose == "auto":
        return 1 if _is_live() else 0
    if verbose in (0, 1, 2):
        return int(verbose)
    raise ArgumentError(
        f"verbose got {verbose!r}; expected 'auto', 0 (silent), 1 (a live bar) or 2 (one line per "
        "epoch)"
    )


class Progress(Callback):
    """Shows loss, metrics, rows per second and time left.

    Parameters
    ----------
    verbose : int
        1 for a live bar (lines where nothing can be redrawn), 2 for one line per epoch.
    rows : int
        Rows per epoch.
    descriptions : dict of str to str
        What each metric means here, printed once at the start.
    """

    def __init__(self, verbose: int, rows: int, descriptions: dict[str, str]) -> None:
        self.verbose = verbose
        self.rows = rows
        self.descriptions = descriptions
        self._bar: Any = None
        self._task: Any = None
        self._began = self._epoch_began = self._drawn = 0.0
        self._interval = NOTEBOOK_INTERVAL if _is_notebook() else TERMINAL_INTERVAL
        self._first: int | None = None
        self._epoch = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._began = time.perf_counter()
        self._first = None
        if self.verbose == 0:
            return
        for name, meaning in self.descriptions.items():
            print(f"{name} = {meaning}")
        if self.verbose == 1 and _is_live():
            self._start_bar()

    def _start_bar(self) -> None:
        from rich.progress import BarColumn, TextColumn  # heavy, and needed only here
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[numbers]}"),
            TextColumn("[dim]{task.fields[speed]}"),
            auto_refresh=False,
        )
        epochs = self.params["epochs"]
        self._task = self._bar.add_task(
            "", total=epochs * self.rows, epoch=0, epochs=epochs, numbers="", speed=""
        )
        self._bar.start()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch
        self._epoch_began = time.perf_counter()
        if self._first is None:
            self._first = epoch

    def is_due(self) -> bool:
        """Return whether it is time to draw the bar again."""
        return self._bar is not None and time.perf_counter() - self._drawn >= self._interval

    def draw(self, rows: int, logs: Logs) -> None:
        """Redraw the bar with ``rows`` rows of this epoch done."""
        self._drawn = time.perf_counter()
        first = self._first or 0
        done = (self._epoch - first) * self.rows + rows
        seconds = max(self._drawn - self._began, 1e-9)
        left = (self.params["epochs"] - first) * self.rows - done
        speed = f"{done / seconds:,.0f} rows/s"
        if done:
            speed += f"  {_clock(left * seconds / done)} left"
        self._bar.update(
            self._task,
            completed=first * self.rows + done,
            epoch=self._epoch + 1,
            numbers=line(logs),
            speed=speed,
        )
        self._bar.refresh()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.verbose == 0:
            return
        epochs = self.params["epochs"]
        seconds = max(time.perf_counter() - self._epoch_began, 1e-9)
        text = f"epoch {epoch + 1}/{epochs}  {line(logs or {})}"
        stride = 1 if self.verbose == 2 else max(1, round(epochs / LINES))
        if (epoch + 1) % stride == 0 or epoch in (self._first, epochs - 1):
            self._print(f"{text}  ({seconds:.2f} s, {self.rows / seconds:,.0f} rows/s)")
        if self.is_due():
            self.draw(self.rows, logs or {})

    def on_train_end(self, logs: Logs | None = None) -> None:
        self.close()

    def close(self) -> None:
        """Give the terminal back, whatever happened."""
        if self._bar is not None:
            self._bar.update(self._task, speed="", visible=False)
            self._bar.refresh()
            self._bar.stop()
            self._bar = None

    def say(self, text: str) -> None:
        """Print a line when not silent."""
        if self.verbose:
            self._print(text)

    def _print(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(text, highlight=False, markup=False, soft_wrap=True)
        else:
            print(text, flush=True)


def _clock(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"
