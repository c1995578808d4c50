"""The rows an estimator learns from: equal ones merged, and the moments used for scaling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DataError

__all__ = ["Moments", "Rows", "merged"]

Array = np.ndarray[Any, Any]

# An odd number with its bits well spread: 2**64 divided by the golden ratio.
SPREAD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Rows:
    """Inputs ``(n, ...)``, targets ``(n,)`` or ``(n, outputs)``, and each row's weight ``(n,)``."""

    X: Array
    y: Array
    weight: Array

    def __len__(self) -> int:
        return len(self.weight)

    def at(self, positions: Array) -> Rows:
        """Return some of the rows."""
        return Rows(self.X[positions], self.y[positions], self.weight[positions])


def merged(X: Array, y: Array, weight: Array) -> Rows:
    """Return the distinct rows, in an order that depends on their content only.

    Equal rows (inputs and targets) become one with the sum of their weights, and rows of weight 0
    go. So giving a row twice and giving it the weight 2 lead to the same bits, the order of the
    rows does not matter, and a row never stands on both sides of a validation split.

    Parameters
    ----------
    X, y : ndarray
        Inputs and targets of n rows.
    weight : float ndarray ``(n,)``
        At least one of them positive.
    """
    keys = _keys(X, y)
    order = np.argsort(keys, kind="stable")
    order = order[weight[order] > 0]
    first, second = order[:-1], order[1:]
    is_repeated = np.concatenate([[False], keys[first] == keys[second]])
    # Equal keys are almost certainly equal rows; those few pairs are compared in full.
    places = np.flatnonzero(is_repeated)
    is_repeated[places] = _are_equal(X, order, places) & _are_equal(y, order, places)
    starts = np.flatnonzero(~is_repeated)
    kept = order[starts]
    return Rows(X[kept], y[kept], np.add.reduceat(weight[order], starts))


def _are_equal(table: Array, order: Array, places: Array) -> Array:
    """Return, for each place in an order, whether the row there equals the one before it."""
    flat = table.reshape(len(table), -1)
    return np.asarray((flat[order[places]] == flat[order[places - 1]]).all(axis=1))


def _keys(X: Array, y: Array) -> Array:
    """Return a 64-bit hash of each row."""
    keys = np.zeros(len(X), np.uint64)
    for table in (X.reshape(len(X), -1), y.reshape(len(y), -1)):
        for column in table.T:
            # Adding 0 turns -0.0 into 0.0, which is equal and has other bits.
            keys ^= (column.astype(np.float64) + 0.0).view(np.uint64)
            keys *= SPREAD
            keys ^= keys >> np.uint64(32)
    return keys


@dataclass(frozen=True)
class Moments:
    """Mean and variance of each feature (the last axis) over weighted rows seen so far.

    Attributes
    ----------
    weight : float
        Total weight of the rows.
    mean, variance : ndarray ``(features,)``
        The biased variance; exactly 0 where a feature never varied.
    low, high : ndarray ``(features,)``
        Smallest and largest value.
    """

    weight: float
    mean: Array
    variance: Array
    low: Array
    high: Array

    @classmethod
    def of(cls, values: Array, weight: Array) -> Moments:
        """Return the moments of ``(n, ..., features)`` values, one weight for each of n rows.

        Raises
        ------
        DataError
            For values so large that their variance is not finite.
        """
        wide = values.astype(np.float64).reshape(len(values), -1, values.shape[-1])
        share = weight / weight.sum()
        axes = (0, 1)
        with np.errstate(over="ignore", invalid="ignore"):
            mean = np.tensordot(share, wide.mean(axis=1), 1)
            variance = np.tensordot(share, np.square(wide - mean).mean(axis=1), 1)
        if not np.isfinite(variance).all():
            column = int(np.flatnonzero(~np.isfinite(variance))[0])
            raise DataError(
                f"feature {column} reaches {np.abs(wide[..., column]).max():.3g}, whose square is "
                "too large for a float; expected numbers below 1e150. Rescale it or take its "
                "logarithm first"
            )
        low, high = wide.min(axis=axes), wide.max(axis=axes)
        return cls(float(weight.sum()), mean, np.where(low == high, 0.0, variance), low, high)

    def joined(self, other: Moments) -> Moments:
        """Return the moments of both sets of rows together (Chan, Golub and LeVeque, 1979)."""
        total = self.weight + other.weight
        share = other.weight / total
        apart = other.mean - self.mean
        variance = (
            self.variance * (1 - share) + other.variance * share + apart**2 * share * (1 - share)
        )
        low, high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        return Moments(
            total, self.mean + apart * share, np.where(low == high, 0.0, variance), low, high
        )

    @property
    def deviation(self) -> Array:
        """The standard deviation, 1 where a feature never varied."""
        return np.where(self.variance == 0, 1.0, np.sqrt(self.variance))
