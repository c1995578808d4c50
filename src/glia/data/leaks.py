"""Columns too good to be true: one that alone predicts the target on rows held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..graph import Array

__all__ = ["SUSPICIOUS", "Suspect", "suspects"]

# A column is suspect from this score on: balanced accuracy, or R2.
SUSPICIOUS = 0.985
# Fewer rows, or rows of the second largest class, prove nothing.
LEAST_ROWS = 50
LEAST_OF_CLASS = 10
MOST_ROWS = 20_000
BINS = 64


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

    Each column is cut into at most 64 groups (its values, or quantiles); a group answers with
    its most frequent class, or its mean, among one half of the rows, and is scored on the other
    half, both ways round.

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
    if classes:
        sizes = np.sort(np.bincount(answers, minlength=classes))
        if sizes[-2] < LEAST_OF_CLASS:
            return []
    if len(order) < LEAST_ROWS:
        return []
    is_first = np.zeros(len(order), bool)
    is_first[: len(order) // 2] = True
    found = []
    measure = "balanced accuracy" if classes else "R2"
    for name, cells in columns.items():
        groups = _groups(cells[order])
        if groups.max() == 0:
            continue
        if classes:
            score = _class_score(groups, answers, classes, is_first)
        else:
            score = _number_score(groups, answers, is_first)
        if score >= SUSPICIOUS:
            found.append(Suspect(name, round(float(score), 4), measure))
    return sorted(found, key=lambda suspect: -suspect.score)


def _groups(cells: Array) -> Array:
    """Return each row's group number, from 0; missing cells are a group of their own."""
    if cells.dtype.kind in "iu":
        return cells.astype(np.int64)
    is_there = ~np.isnan(cells)
    groups = np.zeros(len(cells), np.int64)
    distinct, inverse = np.unique(cells[is_there], return_inverse=True)
    if len(distinct) > BINS:
        edges = np.unique(np.quantile(cells[is_there], np.linspace(0, 1, BINS + 1)[1:-1]))
        inverse = np.searchsorted(edges, cells[is_there], side="right")
    groups[is_there] = inverse + 1
    return groups


def _class_score(groups: Array, answers: Array, classes: int, is_first: Array) -> float:
    size = int(groups.max()) + 1
    guesses = np.empty(len(answers), np.int64)
    for is_train in (is_first, ~is_first):
        places = groups[is_train] * classes + answers[is_train]
        table = np.bincount(places, minlength=size * classes).reshape(size, classes)
        guess = np.where(table.any(axis=1), table.argmax(axis=1), table.sum(axis=0).argmax())
        guesses[~is_train] = guess[groups[~is_train]]
    sizes = np.bincount(answers, minlength=classes)
    right = np.bincount(answers[guesses == answers], minlength=classes)
    return float((right[sizes >= 5] / sizes[sizes >= 5]).mean())


def _number_score(groups: Array, answers: Array, is_first: Array) -> float:
    size = int(groups.max()) + 1
    guesses = np.empty(len(answers))
    for is_train in (is_first, ~is_first):
        counts = np.bincount(groups[is_train], minlength=size)
        sums = np.bincount(groups[is_train], answers[is_train], minlength=size)
        overall = answers[is_train].mean()
        means = np.where(counts > 0, sums / np.maximum(counts, 1), overall)
        guesses[~is_train] = means[groups[~is_train]]
    spread = ((answers - answers.mean()) ** 2).sum()
    return float(1 - ((answers - guesses) ** 2).sum() / spread) if spread else 0.0
