"""TableModel: a table's schema and its network together, which is what is saved and predicts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..data import Schema, Table
from ..errors import DataError, FileError
from ..graph import Array
from ..models import Model
from ..saving import load_with_extra, save
from .bootstrap import Interval, intervals_of
from .scores import scores_of

__all__ = ["TableModel"]

# The part of a model file that is ours.
KEY = "table"


@dataclass(eq=False)
class TableModel:
    """A network that takes tables as people keep them and answers in their words and units.

    Attributes
    ----------
    schema : Schema
        What the columns are.
    network : Model
        The trained network.
    record : dict
        How it came about, as plain JSON: settings, command, data, versions, scores.
    """

    schema: Schema
    network: Model
    record: dict[str, Any] = field(default_factory=dict)

    def inputs(self, table: Table, notices: list[str] | None = None) -> dict[str, Array]:
        """Return a table's rows as the arrays the network takes, by the names of its inputs.

        Parameters
        ----------
        table : Table
            Rows, with the columns of the training table; the target is not needed.
        notices : list of str, optional
            Is told what had to be decided: unseen categories, cells that are no number.

        Raises
        ------
        DataError
            If a column is absent, or there are no rows.
        """
        if not table.rows:
            raise DataError(f"{table.source} has no rows to predict")
        return self.schema.encode(table, notices)

    def outputs(self, table: Table, notices: list[str] | None = None) -> Array:
        """Return probabilities ``(rows, classes)``, or numbers ``(rows,)`` in the user's units."""
        return self.answers(self.inputs(table, notices))

    def answers(self, inputs: dict[str, Array]) -> Array:
        """Return the same for encoded rows."""
        return answers(self.schema, self.network.predict(inputs, verbose=0))

    def predict(self, table: Table, notices: list[str] | None = None) -> dict[str, Array]:
        """Predict each row.

        Parameters
        ----------
        table, notices : Table, list of str
            As for :meth:`inputs`.

        Returns
        -------
        dict of str to array ``(rows,)``
            ``"prediction"``, a class or a number in the user's units, and for classes
            ``"probability of ..."`` for each of them.

        Raises
        ------
        DataError
            As for :meth:`inputs`.
        """
        found = self.outputs(table, notices)
        if self.schema.task == "regression":
            return {"prediction": found}
        columns = {"prediction": self._names()[found.argmax(axis=1)]}
        for place, name in enumerate(self.schema.classes):
            columns[f"probability of {name}"] = found[:, place]
        return columns

    def _names(self) -> Array:
        names = np.empty(len(self.schema.classes), object)
        names[:] = self.schema.classes
        return names

    def evaluate(
        self, table: Table, notices: list[str] | None = None, *, seed: int = 0
    ) -> dict[str, Interval]:
        """Score the predictions of rows whose target is known.

        Parameters
        ----------
        table, notices : Table, list of str
            As for :meth:`inputs`, with the target.
        seed : int
            Of the bootstrap.

        Returns
        -------
        dict of str to Interval
            Each score with its 95% interval, the decisive one first.

        Raises
        ------
        DataError
            As for :meth:`inputs`, or if no row has a target, or it holds a class never trained on.
        """
        known = self.schema.labelled(table, notices)
        if not known.rows:
            raise DataError(f"{table.source}: no row has a value of {self.schema.target!r}")
        truth = truths(self.schema, self.schema.encode_target(known))
        scores = scores_of(self.schema.task, truth)
        return intervals_of(truth, self.outputs(known, notices), scores, seed)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write schema, network and record to one file.

        Raises
        ------
        FileError
            If the file cannot be written; one that was there is unchanged then.
        """
        save(self.network, path, {KEY: {"schema": self.schema.to_config(), "record": self.record}})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> TableModel:
        """Read what :meth:`save` wrote.

        Raises
        ------
        FileError
            If there is no such file, it is damaged, or it holds a model that is not a table's.
        """
        network, extra = load_with_extra(path)
        own = extra.get(KEY)
        if not isinstance(own, Mapping) or not isinstance(own.get("schema"), Mapping):
            raise FileError(
                f"{path} holds a model but no table: it was not saved by glia train. Use "
                "glia.load(path) in Python"
            )
        schema, record = Schema.from_config(own["schema"]), own.get("record")
        _check_fit(schema, network, path)
        return cls(schema, network, dict(record) if isinstance(record, Mapping) else {})


def _check_fit(schema: Schema, network: Any, path: object) -> None:
    """Refuse a schema and a network that are not of one model."""
    numbers, codes = (None, len(schema.numbers)), (None, len(schema.category_names))
    wanted = {"numbers": numbers, "missing": numbers} if schema.numbers else {}
    wanted |= {"categories": codes} if schema.category_names else {}
    sources = zip(network.input_names, network.inputs, strict=True)
    units = len(schema.classes) if schema.task == "multi-class" else 1
    shapes = {name: source.shape for name, source in sources}
    if shapes != wanted or network.output_shape != (None, units):
        raise FileError(
            f"the file {path} cannot be used: its network takes {shapes} and gives "
            f"{network.output_shape}, and its table needs {wanted} and {(None, units)}"
        )


def answers(schema: Schema, output: Array) -> Array:
    """Return outputs, or a baseline's, as probabilities or as numbers in the user's units."""
    if schema.task == "regression":
        return np.asarray(schema.decode(output), np.float64).reshape(-1)
    return np.asarray(schema.probabilities(output), np.float64)


def truths(schema: Schema, y: Array) -> Array:
    """Return encoded targets as class numbers or as numbers in the user's units."""
    if schema.task == "regression":
        return y.astype(np.float64) * schema.scale + schema.center
    return y
