"""Schema: what each column of a table is, and how its cells become the numbers a network takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError, ShapeError, unknown_name
from ..graph import Array
from .converting import shown
from .features import CategoryFeature, Dropped, Feature, drop_notices, feature_from
from .kinds import decide
from .leaks import Suspect, suspects
from .table import Table
from .target import Target, check_target, left_out

__all__ = ["Schema"]


class Schema:
    """The host-side stage between a table and a network, fitted on training rows only.

    Strings, dates and missing cells end here: what :meth:`encode` returns has no NaN. Made by
    :meth:`fit` or :meth:`from_config`, and kept in the model file.

    Parameters
    ----------
    target : Target
        What is predicted.
    features : sequence of Feature
        What became of every other column, one-hot categories before embedded ones.
    notices : list of str
        What the user should know.
    suspects : list of Suspect
        Columns that alone predict the target almost perfectly.
    rows : int
        How many rows it was fitted on.
    """

    def __init__(
        self,
        target: Target,
        features: Iterable[Feature],
        notices: Iterable[str] = (),
        suspects: Iterable[Suspect] = (),
        rows: int = 0,
    ) -> None:
        self.answer = target
        self.features = list(features)
        self.notices = list(notices)
        self.suspects = list(suspects)
        self.rows = rows
        categories = [each for each in self.features if isinstance(each, CategoryFeature)]
        self._categories = sorted(categories, key=lambda each: each.representation != "one-hot")
        self._numeric = [each for each in self.features if each.outputs]

    @classmethod
    def fit(
        cls,
        table: Table,
        target: str,
        task: str | None = None,
        *,
        kinds: Mapping[str, str] | None = None,
    ) -> Schema:
        """Decide what every column is.

        Parameters
        ----------
        table : Table
            The training rows; those without a target are left out, with a notice.
        target : str
            The column to predict.
        task : str, optional
            ``"binary"``, ``"multi-class"``, ``"classification"`` (either of them) or
            ``"regression"``; found out unless given.
        kinds : mapping of str to str, optional
            What columns are, where the decision would be wrong: ``"numeric"``, ``"category"``,
            ``"boolean"``, ``"date"`` or ``"drop"``.

        Raises
        ------
        ArgumentError
            For an unknown column, kind or task.
        DataError
            If the table has no rows, no column to learn from, or no target that varies.
        """
        notices = list(table.notices)
        kinds = dict(kinds or {})
        check_target(table, target)
        for name in kinds:
            if name not in table.columns:
                raise unknown_name(f"column of {table.source}", name, table.columns)
        answer = Target.fit(table[target], task, notices)
        has_answer = answer.has_answer(table[target])
        if not has_answer.all():
            notices.append(left_out(has_answer, target))
            table = table.select(has_answer)
        features = [
            decide(column, notices, kinds.get(column.name))
            for column in table.columns.values()
            if column.name != target
        ]
        notices += drop_notices(features)
        if all(isinstance(each, Dropped) for each in features):
            reasons = "; ".join(f"{each.name!r}: {each.detail}" for each in features[:5])
            raise DataError(
                f"{table.source} has no column to learn {target!r} from"
                + (f" ({reasons})" if reasons else "")
                + '. To keep a column say what it is, as in kinds={"name": "category"}'
            )
        schema = cls(answer, features, notices, (), table.rows)
        schema._suspect(table)
        return schema

    def _suspect(self, table: Table) -> None:
        quiet: list[str] = []
        columns = {
            each.name: each.codes(table[each.name], quiet)
            if isinstance(each, CategoryFeature)
            else each.numbers(table[each.name], quiet)[:, 0]
            for each in [*self._numeric, *self._categories]
        }
        answers = self.encode_target(table)
        self.suspects = suspects(columns, answers, len(self.classes))
        for suspect in self.suspects:
            self.notices.append(
                f"column {suspect.column!r} is suspiciously good: alone it predicts "
                f"{self.target!r} with {suspect.measure} {suspect.score:.3f} on rows held out. If "
                "it is only known once the answer is, leave it out: it is a leak"
            )

    @property
    def target(self) -> str:
        """The column to predict."""
        return self.answer.name

    @property
    def task(self) -> str:
        """``"binary"``, ``"multi-class"`` or ``"regression"``."""
        return self.answer.task

    @property
    def classes(self) -> list[Any]:
        """The classes in the order of the outputs; of two, the second is the positive one."""
        return list(self.answer.classes)

    @property
    def center(self) -> float:
        """For regression, ``y = (target - center) / scale``."""
        return self.answer.center

    @property
    def scale(self) -> float:
        """For regression, ``y = (target - center) / scale``."""
        return self.answer.scale

    @property
    def columns(self) -> list[str]:
        """The columns a table must have to predict from it."""
        return [each.name for each in self.features if not isinstance(each, Dropped)]

    @property
    def numbers(self) -> list[str]:
        """What the columns of ``encode()["numbers"]`` are; a date becomes several."""
        return [name for each in self._numeric for name in each.outputs]

    @property
    def incomplete(self) -> list[int]:
        """Which of :attr:`numbers` had missing cells while fitting."""
        has_missing = [each.missing > 0 for each in self._numeric for _ in each.outputs]
        return np.flatnonzero(has_missing).tolist()

    @property
    def category_names(self) -> list[str]:
        """The columns of ``encode()["categories"]``, one-hot ones first."""
        return [each.name for each in self._categories]

    @property
    def category_sizes(self) -> list[int]:
        """How many values each has: codes are 1 to that, 0 is missing, unseen or rare."""
        return [len(each.levels) for each in self._categories]

    @property
    def representations(self) -> list[str]:
        """``"one-hot"`` or ``"embedding"`` for each, by its number of values."""
        return [each.representation for each in self._categories]

    @property
    def embedding_widths(self) -> list[int]:
        """The output size suggested for an embedding of each."""
        return [each.width for each in self._categories]

    def describe(self) -> list[dict[str, Any]]:
        """Return one row per column: ``column``, ``kind``, ``missing`` and ``detail``."""
        if self.task == "regression":
            detail = f"{self.task}; mean {self.center:g}, standard deviation {self.scale:g}"
        else:
            detail = f"{self.task}: {shown(self.classes, 6)}"
        rows = [{"column": self.target, "kind": "target", "missing": 0, "detail": detail}]
        for each in self.features:
            kind, detail = each.kind, each.detail
            if isinstance(each, Dropped):
                kind = "dropped" if each.reason == "asked" else each.reason
                detail = f"left out: {detail}"
            elif isinstance(each, CategoryFeature):
                detail = f"{detail} ({each.representation})"
            rows.append(
                {"column": each.name, "kind": kind, "missing": each.missing, "detail": detail}
            )
        return rows

    def encode(self, table: Table, notices: list[str] | None = None) -> dict[str, Array]:
        """Turn a table's cells into arrays without NaN.

        Parameters
        ----------
        table : Table
            With the columns of :attr:`columns`; others are ignored.
        notices : list of str, optional
            Grows by what was strange: cells that cannot be read, values training never saw.

        Returns
        -------
        dict
            ``"numbers"`` float32 ``(rows, k)`` with 0 for missing, ``"missing"`` float32
            ``(rows, k)`` with 1 for missing, ``"categories"`` int32 ``(rows, c)``; without
            ``k`` or ``c`` the entry is left out.

        Raises
        ------
        DataError
            If the table lacks a column.
        """
        lacking = [name for name in self.columns if name not in table.columns]
        if lacking:
            near = difflib.get_close_matches(lacking[0], table.columns, n=1, cutoff=0.75)
            hint = f"; is {near[0]!r} meant for {lacking[0]!r}?" if near else ""
            raise DataError(
                f"{table.source} lacks {shown(lacking, 8)}, which the model was trained on{hint}"
            )
        said = [] if notices is None else notices
        arrays: dict[str, Array] = {}
        if self._numeric:
            count = len(self.numbers)
            values = np.empty((table.rows, count), np.float32)
            is_missing = np.empty((table.rows, count), np.float32)
            place = 0
            for each in self._numeric:
                cells = each.numbers(table[each.name], said)
                until = place + cells.shape[1]
                absent = np.isnan(cells)
                is_missing[:, place:until] = absent
                values[:, place:until] = np.clip(np.where(absent, 0.0, cells), -1e30, 1e30)
                place = until
            arrays = {"numbers": values, "missing": is_missing}
        if self._categories:
            codes = [each.codes(table[each.name], said) for each in self._categories]
            arrays["categories"] = np.stack(codes, axis=1)
        return arrays

    def labelled(self, table: Table, notices: list[str] | None = None) -> Table:
        """Return the rows whose target is there; ``notices`` grows if others were left out.

        Raises
        ------
        DataError
            If the table has no such column, or no row is left.
        """
        check_target(table, self.target)
        has_answer = self.answer.has_answer(table[self.target])
        if has_answer.all():
            return table
        if not has_answer.any():
            raise DataError(f"{table.source}: target {self.target!r} is missing in every row")
        if notices is not None:
            notices.append(left_out(has_answer, self.target))
        return table.select(has_answer)

    def encode_target(self, table: Table) -> Array:
        """Return int32 class numbers, or float32 standardised numbers, ``(rows,)``.

        Raises
        ------
        DataError
            If a target is missing (see :meth:`labelled`) or of a class training never saw.
        """
        return self.answer.encode(table[self.target])

    def probabilities(self, prediction: Any) -> Array:
        """Return a network's output as one probability per class, ``(rows, classes)`` float64.

        Parameters
        ----------
        prediction : array ``(rows,)``, ``(rows, 1)`` or ``(rows, classes)``
            Of a sigmoid head with one unit, or a softmax.

        Raises
        ------
        ArgumentError
            For regression.
        ShapeError
            If the shape fits neither.
        """
        if self.task == "regression":
            raise ArgumentError(f"{self.target!r} is a quantity; a regression has no probabilities")
        array = np.asarray(prediction, np.float64)
        if array.ndim == 1:
            array = array[:, None]
        if array.shape[1:] == (1,) and len(self.classes) == 2:
            return np.concatenate([1 - array, array], axis=1)
        if array.shape[1:] != (len(self.classes),):
            raise ShapeError(
                f"predictions have shape {array.shape}, expected (rows, {len(self.classes)}) for "
                f"the {len(self.classes)} classes of {self.target!r}"
            )
        return array

    def decode(self, prediction: Any) -> Array:
        """Return a network's output as classes, or as numbers in the user's units, ``(rows,)``."""
        if self.task == "regression":
            array = np.asarray(prediction, np.float64).reshape(len(prediction), -1)
            if array.shape[1:] != (1,) and len(array):
                raise ShapeError(f"predictions have shape {array.shape}, expected (rows, 1)")
            return array.reshape(-1) * self.scale + self.center
        names = np.array(self.classes, object if isinstance(self.classes[0], str) else None)
        return np.asarray(names[self.probabilities(prediction).argmax(axis=1)])

    def to_config(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "target": self.answer.to_config(),
            "features": [each.to_config() for each in self.features],
            "notices": list(self.notices),
            "suspects": [asdict(each) for each in self.suspects],
            "rows": self.rows,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Schema:
        """Return the schema :meth:`to_config` described.

        Raises
        ------
        DataError
            If the config is damaged.
        """
        try:
            return cls(
                Target.from_config(config["target"]),
                [feature_from(each) for each in config["features"]],
                config["notices"],
                [Suspect(**each) for each in config["suspects"]],
                config["rows"],
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise DataError(f"this is no schema of a table: {error!r}") from None
