"""What a column is: a quantity, a category, yes or no, a date, or nothing to learn from."""

from __future__ import annotations

import re

import numpy as np

from ..errors import DataError, unknown_name
from ..graph import Array
from .cells import number_style, numbers_in, truth_values
from .converting import as_dates, as_numbers, as_texts, iso, shown
from .dates import DayOrder, compact_dates, dates_in, day_order
from .features import (
    CIRCLES,
    DAY,
    BooleanFeature,
    CategoryFeature,
    DateFeature,
    Dropped,
    Feature,
    NumericFeature,
)
from .table import Column

__all__ = ["KINDS", "ONE_HOT_UP_TO", "decide"]

# Categories of at most so many levels become one-hot columns, larger ones an embedding.
ONE_HOT_UP_TO = 12
# No category keeps more levels than this, the most frequent ones.
MOST_LEVELS = 1000
# What the user may say a column is.
KINDS = ("numeric", "category", "boolean", "date", "drop")
# Share of a text column's cells that must be numbers, or dates, to call it so.
MOSTLY_NUMBERS = 0.9
MOSTLY_DATES = 0.95
# How many texts are looked at first.
SAMPLE = 200

# Names of numbered rows: whole, as the last word (order_no), or as any word (CustomerID, id_2).
_ID_NAMES = {"index", "idx", "row", "rownum", "no", "nr", "number", "#"}
_ID_LAST_WORDS = {"no", "nr", "idx", "key"}
_ID_WORDS = {"id", "ids", "uuid", "guid"}
# Names that files without their own give: their numbers must count the rows.
_NO_NAME = re.compile(r"column_\d+|unnamed.*", re.I)
_WITH_UNIT = re.compile(r"[$€£¥]\s?-?[\d.,]+|-?[\d.,]+\s?(%|[$€£¥]|[A-Za-z]{1,3})")


def decide(column: Column, notices: list[str], kind: str | None = None) -> Feature:
    """Return what a column is.

    Parameters
    ----------
    column : Column
        Its training rows.
    notices : list of str
        Grows by what the user should know.
    kind : str, optional
        What the user says it is: one of :data:`KINDS`.

    Raises
    ------
    ArgumentError
        For an unknown kind.
    DataError
        If the column is not what the user says.
    """
    missing = int(column.missing.sum())
    if kind is not None:
        return _as_told(column, missing, kind, notices)
    if missing == len(column):
        return Dropped(
            name=column.name, missing=missing, reason="empty", detail="no cell is filled"
        )
    if column.kind == "text":
        return _text(column, missing, notices)
    values = column.values[~column.missing]
    if missing == 0 and values.min() == values.max():
        return _constant(column, missing)
    if column.kind == "boolean":
        return _boolean(column, missing, "True", "False")
    if column.kind == "date":
        return _date(column, missing, values, False)
    if _is_number_id(column.name, values, missing):
        return Dropped(
            name=column.name, missing=missing, reason="identifier", detail="numbers the rows"
        )
    distinct = np.unique(values) if values.min() >= 19000101 else values[:0]
    if compact_dates(distinct) is not None:
        return _date(column, missing, as_dates(column, False)[0][~column.missing], False)
    return _numeric(column, missing, values, "plain", notices)


def _as_told(column: Column, missing: int, kind: str, notices: list[str]) -> Feature:
    if kind not in KINDS:
        raise unknown_name(f"kind for column {column.name!r}", kind, KINDS)
    if kind == "drop":
        return Dropped(name=column.name, missing=missing, reason="asked", detail="as you asked")
    if missing == len(column):
        raise DataError(f"column {column.name!r} was given as {kind} but no cell is filled")
    codes, texts = as_texts(column)
    if kind == "category":
        return _category(column, codes, texts, missing, is_told=True)
    if kind == "boolean":
        truths = truth_values(texts) or (
            {"0": False, "1": True} if set(texts) <= {"0", "1"} else None
        )
        if truths is None:
            raise DataError(
                f"column {column.name!r} was given as boolean but holds {shown(sorted(texts))}; "
                "expected two values such as yes and no"
            )
        return _boolean(column, missing, *_sides(truths))
    style = number_style(texts) if column.kind == "text" else "plain"
    order = day_order(texts)
    values, unread = (
        as_dates(column, order.is_day_first) if kind == "date" else as_numbers(column, style)
    )
    values = values[~np.isnan(values)]
    if not len(values):
        raise DataError(
            f"column {column.name!r} was given as {kind} but {shown(list(unread))} cannot be read "
            "as such"
        )
    if len(unread):
        notices.append(
            f"column {column.name!r}: {shown(list(unread))} cannot be read as {kind} and counts "
            "as missing"
        )
    missing = len(column) - len(values)
    if kind == "date":
        return _date(column, missing, values, order.is_day_first)
    return _numeric(column, missing, values, style, notices)


def _text(column: Column, missing: int, notices: list[str]) -> Feature:
    counts = np.bincount(column.cells[column.cells >= 0], minlength=len(column.levels))
    used = np.flatnonzero(counts)
    levels, counts = column.levels[used].tolist(), counts[used]
    if len(levels) == 1 and missing == 0:
        return _constant(column, missing)
    truths = truth_values(levels) if len(levels) == 2 else None
    if truths is not None:
        return _boolean(column, missing, *_sides(truths))
    # A look at some texts spares reading a million names as dates and numbers.
    sample = levels[:: max(1, len(levels) // SAMPLE)]
    if len(levels) > 1 and not np.isnan(dates_in(sample)).mean() > 0.5:
        order = day_order(levels)
        moments = dates_in(levels, order.is_day_first)
        if counts[~np.isnan(moments)].sum() >= MOSTLY_DATES * counts.sum():
            return _told_dates(column, moments, levels, order, notices)
    has_digits = sum(any(map(str.isdigit, text)) for text in sample) > 0.5 * len(sample)
    style = number_style(levels) if has_digits else "plain"
    if has_digits and _are_mostly_numbers(levels, counts, style):
        return _told_numbers(column, style, notices)
    feature = _category(column, *as_texts(column), missing)
    if has_digits and _looks_numeric(sample):
        notices.append(
            f"column {column.name!r} was not read as numbers, since {shown(levels)} carries a unit "
            "or a separator of two meanings; write plain numbers such as 1234.5 to use it so"
        )
    return feature


def _are_mostly_numbers(levels: list[str], counts: Array, style: str) -> bool:
    values, is_read = numbers_in(levels, style)
    distinct = len(np.unique(values[np.isfinite(values)]))
    share = counts[is_read].sum() / counts.sum()
    return distinct > 0 and bool(share == 1 or (share >= MOSTLY_NUMBERS and distinct > 20))


def _told_dates(
    column: Column, moments: Array, levels: list[str], order: DayOrder, notices: list[str]
) -> Feature:
    if not order.is_certain:
        read = "day/month" if order.is_day_first else "month/day"
        notices.append(
            f"column {column.name!r}: dates such as {shown(levels[:1])} were read as {read}; no "
            "cell proves it. Write 2024-12-31 to be sure"
        )
    unread = [text for text, moment in zip(levels, moments, strict=True) if np.isnan(moment)]
    if unread:
        notices.append(f"column {column.name!r}: {shown(unread)} is no date and counts as missing")
    seconds, _ = as_dates(column, order.is_day_first)
    seconds = seconds[~np.isnan(seconds)]
    return _date(column, len(column) - len(seconds), seconds, order.is_day_first)


def _told_numbers(column: Column, style: str, notices: list[str]) -> Feature:
    values, unread = as_numbers(column, style)
    values = values[~np.isnan(values)]
    missing = len(column) - len(values)
    if len(unread):
        notices.append(
            f"column {column.name!r}: nearly all cells are numbers; {shown(unread)} counts as "
            "missing"
        )
    if style != "plain":
        notices.append(f"column {column.name!r}: numbers were read as written in {style}")
    if missing == 0 and values.min() == values.max():
        return _constant(column, missing)
    return _numeric(column, missing, values, style, notices)


def _looks_numeric(levels: list[str]) -> bool:
    fitting = sum(
        bool(_WITH_UNIT.fullmatch(text)) or bool(re.fullmatch(r"-?[\d.,]+", text))
        for text in levels
    )
    return len(levels) > 5 and fitting >= MOSTLY_NUMBERS * len(levels)


def _sides(truths: dict[str, bool]) -> tuple[str, str]:
    true = next((text for text, truth in truths.items() if truth), "1")
    return true, next((text for text, truth in truths.items() if not truth), "0")


def _constant(column: Column, missing: int) -> Feature:
    codes, texts = as_texts(column)
    text = texts[codes.max()]
    return Dropped(
        name=column.name, missing=missing, reason="constant", detail=f"always {text[:40]!r}"
    )


def _boolean(column: Column, missing: int, true: str, false: str) -> Feature:
    return BooleanFeature(
        name=column.name, missing=missing, true=true, false=false, detail=f"{true} = 1, {false} = 0"
    )


def _is_number_id(name: str, values: Array, missing: int) -> bool:
    """Return whether whole numbers, each different, stand under a name for such."""
    if missing or len(values) < 5 or (values % 1).any():
        return False
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
    has_name = (
        name.lower() in _ID_NAMES
        or bool(_ID_WORDS & set(words))
        or (len(words) > 1 and words[-1] in _ID_LAST_WORDS)
    )
    if not has_name and _NO_NAME.fullmatch(name):
        has_name = bool((np.diff(values) == 1).all())
    return has_name and len(np.unique(values)) == len(values)


def _numeric(
    column: Column, missing: int, values: Array, style: str, notices: list[str]
) -> Feature:
    low, high, median = float(values.min()), float(values.max()), float(np.median(values))
    largest = max(abs(low), abs(high))
    scale = largest if largest > 1e30 or 0 < largest < 1e-30 else 1.0
    if largest > 1e30:
        notices.append(
            f"column {column.name!r} reaches {largest:g}, so all its cells were scaled down and "
            "small differences vanish; if that number stands for missing, leave those cells blank"
        )
    spread = float(np.std(values / scale))
    shift = median if abs(median) / scale > 1e4 * spread > 0 else 0.0
    reach = 1e4 * (high / scale - low / scale) if high > low else max(largest / scale, 1.0) * 1e4
    top = np.finfo(np.float64).max
    with np.errstate(over="ignore"):
        bounds = (
            np.float64(median / scale - reach) * scale,
            np.float64(median / scale + reach) * scale,
        )
    return NumericFeature(
        name=column.name,
        missing=missing,
        detail=f"{low:g} to {high:g}, median {median:g}",
        style=style,
        low=float(np.clip(bounds[0], -top, top)),
        high=float(np.clip(bounds[1], -top, top)),
        shift=shift,
        scale=scale,
    )


def _date(column: Column, missing: int, seconds: Array, is_day_first: bool) -> Feature:
    low, high = float(seconds.min()), float(seconds.max())
    days = np.unique(seconds // DAY)
    has_days = len(days) > 1 and bool((np.diff(days) < 28).any())
    circles = []
    if high - low > 0.8 * CIRCLES["season"] and len(days) > 2 and bool((np.diff(days) < 180).any()):
        circles.append("season")
    if has_days and high - low >= 6 * DAY and len(np.unique(days % 7)) > 1:
        circles.append("weekday")
    if len(np.unique(seconds % DAY)) > 1:
        circles.append("hour")
    return DateFeature(
        name=column.name,
        missing=missing,
        detail=f"{iso(low)} to {iso(high)}; as {', '.join(['days', *circles])}",
        is_day_first=is_day_first,
        origin=low,
        circles=tuple(circles),
    )


def _category(
    column: Column, codes: Array, texts: list[str], missing: int, is_told: bool = False
) -> Feature:
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    total, present = int(counts.sum()), int((counts > 0).sum())
    if present == total > 2 and not is_told:
        words = np.mean([len(text.split()) for text in texts[:SAMPLE]])
        reason, what = ("text", "free text") if words > 4 else ("identifier", "an identifier")
        return Dropped(
            name=column.name,
            missing=missing,
            reason=reason,
            detail=f"{present} texts, each different: {what}",
        )
    least = 2 if present <= 50 else int(np.clip(total // 2000, 2, 20))
    least = 1 if present <= 2 or total < 20 else least
    ranked = sorted(
        np.flatnonzero(counts >= least), key=lambda place: (-counts[place], texts[place])
    )
    kept = ranked[:MOST_LEVELS]
    dropped = np.setdiff1d(np.flatnonzero(counts), kept)
    covered = int(counts[kept].sum())
    if not kept or (present > 50 and covered < 0.5 * total and not is_told):
        return Dropped(
            name=column.name,
            missing=missing,
            reason="text",
            detail=f"{present} different texts in {total} rows, most of them rare: free text or an "
            "identifier",
        )
    levels = tuple(sorted(texts[place] for place in kept))
    detail = f"{present} values: {shown(levels, 4)}"
    if present > len(levels):
        rare = present - len(levels)
        detail += (
            "; a rare one counts as missing" if rare == 1 else f"; {rare} rare ones share one code"
        )
    is_one_hot = len(levels) <= ONE_HOT_UP_TO
    # The usual rule of thumb for embedding sizes, 1.6 n^0.56, up to 50.
    width = len(levels) if is_one_hot else min(50, round(1.6 * len(levels) ** 0.56))
    return CategoryFeature(
        name=column.name,
        missing=missing,
        detail=detail,
        levels=levels,
        representation="one-hot" if is_one_hot else "embedding",
        width=width,
        rare=tuple(sorted(texts[place] for place in dropped[:100])),
    )
