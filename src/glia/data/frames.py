"""Data frames (pandas, polars, Arrow ...), Parquet files and dicts of columns as a Table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError
from ..graph import Array
from .building import cleaned, note_infinite
from .extras import extra
from .table import Column, Table, column_of_numbers

__all__ = ["read_dict", "read_frame", "read_parquet"]


def read_frame(frame: Any, source: str = "frame") -> Table:
    """Return a data frame's columns, whichever library it is of.

    Parameters
    ----------
    frame : data frame
        Of pandas, polars, Arrow or another library narwhals knows; lazy ones are collected.
    source : str
        What to call it in messages.

    Raises
    ------
    ArgumentError
        If it is no data frame, or narwhals is missing.
    DataError
        If two columns have one name.
    """
    narwhals = extra("narwhals", "reading a data frame")
    try:
        native = narwhals.from_native(frame)
    except TypeError:
        raise ArgumentError(
            f"got {type(frame).__module__}.{type(frame).__name__}; expected a path, the name of a "
            "bundled data set, a dict of columns, or a data frame of pandas, polars or Arrow"
        ) from None
    except narwhals.exceptions.NarwhalsError as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{source} is no table glia can take: {reason}") from None
    if hasattr(native, "collect"):
        native = native.collect()
    columns: dict[str, Column] = {}
    notices: list[str] = []
    for name in native.columns:
        column = _column(str(name), native.get_column(name), notices)
        if column is not None:
            columns[str(name)] = column
    return Table(columns, len(native), source, notices)


def _column(name: str, series: Any, notices: list[str]) -> Column | None:
    kind = series.dtype
    if kind.is_numeric() or str(kind) == "Boolean":
        cells = _floats(series)
        note_infinite(name, int(np.isinf(cells).sum()), notices)
        return column_of_numbers(name, cells, "boolean" if str(kind) == "Boolean" else "number")
    if str(kind) in ("Date",) or str(kind).startswith("Datetime"):
        moments = np.asarray(series.to_numpy())
        return column_of_numbers(name, _seconds(moments.astype("datetime64[us]")), "date")
    if str(kind).startswith("Duration"):
        spans = np.asarray(series.to_numpy()).astype("timedelta64[us]")
        return column_of_numbers(name, _seconds(spans))
    if kind.is_nested() or str(kind) in ("Binary",):
        notices.append(f"column {name!r} was left out: its cells are {kind}, not single values")
        return None
    return _mixed(name, series.to_list())


def _floats(series: Any) -> Array:
    if series.null_count():
        return _or_nan(None if _is_absent(cell) else cell for cell in series.to_list())
    return np.asarray(series.to_numpy()).astype(np.float64)


def _seconds(moments: Array) -> Array:
    whole = moments.astype(np.int64).astype(np.float64) / 1e6
    return np.where(np.isnat(moments), np.nan, whole)


def _mixed(name: str, cells: Iterable[Any]) -> Column:
    """Return a column of Python objects: texts, or numbers and truths if all are."""
    cells = [None if _is_absent(cell) else cell for cell in cells]
    present = [cell for cell in cells if cell is not None]
    if all(isinstance(cell, (bool, np.bool_)) for cell in present) and present:
        return column_of_numbers(name, _or_nan(cells), "boolean")
    if all(isinstance(cell, (int, float, Decimal, np.number)) for cell in present):
        return column_of_numbers(name, _or_nan(cells))
    places: dict[str, int] = {}
    codes = [-1 if cell is None else places.setdefault(str(cell), len(places)) for cell in cells]
    return cleaned(name, np.array(codes, np.int32), list(places))


def _is_absent(cell: Any) -> bool:
    # NaN, NaT and pandas.NA do not equal themselves, the last without saying so in a bool.
    if cell is None:
        return True
    if isinstance(cell, (str, bool, int)):
        return False
    if isinstance(cell, (list, dict, tuple, np.ndarray)):
        return False
    return type(cell).__name__ == "NAType" or bool(cell != cell)


def _or_nan(cells: Iterable[Any]) -> Array:
    values = []
    for cell in cells:
        try:
            values.append(np.nan if cell is None else float(cell))
        except OverflowError:
            values.append(np.nan)
    return np.array(values, np.float64)


def read_dict(data: Mapping[Any, Any]) -> Table:
    """Return a dict of columns, each a sequence or one-dimensional array.

    Raises
    ------
    DataError
        If a column is not one-dimensional or lengths differ.
    """
    columns = {}
    for key, values in data.items():
        name = str(key)
        if isinstance(values, Column):
            columns[name] = values.renamed(name)
            continue
        array = values if isinstance(values, np.ndarray) else None
        if array is None:
            if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
                raise DataError(
                    f"column {name!r} got {values!r}; expected a list or array, one cell a row"
                )
            columns[name] = _mixed(name, values)
        elif array.ndim != 1:
            raise DataError(
                f"column {name!r} has shape {array.shape}; expected one axis, one cell a row"
            )
        elif array.dtype.kind == "M":
            columns[name] = column_of_numbers(
                name, _seconds(array.astype("datetime64[us]")), "date"
            )
        elif array.dtype.kind in "iuf":
            columns[name] = column_of_numbers(name, array)
        else:
            columns[name] = _mixed(name, array.tolist())
    return Table.of(columns, "dict")


def read_parquet(path: Path) -> Table:
    """Return a Parquet file's columns, read one at a time so that memory stays near the result's.

    Raises
    ------
    DataError
        If the file is damaged or no Parquet file.
    ArgumentError
        If polars or narwhals is missing.
    """
    polars = extra("polars", "reading Parquet")
    columns: dict[str, Column] = {}
    notices: list[str] = []
    rows = 0
    try:
        lazy = polars.scan_parquet(path)
        for name in lazy.collect_schema().names():
            one = read_frame(lazy.select(polars.col(name)).collect(), str(path))
            columns |= one.columns
            notices += one.notices
            rows = one.rows
    # Some damage makes polars panic, which Python sees as an exception of its own kind.
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path} cannot be read as Parquet: {reason}") from None
    return Table(columns, rows, str(path), notices)
