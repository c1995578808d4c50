"""How training speaks when nothing is wrong enough to stop: warnings, notes and the log."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextvars import ContextVar

__all__ = ["logger", "note", "unwarned", "warn"]

logger = logging.getLogger("glia")
logger.addHandler(logging.NullHandler())

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


_is_unwarned: ContextVar[bool] = ContextVar("is_unwarned", default=False)


@contextlib.contextmanager
def unwarned() -> Iterator[None]:
    """Only log, inside a ``with`` block, what would be a warning, in this thread."""
    token = _is_unwarned.set(True)
    try:
        yield
    finally:
        _is_unwarned.reset(token)


def warn(message: str) -> None:
    """Warn of a likely mistake, pointing at the user's line rather than at glia's."""
    logger.warning(message)
    if _is_unwarned.get():
        return
    level, frame = 1, sys._getframe(0)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)


def note(message: str) -> None:
    """Log something worth knowing that needs no action (visible with ``logging``)."""
    logger.info(message)
