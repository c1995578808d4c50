"""Which rows each step reads: shuffled full batches, then one exact tail."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ArgumentError
from .arrays import Array

__all__ = ["Batches", "batches", "chunks", "count", "measuring_rows"]

# Rows per step where nothing is learnt: more is faster, until memory is what counts.
MEASURED_ROWS = 256
MEASURED_NUMBERS = 2**20


@dataclass(frozen=True)
class Batches:
    """One pass over the rows.

    Attributes
    ----------
    blocks : tuple of int32 arrays ``(steps, batch)``
        The full batches, then, when rows are left over, one block of shape ``(1, tail)``.
    """

    blocks: tuple[Array, ...]

    @property
    def steps(self) -> int:
        """Number of steps in the pass."""
        return sum(len(block) for block in self.blocks)

    @property
    def rows(self) -> int:
        """Number of rows in the pass."""
        return sum(block.size for block in self.blocks)


def batches(
    indices: Array, batch_size: int, permutation: Callable[[int], Array] | None = None
) -> Batches:
    """Arrange rows in batches.

    Parameters
    ----------
    indices : integer array ``(n,)``
        The rows to visit.
    batch_size : int
        Rows per step; no more than n is used.
    permutation : callable or None
        ``permutation(n)`` draws the order; None keeps the one given, and so does a batch that
        holds every row.
    """
    size = min(batch_size, len(indices))
    if permutation is None or size == len(indices):
        order = indices
    else:
        order = indices[permutation(len(indices))]
    order = order.astype(np.int32)
    full = len(order) // size * size
    blocks = [order[:full].reshape(-1, size)]
    if full < len(order):
        blocks.append(order[full:].reshape(1, -1))
    return Batches(tuple(blocks))


def chunks(rows: int, size: int) -> Iterator[slice]:
    """Cut rows into slices of three lengths only, so that three compiled plans serve any number.

    The lengths are ``size``, about its square root, and 1.
    """
    start = 0
    for length in (size, max(1, math.isqrt(size)), 1):
        while rows - start >= length:
            yield slice(start, start + length)
            start += length


def measuring_batches(indices: Array, size: int) -> Batches:
    """Arrange rows to be measured, in order and in batches of at most three lengths."""
    order = indices.astype(np.int32)
    parts = [order[part] for part in chunks(len(order), size)]
    lengths = dict.fromkeys(map(len, parts))
    return Batches(tuple(np.stack([p for p in parts if len(p) == n]) for n in lengths))


def measuring_rows(batch_size: int | None, arrays: Sequence[Array]) -> int:
    """Return how many rows to evaluate or predict at once: as told, else as memory allows."""
    if batch_size is not None:
        return count(batch_size, "batch_size")
    numbers: int = sum(math.prod(array.shape[1:]) for array in arrays)
    return max(1, min(MEASURED_ROWS, MEASURED_NUMBERS // max(1, numbers)))


def count(value: Any, name: str, least: int = 1) -> int:
    """Return a count such as ``batch_size``.

    Raises
    ------
    ArgumentError
        Unless it is a whole number of at least ``least``.
    """
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not is_whole or value < least:
        raise ArgumentError(f"{name} got {value!r}; expected a whole number of at least {least}")
    return int(value)
