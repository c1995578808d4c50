"""`glia explain`: one row's prediction taken apart."""

from __future__ import annotations

from typing import Annotated

import typer

from ..data import read_table
from ..errors import ArgumentError
from ..tables import TableModel
from .models import ModelPath, TablePath
from .screen import Screen

__all__ = ["explain"]


def explain(
    model: ModelPath,
    file: TablePath,
    row: Annotated[
        int, typer.Option(help="Which row of FILE; the first below the header is 1.", metavar="N")
    ] = 1,
) -> None:
    """Show why a row is predicted so: what each column changes, and the arithmetic."""
    trained = TableModel.load(model)
    table = read_table(file)
    raise ArgumentError("later")
