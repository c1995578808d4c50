"""What commands print with: aligned tables, wrapped notices, and nothing when asked for quiet."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import TextIO

__all__ = ["Screen", "printable"]

LEAST_WIDTH, USUAL_WIDTH = 60, 100


def printable(text: str) -> str:
    """Return a text on one line, without characters that could steer a terminal."""
    return "".join(each if each.isprintable() else " " for each in text)


class Screen:
    """Where a command's words go.

    Parameters
    ----------
    is_quiet : bool
        Whether to print nothing.
    stream : TextIO, optional
        Where to print; stdout if not given.
    """

    def __init__(self, is_quiet: bool = False, stream: TextIO | None = None) -> None:
        self.is_quiet = is_quiet
        self.stream = stream
        columns = shutil.get_terminal_size((USUAL_WIDTH, 24)).columns
        self.width = max(columns, LEAST_WIDTH)

    def say(self, text: str = "") -> None:
        """Print a line, wrapped at the terminal's width."""
        for line in textwrap.wrap(printable(text), self.width, break_on_hyphens=False) or [""]:
            self._print(line)

    def verbatim(self, text: str) -> None:
        """Print a text as it is, but for characters that could steer a terminal."""
        for line in text.split("\n"):
            self._print(printable(line))

    def points(self, texts: Sequence[str]) -> None:
        """Print a list, a point for each text."""
        for text in texts:
            lines = textwrap.wrap(
                printable(text),
                self.width,
                initial_indent="- ",
                subsequent_indent="  ",
                break_on_hyphens=False,
            )
            for line in lines:
                self._print(line)

    def grid(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()
    ) -> None:
        """Print a table; the last column is wrapped, the others are cut if they must be.

        Parameters
        ----------
        header, rows : sequence of str
            The cells.
        right : sequence of int
            Which columns are flush right.
        """
        cells = [[printable(cell) for cell in row] for row in (header, *rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        most = max(12, self.width // 3)
        widths[:-1] = [min(width, most) for width in widths[:-1]]
        before = sum(widths[:-1]) + 2 * (len(widths) - 1)
        last = max(self.width - before, 16)
        for row in cells:
            ends = textwrap.wrap(row[-1], last, break_on_hyphens=False) or [""]
            if len(row) - 1 in right:
                ends = [ends[0].rjust(min(widths[-1], last)), *ends[1:]]
            parts = [
                _cut(cell, width).rjust(width) if place in right else _cut(cell, width).ljust(width)
                for place, (cell, width) in enumerate(zip(row[:-1], widths[:-1], strict=True))
            ]
            self._print("  ".join([*parts, ends[0]]).rstrip())
            for more in ends[1:]:
                self._print(" " * before + more)

    def _print(self, line: str) -> None:
        if not self.is_quiet:
            print(line, file=self.stream or sys.stdout, flush=True)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
