"""Schema: what each column of a table is, and how its cells become the numbers a network takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import DataError
from ..graph import Array
from .table import Table

__all__ = ["Schema"]


class Schema:
    """The host-side stage between a table and a network, fitted on training rows only.

    Build one with :meth:`fit`. Attributes C builds on (all plain, all in ``to_config``):

    target : str
    task : "binary", "multi-class" or "regression"
    classes : list of str, int or bool   (empty for regression; classes[1] is the positive one)
    center, scale : float                (regression: y = (target - center) / scale; else 0, 1)
    numbers : list of str                names of the columns of encode()["numbers"]
    incomplete : list of int             which of them had missing cells while fitting
    category_names : list of str         names of the columns of encode()["categories"]
    category_sizes : list of int         L of each: codes are 1..L, 0 is unseen or missing
    representations : list of str        "one-hot" or "embedding", by cardinality, per code column
    embedding_widths : list of int       suggested output_dim per code column
    notices : list of str                what the user should know
    """

    target: str
    task: str
    classes: list[Any]
    center: float
    scale: float
    numbers: list[str]
    incomplete: list[int]
    category_names: list[str]
    category_sizes: list[int]
    representations: list[str]
    embedding_widths: list[int]
    notices: list[str]

    @classmethod
    def fit(
        cls,
        table: Table,
        target: str,
        task: str | None = None,
        *,
        kinds: Mapping[str, str] | None = None,
    ) -> Schema:
        """Decide what every column is. task: None, "classification", "binary", "multi-class",
        "regression". kinds: overrides by column: "numeric", "category", "boolean", "date", "drop".
        Rows without a target are left out (with a notice)."""
        raise DataError("being written")

    def describe(self) -> list[dict[str, Any]]:
        """One row per column of the table: column, kind, missing (int), detail (str)."""
        return []

    def encode(self, table: Table, notices: list[str] | None = None) -> dict[str, Array]:
        """"numbers" float32 (n, k), "missing" float32 (n, k), "categories" int32 (n, c); the
        empty ones left out. Extra columns are ignored; a needed column that is absent is a
        DataError. What had to be decided (unreadable cells, unseen levels) goes to ``notices``."""
        return {}

    def labelled(self, table: Table, notices: list[str] | None = None) -> Table:
        """The rows whose target is there (regression: and readable)."""
        return table

    def encode_target(self, table: Table) -> Array:
        """int32 (n,) classes or float32 (n,) standardised; DataError for missing (use
        ``labelled`` first) or for a class never seen."""
        return np.zeros(table.rows, np.float32)

    def probabilities(self, prediction: Array) -> Array:
        """A network's output, (n,), (n, 1) or (n, classes), as float64 (n, classes)."""
        return prediction

    def decode(self, prediction: Array) -> Array:
        """A network's output as class names (object or int (n,)) or user's units (float64 (n,))."""
        return prediction

    def to_config(self) -> dict[str, Any]:
        """Plain JSON."""
        return {}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Schema:
        """The inverse."""
        return cls()
