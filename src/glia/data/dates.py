"""Dates written as text: 2024-12-31, 31/12/2024, 12/31/2024, 31.12.2024, 31 Dec 2024, or times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import numpy as np

from ..graph import Array

__all__ = ["DayOrder", "compact_dates", "dates_in", "day_order"]

_TIME = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<fraction>[.,]\d+)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})?)?"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?P<word>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern + _TIME, re.I | re.A)


_BIG_FIRST = _form(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})(?:\2(?P<day>\d{1,2}))?")
_SMALL_FIRST = _form(r"(?P<one>\d{1,2})([-/.])(?P<two>\d{1,2})\2(?P<year>\d{4}|\d{2})")
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WORDED = [
    _form(_WEEKDAY + _DAY + r"[-/ .]+" + _MONTH + r"[-/ ,.]+(?P<year>\d{4}|\d{2})"),
    _form(_WEEKDAY + _MONTH + r"\s+" + _DAY + r"(?:,\s*|\s+)(?P<year>\d{4})"),
    _form(_MONTH + r"[-/ ]+(?P<year>\d{4})"),
]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DayOrder:
    """Which of the two small numbers in 3/4/2024 is the day, and whether the column shows it."""

    def __init__(self, is_day_first: bool, is_certain: bool) -> None:
        self.is_day_first = is_day_first
        self.is_certain = is_certain


def day_order(levels: Sequence[str]) -> DayOrder:
    """Find out from a column's distinct texts whether days stand before months.

    A number above 12 shows it; dots (31.12.2024) are day first. Without either the American
    order, month first, is assumed and not certain.
    """
    votes = {True: 0, False: 0}
    has_small, has_dots = False, False
    for text in levels:
        match = _SMALL_FIRST.fullmatch(text)
        if match is None:
            continue
        has_small = True
        has_dots = has_dots or "." in match.group(2)
        one, two = int(match["one"]), int(match["two"])
        if (one > 12) != (two > 12):
            votes[one > 12] += 1
    if any(votes.values()):
        return DayOrder(votes[True] >= votes[False], not all(votes.values()))
    return DayOrder(has_dots, has_dots or not has_small)


def dates_in(levels: Sequence[str], is_day_first: bool = False) -> Array:
    """Read distinct texts as dates.

    Parameters
    ----------
    levels : sequence of str
        The texts, stripped.
    is_day_first : bool
        How 3/4/2024 is read.

    Returns
    -------
    float64 array ``(levels,)``
        Seconds since 1970 (UTC where no zone is given), NaN where a text is no date.
    """
    return np.array([_seconds(text, is_day_first) for text in levels], np.float64)


def _seconds(text: str, is_day_first: bool) -> float:
    if len(text) < 6 or len(text) > 60:
        return np.nan
    match = _BIG_FIRST.fullmatch(text) or _SMALL_FIRST.fullmatch(text)
    if match is None and text[-1:].isalnum():
        match = next(filter(None, (form.fullmatch(text) for form in _WORDED)), None)
    if match is None:
        return np.nan
    found = match.groupdict()
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += 1900 if year >= 70 else 2000
    if "one" in found:
        pair = int(found["one"]), int(found["two"])
        # A day above 12 says itself which it is, whatever the rest of the column does.
        is_swapped = is_day_first if max(pair) <= 12 else pair[0] > 12
        month, day = (pair[1], pair[0]) if is_swapped else pair
    else:
        word = found.get("word")
        month = _MONTHS.index(word[:3].lower()) + 1 if word else int(found["month"])
        day = int(found.get("day") or 1)
    hour = int(found["hour"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    try:
        moment = datetime(
            year, month, day, hour, int(found["minute"] or 0), int(found["second"] or 0),
            tzinfo=_zone(found["zone"]),
        )  # fmt: skip
    except ValueError:
        return np.nan
    fraction = float("0." + found["fraction"][1:]) if found["fraction"] else 0.0
    return (moment - _EPOCH).total_seconds() + fraction


def _zone(text: str | None) -> timezone:
    if text is None or text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def compact_dates(values: Array) -> Array | None:
    """Return numbers such as 20241231 as seconds since 1970, or None if any is no such date.

    Parameters
    ----------
    values : float64 array ``(n,)``
        Distinct numbers, none missing.
    """
    if len(values) < 2 or values.min() < 19000101 or values.max() > 21001231:
        return None
    if (values % 1).any():
        return None
    days = [_compact_day(int(value)) for value in values]
    return None if any(np.isnan(days)) else np.array(days, np.float64)


def _compact_day(number: int) -> float:
    try:
        moment = datetime(number // 10000, number // 100 % 100, number % 100, tzinfo=UTC)
    except ValueError:
        return np.nan
    return (moment - _EPOCH).total_seconds()
