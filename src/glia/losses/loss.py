"""What a loss is: one value per row, and their weighted mean."""

from __future__ import annotations

import math
from collections.abc import Callable

from .. import ops
from ..config import Configurable
from ..errors import ArgumentError, ShapeError
from ..graph import Array
from ..ops.apply import as_floats
from .alignment import per_row_weight

__all__ = ["REDUCTIONS", "Loss", "Written"]

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


class Loss(Configurable):
    """How wrong predictions are: subclass it and write ``call`` in ops.

    Parameters
    ----------
    name : str, optional
        Its name in printed tables.
    reduction : str, optional
        What is done with the values of the rows: ``"sum_over_batch_size"`` (alias ``"mean"``)
        divides their weighted sum by their number, ``"mean_with_sample_weight"`` by the sum of
        the weights, ``"sum"`` by nothing; ``"none"`` keeps them.

    Raises
    ------
    ArgumentError
        For another reduction.

    Examples
    --------
    >>> class Quartic(Loss):
    ...     def call(self, y_true, y_pred):
    ...         return glia.ops.mean((y_pred - y_true) ** 4, axis=-1)
    """

    name: str = "loss"
    reduction: str | None = "sum_over_batch_size"

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size"
    ) -> None:
        if reduction not in REDUCTIONS:
            raise ArgumentError(
                f"{type(self).__name__}: reduction got {reduction!r}; expected one of {REDUCTIONS}"
            )
        self.name = name or type(self).__name__.lower()
        self.reduction = reduction

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the values of the rows.

        Parameters
        ----------
        y_true, y_pred : array or tensor
            Targets and predictions, of shape (rows, ..., k).

        Returns
        -------
        array or tensor
            Of shape (rows, ...), in the dtype of the predictions.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no call: write def call(self, y_true, y_pred) "
            "and return one value per row, using glia.ops"
        )

    def is_counted(self, y_true: Array, y_pred: Array) -> Array | None:
        """Return which values count in the mean, as booleans, or None when all do."""
        return None

    def __call__(self, y_true: Array, y_pred: Array, sample_weight: Array = None) -> Array:
        """Return the reduced loss, a scalar.

        Parameters
        ----------
        y_true, y_pred : array or tensor
            Targets and predictions.
        sample_weight : array or tensor, optional
            One weight per row (or value).

        Returns
        -------
        array or tensor
            By default ``sum(weight * values) / number of values``; 0 for an empty batch.

        Raises
        ------
        ShapeError
            If shapes do not fit, naming them.
        """
        values = as_floats(self.call(y_true, y_pred))
        weight = None
        if sample_weight is not None:
            if not values.shape:
                raise ShapeError(
                    f"{self.name}: sample_weight was given, but the loss is one number for the "
                    "whole batch; return one value per row from it"
                )
            weight = per_row_weight(self.name, sample_weight, values)
            values = values * weight
        if self.reduction in ("none", None):
            return values
        total = ops.sum(values)
        if self.reduction == "sum":
            return total
        is_counted = self.is_counted(y_true, y_pred)
        if self.reduction == "mean_with_sample_weight" and weight is not None:
            weights = weight if is_counted is None else ops.where(is_counted, weight, 0)
            return _ratio(total, ops.sum(weights))
        if is_counted is not None:
            return _ratio(total, ops.sum(ops.cast(is_counted, values.dtype)))
        return total / max(1, math.prod(values.shape))


def _ratio(total: Array, divisor: Array) -> Array:
    """Return total / divisor, and 0 where nothing was counted."""
    is_empty = ops.equal(divisor, 0)
    return ops.where(is_empty, 0, total / ops.where(is_empty, 1, divisor))


class Written(Loss):
    """A user's own function ``f(y_true, y_pred)``, returning one value per row, or their mean."""

    def __init__(
        self,
        function: Callable[[Array, Array], Array],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:
        super().__init__(name or getattr(function, "__name__", "loss"), reduction)
        self.function = function

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return self.function(y_true, y_pred)
