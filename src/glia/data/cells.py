"""What a cell of text says: missing, a number in one of several spellings, true or false."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from ..graph import Array

__all__ = [
    "MISSING",
    "STYLES",
    "is_missing",
    "number_style",
    "numbers_in",
    "parsed_numbers",
    "truth_values",
]

# Cells that are missing in any column, whatever their case. "None" is not among them: tables
# use it as an answer ("sleep disorder: None"), and it would cost a target those rows.
MISSING = frozenset(
    ["", "?", "na", "n/a", "#n/a", "#na", "nan", "-nan", "null", "(null)", "<na>", "nat", "\\n"]
)
# Further cells that are missing where all others are numbers.
MISSING_AMONG_NUMBERS = frozenset(
    ["-", "--", ".", "..", "*", "none", "nil", "n.a.", "missing", "unknown", "unavailable"]
) | {"not available", "no data", "#value!", "#div/0!", "#ref!"}

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]?inf(?:inity)?", re.I | re.A)

# How numbers are spelled: the form, and how to make it one that float() reads.
STYLES = {
    "plain": _PLAIN,
    "1,234.5": re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.A),
    "1.234,5": re.compile(
        r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+|[+-]?\d{1,3}(?:\.\d{3}){2,}", re.A
    ),
}
# What shows that a separator can only mean what the style says it means.
_PROOF = {
    "1,234.5": re.compile(r"[+-]?\d+,\d{3}[,.]\d.*", re.A),
    "1.234,5": re.compile(r"[+-]?(?:[\d.]*\.[\d.]*,\d+|\d*,(?!\d{3}$)\d+|0\d*,\d+)", re.A),
}

_TRUTH = [("yes", "no"), ("true", "false"), ("y", "n"), ("t", "f"), ("on", "off")]


def is_missing(text: str) -> bool:
    """Return whether a cell says that nothing is known."""
    return text.strip().lower() in MISSING


def _plain_number(text: str) -> float | None:
    """Return a cell as a number, NaN where it is missing, None where it is neither."""
    stripped = text.strip()
    if _PLAIN.fullmatch(stripped):
        return float(stripped)
    return np.nan if stripped.lower() in MISSING else None


def parsed_numbers(cells: Sequence[str]) -> Array | None:
    """Return cells as float64 with NaN for missing, or None if one is not a plain number."""
    try:
        values = np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        known: dict[str, float] = {}
        for cell in set(cells):
            value = _plain_number(cell)
            if value is None:
                return None
            known[cell] = value
        return np.fromiter(map(known.__getitem__, cells), np.float64, len(cells))
    # float() reads 1_000 too, which is a text here.
    return None if "_" in "".join(cells) else values


def number_style(levels: Iterable[str]) -> str:
    """Return the one style of :data:`STYLES` that fits, ``"plain"`` where another is not proven.

    ``1,234`` alone may be 1234 or 1.234; it takes a cell such as ``1,234,567`` or ``3,5`` in
    the column to know.
    """
    odd = [text for text in levels if "," in text or text.count(".") > 1]
    for style, proof in _PROOF.items():
        if odd and all(STYLES[style].fullmatch(text) for text in odd):
            others = [text for text in levels if "," not in text and "." in text]
            is_consistent = style == "1,234.5" or all(STYLES[style].fullmatch(t) for t in others)
            if is_consistent and any(proof.fullmatch(text) for text in odd):
                return style
    return "plain"


def numbers_in(levels: Sequence[str], style: str = "plain") -> tuple[Array, Array]:
    """Read distinct texts as numbers.

    Parameters
    ----------
    levels : sequence of str
        The texts, stripped and none missing.
    style : str
        A key of :data:`STYLES`.

    Returns
    -------
    values : float64 array ``(levels,)``
        The numbers, NaN where there is none.
    is_read : bool array ``(levels,)``
        False where a text is neither a number nor a word for missing.
    """
    values = np.full(len(levels), np.nan)
    is_read = np.zeros(len(levels), bool)
    for place, text in enumerate(levels):
        if _PLAIN.fullmatch(text) and not (style == "1.234,5" and "." in text):
            values[place], is_read[place] = float(text), True
        elif style != "plain" and STYLES[style].fullmatch(text):
            plain = text.replace(",", "") if style == "1,234.5" else _from_comma(text)
            values[place], is_read[place] = float(plain), True
        elif text.lower() in MISSING_AMONG_NUMBERS:
            is_read[place] = True
    return values, is_read


def _from_comma(text: str) -> str:
    return text.replace(".", "").replace(",", ".")


def truth_values(levels: Iterable[str]) -> dict[str, bool] | None:
    """Return which of two texts is true (``yes``/``no``, ``t``/``f`` ...), or None for others."""
    found = {text.lower() for text in levels}
    for true, false in _TRUTH:
        if found == {true, false}:
            return {text: text.lower() == true for text in levels}
    return None
