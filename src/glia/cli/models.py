"""What the commands that use a saved model share: the model, and columns written as text."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from ..data import Column
from ..graph import Array
from ..saving.atomic import replacing
from ..tables.effects import date_text

__all__ = ["ModelPath", "TablePath", "answers_of", "cells_of", "write_columns", "write_data"]

ModelPath = Annotated[Path, typer.Argument(help="A model that glia train saved.", metavar="MODEL")]
TablePath = Annotated[
    str, typer.Argument(help="A CSV, TSV or Parquet file, or a bundled set.", metavar="FILE")
]


# Digits of predictions: as many as the network's float32 numbers have.
DIGITS = 7


def answers_of(values: Array) -> list[str]:
    """Return predictions as text."""
    if values.dtype.kind == "f":
        return [f"{value:.{DIGITS}g}" for value in values.tolist()]
    return list(map(str, values.tolist()))


def cells_of(column: Column) -> list[str]:
    """Return a column's cells as text, as short as they can be told apart; missing ones empty."""
    if column.kind == "text":
        return ["" if value is None else value for value in column.values.tolist()]
    spell: Callable[[float], str] = _number
    if column.kind != "number":
        spell = date_text if column.kind == "date" else _truth
    return ["" if value != value else spell(value) for value in column.values.tolist()]


def _truth(value: float) -> str:
    return str(bool(value))


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def write_columns(columns: Mapping[str, list[str]], path: str | None) -> None:
    """Write columns as delimited text: tabs for .tsv, else commas; to stdout without a path."""
    stream = io.StringIO(newline="")
    is_tabbed = path is not None and path.lower().endswith((".tsv", ".tab"))
    writer = csv.writer(stream, delimiter="\t" if is_tabbed else ",", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    write_data(stream.getvalue(), path)


def write_data(text: str, path: str | None) -> None:
    """Write data as UTF-8, whatever the terminal speaks; to stdout without a path or for ``-``."""
    data = text.encode("utf-8", "surrogatepass")
    if path is None or path == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    with replacing(path) as file:
        file.write(data)
