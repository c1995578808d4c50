"""Numbers, sums and matrices as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["elided", "matrix", "number", "table", "weighted_sum"]

# Longer sums, wider rows and taller matrices are cut, and say by how much.
MOST_TERMS = 12
MOST_COLUMNS = 8
MOST_ROWS = 8


def number(value: Any) -> str:
    """Return a number in at most four decimals, or in powers of ten where those would hide it."""
    value = float(value)
    if value == 0 or not np.isfinite(value):
        return str(value) if not np.isfinite(value) else "0"
    if not 5e-4 <= abs(value) < 1e6:
        return f"{value:.3e}"
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return text if text not in ("-0", "") else "0"


def factor(value: Any) -> str:
    """Return a number for use within a product or sum: negative ones in parentheses."""
    text = number(value)
    return f"({text})" if text.startswith("-") else text


def elided(total: int, shown: int, what: str) -> str:
    """Return how many of something are not shown, or an empty string."""
    return f"... and {total - shown:,} more {what}" if total > shown else ""


def weighted_sum(x: Any, w: Any, bias: Any | None) -> str:
    """Return ``x0*w0 + x1*w1 + ... + b`` in numbers; long sums end in the sum of the rest.

    ``x`` and ``w`` are vectors of equal length.
    """
    shown = len(x) if len(x) <= MOST_TERMS else MOST_TERMS - 2
    terms = [f"{number(a)}*{factor(b)}" for a, b in zip(x[:shown], w[:shown], strict=True)]
    if shown < len(x):
        rest = float(np.dot(np.asarray(x[shown:], float), np.asarray(w[shown:], float)))
        terms.append(f"[{len(x) - shown:,} more products: {number(rest)}]")
    if bias is not None:
        terms.append(factor(bias))
    return " + ".join(terms)


def matrix(values: np.ndarray[Any, Any], indent: str = "    ") -> str:
    """Return an array as aligned rows; vectors and single rows stand on one line."""
    rows = np.atleast_2d(np.asarray(values))
    rows = rows.reshape(-1, rows.shape[-1])
    cells = [[number(value) for value in row[:MOST_COLUMNS]] for row in rows[:MOST_ROWS]]
    width = max((len(cell) for row in cells for cell in row), default=0)
    tail = " ..." if rows.shape[1] > MOST_COLUMNS else ""
    lines = [f"{indent}[{' '.join(cell.rjust(width) for cell in row)}{tail}]" for row in cells]
    if rows.shape[0] > MOST_ROWS:
        lines.append(indent + elided(rows.shape[0], MOST_ROWS, "rows"))
    return "\n".join(lines)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return columns aligned to the right under their heads."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [
        "  ".join(cell.rjust(w) for cell, w in zip(r, widths, strict=True)) for r in (heads, *rows)
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
