"""One column seen as numbers, as texts or as dates, however it was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from ..graph import Array
from .cells import numbers_in
from .dates import compact_dates, dates_in
from .table import Column

__all__ = [
    "as_dates",
    "as_numbers",
    "as_texts",
    "code_places",
    "counted",
    "iso",
    "shown",
    "spelled",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_numbers(column: Column, style: str = "plain") -> tuple[Array, Array]:
    """Return a column's cells as float64 with NaN for missing, and the texts that are no numbers.

    Parameters
    ----------
    column : Column
        Of any kind.
    style : str
        How numbers are spelled: a key of :data:`~glia.data.cells.STYLES`.
    """
    if column.kind != "text":
        return column.values, np.empty(0, object)
    values, is_read = numbers_in(list(column.levels), style)
    values = np.where(np.isfinite(values), values, np.nan)
    used = np.unique(column.cells[column.cells >= 0])
    return np.append(values, np.nan)[column.cells], column.levels[used][~is_read[used]]


def as_texts(column: Column) -> tuple[Array, list[str]]:
    """Return codes into texts, -1 for missing, and the texts."""
    if column.kind == "text":
        return column.cells, list(column.levels)
    is_there = ~column.missing
    distinct, inverse = np.unique(column.values[is_there], return_inverse=True)
    codes = np.full(len(column), -1, np.int32)
    codes[is_there] = inverse
    return codes, [spelled(value, column.kind) for value in distinct]


def spelled(value: float, kind: str) -> str:
    """Return one cell as text: 3 rather than 3.0, True rather than 1, dates as ISO."""
    if kind == "boolean":
        return str(bool(value))
    if kind == "date":
        return iso(value)
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def as_dates(column: Column, is_day_first: bool) -> tuple[Array, Array]:
    """Return a column's cells as seconds since 1970, and the texts that are no dates.

    Numbers are read as 20241231.
    """
    if column.kind == "text":
        values = dates_in(list(column.levels), is_day_first)
        used = np.unique(column.cells[column.cells >= 0])
        return np.append(values, np.nan)[column.cells], column.levels[used][np.isnan(values[used])]
    if column.kind == "date":
        return column.values, np.empty(0, object)
    cells, distinct = column.values, np.unique(column.values[~column.missing])
    days = {}
    for value in distinct:
        found = compact_dates(np.array([value, value]))
        days[value] = np.nan if found is None else found[0]
    unread = [spelled(value, "number") for value in distinct if np.isnan(days[value])]
    seconds = np.array([days.get(value, np.nan) for value in cells], np.float64)
    return seconds, np.array(unread, object)


def iso(seconds: float) -> str:
    """Return a moment as ISO text, without the time at midnight."""
    try:
        moment = _EPOCH + timedelta(seconds=float(seconds))
    except OverflowError:
        return repr(float(seconds))
    text = moment.replace(tzinfo=None, microsecond=0).isoformat(" ")
    return text.removesuffix(" 00:00:00")


def code_places(texts: Sequence[str], known: Sequence[str]) -> Array:
    """Return where each text stands in another list, -1 where it does not.

    A text that is not there as it stands may be there as the same number: ``1`` finds ``01``
    and ``1.0``.
    """
    places = {text: place for place, text in reversed(list(enumerate(known)))}
    numbers, is_number = numbers_in(known)
    by_number = {
        number: place
        for place, number in reversed(list(enumerate(numbers.tolist())))
        if is_number[place] and number == number
    }
    wanted, _ = numbers_in(texts)
    found = [
        places.get(text, by_number.get(number, -1))
        for text, number in zip(texts, wanted.tolist(), strict=True)
    ]
    return np.array(found, np.int64)


def counted(count: int, singular: str, plural: str) -> str:
    """Return a number with its words: 1 cell is, 3 cells are."""
    return f"{count} {singular if count == 1 else plural}"


def shown(texts: Sequence[object] | Array, limit: int = 3) -> str:
    """Return a few things in quotes, for a message."""
    few = ", ".join(repr(str(text)[:40]) for text in texts[:limit])
    return f"{few} and {len(texts) - limit} more" if len(texts) > limit else few
