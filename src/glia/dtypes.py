"""The seven dtypes of glia's graphs, the default float, and how NumPy's other dtypes enter."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from .errors import ArgumentError, DtypeError

__all__ = [
    "boolean",
    "canonical",
    "computing_in",
    "default_dtype",
    "float32",
    "float64",
    "int32",
    "is_float",
    "set_dtype",
    "to_array",
    "uint8",
    "uint32",
]

DType = np.dtype[Any]

boolean: DType = np.dtype(np.bool_)
uint8: DType = np.dtype(np.uint8)
int32: DType = np.dtype(np.int32)
uint32: DType = np.dtype(np.uint32)
float32: DType = np.dtype(np.float32)
float64: DType = np.dtype(np.float64)

# Order of widening: a mix of arrays takes the last of its members' dtypes in this list.
RANK = {dtype: rank for rank, dtype in enumerate([boolean, uint8, int32, uint32, float32, float64])}

_default = float32


_within: ContextVar[DType | None] = ContextVar("dtype", default=None)


def default_dtype() -> DType:
    """Return the float dtype new weights and data get (``float32`` unless changed)."""
    own = _within.get()
    return _default if own is None else own


@contextlib.contextmanager
def computing_in(dtype: DType) -> Iterator[None]:
    """Let another default dtype hold inside a ``with`` block, in this thread only."""
    token = _within.set(dtype)
    try:
        yield
    finally:
        _within.reset(token)


def set_dtype(dtype: str | DType | type) -> None:
    """Set the default float dtype of weights and data made from now on.

    Parameters
    ----------
    dtype : str or dtype
        ``"float32"`` (fast, the default) or ``"float64"`` (for exactness).

    Raises
    ------
    ArgumentError
        For any other dtype.
    """
    global _default
    try:
        wanted = np.dtype(dtype)
    except TypeError:
        wanted = None
    if wanted not in (float32, float64):
        raise ArgumentError(f"set_dtype got {dtype!r}; expected 'float32' or 'float64'")
    _default = wanted


def is_float(dtype: Any) -> bool:
    """Return whether a dtype is a float, the only kind that has gradients."""
    return bool(np.dtype(dtype).kind == "f")


def canonical(dtype: Any) -> DType:
    """Return glia's dtype for a NumPy dtype: ``int64`` becomes ``int32``, ``float16`` ``float32``.

    Raises
    ------
    DtypeError
        For complex numbers, strings, objects and dates.
    """
    given: DType = np.dtype(dtype)
    if given in RANK:
        return given
    if given.kind == "f":
        return float32 if given.itemsize <= 4 else float64
    if given.kind in "iu":
        return int32
    raise DtypeError(
        f"got dtype {given}; glia computes with bool, uint8, int32, uint32, float32 and float64. "
        "Turn text, dates and objects into numbers first"
    )


def to_array(value: Any) -> np.ndarray[Any, Any]:
    """Return a value as an array of one of glia's dtypes.

    Raises
    ------
    DtypeError
        If the dtype has no counterpart, or an integer does not fit into 32 bits.
    """
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise DtypeError(
            f"got nested lists of unequal lengths, expected an array: {error}"
        ) from None
    dtype = canonical(array.dtype)
    if array.dtype == dtype:
        return array
    if dtype == int32 and array.size and array.dtype.itemsize >= 4:
        low, high = int(array.min()), int(array.max())
        if low < -(2**31) or high >= 2**31:
            worst = low if low < -(2**31) else high
            raise DtypeError(
                f"the integer {worst} does not fit into 32 bits, which glia's integers have; "
                "use floats, or number the categories from 0"
            )
    return array.astype(dtype)
