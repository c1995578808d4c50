"""How sure a test part makes us: bootstrap intervals of scores and of paired differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph import Array
from .scores import Score

__all__ = ["Assessment", "Interval", "assess", "intervals_of"]

CONFIDENCE = 0.95
MOST_RESAMPLES, LEAST_RESAMPLES = 2000, 400
# About as many draws in total as a second allows, and in memory at once.
DRAWS, DRAWS_AT_ONCE = 10_000_000, 2_000_000


@dataclass(frozen=True)
class Interval:
    """A value with the 95% bootstrap interval around it; the ends are NaN where undefined."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, Any]:
        """Return plain data; what is not a number becomes None."""
        named = {"value": self.value, "low": self.low, "high": self.high}
        return {key: number if np.isfinite(number) else None for key, number in named.items()}


@dataclass(frozen=True)
class Assessment:
    """What the test part says.

    Attributes
    ----------
    scores : dict of str to dict of str to Interval
        By who predicted, then by score; the first who is the network.
    differences : dict of str to Interval
        Network minus each of the others in the decisive score, the first one.
    rows, resamples : int
        Rows of the test part, and how often they were drawn anew.
    """

    scores: dict[str, dict[str, Interval]]
    differences: dict[str, Interval]
    rows: int
    resamples: int


def _resamples(rows: int) -> int:
    return int(np.clip(DRAWS // max(rows, 1), LEAST_RESAMPLES, MOST_RESAMPLES))


def _draw(generator: np.random.Generator, count: int, rows: int) -> Array:
    """Return how often each row is drawn in each resample, ``(count, rows)``."""
    drawn = generator.integers(0, rows, (count, rows))
    drawn += np.arange(count)[:, None] * rows
    return np.bincount(drawn.ravel(), minlength=count * rows).reshape(count, rows).astype(float)


def _interval(value: float, values: Array) -> Interval:
    """Return the percentile interval (Efron 1979); resamples without the score are left out."""
    defined = values[np.isfinite(values)]
    if not defined.size or not np.isfinite(value):
        return Interval(value, np.nan, np.nan)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Interval(value, float(low), float(high))


def assess(
    truth: Array,
    predictions: Mapping[str, Array],
    scores: Sequence[Score],
    seed: int = 0,
) -> Assessment:
    """Score everyone's predictions of the same rows, with intervals.

    The rows are drawn with replacement, the same draws for everybody: the luck of the rows that
    all share cancels in the differences, which makes them much surer than the scores
    (Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993).

    Parameters
    ----------
    truth : array ``(rows,)``
        Class numbers, or numbers.
    predictions : mapping of str to array
        Who predicted what; the first is the one the others are compared with.
    scores : sequence of Score
        At least one, the decisive one first.
    seed : int
        Of the draws.
    """
    rows = len(truth)
    resamples = _resamples(rows)
    generator = np.random.default_rng(seed)
    prepared = {
        who: {score.name: score.weighted(truth, guess) for score in scores}
        for who, guess in predictions.items()
    }
    drawn: dict[tuple[str, str], list[Array]] = {}
    at_once = max(1, DRAWS_AT_ONCE // max(rows, 1))
    for start in range(0, resamples, at_once):
        weights = _draw(generator, min(at_once, resamples - start), rows)
        for who, named in prepared.items():
            for name, weighted in named.items():
                drawn.setdefault((who, name), []).append(weighted(weights))
    spread = {key: np.concatenate(values) for key, values in drawn.items()}
    once = np.ones((1, rows))
    exact = {
        (who, name): float(weighted(once)[0])
        for who, named in prepared.items()
        for name, weighted in named.items()
    }
    intervals = {
        who: {name: _interval(exact[who, name], spread[who, name]) for name in named}
        for who, named in prepared.items()
    }
    first, decisive = next(iter(prepared)), scores[0].name
    differences = {
        who: _interval(
            exact[first, decisive] - exact[who, decisive],
            spread[first, decisive] - spread[who, decisive],
        )
        for who in prepared
        if who != first
    }
    return Assessment(intervals, differences, rows, resamples)


def intervals_of(
    truth: Array, prediction: Array, scores: Sequence[Score], seed: int = 0
) -> dict[str, Interval]:
    """Score one set of predictions, with intervals."""
    return assess(truth, {"network": prediction}, scores, seed).scores["network"]
