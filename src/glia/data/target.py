"""The target: which task its column poses, its classes or its scale, and its cells as numbers."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError, unknown_name
from ..graph import Array
from .cells import number_style, truth_values
from .converting import as_numbers, as_texts, code_places, counted, shown
from .table import Column, Table

__all__ = ["TASKS", "Target", "check_target", "left_out"]

TASKS = ("binary", "multi-class", "regression")
_OTHER_WORDS = {"multiclass": "multi-class", "multi_class": "multi-class"}
# Whole numbers are classes if there are at most so many, each with so many rows on average.
MOST_NUMBERED_CLASSES = 20
ROWS_PER_NUMBERED_CLASS = 10
# The largest class over the smallest, from which on the imbalance is worth a word.
IMBALANCE = 2.0

Label = str | int | float | bool


@dataclass(frozen=True)
class Target:
    """What the column to predict means.

    Parameters
    ----------
    name : str
        The column.
    task : "binary", "multi-class" or "regression"
        What is to be predicted.
    classes : tuple of str, int, float or bool
        In the order of the network's outputs; of two, the second is the positive one.
    center, scale : float
        For regression: the network learns ``(y - center) / scale``.
    style : str
        How numbers are spelled in text.
    """

    name: str
    task: str
    classes: tuple[Label, ...] = ()
    center: float = 0.0
    scale: float = 1.0
    style: str = "plain"

    @classmethod
    def fit(cls, column: Column, task: str | None, notices: list[str]) -> Target:
        """Find out what a column poses; ``notices`` grows.

        Parameters
        ----------
        column : Column
            The target's training rows; missing cells are left out.
        task : str, optional
            ``"binary"``, ``"multi-class"``, ``"classification"`` (either) or ``"regression"``.

        Raises
        ------
        ArgumentError
            For an unknown task.
        DataError
            If the cells do not suit the task, are all missing or all equal.
        """
        task = _checked_task(task)
        name = column.name
        if column.kind == "date":
            raise DataError(
                f"target {name!r} is a date; predict a number instead, such as the days to it"
            )
        if column.missing.all():
            raise DataError(f"target {name!r} has no filled cell in {len(column)} rows")
        style = number_style(list(column.levels)) if column.kind == "text" else "plain"
        values, unread = as_numbers(column, style)
        is_numeric = not len(unread) or (
            task == "regression" or _is_mostly_numbers(column, values, unread)
        )
        if task == "regression" or (
            is_numeric and task is None and not _are_classes(column, values)
        ):
            return cls._quantity(name, values, unread, style, notices)
        target = cls._classes(column, task, style if not len(unread) else "plain")
        if column.kind == "number" and len(target.classes) > 2 and task is None:
            notices.append(
                f"target {name!r} holds {len(target.classes)} whole numbers, taken as classes; if "
                'they measure a quantity, ask for task "regression"'
            )
        target._note_shares(column, notices)
        return target

    @classmethod
    def _quantity(
        cls, name: str, values: Array, unread: Array, style: str, notices: list[str]
    ) -> Target:
        present = values[~np.isnan(values)]
        if not len(present):
            raise DataError(
                f"target {name!r} holds {shown(list(unread))}, which are no numbers, and "
                'regression needs numbers; ask for task "classification"'
            )
        if len(unread):
            notices.append(
                f"target {name!r}: {shown(list(unread))} is no number; such rows were left out"
            )
        if present.min() == present.max():
            raise DataError(
                f"target {name!r} is always {present[0]:g}, so there is nothing to learn; choose "
                "another column"
            )
        # Squares of numbers beyond 1e150 are infinite, of those below 1e-150 zero.
        largest = float(np.abs(present).max())
        unit = 1.0 if 1e-150 < largest < 1e150 else largest
        center, scale = float((present / unit).mean()) * unit, float((present / unit).std()) * unit
        return cls(name, "regression", (), center, scale or 1.0, style)

    @classmethod
    def _classes(cls, column: Column, task: str | None, style: str) -> Target:
        codes, texts = as_texts(column)
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        labels: list[Label] = [text for text, count in zip(texts, counts, strict=True) if count]
        name, rows = column.name, int(counts.sum())
        if len(labels) == 1:
            raise DataError(
                f"target {name!r} is always {str(labels[0])[:60]!r} in {rows} rows, so there is "
                "nothing to learn; choose another column or add rows of another class"
            )
        if task == "binary" and len(labels) != 2:
            raise DataError(
                f"target {name!r} has {len(labels)} classes ({shown(labels)}), and binary needs "
                'two; ask for task "multi-class"'
            )
        if len(labels) > 20 and rows < 3 * len(labels):
            raise DataError(
                f"target {name!r} has {len(labels)} different values in {rows} rows "
                f"({shown(labels)}): too many for classes. Is it an identifier, a date or a text? "
                'For numbers ask for task "regression"'
            )
        texts = [str(label) for label in labels]
        if column.kind == "boolean":
            labels = [text == "True" for text in texts]
        elif column.kind == "number":
            numbers = [float(text) for text in texts]
            labels = [int(n) if n == int(n) and abs(n) < 1e15 else n for n in numbers]
        truths = truth_values(texts)
        ordered = sorted(labels, key=lambda label: (truths or {}).get(str(label), label))
        return cls(
            name, "binary" if len(labels) == 2 else "multi-class", tuple(ordered), style=style
        )

    def _note_shares(self, column: Column, notices: list[str]) -> None:
        codes = self.codes(column)
        counts = np.bincount(codes[codes >= 0], minlength=len(self.classes))
        most, least = int(counts.argmax()), int(counts.argmin())
        shares = counts / counts.sum()
        if counts[most] >= IMBALANCE * counts[least]:
            notices.append(
                f"classes of {self.name!r} are unequal: {self.classes[most]!r} is "
                f"{shares[most]:.1%} of the rows and {self.classes[least]!r} {shares[least]:.1%}; "
                f"always answering {self.classes[most]!r} would be right {shares[most]:.1%} of "
                "the time, so look at ROC-AUC or the classes one by one, not at accuracy alone"
            )
        rare = [self.classes[place] for place in np.flatnonzero(counts < 3)]
        if rare:
            notices.append(
                f"target {self.name!r}: fewer than 3 rows of class {shown(rare)}, too few to learn "
                "from and to test with"
            )

    def codes(self, column: Column) -> Array:
        """Return class numbers, ``(rows,)`` int64: -1 for missing, -2 for a class not known."""
        cells, texts = as_texts(column)
        names = [str(label) for label in self.classes]
        places = code_places(texts, names)
        if any(isinstance(label, bool) for label in self.classes):
            lowered = [text.lower() for text in texts]
            truth = {"false": 0, "0": 0, "no": 0, "true": 1, "1": 1, "yes": 1}
            places = np.array([truth.get(text, -1) for text in lowered], np.int64)
        return np.append(np.where(places < 0, -2, places), -1)[cells]

    def numbers(self, column: Column) -> Array:
        """Return a quantity in the user's units, float64, NaN where missing or unreadable."""
        return as_numbers(column, self.style)[0]

    def has_answer(self, column: Column) -> Array:
        """Return which rows have a target, ``(rows,)`` bool."""
        if self.task == "regression":
            return ~np.isnan(self.numbers(column))
        return self.codes(column) != -1

    def encode(self, column: Column) -> Array:
        """Return what the network learns: int32 class numbers or float32 standardised numbers.

        Raises
        ------
        DataError
            For missing cells and unknown classes.
        """
        lacking = int((~self.has_answer(column)).sum())
        if lacking:
            raise DataError(
                f"target {self.name!r} is missing in {lacking} of {len(column)} rows; leave those "
                "rows out first (Schema.labelled does)"
            )
        if self.task == "regression":
            values = self.numbers(column)
            standard = values / self.scale - self.center / self.scale
            return np.clip(standard, -1e30, 1e30).astype(np.float32)
        codes = self.codes(column)
        if (codes == -2).any():
            cells, texts = as_texts(column)
            unknown = [texts[place] for place in np.unique(cells[codes == -2])]
            raise DataError(
                f"target {self.name!r} holds {shown(unknown)}, and training only saw "
                f"{shown(self.classes, 6)}"
            )
        return codes.astype(np.int32)

    def to_config(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return dataclasses.asdict(self) | {"classes": list(self.classes)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Target:
        """Return the target :meth:`to_config` described."""
        return cls(**{**config, "classes": tuple(config["classes"])})


def _checked_task(task: str | None) -> str | None:
    if task is None:
        return None
    if not isinstance(task, str):
        raise ArgumentError(f"task got {task!r}; expected one of {', '.join(TASKS)}")
    task = _OTHER_WORDS.get(task.lower(), task.lower())
    if task not in (*TASKS, "classification"):
        raise unknown_name("task", task, (*TASKS, "classification"))
    return task


def _is_mostly_numbers(column: Column, values: Array, unread: Array) -> bool:
    is_there = ~np.isnan(values)
    many = len(np.unique(values[is_there])) > MOST_NUMBERED_CLASSES
    present = int((~column.missing).sum())
    return many and len(unread) < 10 and int(is_there.sum()) >= 0.9 * present


def _are_classes(column: Column, values: Array) -> bool:
    if column.kind == "boolean":
        return True
    present = values[~np.isnan(values)]
    distinct = np.unique(present)
    if len(distinct) <= 2:
        return len(distinct) < 2 or len(present) > 4 or bool((distinct == [0, 1]).all())
    return (
        not (distinct % 1).any()
        and len(distinct) <= MOST_NUMBERED_CLASSES
        and len(present) >= ROWS_PER_NUMBERED_CLASS * len(distinct)
    )


def check_target(table: Table, target: str) -> None:
    """Refuse a table that has no rows, or no such column, or several.

    Raises
    ------
    DataError
        Saying which.
    """
    if target in table.repeated:
        raise DataError(
            f"{table.source}: the header names the target {target!r} more than once; rename or "
            "remove one of them"
        )
    if target not in table.columns:
        near = difflib.get_close_matches(str(target), table.columns, n=1, cutoff=0.5)
        lowered = [name for name in table.columns if name.lower() == str(target).lower()]
        hint = f" Did you mean {(lowered or near)[0]!r}?" if lowered or near else ""
        raise DataError(
            f"{table.source} has no column {target!r} for a target.{hint} Its columns: "
            f"{shown(list(table.columns), 30)}"
        )
    if not table.rows:
        raise DataError(f"{table.source} has a header and no rows below it")


def left_out(has_answer: Array, target: str) -> str:
    """Return the notice that rows without a target were left out."""
    rows = counted(int((~has_answer).sum()), "row has", "rows have")
    left = counted(int(has_answer.sum()), "remains", "remain")
    return f"{rows} no {target!r} and got left out; {left}"
