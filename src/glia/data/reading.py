"""read_table: a path, a bundled set's name, a data frame or a dict of columns becomes a Table."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, DataError
from .bundled import BUNDLED, bundled_table
from .delimited import read_delimited
from .frames import read_dict, read_frame, read_parquet
from .table import Table

__all__ = ["read_table"]


def read_table(
    source: Any,
    *,
    delimiter: str | None = None,
    header: bool = True,
    texts: Collection[str] = (),
) -> Table:
    """Read a table.

    CSV and its kin need nothing but Python; the delimiter (comma, semicolon, tab or bar) is
    found out, cells that say ``NA``, ``?``, ``null`` and the like are missing, and a column is
    numeric if all its other cells are numbers. With the ``data`` extra, files of 32 MB or more
    are parsed by polars, with the same result.

    Parameters
    ----------
    source : path, str, data frame, dict or Table
        A file of delimited text or Parquet, the name of a bundled set (``iris``, ``wine``,
        ``breast_cancer``, ``digits``, ``diabetes``), a frame of pandas, polars or Arrow, or a
        dict of columns.
    delimiter : str, optional
        For delimited text; one character.
    header : bool
        Whether the first line of delimited text names the columns.
    texts : collection of str
        Columns of delimited text to keep as texts even if they look like numbers (postcodes).

    Returns
    -------
    Table
        Its ``notices`` say what had to be decided.

    Raises
    ------
    DataError
        If the file is missing, is no table or has broken rows.
    ArgumentError
        If the source is none of these, or needs a library that is not installed.
    """
    if isinstance(source, Table):
        return source
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1):
        raise ArgumentError(f"delimiter got {delimiter!r}; expected one character, such as ';'")
    if isinstance(source, Mapping):
        return read_dict(source)
    if not isinstance(source, (str, os.PathLike)):
        return read_frame(source)
    if isinstance(source, str) and source in BUNDLED and not os.path.exists(source):
        return bundled_table(source)
    path = Path(os.fspath(source))
    _check_exists(path)
    try:
        if path.suffix.lower() in (".parquet", ".pq") or _begins_as_parquet(path):
            return read_parquet(path)
        return read_delimited(path, delimiter, header, texts)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    except MemoryError:
        raise DataError(f"{path} does not fit into memory") from None


def _check_exists(path: Path) -> None:
    try:
        is_folder, is_there = path.is_dir(), path.exists()
    except (OSError, ValueError) as error:
        raise DataError(f"{str(path)[:80]!r} is no file name: {error}") from None
    if is_folder:
        raise DataError(f"{path} is a folder; expected a file of rows and columns")
    if is_there:
        return
    beside = []
    if path.parent.is_dir():
        beside = sorted(each.name for each in path.parent.iterdir())
    near = difflib.get_close_matches(path.name, [*BUNDLED, *beside], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise DataError(
        f"there is no file {str(path)!r}.{hint} Bundled data sets are {', '.join(BUNDLED)}"
    )


def _begins_as_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"
