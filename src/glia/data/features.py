"""Features: what became of each column, and how its cells turn into numbers or codes.

Each is plain data, kept in the model file, so that later tables are encoded alike.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..config import find
from ..graph import Array
from .converting import as_dates, as_numbers, as_texts, code_places, counted, shown
from .table import Column

__all__ = [
    "FEATURES",
    "BooleanFeature",
    "CategoryFeature",
    "DateFeature",
    "Dropped",
    "Feature",
    "NumericFeature",
    "drop_notices",
    "feature_from",
]

DAY = 86400.0
YEAR = 365.2425 * DAY
# What a date can become: a count of days and places on circles, sine and cosine each.
CIRCLES = {"season": YEAR, "weekday": 7 * DAY, "hour": DAY}


@dataclass(frozen=True, kw_only=True)
class Feature:
    """What became of one column.

    Parameters
    ----------
    name : str
        The column.
    missing : int
        How many of its cells were missing while fitting.
    detail : str
        What to tell the user about it.
    """

    kind: ClassVar[str] = ""
    name: str
    missing: int = 0
    detail: str = ""

    @property
    def outputs(self) -> list[str]:
        """The names of the numbers it becomes; none for codes."""
        return []

    def numbers(self, column: Column, notices: list[str]) -> Array:
        """Return ``(rows, outputs)`` float64, NaN for missing."""
        raise NotImplementedError

    def to_config(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {"kind": self.kind, **dataclasses.asdict(self)}

    def _say_unread(self, unread: Array, what: str, notices: list[str]) -> None:
        if len(unread):
            notices.append(
                f"column {self.name!r}: {shown(unread)} is no {what}; such cells count as missing"
            )


@dataclass(frozen=True, kw_only=True)
class NumericFeature(Feature):
    """A quantity, one number.

    Parameters
    ----------
    style : str
        How its numbers are spelled in text.
    low, high : float
        Beyond these, far outside what the training rows hold, cells are clipped.
    shift, scale : float
        ``(x - shift) / scale`` is taken in float64 where float32 could not tell the cells apart.
    """

    kind: ClassVar[str] = "numeric"
    style: str = "plain"
    low: float = -1e30
    high: float = 1e30
    shift: float = 0.0
    scale: float = 1.0

    @property
    def outputs(self) -> list[str]:
        return [self.name]

    def numbers(self, column: Column, notices: list[str]) -> Array:
        values, unread = as_numbers(column, self.style)
        self._say_unread(unread, "number", notices)
        with np.errstate(invalid="ignore"):
            is_far = (values < self.low) | (values > self.high)
        if is_far.any():
            notices.append(
                f"column {self.name!r}: {counted(int(is_far.sum()), 'cell', 'cells')} such as "
                f"{values[is_far][0]:g} far outside what training saw, clipped to "
                f"{self.low:g} ... {self.high:g}"
            )
            values = np.clip(values, self.low, self.high)
        if (self.shift, self.scale) != (0.0, 1.0):
            values = values / self.scale - self.shift / self.scale
        return values[:, None]


@dataclass(frozen=True, kw_only=True)
class BooleanFeature(Feature):
    """Yes or no, the number 1 or 0.

    Parameters
    ----------
    true, false : str
        The texts that mean so; ``"1"`` and ``"0"`` for columns of truth values.
    """

    kind: ClassVar[str] = "boolean"
    true: str = "True"
    false: str = "False"

    @property
    def outputs(self) -> list[str]:
        return [self.name]

    def numbers(self, column: Column, notices: list[str]) -> Array:
        codes, texts = as_texts(column)
        meaning = {self.false.lower(): 0.0, self.true.lower(): 1.0}
        meaning |= {"0": 0.0, "1": 1.0, "false": 0.0, "true": 1.0}
        values = np.array([meaning.get(text.lower(), np.nan) for text in texts], np.float64)
        used = np.unique(codes[codes >= 0])
        unread = np.array(texts, object)[used][np.isnan(values[used])]
        self._say_unread(unread, f"{self.true!r} or {self.false!r}", notices)
        return np.append(values, np.nan)[codes][:, None]


@dataclass(frozen=True, kw_only=True)
class DateFeature(Feature):
    """A moment: days since the first one, and its places on the circles of time.

    Parameters
    ----------
    is_day_first : bool
        How 3/4/2024 is read.
    origin : float
        The first moment seen, in seconds since 1970.
    circles : tuple of str
        Keys of :data:`CIRCLES` that the column moves around.
    """

    kind: ClassVar[str] = "date"
    is_day_first: bool = False
    origin: float = 0.0
    circles: tuple[str, ...] = ()

    @property
    def outputs(self) -> list[str]:
        circled = [f"{self.name}: {c} {f}" for c in self.circles for f in ("sine", "cosine")]
        return [f"{self.name}: days", *circled]

    def numbers(self, column: Column, notices: list[str]) -> Array:
        seconds, unread = as_dates(column, self.is_day_first)
        self._say_unread(unread, "date", notices)
        parts = [(seconds - self.origin) / DAY]
        for circle in self.circles:
            angle = 2 * np.pi * (seconds % CIRCLES[circle]) / CIRCLES[circle]
            parts += [np.sin(angle), np.cos(angle)]
        return np.stack(parts, axis=1)


@dataclass(frozen=True, kw_only=True)
class CategoryFeature(Feature):
    """One of several texts: codes from 1, and 0 for missing, unseen or too rare.

    Parameters
    ----------
    levels : tuple of str
        The texts of codes 1, 2, ...
    representation : "one-hot" or "embedding"
        What the network should make of the codes.
    width : int
        Output size: the number of levels, or the embedding's.
    rare : tuple of str
        Texts too rare for a code of their own, a hundred of them at most, which surprise nobody.
    """

    kind: ClassVar[str] = "category"
    levels: tuple[str, ...] = ()
    representation: str = "one-hot"
    width: int = 1
    rare: tuple[str, ...] = ()

    def codes(self, column: Column, notices: list[str]) -> Array:
        """Return ``(rows,)`` int32."""
        cells, texts = as_texts(column)
        places = code_places(texts, self.levels) + 1
        codes = np.append(places, 0)[cells]
        is_strange = (places == 0) & (code_places(texts, self.rare) < 0)
        is_unseen = np.append(is_strange, False)[cells]
        if is_unseen.any():
            strange = [texts[place] for place in np.unique(cells[is_unseen])]
            notices.append(
                f"column {self.name!r}: {counted(int(is_unseen.sum()), 'cell', 'cells')} with "
                f"values training did not see or hardly saw ({shown(strange)}), which count as "
                "missing"
            )
        return codes.astype(np.int32)


@dataclass(frozen=True, kw_only=True)
class Dropped(Feature):
    """A column left out.

    Parameters
    ----------
    reason : str
        ``"constant"``, ``"empty"``, ``"identifier"``, ``"text"`` or ``"asked"``.
    """

    kind: ClassVar[str] = "dropped"
    reason: str = "asked"


# Why columns are left out, for notices; what the user asked for needs none.
_WHY_DROPPED = {
    "constant": "always the same",
    "empty": "no cell filled",
    "identifier": "a different value in every row, as identifiers have",
    "text": "too many different texts to learn from (free text is not used, nor hashed)",
}

FEATURES: dict[str, type[Feature]] = {
    each.kind: each
    for each in (NumericFeature, BooleanFeature, DateFeature, CategoryFeature, Dropped)
}


def feature_from(config: Mapping[str, Any]) -> Feature:
    """Return the feature :meth:`Feature.to_config` described.

    Raises
    ------
    ArgumentError
        For an unknown kind.
    """
    options = dict(config)
    kind = find("kind of column", str(options.pop("kind", None)), FEATURES)
    known = {each.name for each in dataclasses.fields(kind)}
    lists = {key: tuple(value) for key, value in options.items() if isinstance(value, list)}
    return kind(**{key: value for key, value in (options | lists).items() if key in known})


def drop_notices(features: Iterable[Feature]) -> list[str]:
    """Return what to say about columns left out, one notice for each reason."""
    by_reason: dict[str, list[str]] = {}
    for each in features:
        if isinstance(each, Dropped) and each.reason in _WHY_DROPPED:
            by_reason.setdefault(each.reason, []).append(each.name)
    return [
        f"{'column' if len(names) == 1 else f'{len(names)} columns'} {shown(names, 6)} left out: "
        f"{_WHY_DROPPED[reason]}"
        for reason, names in by_reason.items()
    ]
