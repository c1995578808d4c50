"""`glia predict`: a saved model's answers for the rows of a table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..data import read_table
from ..errors import ArgumentError
from ..tables import TableModel
from .models import ModelPath, TablePath, answers_of, cells_of, write_columns
from .screen import Screen
from .train import check_folder

__all__ = ["predict"]


def predict(
    model: ModelPath,
    file: TablePath,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", "-o", help="Where to write (CSV, or TSV by its name); stdout unless given."
        ),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(help="A column of FILE to write, too. May be repeated.", metavar="COL"),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing but answers and errors.")
    ] = False,
) -> None:
    """Write a prediction for each row: the class and its probabilities, or the number.

    Missing cells and values never seen in training are taken care of, and said.
    """
    is_to_file = out not in (None, "-")
    if is_to_file:
        check_folder(Path(str(out)))
    trained = TableModel.load(model)
    table = read_table(file)
    notices = list(table.notices)
    columns = {name: cells_of(table[name]) for name in keep or []}
    for name, values in trained.predict(table, notices).items():
        if name in columns:
            raise ArgumentError(
                f"--keep {name!r} has the name of a column of answers; rename it in {file}"
            )
        columns[name] = answers_of(values)
    screen = Screen(is_quiet=quiet, stream=None if is_to_file else sys.stderr)
    screen.points(notices)
    write_columns(columns, out)
    if is_to_file:
        screen.say(f"{table.rows:,} rows written to {out}")
