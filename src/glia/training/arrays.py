"""The data door: whatever the user has becomes checked NumPy arrays, or an error that says where.

Nothing gets past it that would quietly ruin a training run: text, objects, NaN, infinity,
missing rows. Every refusal names the row, the column and, for data frames, the column's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..dtypes import DType
from ..errors import DataError

__all__ = ["Array", "Structure", "inputs", "numbers", "rows_of", "sample_weights", "targets"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Structure:
    """How several arrays were handed over: one, a list or a dict of them.

    Attributes
    ----------
    keys : tuple of str or None
        The dict's keys in the order of the arrays; None for one array or a list.
    count : int
        Number of arrays.
    is_nested : bool
        False when a single bare array was given.
    """

    keys: tuple[str, ...] | None
    count: int
    is_nested: bool

    def pack(self, values: Sequence[Any]) -> Any:
        """Give values back in the form the user used."""
        if not self.is_nested:
            return values[0]
        if self.keys is not None:
            return dict(zip(self.keys, values, strict=True))
        return list(values)

    def names(self, name: str) -> list[str]:
        """Name each array for messages: ``x``, ``x[0]`` or ``x['age']``."""
        if not self.is_nested:
            return [name]
        return [f"{name}[{key!r}]" for key in (self.keys or range(self.count))]


def is_frame(value: Any) -> bool:
    """Return whether the value has named columns (pandas, polars)."""
    return hasattr(value, "columns") and hasattr(value, "to_numpy")


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) or hasattr(value, "__array__") or is_frame(value)


def split_structure(value: Any, name: str) -> tuple[list[Any], Structure]:
    """Tell one array from a list or dict of arrays, without converting them."""
    if isinstance(value, Mapping):
        keys = tuple(str(key) for key in value)
        if not keys:
            raise DataError(f"{name} is an empty dict; expected one array per input name")
        return list(value.values()), Structure(keys, len(keys), True)
    # A list of single numbers is one array, of arrays (as in Keras) several inputs.
    is_several = isinstance(value, (list, tuple)) and len(value) > 0 and all(map(_is_array, value))
    if is_several and all(np.ndim(part) > 0 for part in value):
        return list(value), Structure(None, len(value), len(value) > 1)
    return [value], Structure(None, 1, False)


def inputs(x: Any, dtype: DType, name: str = "x") -> tuple[list[Array], Structure]:
    """Convert what the model reads: arrays of a float dtype, 2-D or more, finite.

    Raises
    ------
    DataError
        For text, objects, NaN, infinity, no rows, or arrays of unequal length.
    """
    parts, structure = split_structure(x, name)
    names = structure.names(name)
    arrays = [numbers(part, label, dtype) for part, label in zip(parts, names, strict=True)]
    arrays = [a[:, None] if a.ndim == 1 else a for a in arrays]
    rows_of(arrays, names)
    return arrays, structure


def targets(
    y: Any, rows: int, dtype: DType, name: str = "y", x_name: str = "x"
) -> tuple[list[Array], Structure]:
    """Convert what the model should answer, keeping integers as integers.

    Raises
    ------
    DataError
        As for :func:`inputs`, and when the length differs from the number of rows of x.
    """
    parts, structure = split_structure(y, name)
    arrays = []
    for part, label in zip(parts, structure.names(name), strict=True):
        array = numbers(part, label, dtype, is_label=True)
        if len(array) != rows:
            raise DataError(
                f"{label} has {len(array)} rows (shape {array.shape}) but {x_name} has {rows}; "
                "expected one target for each row. Check how the two were split or filtered"
            )
        arrays.append(array)
    return arrays, structure


def sample_weights(weights: Any, rows: int, dtype: DType, name: str = "sample_weight") -> Array:
    """Convert one weight for each row, shape ``(rows,)``.

    Raises
    ------
    DataError
        For a wrong shape, text, NaN or infinity.
    """
    array = numbers(weights, name, dtype)
    if array.shape == (rows, 1):
        array = array[:, 0]
    if array.shape != (rows,):
        raise DataError(
            f"{name} has shape {array.shape}; expected ({rows},), one weight for each row"
        )
    return array


def rows_of(arrays: Sequence[Array], names: Sequence[str]) -> int:
    """Return the common number of rows.

    Raises
    ------
    DataError
        If there are none, or the arrays disagree.
    """
    rows = len(arrays[0])
    for array, name in zip(arrays, names, strict=True):
        if len(array) != rows:
            raise DataError(
                f"{name} has {len(array)} rows but {names[0]} has {rows}; every input needs the "
                "same rows in the same order"
            )
        if len(array) == 0:
            raise DataError(f"{name} has no rows (shape {array.shape}); expected at least one")
    return rows


def numbers(value: Any, name: str, dtype: DType, is_label: bool = False) -> Array:
    """Convert one array, checking that every cell is a finite number.

    Parameters
    ----------
    value : array-like
        Array, nested list, data frame or series.
    name : str
        What messages call it.
    dtype : dtype
        What floats become.
    is_label : bool
        Whether these are targets: integers and booleans stay, and text is explained as class
        labels rather than as features.

    Returns
    -------
    ndarray
        C-contiguous, at least 1-D.
    """
    if value is None:
        raise DataError(f"{name} is None; expected an array of numbers")
    columns: list[str] | None = None
    if is_frame(value):
        columns = [str(column) for column in value.columns]
        raw = _from_frame(value, columns, name, is_label)
    else:
        raw = _from_plain(value, name)
    if raw.dtype.kind not in "biuf":
        raise _not_numbers(raw, name, columns, is_label)
    if raw.ndim == 0:
        raise DataError(
            f"{name} is the single number {raw}; expected an array with one entry for each row"
        )
    _require_finite(raw, name, columns, "")
    if raw.dtype.kind == "f" or not is_label:
        given = raw
        with np.errstate(over="ignore"):
            raw = raw.astype(dtype, copy=False)
        if given.dtype.itemsize > raw.dtype.itemsize:
            _require_finite(raw, name, columns, f" once stored as {raw.dtype} (too large for it)")
    return np.ascontiguousarray(raw)


def _from_plain(value: Any, name: str) -> Array:
    if hasattr(value, "toarray") and hasattr(value, "nnz"):
        raise DataError(f"{name} is a sparse matrix; expected a dense array: pass {name}.toarray()")
    if not hasattr(value, "__array__") and not isinstance(value, (list, tuple, int, float)):
        raise DataError(
            f"{name} is a {type(value).__name__}; expected a NumPy array, a list of numbers or a "
            "numeric data frame"
        )
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise DataError(
            f"{name} is a list of rows of unequal length ({error}); expected every row to have the "
            "same number of entries"
        ) from None
    return array


def _from_frame(frame: Any, columns: list[str], name: str, is_label: bool) -> Array:
    """Stack a frame's columns; the mixed frame that NumPy would make an object array is checked."""
    parts = []
    for index, column in enumerate(frame.columns):
        part = np.asarray(frame[column])
        if part.dtype == object and all(isinstance(v, (bool, int, float, np.number)) for v in part):
            part = part.astype(float)
        if part.dtype.kind not in "biuf":
            raise _not_numbers(part, name, columns, is_label, column=index)
        parts.append(part)
    if not parts:
        raise DataError(f"{name} is a data frame without columns")
    return np.stack(parts, axis=1)


def _place(index: Sequence[int], columns: list[str] | None) -> str:
    text = f"row {index[0]}"
    if len(index) == 2:
        text += f", column {index[1]}"
        if columns is not None:
            text += f" ({columns[index[1]]!r})"
    elif len(index) > 2:
        text += f", position {tuple(int(i) for i in index[1:])}"
    return text


def _first(cells: Array, test: Callable[[Any], bool]) -> tuple[int, ...] | None:
    for index in np.ndindex(cells.shape):
        if test(cells[index]):
            return tuple(int(i) for i in index)
    return None


def _not_numbers(
    raw: Array, name: str, columns: list[str] | None, is_label: bool, column: int | None = None
) -> DataError:
    """Explain the first cell that is not a number."""

    def is_odd(cell: Any) -> bool:
        return not isinstance(cell, (bool, int, float, np.bool_, np.integer, np.floating))

    index = _first(raw, is_odd)
    if index is None:
        return DataError(
            f"{name} has dtype object although its cells are numbers; "
            f"expected a numeric dtype: pass np.asarray({name}, dtype='float32')"
        )
    cell = raw[index]
    place = _place(index if column is None else (index[0], column), columns)
    missing = cell is None or type(cell).__name__ in ("NAType", "NaTType")
    if missing:
        return DataError(
            f"{name} has a missing value ({cell!r}) in {place}; expected numbers everywhere. "
            "Remove such rows, or fill the gaps (with the column's median, say) before training"
        )
    if isinstance(cell, (str, bytes)):
        fix = (
            f"Number the classes first: classes, y = np.unique({name}, return_inverse=True)"
            if is_label
            else "Drop that column, or turn its categories into numbers, one 0/1 column each"
        )
        return DataError(f"{name} holds text in {place}: {str(cell)!r}; expected numbers. {fix}")
    kind = type(cell).__name__
    return DataError(
        f"{name} holds a {kind} in {place}: {str(cell)[:60]}; expected plain numbers "
        "(dates become days since a start, lists become columns)"
    )


def _require_finite(array: Array, name: str, columns: list[str] | None, why: str) -> None:
    if array.dtype.kind != "f" or not array.size:
        return
    # The sum is finite only if every cell is (or overflows): one cheap pass for healthy data.
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(array.sum()):
            return
    is_bad = ~np.isfinite(array)
    count = int(is_bad.sum())
    if count == 0:
        return
    index = tuple(int(i) for i in np.argwhere(is_bad)[0])
    more = f", and {count - 1} more such cells" if count > 1 else ""
    if array.ndim == 2 and count > 1:
        spread = np.flatnonzero(is_bad.any(axis=0))
        shown = [columns[i] if columns else str(i) for i in spread[:5]]
        more += f" (columns {', '.join(shown)}{', ...' if len(spread) > 5 else ''})"
    raise DataError(
        f"{name} holds {array[index]} in {_place(index, columns)}{more}{why}; expected finite "
        "numbers, since a single such cell turns the weights into NaN. Remove these rows or fill "
        "the cells (with the column's median, say) first"
    )
