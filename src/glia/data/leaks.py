"""Columns too good to be true: one that alone predicts the target on rows held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..graph import Array

__all__ = ["SUSPICIOUS", "Suspect", "suspects"]

# A column is suspect from this score on: balanced accuracy, or R2.
SUSPICIOUS = 0.99
# Fewer rows, or rows of the second largest class, prove nothing.
LEAST_ROWS = 50
SMALL_TABLE = 150
LEAST_OF_CLASS = 10
MOST_ROWS = 20_000
# One lucky halving of a small table proves nothing either.
HALVINGS = 5


@dataclass(frozen=True)
class Suspect:
    """A column, its score from 0 to 1, and what the score measures."""

    column: str
    score: float
    measure: str


def suspects(
    columns: Mapping[str, Array], answers: Array, classes: int, seed: int = 0
) -> list[Suspect]:
    """Return the columns that alone predict nearly every answer, best first.

    One half of the rows predicts the other, both ways round, in several halvings. A code answers
    with the most frequent class, or the mean, of its rows; a number with the class of the nearest
    number, or by linear interpolation between its two neighbours; missing cells are a code of
    their own. In a small table only a copy of the classes under other names is suspect: an
    honest column can separate a hundred rows by luck.

    Parameters
    ----------
    columns : mapping of str to array ``(rows,)``
        Numbers with NaN for missing, or integer codes.
    answers : array ``(rows,)``
        Class numbers, or numbers for regression.
    classes : int
        How many classes there are; 0 for regression.
    seed : int
        Of the halving.
    """
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(answers))[:MOST_ROWS]
    answers = answers[order]
    if len(order) < LEAST_ROWS:
        return []
    if classes and np.sort(np.bincount(answers, minlength=classes))[-2] < LEAST_OF_CLASS:
        return []
    halves = [generator.permutation(len(order)) < len(order) // 2 for _ in range(HALVINGS)]
    found = []
    for name, column in columns.items():
        if classes and len(order) < SMALL_TABLE and len(np.unique(column)) > classes + 1:
            continue
        scores: list[float] = []
        for is_first in halves:
            scores.append(_score(column[order], answers, is_first, classes))
            # The mean cannot reach the mark any more.
            if sum(scores) + HALVINGS - len(scores) < SUSPICIOUS * HALVINGS:
                break
        else:
            measure = "balanced accuracy" if classes else "R2"
            found.append(Suspect(name, round(sum(scores) / HALVINGS, 4), measure))
    return sorted(found, key=lambda suspect: -suspect.score)


def _score(cells: Array, answers: Array, is_first: Array, classes: int) -> float:
    guesses = np.empty(len(answers))
    for is_train in (is_first, ~is_first):
        known, asked = cells[is_train], cells[~is_train]
        guesses[~is_train] = _guesses(known, answers[is_train], asked, classes)
    return _accuracy(guesses, answers, classes) if classes else _r2(guesses, answers)


def _guesses(known: Array, answers: Array, asked: Array, classes: int) -> Array:
    """Predict the answers of cells from cells whose answers are known."""
    is_code = known.dtype.kind in "iu"
    # The answer for what was never seen: that of all rows together.
    guesses = np.full(len(asked), _typical(np.zeros(len(answers), np.int64), answers, classes)[0])
    if not is_code:
        is_nan = np.isnan(known)
        if is_nan.any():
            alone = answers[is_nan]
            value = _typical(np.zeros(len(alone), np.int64), alone, classes)[0]
            guesses[np.isnan(asked)] = value
        known, answers = known[~is_nan], answers[~is_nan]
    if not len(known):
        return guesses
    distinct, inverse = np.unique(known, return_inverse=True)
    typical = _typical(inverse, answers, classes)
    is_asked = np.isin(asked, distinct) if is_code else ~np.isnan(asked)
    cells = asked[is_asked]
    if classes == 0 and not is_code:
        guesses[is_asked] = np.interp(cells, distinct, typical)
    else:
        guesses[is_asked] = typical[_nearest(distinct, cells)]
    return guesses


def _typical(groups: Array, answers: Array, classes: int) -> Array:
    """Return each group's most frequent class, or its mean answer."""
    size = int(groups.max()) + 1
    if classes:
        table = np.bincount(groups * classes + answers, minlength=size * classes)
        return table.reshape(size, classes).argmax(axis=1)
    sums = np.bincount(groups, answers, minlength=size)
    return np.asarray(sums / np.bincount(groups, minlength=size))


def _nearest(distinct: Array, cells: Array) -> Array:
    """Return the place of the nearest among ascending numbers."""
    above = np.clip(np.searchsorted(distinct, cells), 0, len(distinct) - 1)
    below = np.maximum(above - 1, 0)
    return np.where(cells - distinct[below] < distinct[above] - cells, below, above)


def _accuracy(guesses: Array, answers: Array, classes: int) -> float:
    """Return the mean over classes of the share that is right; classes of few rows do not count."""
    sizes = np.bincount(answers, minlength=classes)
    right = np.bincount(answers[guesses == answers], minlength=classes)
    is_counted = sizes >= 5
    return float((right[is_counted] / sizes[is_counted]).mean())


def _r2(guesses: Array, answers: Array) -> float:
    spread = float(((answers - answers.mean()) ** 2).sum())
    return 1 - float(((answers - guesses) ** 2).sum()) / spread if spread else 0.0
