"""Numbers as people read them: four digits, names before values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["line", "shown"]


def shown(value: Any) -> str:
    """Write a number, or the numbers of a metric that has one for each class, in four digits."""
    if np.ndim(value):
        return f"[{', '.join(map(shown, value))}]"
    return f"{value:.4g}"


def line(logs: Mapping[str, Any]) -> str:
    """Write logs on one line: ``loss 0.4321  accuracy 0.875``."""
    return "  ".join(f"{name} {shown(value)}" for name, value in logs.items())
