"""What the commands that use a saved model share: the model, and columns written as text."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from ..graph import Array
from ..saving.atomic import replacing

__all__ = ["ModelPath", "TablePath", "cells_of", "write_columns"]

ModelPath = Annotated[
    Path, typer.Argument(help="A model that glia train saved.", metavar="MODEL")
]
TablePath = Annotated[
    str, typer.Argument(help="A CSV, TSV or Parquet file, or a bundled set.", metavar="FILE")
]


def cells_of(values: Array) -> list[str]:
    """Return a column's cells as text, numbers as short as they can be told apart."""
    if values.dtype.kind == "f":
        return [_number(value) for value in values.tolist()]
    return ["" if value is None else str(value) for value in values.tolist()]


def _number(value: float) -> str:
    if not np.isfinite(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def write_columns(columns: Mapping[str, list[str]], path: str | None) -> None:
    """Write columns as delimited text: tabs for .tsv, else commas; to stdout without a path."""
    stream = io.StringIO(newline="")
    is_tabbed = path is not None and path.lower().endswith((".tsv", ".tab"))
    writer = csv.writer(stream, delimiter="\t" if is_tabbed else ",", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    text: Any = stream.getvalue()
    if path is None or path == "-":
        sys.stdout.write(text)
        return
    with replacing(path) as file:
        file.write(text.encode("utf-8", "surrogatepass"))
