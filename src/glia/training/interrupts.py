"""Ctrl-C between two steps, never within one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

__all__ = ["DeferredInterrupt"]


class DeferredInterrupt:
    """Holds Ctrl-C back while weights are being written, and delivers it right after.

    Within ``with deferred.hold():`` the first Ctrl-C waits for the end of the block (about 50 ms
    of steps); a second one strikes at once. Outside such blocks nothing changes. Only the main
    thread can do this, since only it receives signals.

    Attributes
    ----------
    is_torn : bool
        Whether the last such block was left in the middle.
    """

    def __init__(self) -> None:
        self.is_torn = False
        self._is_holding = False
        self._pending: tuple[int, FrameType | None] | None = None
        self._previous: Any = None
        self._is_installed = False

    def __enter__(self) -> DeferredInterrupt:
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.getsignal(signal.SIGINT)
            if callable(self._previous):
                signal.signal(signal.SIGINT, self._receive)
                self._is_installed = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_installed:
            signal.signal(signal.SIGINT, self._previous)
            self._is_installed = False

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self._is_holding and self._pending is None:
            self._pending = number, frame
        else:
            self._pending = None
            self._previous(number, frame)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep Ctrl-C waiting until the block ends."""
        self._is_holding = self.is_torn = True
        try:
            yield
            self.is_torn = False
        finally:
            self._is_holding = False
        if self._pending is not None:
            pending, self._pending = self._pending, None
            self._previous(*pending)
