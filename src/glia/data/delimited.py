"""Delimited text (CSV, TSV ...) as a Table, with the standard library, a block of rows at a time.

Large files go through polars where it is installed (``big.py``): the same result, faster.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from ..errors import DataError
from .big import POLARS_FROM, has_polars, polars_pieces
from .building import ColumnBuilder
from .sniffing import HEAD, delimiter_of, encoding_of, head_of
from .table import Table

__all__ = ["Layout", "read_delimited"]

# Cells held as Python strings at a time; few enough for the processor's cache.
CELLS_AT_ONCE = 50_000


class Layout:
    """How one file is written: encoding, delimiter, names, and what was odd about them.

    Parameters
    ----------
    path : Path
        The file.
    delimiter : str, optional
        Found out unless given.
    has_header : bool
        Whether the first line names the columns.

    Raises
    ------
    DataError
        If it is empty or no text.
    """

    def __init__(self, path: Path, delimiter: str | None, has_header: bool) -> None:
        head = head_of(path)
        self.path = path
        self.encoding = encoding_of(path, head)
        self.has_header = has_header
        self.notices: list[str] = []
        self.repeated: list[str] = []
        text = head.decode(self.encoding, "replace")
        self.delimiter = delimiter or delimiter_of(path, text, len(head) == HEAD)
        with io.StringIO(text, newline="") as lines:
            self.first = next(filter(None, self.records(lines)), [])
        if not self.first:
            raise DataError(f"{path} is empty; expected a header line and rows below it")
        self.names = self._names()

    def records(self, lines: io.TextIOBase) -> Iterator[list[str]]:
        """Yield the file's records, a blank line as an empty one.

        Raises
        ------
        DataError
            Where quotes are broken.
        """
        reader = csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True)
        while True:
            try:
                record = next(reader, None)
            except csv.Error as error:
                raise DataError(
                    f"{self.path}, near line {reader.line_num}: {error}. Is a quote opened there "
                    'or earlier and never closed? A quote within quotes is written ""'
                ) from None
            if record is None:
                return
            yield record

    def _names(self) -> list[str]:
        names: list[str] = []
        seen: dict[str, int] = {}
        for place, cell in enumerate(self.first, 1):
            name = cell.strip() if self.has_header else ""
            name = name or f"column_{place}"
            seen[name] = seen.get(name, 0) + 1
            if seen[name] > 1:
                self.repeated.append(name)
                name = f"{name} ({seen[name]})"
                seen[name] = 1
            names.append(name)
        if self.repeated:
            shown = ", ".join(map(repr, dict.fromkeys(self.repeated)))
            self.notices.append(
                f"the header names {shown} more than once; later ones got a number, as in "
                f"{self.repeated[0] + ' (2)'!r}"
            )
        cells = [cell.strip() for cell in self.first]
        if self.has_header and cells and all(map(_is_number, cells)):
            self.notices.append(
                f"the first line ({', '.join(cells[:4])}{' ...' if len(cells) > 4 else ''}) was "
                "taken for the header although it holds only numbers; if the file has no header, "
                "add one"
            )
        return names


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_delimited(
    path: Path,
    delimiter: str | None = None,
    has_header: bool = True,
    texts: Collection[str] = (),
    polars_from: int = POLARS_FROM,
) -> Table:
    """Read a file of delimited text.

    Parameters
    ----------
    path : Path
        The file.
    delimiter : str, optional
        Found out unless given.
    has_header : bool
        Whether the first line names the columns; else they are ``column_1`` and so on.
    texts : collection of str
        Columns to keep as texts even if all their cells are numbers.
    polars_from : int
        Files of at least so many bytes are parsed by polars where it is installed.

    Raises
    ------
    DataError
        If the file is no table, a row has more cells than the header, or quotes are broken.
    """
    layout = Layout(path, delimiter, has_header)
    notices = list(layout.notices)
    is_big = path.stat().st_size >= polars_from and has_polars()
    kept = set(texts)
    while True:
        try:
            builders, found = _read(layout, kept, is_big)
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            if layout.encoding != "utf-8":
                raise DataError(
                    f"{path} begins with the byte order mark of {layout.encoding} but byte "
                    f"0x{byte:02X} does not belong there; save it as UTF-8"
                ) from None
            layout.encoding = "latin-1"
            notices.append(
                f"the file is not valid UTF-8 (byte 0x{byte:02X}), so it was read as Latin-1; "
                "if names look wrong, save it as UTF-8"
            )
            continue
        broken = {builder.name for builder in builders if builder.is_broken}
        if broken:
            kept |= broken
            continue
        if found is None:
            is_big = False
            continue
        columns = {builder.name: builder.finish(found) for builder in builders}
        rows = len(next(iter(columns.values()))) if columns else 0
        return Table(columns, rows, str(path), notices + found, tuple(layout.repeated))


def _read(
    layout: Layout, texts: Collection[str], is_big: bool
) -> tuple[list[ColumnBuilder], list[str] | None]:
    """One pass over the file; notices are None where polars could not read it."""
    builders = [ColumnBuilder(name, name in texts) for name in layout.names]
    if is_big:
        return builders, polars_pieces(layout, builders)
    with layout.path.open(encoding=layout.encoding, newline="") as lines:
        return builders, _read_records(layout, lines, builders)


def _read_records(
    layout: Layout, lines: io.TextIOBase, builders: Sequence[ColumnBuilder]
) -> list[str]:
    width = len(builders)
    shorts = Shorts()
    size = max(50, CELLS_AT_ONCE // width)
    piece: list[list[str]] = []
    records = layout.records(lines)
    if layout.has_header:
        next(filter(None, records), None)
    done = 0
    for record in records:
        # A blank line is a missing cell in a table of one column, nothing in others.
        if record or width == 1:
            piece.append(record)
        if len(piece) == size:
            _add(layout, piece, builders, shorts, done)
            done += len(piece)
            piece = []
    if width == 1:
        while piece and not piece[-1]:
            piece.pop()
    if piece:
        _add(layout, piece, builders, shorts, done)
    return shorts.notices(width)


class Shorts:
    """Counts rows with fewer cells than the header."""

    def __init__(self) -> None:
        self.count = 0
        self.first: tuple[int, int] | None = None

    def notices(self, width: int) -> list[str]:
        """Return what there is to say."""
        if self.first is None:
            return []
        row, cells = self.first
        rows = "1 row has" if self.count == 1 else f"{self.count} rows have"
        return [
            f"{rows} fewer cells than the header's {width} (first: row {row} with {cells}); the "
            "rest of such a row counts as missing"
        ]


def _add(
    layout: Layout,
    piece: list[list[str]],
    builders: Sequence[ColumnBuilder],
    shorts: Shorts,
    done: int,
) -> None:
    width = len(builders)
    if set(map(len, piece)) != {width}:
        for place, record in enumerate(piece):
            if len(record) != width:
                piece[place] = _mended(layout, record, width, shorts, done + place + 1)
    for builder, cells in zip(builders, zip(*piece, strict=True), strict=True):
        builder.add(cells)


def _mended(layout: Layout, record: list[str], width: int, shorts: Shorts, row: int) -> list[str]:
    if len(record) > width:
        if any(cell.strip() for cell in record[width:]):
            raise DataError(
                f"{layout.path}: row {row} below the header has {len(record)} cells and the "
                f"header {width} (delimiter {layout.delimiter!r}); its surplus begins with "
                f"{record[width][:40]!r}. A cell that contains the delimiter needs quotes around it"
            )
        return record[:width]
    if record and "\n" in record[-1] and record[-1].count("\n") > 2:
        raise DataError(
            f"{layout.path}: row {row} below the header has {len(record)} cells instead of "
            f"{width}, the last one spanning {record[-1].count(chr(10)) + 1} lines: a quote is "
            "opened there and never closed"
        )
    if record or width > 1:
        shorts.count += 1
        shorts.first = shorts.first or (row, len(record))
    return record + [""] * (width - len(record))
