"""Holding rows back for validation: stratified by class, at random, or the tail."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..errors import ArgumentError
from .arrays import Array
from .notices import warn

__all__ = ["ORDERS", "split_rows"]

ORDERS = ("stratified", "random", "tail")


def split_rows(
    rows: int,
    fraction: float,
    order: str,
    labels: Array | None,
    permutation: Callable[[int], Array],
) -> tuple[Array, Array]:
    """Choose which rows train and which validate.

    Parameters
    ----------
    rows : int
        Number of rows, n.
    fraction : float
        Share held back; as in Keras, ``n - floor(n * (1 - fraction))`` rows are.
    order : str
        ``"stratified"`` keeps each class's share in both parts (at random without classes),
        ``"random"`` ignores classes, ``"tail"`` takes the last rows, right for time series.
    labels : integer array ``(rows,)`` or None
        Each row's class, where the targets are classes.
    permutation : callable
        ``permutation(n)`` draws a random order of n rows.

    Returns
    -------
    training, validation : integer arrays
        Row numbers, each ascending.

    Raises
    ------
    ArgumentError
        For a fraction outside (0, 1), an unknown order, or a part that would be empty.
    """
    if not 0 < fraction < 1:
        raise ArgumentError(f"validation_split got {fraction!r}; expected a number from 0 to 1")
    if order not in ORDERS:
        raise ArgumentError(
            f"validation_order got {order!r}; expected one of {', '.join(map(repr, ORDERS))}"
        )
    training_count = int(np.floor(rows * (1.0 - fraction)))
    count = rows - training_count
    if training_count == 0 or count == 0:
        raise ArgumentError(
            f"validation_split={fraction} of {rows} rows leaves {training_count} for training and "
            f"{count} for validation; expected at least one each"
        )
    if order == "tail":
        everything = np.arange(rows)
        return everything[:training_count], everything[training_count:]
    if order == "stratified" and labels is not None:
        shares = _shares(labels, count)
        if shares is not None:
            return _stratified(labels, shares, permutation)
    shuffled = permutation(rows)
    return np.sort(shuffled[count:]), np.sort(shuffled[:count])


def _shares(labels: Array, count: int) -> Array | None:
    """Rows of each class to hold back (largest remainders), or None if a class is too rare."""
    classes, sizes = np.unique(labels, return_counts=True)
    rows = len(labels)
    if sizes.min() < 2 or count < len(classes) or rows - count < len(classes):
        rarest = classes[sizes.argmin()]
        warn(
            f"validation_split could not be stratified: class {rarest} has {sizes.min()} of "
            f"{rows} rows and {count} rows are held back for {len(classes)} classes. The rows "
            "were drawn at random instead; collect more rows of the rare class or pass "
            "validation_data"
        )
        return None
    ideal = sizes * (count / rows)
    shares = np.clip(np.floor(ideal), 1, sizes - 1).astype(int)
    while shares.sum() != count:
        step = 1 if shares.sum() < count else -1
        is_free = (shares < sizes - 1) if step > 0 else (shares > 1)
        shortage = np.where(is_free, step * (ideal - shares), -np.inf)
        shares[shortage.argmax()] += step
    return np.asarray(shares)


def _stratified(
    labels: Array, shares: Array, permutation: Callable[[int], Array]
) -> tuple[Array, Array]:
    order = permutation(len(labels))
    is_held = np.zeros(len(labels), bool)
    for one_class, share in zip(np.unique(labels), shares, strict=True):
        is_held[order[labels[order] == one_class][:share]] = True
    return np.flatnonzero(~is_held), np.flatnonzero(is_held)
