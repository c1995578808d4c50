"""`glia evaluate`: how good a saved model is on rows whose answer is known."""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated

import typer

from ..data import Table, read_table
from ..tables import TableModel
from .models import ModelPath, TablePath, write_data
from .report import show_scores
from .screen import Screen

__all__ = ["evaluate"]


def evaluate(
    model: ModelPath,
    file: TablePath,
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            "-t",
            help="The column with the answers; that of the training unless given.",
            metavar="COL",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as data.")] = False,
) -> None:
    """Score a saved model on a table, with 95% bootstrap intervals."""
    trained = TableModel.load(model)
    table = read_table(file)
    notices = list(table.notices)
    notices += _remarks(trained, table)
    if target is not None and target != trained.schema.target:
        columns = {name: each for name, each in table.columns.items() if name != target}
        columns[trained.schema.target] = table[target].renamed(trained.schema.target)
        table = dataclasses.replace(table, columns=columns)
    scores = trained.evaluate(table, notices)
    if as_json:
        report = {name: each.to_json() for name, each in scores.items()}
        write_data(json.dumps(report | {"notices": notices}, indent=2) + "\n", None)
        return
    screen = Screen()
    screen.say(f"{model} on {table.source}, {table.rows:,} rows, target {trained.schema.target}")
    screen.points(notices)
    screen.say()
    show_scores(screen, trained, scores)


def _remarks(trained: TableModel, table: Table) -> list[str]:
    """Say so if these are the rows the model was made with."""
    made_of = trained.record.get("data", {})
    fingerprint = table.fingerprint()
    if made_of.get("training", {}).get("fingerprint") == fingerprint:
        return [
            f"{table.source} is the table this model was trained on: most of its rows were learnt "
            "from, so these scores are better than those on new rows will be"
        ]
    return []
