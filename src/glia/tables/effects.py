"""What each column does to one row's prediction: the change if it alone were as usual."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data import Schema, Table
from ..data.features import (
    DAY,
    BooleanFeature,
    CategoryFeature,
    DateFeature,
    Feature,
    NumericFeature,
)
from ..errors import ArgumentError, FileError
from ..graph import Array
from .model import TableModel

__all__ = ["Effect", "RowExplanation", "cell_text", "date_text", "explain_row", "usual_values"]

# Cells of variants predicted at once.
CELLS_AT_ONCE = 4_000_000
MISSING = "(missing)"


@dataclass(frozen=True)
class Effect:
    """One column's part in a prediction.

    Attributes
    ----------
    column : str
        Which.
    value, usual : str
        What it holds in the row, and what is usual in training: the median or the most common.
    otherwise : float
        The prediction if the column held the usual instead, all others being as they are.
    change : float
        The prediction minus that.
    """

    column: str
    value: str
    usual: str
    otherwise: float
    change: float


@dataclass(frozen=True)
class RowExplanation:
    """One row's prediction and what moved it.

    Attributes
    ----------
    answer : object
        The class predicted, or the number.
    prediction : float
        The probability of that class, or the number.
    probabilities : dict of str to float
        Of every class; empty for regression.
    effects : list of Effect
        One for each column, the strongest first.
    """

    answer: Any
    prediction: float
    probabilities: dict[str, float]
    effects: list[Effect]


def usual_values(encoded: dict[str, Array]) -> dict[str, list[float]]:
    """Return the median of each number and the most common code of each category, as JSON."""
    usual: dict[str, list[float]] = {}
    if "numbers" in encoded:
        known = np.where(encoded["missing"] > 0, np.nan, encoded["numbers"].astype(np.float64))
        is_known = ~np.isnan(known).all(axis=0)
        medians = np.zeros(known.shape[1])
        medians[is_known] = np.nanmedian(known[:, is_known], axis=0)
        usual["numbers"] = medians.tolist()
    if "categories" in encoded:
        codes = encoded["categories"]
        usual["categories"] = [int(np.bincount(column).argmax()) for column in codes.T]
    return usual


def explain_row(model: TableModel, table: Table, row: int) -> RowExplanation:
    """Say what each column changes in the prediction of one row.

    One column at a time is set to what is usual in training; how far the prediction moves is its
    effect. Effects of columns that work together do not add up to the whole.

    Parameters
    ----------
    model, table : TableModel, Table
        The model, and the table the row is from.
    row : int
        Its number, from 0.

    Raises
    ------
    ArgumentError
        If there is no such row.
    FileError
        If the model's record lacks what is usual.
    """
    if not 0 <= row < table.rows:
        raise ArgumentError(f"{table.source} has {table.rows} rows, and none has number {row + 1}")
    usual = _usual(model)
    one = table.select([row])
    encoded = model.inputs(one)
    features = _features(model.schema)
    base = model.outputs(one)[0]
    place = int(np.argmax(base)) if model.schema.task != "regression" else None
    prediction = float(base if place is None else base[place])
    variants = _predicted(model, encoded, usual, features)
    effects = []
    for feature, outputs in zip(features, variants, strict=True):
        otherwise = float(outputs if place is None else outputs[place])
        effects.append(
            Effect(
                feature.name,
                cell_text(one, feature.name),
                _usual_text(feature, features, usual),
                otherwise,
                prediction - otherwise,
            )
        )
    effects.sort(key=lambda effect: -abs(effect.change))
    names = [str(each) for each in model.schema.classes]
    chances = {} if place is None else dict(zip(names, map(float, base), strict=True))
    answer = prediction if place is None else model.schema.classes[place]
    return RowExplanation(answer, prediction, chances, effects)


def _usual(model: TableModel) -> dict[str, list[float]]:
    told = model.record.get("usual")
    sizes = {"numbers": len(model.schema.numbers), "categories": len(model.schema.category_names)}
    usual: dict[str, list[float]] = {}
    for name, size in sizes.items():
        values = told.get(name) if isinstance(told, dict) else None
        numbers = values if isinstance(values, list) else []
        usual[name] = [each for each in numbers if isinstance(each, (int, float))]
        if len(usual[name]) != size:
            raise FileError("this model's record does not say what is usual in training")
    return usual


def _features(schema: Schema) -> list[Feature]:
    """Return what becomes numbers, in the order of ``numbers``, then what becomes codes."""
    by_name = {each.name: each for each in schema.features}
    numeric = [each for each in schema.features if each.outputs]
    return numeric + [by_name[name] for name in schema.category_names]


def _predicted(
    model: TableModel,
    encoded: dict[str, Array],
    usual: dict[str, list[float]],
    features: list[Feature],
) -> list[Any]:
    """Return the prediction of the row with each column in turn as it usually is."""
    width = sum(array.shape[1] for array in encoded.values())
    at_once = max(1, CELLS_AT_ONCE // max(width, 1))
    found: list[Any] = []
    for start in range(0, len(features), at_once):
        chosen = features[start : start + at_once]
        rows = {name: np.repeat(array, len(chosen), axis=0) for name, array in encoded.items()}
        for variant, feature in enumerate(chosen):
            block, places = _places(feature, features)
            rows[block][variant, places] = np.array(usual[block])[places]
            if block == "numbers":
                rows["missing"][variant, places] = 0
        found += list(model.answers(rows))
    return found


def _places(feature: Feature, features: list[Feature]) -> tuple[str, list[int]]:
    """Return which input a column goes to, and where in it."""
    if not feature.outputs:
        codes = [each for each in features if not each.outputs]
        return "categories", [codes.index(feature)]
    first = 0
    for each in features:
        if each is feature:
            break
        first += len(each.outputs)
    return "numbers", list(range(first, first + len(feature.outputs)))


def _usual_text(feature: Feature, features: list[Feature], usual: dict[str, list[float]]) -> str:
    block, places = _places(feature, features)
    number = usual[block][places[0]]
    if isinstance(feature, CategoryFeature):
        return feature.levels[int(number) - 1] if 1 <= number <= len(feature.levels) else MISSING
    if isinstance(feature, BooleanFeature):
        return feature.true if number >= 0.5 else feature.false
    if isinstance(feature, DateFeature):
        return date_text(feature.origin + number * DAY)
    if isinstance(feature, NumericFeature):
        return f"{number * feature.scale + feature.shift:.6g}"
    return str(number)


def cell_text(table: Table, name: str, row: int = 0) -> str:
    """Return a cell as people write it."""
    column = table[name]
    if column.missing[row]:
        return MISSING
    value = column.values[row]
    if column.kind == "date":
        return date_text(float(value))
    if column.kind == "boolean":
        return str(bool(value))
    return f"{value:.10g}" if column.kind == "number" else str(value)


def date_text(seconds: float) -> str:
    """Return seconds since 1970 as a date, with the time of day unless it is midnight."""
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=round(seconds))
    return moment.date().isoformat() if moment.time() == datetime.time() else str(moment)
