"""`glia explain`: one row's prediction taken apart."""

from __future__ import annotations

from typing import Annotated

import typer

from ..data import read_table
from ..errors import ArgumentError
from ..explain import explain as write_out
from ..tables import RowExplanation, TableModel, explain_row
from ..tables.effects import cell_text
from .models import ModelPath, TablePath
from .screen import Screen

__all__ = ["explain"]

# Columns that change less than the first so many are left out.
MOST_EFFECTS = 20
MOST_CLASSES = 10


def explain(
    model: ModelPath,
    file: TablePath,
    row: Annotated[
        int, typer.Option(help="Which row of FILE; the first below the header is 1.", metavar="N")
    ] = 1,
    arithmetic: Annotated[
        bool, typer.Option("--arithmetic", help="Write out the sums of every layer, too.")
    ] = False,
) -> None:
    """Show what each column does to one row's prediction, and on request all the arithmetic."""
    trained = TableModel.load(model)
    table = read_table(file)
    if not 1 <= row <= table.rows:
        raise ArgumentError(
            f"--row {row}: {table.source} has {table.rows:,} rows; the first below the header is 1"
        )
    found = explain_row(trained, table, row - 1)
    screen = Screen()
    screen.say(f"row {row} of {table.rows:,} in {table.source} (the first below the header is 1)")
    if trained.schema.target in table.columns:
        truth = cell_text(table, trained.schema.target, row - 1)
        screen.say(f"{trained.schema.target} in the file: {truth}")
    _show(screen, trained, found)
    if arithmetic:
        screen.say()
        inputs = trained.inputs(table.select([row - 1]))
        screen.verbatim(str(write_out(trained.network, inputs)))


def _show(screen: Screen, trained: TableModel, found: RowExplanation) -> None:
    target, is_number = trained.schema.target, not found.probabilities
    screen.say(f"{target} predicted: {_number(found.answer) if is_number else found.answer}")
    if not is_number:
        ranked = sorted(found.probabilities.items(), key=lambda each: -each[1])
        listed = ", ".join(f"{name} {chance:.1%}" for name, chance in ranked[:MOST_CLASSES])
        more = len(ranked) - MOST_CLASSES
        screen.say(f"probabilities: {listed}" + (f" and {more} more" if more > 0 else ""))
    screen.say()
    what = "the prediction" if is_number else f"the probability of {found.answer}"
    screen.say(
        f"what each column does to {what}: the change against the same row with that one column "
        "as it usually is in training (median or most common)"
    )
    moved = [effect for effect in found.effects if effect.value != effect.usual]
    rows = [
        (
            effect.column,
            effect.value,
            effect.usual,
            _number(effect.otherwise) if is_number else f"{effect.otherwise:.1%}",
            f"{effect.change:+.4g}" if is_number else f"{100 * effect.change:+.1f} points",
        )
        for effect in moved[:MOST_EFFECTS]
    ]
    screen.grid(("column", "here", "usual", "with the usual", "change"), rows, right=(3, 4))
    if len(moved) > MOST_EFFECTS:
        screen.say(f"... and {len(moved) - MOST_EFFECTS:,} columns that change less")
    if len(moved) < len(found.effects):
        screen.say(f"{len(found.effects) - len(moved):,} columns hold what is usual")


def _number(value: float) -> str:
    return f"{value:.6g}"
