"""read_table: a path, a bundled set's name, a data frame or a dict of columns becomes a Table."""

from __future__ import annotations

from typing import Any

from ..errors import DataError
from .table import Table

__all__ = ["read_table"]


def read_table(source: Any, *, delimiter: str | None = None, header: bool = True) -> Table:
    """Read a table (path, bundled name, frame, dict of columns); Table.notices says what it met.
    Every failure is a GliaError (DataError, ArgumentError)."""
    raise DataError("being written")
