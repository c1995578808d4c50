"""Losses for numbers: squared, absolute, and Huber's mix of the two."""

from __future__ import annotations

from .. import ops
from ..config import checked_number
from ..graph import Array
from .alignment import aligned
from .loss import Loss

__all__ = [
    "Huber",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "huber",
    "mean_absolute_error",
    "mean_squared_error",
]


def mean_squared_error(y_true: Array, y_pred: Array) -> Array:
    """Return ``mean((y_true - y_pred) ** 2)`` over the last axis (Legendre, 1805).

    Parameters
    ----------
    y_true, y_pred : array or tensor
        Of shape (rows, ..., k); ``(n,)`` is aligned with ``(n, 1)``.

    Returns
    -------
    array or tensor
        Of shape (rows, ...), in the dtype of ``y_pred``.

    Raises
    ------
    ShapeError
        If the shapes differ, naming both.
    """
    y_true, y_pred = aligned("mean_squared_error", y_true, y_pred)
    return ops.mean(ops.square(y_pred - y_true), axis=-1)


def mean_absolute_error(y_true: Array, y_pred: Array) -> Array:
    """Return ``mean(|y_true - y_pred|)`` over the last axis (Laplace, 1774).

    Parameters
    ----------
    y_true, y_pred : array or tensor
        Of shape (rows, ..., k); ``(n,)`` is aligned with ``(n, 1)``.

    Returns
    -------
    array or tensor
        Of shape (rows, ...), in the dtype of ``y_pred``. Where a prediction is exactly right the
        gradient is 0, as in PyTorch.

    Raises
    ------
    ShapeError
        If the shapes differ, naming both.
    """
    y_true, y_pred = aligned("mean_absolute_error", y_true, y_pred)
    return ops.mean(ops.absolute(y_pred - y_true), axis=-1)


def huber(y_true: Array, y_pred: Array, delta: float = 1.0) -> Array:
    """Return half the squared error where it is small, and a straight line beyond ``delta``.

    With ``e = y_pred - y_true``: ``e^2 / 2`` where ``|e| <= delta``, else
    ``delta |e| - delta^2 / 2``; the mean of it over the last axis. Huber, "Robust Estimation of a
    Location Parameter", 1964.

    Parameters
    ----------
    y_true, y_pred : array or tensor
        Of shape (rows, ..., k); ``(n,)`` is aligned with ``(n, 1)``.
    delta : float
        Where the line begins.

    Returns
    -------
    array or tensor
        Of shape (rows, ...), in the dtype of ``y_pred``.

    Raises
    ------
    ShapeError
        If the shapes differ, naming both.
    """
    y_true, y_pred = aligned("huber", y_true, y_pred)
    error = y_pred - y_true
    size = ops.absolute(error)
    line = delta * size - 0.5 * delta * delta
    # The far branch squares 0 instead of a large error, whose overflow would spoil the gradient.
    is_near = ops.logical_not(ops.less(delta, size))
    near = 0.5 * ops.square(ops.where(is_near, error, 0))
    return ops.mean(ops.where(is_near, near, line), axis=-1)


class MeanSquaredError(Loss):
    """:func:`mean_squared_error` as an object; for regression, where large errors matter most.

    Parameters
    ----------
    reduction, name : str, optional
        As for :class:`Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
    ) -> None:
        super().__init__(name, reduction)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return mean_squared_error(y_true, y_pred)


class MeanAbsoluteError(Loss):
    """:func:`mean_absolute_error` as an object; for regression with outliers.

    Parameters
    ----------
    reduction, name : str, optional
        As for :class:`Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_error",
    ) -> None:
        super().__init__(name, reduction)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return mean_absolute_error(y_true, y_pred)


class Huber(Loss):
    """:func:`huber` as an object; squared for small errors, absolute for outliers.

    Parameters
    ----------
    delta : float
        Where the line begins, above 0.
    reduction, name : str, optional
        As for :class:`Loss`.

    Raises
    ------
    ArgumentError
        If ``delta`` is not above 0.
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
    ) -> None:
        super().__init__(name, reduction)
        self.delta = checked_number("Huber", "delta", delta, is_low_allowed=False, example=1.0)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return huber(y_true, y_pred, self.delta)
