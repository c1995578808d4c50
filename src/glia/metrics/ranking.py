"""How well scores rank: the area under the ROC curve, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import losses, ops
from ..errors import ArgumentError
from ..graph import Array
from ..ops.apply import as_value
from .metric import Metric, Statistics

__all__ = ["AUC", "labels_and_scores"]


def labels_and_scores(
    owner: str, y_true: Array, y_pred: Array, column: int | None
) -> tuple[Array, Array]:
    """Return targets and scores as (rows, columns).

    Class numbers against several outputs are one-hot encoded; of two outputs only the second, the
    score of class 1, is kept then.

    Parameters
    ----------
    owner : str
        The metric, for messages.
    y_true, y_pred : array or tensor
        Targets and float scores.
    column : int, optional
        The one output to keep.

    Raises
    ------
    ShapeError
        If the shapes do not fit, naming both.
    ArgumentError
        If there is no such output.
    """
    y_true, shape = as_value(y_true), tuple(y_pred.shape)
    classes = shape[-1] if len(shape) > 1 else 1
    if classes > 1 and tuple(y_true.shape) in (shape[:-1], (*shape[:-1], 1)):
        labels = losses.class_labels(owner, y_true, shape)
        y_true = ops.one_hot(labels, classes, y_pred.dtype)
        column = 1 if column is None and classes == 2 else column
    y_true, y_pred = losses.aligned(owner, y_true, y_pred)
    rows = shape[0] if shape else 1
    columns = int(np.prod(shape[1:]))
    y_true, y_pred = (ops.reshape(each, (rows, columns)) for each in (y_true, y_pred))
    if column is None:
        return y_true, y_pred
    if not 0 <= column < columns:
        raise ArgumentError(
            f"{owner}: class_id got {column} for outputs of shape {shape}; "
            f"expected 0 to {columns - 1}"
        )
    return y_true[:, column : column + 1], y_pred[:, column : column + 1]


def area_under_roc(
    labels: np.ndarray[Any, Any], scores: np.ndarray[Any, Any], weight: np.ndarray[Any, Any]
) -> float:
    """Return the chance that a positive row scores above a negative one, ties counting half.

    Hanley and McNeil, 1982 (the Mann-Whitney statistic), with weights.
    """
    if np.isnan(scores).any():
        return float("nan")
    is_positive = labels != 0
    _, rank = np.unique(scores, return_inverse=True)
    rank = rank.reshape(-1)
    size = int(rank.max()) + 1 if rank.size else 0
    positive = np.bincount(rank, weight * is_positive, size)
    negative = np.bincount(rank, weight * ~is_positive, size)
    pairs = positive.sum() * negative.sum()
    below = np.cumsum(negative) - negative
    return float(np.sum(positive * (below + negative / 2)) / pairs) if pairs else float("nan")


class AUC(Metric):
    """The area under the ROC curve: the chance that a positive row scores above a negative one.

    Exact, by ranks, ties counting half; Keras sums over 200 thresholds and is off by up to 1/200.
    Of a two-way softmax the second output is the score. NaN where one of the two classes is absent
    (Keras: 0).

    Parameters
    ----------
    curve : {"ROC"}
        The curve.
    multi_label : bool
        Whether each output is a question of its own, whose areas are averaged; otherwise all
        outputs are pooled, as in Keras.
    name : str, optional
        Its name.

    Raises
    ------
    ArgumentError
        For another curve.
    """

    keeps_scores = True
    is_of_classes = True

    def __init__(
        self, curve: str = "ROC", multi_label: bool = False, name: str | None = "auc"
    ) -> None:
        super().__init__(name)
        if str(curve).upper() != "ROC":
            raise ArgumentError(f"AUC: curve got {curve!r}; expected 'ROC', the one glia computes")
        self.curve = curve
        self.multi_label = multi_label

    def statistics(self, y_true: Array, y_pred: Array, sample_weight: Array = None) -> Statistics:
        labels, scores = labels_and_scores(self.name, y_true, self.scores(y_pred), self.class_id)
        weight = ops.ones(scores.shape[:1], scores.dtype)
        if sample_weight is not None:
            weight = losses.per_row_weight(self.name, sample_weight, weight)
        return labels, scores, weight

    def compute(self, *sums: Any) -> Any:
        labels, scores, weight = sums
        weight = np.broadcast_to(weight[:, None].astype(np.float64), scores.shape)
        if self.multi_label:
            columns = zip(labels.T, scores.T, weight.T, strict=True)
            return np.mean([area_under_roc(*each) for each in columns])
        return area_under_roc(labels.ravel(), scores.ravel(), weight.ravel())

    def kind(self) -> str:
        return "area under the ROC curve" + (" of class 1" if self.class_id == 1 else "")
