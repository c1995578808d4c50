"""Table: named columns of equal length, as they were read and before anything is decided."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from ..errors import DataError, unknown_name
from ..graph import Array

__all__ = ["Column", "Storage", "Table", "column_of_numbers", "column_of_texts"]

Storage = Literal["number", "boolean", "date", "text"]


@dataclass(frozen=True, eq=False)
class Column:
    """One column: numbers with NaN for missing, or codes into its distinct texts.

    Parameters
    ----------
    name : str
        Its name in the header.
    kind : "number", "boolean", "date" or "text"
        How the cells are held. Dates are seconds since 1970, booleans 0 and 1.
    cells : array ``(rows,)``
        Floats for everything but text (float32 only where that is exact); for text an int32
        code into ``levels``, -1 where the cell is missing.
    levels : object array of str, optional
        The distinct texts of a text column, in the order they first appear.
    """

    name: str
    kind: Storage
    cells: Array
    levels: Array = field(default_factory=lambda: np.empty(0, object))

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def values(self) -> Array:
        """The cells as float64 with NaN for missing, or as an object array of str and None."""
        if self.kind != "text":
            return self.cells.astype(np.float64, copy=False)
        return np.array([*self.levels, None], object)[self.cells]

    @property
    def missing(self) -> Array:
        """Which cells are missing, ``(rows,)`` bool."""
        return self.cells < 0 if self.kind == "text" else np.isnan(self.cells)

    def select(self, rows: Array) -> Column:
        """Return the column with these rows only (row numbers or a mask)."""
        return Column(self.name, self.kind, self.cells[rows], self.levels)

    def renamed(self, name: str) -> Column:
        """Return the same column under another name."""
        return Column(name, self.kind, self.cells, self.levels)


def column_of_numbers(name: str, values: Any, kind: Storage = "number") -> Column:
    """Build a column of floats, held in float32 where that loses nothing.

    Infinite cells count as missing.
    """
    wide = np.asarray(values, np.float64)
    is_infinite = np.isinf(wide)
    if is_infinite.any():
        wide = np.where(is_infinite, np.nan, wide)
    with np.errstate(over="ignore", under="ignore"):
        narrow = wide.astype(np.float32)
    is_exact = bool(((narrow == wide) | np.isnan(wide)).all())
    return Column(name, kind, narrow if is_exact else wide)


def column_of_texts(name: str, texts: Iterable[str | None]) -> Column:
    """Build a text column from cells, None where one is missing."""
    places: dict[str, int] = {}
    codes = [-1 if text is None else places.setdefault(text, len(places)) for text in texts]
    levels = np.empty(len(places), object)
    levels[:] = list(places)
    return Column(name, "text", np.array(codes, np.int32), levels)


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns of equal length.

    Parameters
    ----------
    columns : dict of str to Column
        In the order of the file.
    rows : int
        How many rows there are.
    source : str
        Where it came from, for messages.
    notices : list of str
        What reading had to decide: an encoding, short rows, names that repeat.
    repeated : tuple of str
        Names that stood in the header more than once.
    target : str, optional
        The column to predict, where the source says which (bundled sets).
    """

    columns: dict[str, Column]
    rows: int
    source: str = "table"
    notices: list[str] = field(default_factory=list)
    repeated: tuple[str, ...] = ()
    target: str | None = None

    def __len__(self) -> int:
        return self.rows

    def __getitem__(self, name: str) -> Column:
        """Return a column.

        Raises
        ------
        ArgumentError
            If there is none of that name; the message suggests the nearest.
        """
        if name not in self.columns:
            raise unknown_name(f"column of {self.source}", name, self.columns)
        return self.columns[name]

    def select(self, rows: Any) -> Table:
        """Return the table with these rows only (row numbers or a mask)."""
        index = np.asarray(rows)
        index = np.flatnonzero(index) if index.dtype == bool else index.astype(np.int64)
        columns = {name: column.select(index) for name, column in self.columns.items()}
        return replace(self, columns=columns, rows=len(index))

    def drop(self, names: Iterable[str]) -> Table:
        """Return the table without these columns; each must exist."""
        gone = {self[name].name for name in names}
        return self.only(name for name in self.columns if name not in gone)

    def only(self, names: Iterable[str]) -> Table:
        """Return the table with these columns only, in this order; each must exist."""
        columns = {name: self[name] for name in names}
        return replace(self, columns=columns)

    def fingerprint(self) -> str:
        """Return a hash of all names and cells: SHA-256, 64 hexadecimal digits."""
        digest = hashlib.sha256(f"{self.rows}".encode())
        for name, column in self.columns.items():
            digest.update(f"\0{name}\0{column.kind}\0".encode())
            if column.kind == "text":
                digest.update("\0".join(column.levels).encode("utf-8", "surrogatepass"))
                digest.update(column.cells.astype("<i4").tobytes())
            else:
                digest.update(column.values.astype("<f8").tobytes())
        return digest.hexdigest()

    @classmethod
    def of(cls, columns: Mapping[str, Column], source: str = "table") -> Table:
        """Return a table of these columns.

        Raises
        ------
        DataError
            If their lengths differ.
        """
        sizes = {name: len(column) for name, column in columns.items()}
        if len(set(sizes.values())) > 1:
            few, many = min(sizes, key=lambda n: sizes[n]), max(sizes, key=lambda n: sizes[n])
            raise DataError(
                f"{source}: column {few!r} has {sizes[few]} rows and {many!r} has {sizes[many]}; "
                "all columns of a table must be equally long"
            )
        return cls(dict(columns), next(iter(sizes.values()), 0), source)
