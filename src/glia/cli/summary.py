"""`glia summary`: what a saved model is, and how it came about."""

from __future__ import annotations

from ..tables import TableModel
from .models import ModelPath
from .report import show_record
from .screen import Screen

__all__ = ["summary"]


def summary(model: ModelPath) -> None:
    """Show a saved model: its layers, its columns, its record and its test scores."""
    trained = TableModel.load(model)
    screen = Screen()
    trained.network.summary(print_fn=screen.verbatim)
    screen.say()
    show_record(screen, trained)
