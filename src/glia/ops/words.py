"""The words an op's meaning is written in: an array module plus the few names modules lack.

``evaluate(words, ...)`` of every op is written against NumPy's names as far as they go (``exp``,
``where``, ``matmul``, ...) and against the extra ones defined here. Another engine offers the same
words over its own arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import DataError

__all__ = ["NUMPY", "Words"]

NumPyArray = np.ndarray[Any, Any]

_erf = np.vectorize(math.erf, otypes=[np.float64])


class Words:
    """An array module, with its own names taking precedence over the module's."""

    def __init__(self, module: Any, **own: Callable[..., Any]) -> None:
        self._module = module
        self.__dict__.update(own)

    def __getattr__(self, name: str) -> Any:
        word = getattr(self._module, name)
        setattr(self, name, word)
        return word


def _astype(x: NumPyArray, dtype: Any) -> NumPyArray:
    """A float beyond an integer dtype becomes its nearest end and NaN becomes 0, as in XLA."""
    x, dtype = np.asarray(x), np.dtype(dtype)
    if x.dtype.kind == "f" and dtype.kind in "iu":
        # C leaves these cases undefined, and processors differ.
        ends = np.iinfo(dtype)
        x = np.where(np.isnan(x), 0, np.clip(x.astype(np.float64), ends.min, ends.max))
    return x.astype(dtype)


def _error_function(x: NumPyArray) -> NumPyArray:
    return np.asarray(_erf(x)).astype(np.asarray(x).dtype) if np.size(x) else np.asarray(x)


def _add_at(x: NumPyArray, where: Any, values: NumPyArray) -> NumPyArray:
    """Return ``x`` with ``values`` added at a basic index."""
    total = x.copy()
    total[where] += values
    return total


def _check_indices(indices: NumPyArray, size: int) -> NumPyArray:
    indices = np.asarray(indices)
    if indices.size and (indices.min() < 0 or indices.max() >= size):
        wrong = int(indices.min()) if indices.min() < 0 else int(indices.max())
        raise DataError(f"the index {wrong} is outside 0..{size - 1}, the axis it looks into")
    return indices


def _scatter_add(shape: tuple[int, ...], index: Any, updates: NumPyArray) -> NumPyArray:
    total = np.zeros(shape, updates.dtype)
    np.add.at(total, index, updates)
    return total


def _scan(
    step: Callable[[list[Any], list[Any]], tuple[list[Any], list[Any]]],
    carry: list[Any],
    xs: Sequence[NumPyArray],
    length: int,
    reverse: bool,
    specs: Sequence[Any],
) -> tuple[list[Any], list[NumPyArray]]:
    """Run ``step`` over the rows of ``xs``; ``specs`` describe one row of each stacked output."""
    ys = [np.empty((length, *spec.shape), spec.dtype) for spec in specs]
    for row in range(length - 1, -1, -1) if reverse else range(length):
        carry, outputs = step(carry, [x[row] for x in xs])
        for stack, output in zip(ys, outputs, strict=True):
            stack[row] = output
    return carry, ys


NUMPY = Words(
    np,
    astype=_astype,
    erf=_error_function,
    add_at=_add_at,
    check_indices=_check_indices,
    scatter_add=_scatter_add,
    scan=_scan,
)
