"""Metrics of predicted numbers: errors, and the variance explained."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import losses, ops
from ..errors import ArgumentError
from ..graph import Array
from .metric import Mean, Metric, Statistics

__all__ = ["MeanAbsoluteError", "MeanSquaredError", "R2Score", "RootMeanSquaredError"]


class MeanSquaredError(Mean):
    """The mean of the squared errors.

    Parameters
    ----------
    name : str, optional
        Its name.
    """

    direction = "min"

    def __init__(self, name: str | None = "mean_squared_error") -> None:
        super().__init__(name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return losses.mean_squared_error(y_true, y_pred)

    def kind(self) -> str:
        return "mean squared error"


class RootMeanSquaredError(MeanSquaredError):
    """The root of the mean of the squared errors, in the units of the target.

    Parameters
    ----------
    name : str, optional
        Its name.
    """

    def __init__(self, name: str | None = "root_mean_squared_error") -> None:
        super().__init__(name)

    def compute(self, *sums: Any) -> Any:
        return np.sqrt(super().compute(*sums))

    def kind(self) -> str:
        return "root of the mean squared error"


class MeanAbsoluteError(Mean):
    """The mean of the absolute errors, in the units of the target.

    Parameters
    ----------
    name : str, optional
        Its name.
    """

    direction = "min"

    def __init__(self, name: str | None = "mean_absolute_error") -> None:
        super().__init__(name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return losses.mean_absolute_error(y_true, y_pred)

    def kind(self) -> str:
        return "mean absolute error"


class R2Score(Metric):
    """The share of the target's variance that is explained, ``1 - sum (y - p)^2 / sum (y - m)^2``.

    1 is perfect, 0 is no better than the mean ``m``, below 0 is worse (Wright, 1921). Every row is
    kept and the sums are made in float64 about the mean; sums of squares in float32, which Keras
    keeps, lose all digits where the target's mean is large. A constant target scores 1 where it is
    predicted exactly, else 0, as in scikit-learn.

    Parameters
    ----------
    class_aggregation : {"uniform_average", "variance_weighted_average", None}
        How the scores of several outputs become one; None keeps them.
    name : str, optional
        Its name.

    Raises
    ------
    ArgumentError
        For another aggregation.
    """

    keeps_scores = True
    AGGREGATIONS = ("uniform_average", "variance_weighted_average", None)

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        name: str | None = "r2_score",
    ) -> None:
        super().__init__(name)
        if class_aggregation not in self.AGGREGATIONS:
            raise ArgumentError(
                f"R2Score: class_aggregation got {class_aggregation!r}; "
                f"expected one of {self.AGGREGATIONS}"
            )
        self.class_aggregation = class_aggregation

    def statistics(self, y_true: Array, y_pred: Array, sample_weight: Array = None) -> Statistics:
        y_true, y_pred = losses.aligned(self.name, y_true, y_pred)
        rows = y_pred.shape[0]
        columns = int(np.prod(y_pred.shape[1:]))
        y_true, y_pred = (ops.reshape(each, (rows, columns)) for each in (y_true, y_pred))
        weight = ops.ones((rows,), y_pred.dtype)
        if sample_weight is not None:
            weight = losses.per_row_weight(self.name, sample_weight, weight)
        return y_true, y_pred, weight

    def compute(self, *sums: Any) -> Any:
        y_true, y_pred, weight = (each.astype(np.float64) for each in sums)
        weight = weight[:, None]
        if not weight.sum():
            return np.nan
        mean = np.sum(weight * y_true, axis=0) / weight.sum()
        left = np.sum(weight * (y_true - y_pred) ** 2, axis=0)
        total = np.sum(weight * (y_true - mean) ** 2, axis=0)
        is_constant = total == 0
        scores = np.where(is_constant, left == 0, 1 - left / np.where(is_constant, 1, total))
        scores = np.where(np.isnan(left), np.nan, scores)
        if self.class_aggregation is None:
            return scores
        if self.class_aggregation == "variance_weighted_average" and total.any():
            return np.sum(scores * total) / np.sum(total)
        return np.mean(scores)

    def kind(self) -> str:
        return "coefficient of determination R2"
