"""Metrics made of counts of true and false positives and negatives."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from .. import losses, ops
from ..config import checked_number
from ..errors import ArgumentError
from ..graph import Array
from .metric import Metric, Statistics
from .ranking import labels_and_scores

__all__ = ["F1Score", "Precision", "Recall"]


def _share(part: Any, rest: Any) -> Any:
    """Return part / (part + rest), and 0 where both are 0."""
    whole = part + rest
    return np.where(whole == 0, 0.0, part / np.where(whole == 0, 1, whole))


def _weighted(name: str, sample_weight: Array, scores: Array) -> Array:
    """Return weights of one per element of scores (rows, columns)."""
    if sample_weight is None:
        return ops.ones_like(scores)
    return losses.per_row_weight(name, sample_weight, scores)


class _Positives(Metric):
    """What precision and recall share: positives counted at one or several thresholds."""

    reads_probabilities = True
    is_of_classes = True

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        class_id: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        for each in self._levels(thresholds):
            checked_number(
                type(self).__name__, "thresholds", each, low=-np.inf, high=np.inf, example=0.5
            )
        self.thresholds = thresholds
        self.class_id = class_id

    @staticmethod
    def _levels(thresholds: float | Sequence[float] | None) -> list[float]:
        if thresholds is None:
            return [0.5]
        return list(thresholds) if isinstance(thresholds, list | tuple) else [thresholds]  # type: ignore[list-item]

    def statistics(self, y_true: Array, y_pred: Array, sample_weight: Array = None) -> Statistics:
        labels, scores = labels_and_scores(self.name, y_true, self.scores(y_pred), self.class_id)
        weight = _weighted(self.name, sample_weight, scores)
        is_true = ops.not_equal(labels, 0)
        found, wrong = [], []
        for level in self._levels(self.thresholds):
            is_called = ops.greater(scores, level)
            hit = ops.logical_and(is_called, is_true)
            found.append(ops.sum(ops.where(hit, weight, 0)))
            wrong.append(ops.sum(ops.where(self._is_wrong(is_called, is_true), weight, 0)))
        return ops.stack(found), ops.stack(wrong)

    def _is_wrong(self, is_called: Array, is_true: Array) -> Array:
        raise NotImplementedError

    def compute(self, *sums: Any) -> Any:
        shares = _share(*sums)
        return shares if isinstance(self.thresholds, list | tuple) else shares[0]

    def kind(self) -> str:
        levels = ", ".join(f"{level:g}" for level in self._levels(self.thresholds))
        which = "" if self.class_id is None else f" of class {self.class_id}"
        return f"{type(self).__name__.lower()}{which}, threshold {levels}"


class Precision(_Positives):
    """Of the rows called positive, the share that are: ``TP / (TP + FP)``; 0 where none is called.

    Parameters
    ----------
    thresholds : float or sequence of float, optional
        Above it an output calls its row positive; 0.5 unless given. One value for each of several.
    class_id : int, optional
        The one output to measure; all are pooled unless given. Of a two-way softmax it is 1.
    name : str, optional
        Its name.
    """

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        class_id: int | None = None,
        name: str | None = "precision",
    ) -> None:
        super().__init__(thresholds, class_id, name)

    def _is_wrong(self, is_called: Array, is_true: Array) -> Array:
        return ops.logical_and(is_called, ops.logical_not(is_true))


class Recall(_Positives):
    """Of the positive rows, the share called so: ``TP / (TP + FN)``; 0 where there are none.

    Parameters
    ----------
    thresholds : float or sequence of float, optional
        Above it an output calls its row positive; 0.5 unless given. One value for each of several.
    class_id : int, optional
        The one output to measure; all are pooled unless given. Of a two-way softmax it is 1.
    name : str, optional
        Its name.
    """

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        class_id: int | None = None,
        name: str | None = "recall",
    ) -> None:
        super().__init__(thresholds, class_id, name)

    def _is_wrong(self, is_called: Array, is_true: Array) -> Array:
        return ops.logical_and(ops.logical_not(is_called), is_true)


class F1Score(Metric):
    """The harmonic mean of precision and recall, ``2 TP / (2 TP + FP + FN)``.

    Van Rijsbergen, "Information Retrieval", 1979. One output, or a two-way softmax, gives one
    number: the score of class 1 (Keras takes the largest of one output, which is always itself).
    Several outputs follow ``average``, as in Keras.

    Parameters
    ----------
    average : {None, "micro", "macro", "weighted"}
        None keeps one score per class; "micro" pools the counts, "macro" takes the mean of the
        classes, "weighted" their mean by number of rows.
    threshold : float, optional
        Above it an output calls its row positive; unless given, the largest output does, and 0.5
        where there is only one.
    class_id : int, optional
        The one output to measure.
    name : str, optional
        Its name.

    Raises
    ------
    ArgumentError
        For another average.
    """

    reads_probabilities = True
    is_of_classes = True
    AVERAGES = (None, "micro", "macro", "weighted")

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        class_id: int | None = None,
        name: str | None = "f1_score",
    ) -> None:
        super().__init__(name)
        if average not in self.AVERAGES:
            raise ArgumentError(
                f"F1Score: average got {average!r}; expected one of {self.AVERAGES}"
            )
        self.average = average
        self.threshold = threshold
        self.class_id = class_id

    def averaged(self) -> Self:
        """Return the metric with the plain mean over classes instead of one score for each."""
        twin = copy.copy(self)
        twin.average = twin.average or "macro"
        return twin

    def statistics(self, y_true: Array, y_pred: Array, sample_weight: Array = None) -> Statistics:
        scores = self.scores(y_pred)
        if self.threshold is None and len(scores.shape) > 1 and scores.shape[-1] > 1:
            scores = ops.one_hot(ops.argmax(scores), scores.shape[-1], scores.dtype)
        labels, scores = labels_and_scores(self.name, y_true, scores, self.class_id)
        weight = _weighted(self.name, sample_weight, scores)
        is_called = ops.greater(scores, 0.5 if self.threshold is None else self.threshold)
        is_true = ops.not_equal(labels, 0)
        hit = ops.logical_and(is_called, is_true)
        return tuple(
            ops.sum(ops.where(each, weight, 0), axis=0) for each in (hit, is_called, is_true)
        )

    def compute(self, *sums: Any) -> Any:
        hit, called, true = sums
        if self.average == "micro":
            hit, called, true = (np.sum(each, keepdims=True) for each in sums)
        scores = _share(2 * hit, called + true - 2 * hit)
        if len(scores) == 1:
            return scores[0]
        if self.average == "macro":
            return np.mean(scores)
        if self.average == "weighted":
            return np.sum(scores * true) / np.sum(true) if np.sum(true) else 0.0
        return scores

    def kind(self) -> str:
        how = f"threshold {self.threshold:g}" if self.threshold is not None else "largest output"
        which = "per class" if self.average is None else f"{self.average} average"
        which = which if self.class_id is None else f"of class {self.class_id}"
        return f"F1 score {which}, {how}"
