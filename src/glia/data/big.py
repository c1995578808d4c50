"""Large delimited files through polars: block by block, so that memory stays near the result's."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from .building import ColumnBuilder
from .cells import MISSING

if TYPE_CHECKING:
    import polars

__all__ = ["POLARS_FROM", "has_polars", "polars_pieces"]

# Files of at least so many bytes are worth loading polars for.
POLARS_FROM = 32 << 20
BLOCK = 16 << 20


class TextFile(Protocol):
    """What must be known of a file."""

    path: Path
    encoding: str
    delimiter: str
    has_header: bool


def has_polars() -> bool:
    """Return whether polars is installed."""
    return importlib.util.find_spec("polars") is not None


def polars_pieces(file: TextFile, builders: Sequence[ColumnBuilder]) -> list[str] | None:
    """Fill builders from a file.

    Returns
    -------
    list of str or None
        Notices; None where polars stumbles (ragged rows, odd quotes), so that the slower reader
        can mend the rows or say what is wrong.

    Raises
    ------
    UnicodeDecodeError
        If the bytes are not of the file's encoding.
    """
    import polars

    if file.encoding not in ("utf-8", "utf-8-sig", "latin-1") or len(builders) < 2:
        return None
    has_header = file.has_header
    # What polars reads in another way than Python's csv module.
    odd = [f'{file.delimiter} "'.encode(), b"\n\n", b"\n\r\n"]
    for block in _blocks(file):
        if block is None or block[:1] in b"\r\n" or any(each in block for each in odd):
            return None
        try:
            frame = polars.read_csv(
                io.BytesIO(block),
                has_header=has_header,
                separator=file.delimiter,
                infer_schema=False,
                truncate_ragged_lines=False,
            )
        except polars.exceptions.NoDataError:
            continue
        except (polars.exceptions.PolarsError, polars.exceptions.PanicException):
            return None
        if frame.width != len(builders) or _has_short_rows(file, block, frame, has_header):
            return None
        has_header = False
        for builder, name in zip(builders, frame.columns, strict=True):
            if not builder.is_broken:
                _add(builder, frame.get_column(name))
    return []


def _has_short_rows(
    file: TextFile, block: bytes, frame: polars.DataFrame, has_header: bool
) -> bool:
    """Whether a row may have lacked cells, which polars fills without a word."""
    if b'"' in block:
        return frame.to_series(frame.width - 1).null_count() > 0
    lines = frame.height + has_header
    return block.count(file.delimiter.encode()) != lines * (frame.width - 1)


def _add(builder: ColumnBuilder, cells: polars.Series) -> None:
    import polars

    if not builder.is_text:
        stripped = cells.str.strip_chars().str.to_lowercase()
        numbers = stripped.cast(polars.Float64, strict=False)
        unread = stripped.filter(numbers.is_null() & stripped.is_not_null())
        if unread.is_in(sorted(MISSING)).all():
            builder.add_numbers(numbers.fill_null(np.nan).to_numpy())
            return
    if builder.turns_to_text():
        cells = cells.fill_null("")
        levels = cells.unique(maintain_order=True)
        places = polars.Series(np.arange(len(levels), dtype=np.int32))
        codes = cells.replace_strict(levels, places, return_dtype=polars.Int32)
        builder.add_codes(codes.to_numpy(), levels.to_list())


def _blocks(file: TextFile) -> Iterator[bytes | None]:
    """Cut a file after complete records: at line ends outside quotes. None if there are none."""
    mark = b"\xef\xbb\xbf" if file.encoding == "utf-8-sig" else b""
    with file.path.open("rb") as stream:
        rest = b""
        while piece := stream.read(BLOCK):
            block = rest + piece
            if mark and block.startswith(mark):
                block, mark = block[len(mark) :], b""
            end = _last_record_end(block)
            if end is None:
                if len(block) > 8 * BLOCK:
                    yield None
                    return
                rest = block
                continue
            rest = block[end:]
            yield _as_utf8(block[:end], file.encoding)
        if rest:
            yield _as_utf8(rest, file.encoding)


def _last_record_end(block: bytes) -> int | None:
    end = len(block)
    quotes = block.count(b'"')
    for _ in range(1000):
        place = block.rfind(b"\n", 0, end)
        if place < 0:
            return None
        quotes -= block.count(b'"', place, end)
        if quotes % 2 == 0:
            return place + 1
        end = place
    return None


def _as_utf8(block: bytes, encoding: str) -> bytes:
    if encoding == "latin-1":
        return block.decode("latin-1").encode()
    block.decode("utf-8")
    return block
