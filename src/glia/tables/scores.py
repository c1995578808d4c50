"""Scores of predictions as functions of row weights, which is what a bootstrap wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import ArgumentError
from ..graph import Array

__all__ = ["SCORES", "Score", "scores_of"]

# A probability of exactly 0 for what happened would make any mean infinite.
LEAST_PROBABILITY = float(np.finfo(np.float32).eps)

# Weights (resamples, rows) to one value each (resamples,).
Weighted = Callable[[Array], Array]


@dataclass(frozen=True)
class Score:
    """One number for how good predictions are.

    Attributes
    ----------
    name : str
        Its key in JSON, scikit-learn's word for it.
    title : str
        What people call it.
    is_higher_better : bool
        Which way is good.
    weighted : callable
        ``weighted(truth, prediction)`` prepares a function from weights ``(resamples, rows)`` to
        the score under each of them, ``(resamples,)``; NaN where it is not defined. Truth is
        class numbers ``(rows,)`` and prediction probabilities ``(rows, classes)``, or both are
        numbers ``(rows,)``.
    """

    name: str
    title: str
    is_higher_better: bool
    weighted: Callable[[Array, Array], Weighted]

    def __call__(self, truth: Array, prediction: Array) -> float:
        """Return the score with every row counted once."""
        return float(self.weighted(truth, prediction)(np.ones((1, len(truth))))[0])


def _divide(numerator: Array, denominator: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(numerator / denominator)


def _mean(values: Array) -> Weighted:
    """Return the weighted mean of one value per row."""
    return lambda weights: _divide(weights @ values, weights.sum(axis=1))


def _accuracy(truth: Array, prediction: Array) -> Weighted:
    return _mean((prediction.argmax(axis=1) == truth).astype(np.float64))


def _log_loss(truth: Array, prediction: Array) -> Weighted:
    chances = prediction[np.arange(len(truth)), truth]
    return _mean(-np.log(np.maximum(chances, LEAST_PROBABILITY)))


def _members(of: Array, classes: int) -> Array:
    return (of[:, None] == np.arange(classes)).astype(np.float64)


def _balanced_accuracy(truth: Array, prediction: Array) -> Weighted:
    """Return the mean over classes of the share of each that was found."""
    is_of = _members(truth, prediction.shape[1])
    is_right = (prediction.argmax(axis=1) == truth)[:, None]

    def weighted(weights: Array) -> Array:
        sizes = weights @ is_of
        found = _divide(weights @ (is_of * is_right), sizes)
        present = sizes > 0
        return _divide(np.where(present, found, 0.0).sum(axis=1), present.sum(axis=1))

    return weighted


def _f1(truth: Array, prediction: Array) -> Weighted:
    """Return 2 TP / (2 TP + FP + FN): of class 1 when there are two, else the mean over classes."""
    classes = prediction.shape[1]
    is_of, is_guess = _members(truth, classes), _members(prediction.argmax(axis=1), classes)

    def weighted(weights: Array) -> Array:
        both, either = weights @ (is_of * is_guess), weights @ (is_of + is_guess)
        each = np.where(either > 0, 2 * _divide(both, either), 0.0)
        if classes == 2:
            return np.asarray(each[:, 1])
        present = weights @ is_of > 0
        return _divide((each * present).sum(axis=1), present.sum(axis=1))

    return weighted


def _roc_auc(truth: Array, prediction: Array) -> Weighted:
    """Return the chance that a row of class 1 scores above one of class 0, ties counting half.

    Hanley and McNeil, Radiology 143 (1982): the area under the ROC curve is that chance. The
    rows are sorted once; each weighting then takes one cumulative sum.
    """
    score = prediction[:, 1]
    order = np.argsort(score, kind="stable")
    is_positive = truth[order] == 1
    starts = np.flatnonzero(np.append(True, np.diff(score[order]) != 0))

    def weighted(weights: Array) -> Array:
        ordered = weights[:, order]
        positive = np.add.reduceat(ordered * is_positive, starts, axis=1)
        negative = np.add.reduceat(ordered * ~is_positive, starts, axis=1)
        below = np.cumsum(negative, axis=1) - negative / 2
        pairs = positive.sum(axis=1) * negative.sum(axis=1)
        return _divide((positive * below).sum(axis=1), pairs)

    return weighted


def _r2(truth: Array, prediction: Array) -> Weighted:
    """Return ``1 - sum (y - p)^2 / sum (y - mean)^2``; NaN for a constant target."""
    centred = truth - truth.mean()
    squares, errors = centred**2, (truth - prediction) ** 2
    # Rounding gives a constant target a tiny variance.
    least = 1e-12 * max(float(np.abs(truth).max(initial=0.0)) ** 2, 1e-300)

    def weighted(weights: Array) -> Array:
        total = weights.sum(axis=1)
        spread = weights @ squares - _divide((weights @ centred) ** 2, total)
        spread = np.where(spread > least * total, spread, np.nan)
        return 1 - _divide(weights @ errors, spread)

    return weighted


def _mae(truth: Array, prediction: Array) -> Weighted:
    return _mean(np.abs(truth - prediction))


def _rmse(truth: Array, prediction: Array) -> Weighted:
    squared = _mean((truth - prediction) ** 2)
    return lambda weights: np.asarray(np.sqrt(squared(weights)))


ROC_AUC = Score("roc_auc", "ROC-AUC", True, _roc_auc)
ACCURACY = Score("accuracy", "accuracy", True, _accuracy)
BALANCED = Score("balanced_accuracy", "balanced accuracy", True, _balanced_accuracy)
F1 = Score("f1", "F1", True, _f1)
LOG_LOSS = Score("log_loss", "log loss", False, _log_loss)
R2 = Score("r2", "R²", True, _r2)
MAE = Score("mae", "mean absolute error", False, _mae)
RMSE = Score("rmse", "root mean squared error", False, _rmse)

# The first of a task's scores is the one verdicts are about.
SCORES: dict[str, tuple[Score, ...]] = {
    "binary": (ROC_AUC, ACCURACY, BALANCED, F1, LOG_LOSS),
    "multi-class": (ACCURACY, BALANCED, F1, LOG_LOSS),
    "regression": (R2, MAE, RMSE),
}


def scores_of(task: str, truth: Array) -> tuple[Score, ...]:
    """Return the scores of a task that these rows can have, the decisive one first.

    One class only has no ROC curve, and a constant target no R².

    Raises
    ------
    ArgumentError
        For an unknown task.
    """
    if task not in SCORES:
        raise ArgumentError(f"task got {task!r}; expected one of {', '.join(map(repr, SCORES))}")
    is_varied = len(truth) > 0 and bool((truth != truth[0]).any())
    needing_variety = ("roc_auc", "r2")
    return tuple(each for each in SCORES[task] if is_varied or each.name not in needing_variety)
