"""How training speaks when nothing is wrong enough to stop: warnings, notes and the log."""

from __future__ import annotations

import logging
import os
import sys
import warnings

__all__ = ["logger", "note", "warn"]

logger = logging.getLogger("glia")
logger.addHandler(logging.NullHandler())

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def warn(message: str) -> None:
    """Warn of a likely mistake, pointing at the user's line rather than at glia's."""
    logger.warning(message)
    level, frame = 1, sys._getframe(0)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)


def note(message: str) -> None:
    """Log something worth knowing that needs no action (visible with ``logging``)."""
    logger.info(message)
