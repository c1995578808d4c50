"""Columns from cells that arrive in pieces: numbers as long as every cell is one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..graph import Array
from .cells import is_missing, parsed_numbers
from .table import Column, column_of_numbers

__all__ = ["ColumnBuilder", "cleaned", "note_infinite"]


class ColumnBuilder:
    """Gathers one column piece by piece, in 4 or 8 bytes a cell.

    Parameters
    ----------
    name : str
        The column's name.
    is_text : bool
        Whether to keep texts even if all are numbers.

    Attributes
    ----------
    is_broken : bool
        A text came after numbers whose spelling is gone: read again with ``is_text``.
    infinite : int
        How many cells were infinite numbers, which count as missing.
    """

    def __init__(self, name: str, is_text: bool = False) -> None:
        self.name = name
        self.is_text = is_text
        self.is_broken = False
        self.infinite = 0
        self._parts: list[Array] = []
        self._places: dict[str, int] = {}

    def add(self, cells: Sequence[str]) -> None:
        """Take the next cells."""
        if self.is_broken:
            return
        if not self.is_text:
            numbers = parsed_numbers(cells)
            if numbers is not None:
                self.add_numbers(numbers)
                return
        if self.turns_to_text():
            places = self._places
            codes = [places.setdefault(cell, len(places)) for cell in cells]
            self._parts.append(np.array(codes, np.int32))

    def add_numbers(self, numbers: Array) -> None:
        """Take the next cells, all numbers or missing."""
        self.infinite += int(np.isinf(numbers).sum())
        self._parts.append(column_of_numbers(self.name, numbers).cells)

    def add_codes(self, codes: Array, levels: Sequence[str]) -> None:
        """Take the next cells as numbers of distinct texts; after :meth:`turns_to_text`."""
        places = self._places
        known = [places.setdefault(level, len(places)) for level in levels]
        self._parts.append(np.array(known, np.int32)[codes])

    def turns_to_text(self) -> bool:
        """Make this a text column, if cells seen so far do not forbid it."""
        if not self.is_text:
            self.is_text = all(np.isnan(part).all() for part in self._parts)
            self.is_broken = not self.is_text
            self._parts = [np.full(len(part), -1, np.int32) for part in self._parts]
        return self.is_text

    def finish(self, notices: list[str]) -> Column:
        """Return the column and forget the pieces; ``notices`` grows."""
        if not self.is_text:
            note_infinite(self.name, self.infinite, notices)
            cells = np.concatenate([np.empty(0, np.float32), *self._parts])
            self._parts = []
            return Column(self.name, "number", cells)
        codes = np.concatenate([np.empty(0, np.int32), *self._parts])
        texts, self._parts, self._places = list(self._places), [], {}
        return cleaned(self.name, codes, texts)


def note_infinite(name: str, count: int, notices: list[str]) -> None:
    """Say that a column held infinite numbers, if it did."""
    if count:
        cells = "1 cell" if count == 1 else f"{count} cells"
        notices.append(f"column {name!r}: {cells} beyond 1.8e308 or infinite, taken as missing")


def cleaned(name: str, codes: Array, texts: Sequence[str]) -> Column:
    """Return a text column without blanks around its texts and with words for missing removed.

    Parameters
    ----------
    name : str
        The column's name.
    codes : int32 array ``(rows,)``
        Which text each cell is, -1 for missing.
    texts : sequence of str
        The distinct texts as they came.
    """
    places: dict[str, int] = {}
    mapped = [
        -1 if is_missing(text) else places.setdefault(text.strip(), len(places)) for text in texts
    ]
    if not places:
        return Column(name, "number", np.full(len(codes), np.nan, np.float32))
    levels = np.empty(len(places), object)
    levels[:] = list(places)
    if len(places) < len(texts):
        codes = np.array([*mapped, -1], np.int32)[codes]
    return Column(name, "text", codes, levels)
