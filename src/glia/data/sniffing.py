"""What kind of text file this is: its encoding, its delimiter, or why it is no table at all."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

from ..errors import DataError

__all__ = ["DELIMITERS", "delimiter_of", "encoding_of", "head_of"]

DELIMITERS = (",", ";", "\t", "|")
# Where the header has one name, a line is one cell, commas and all: this stands in no text.
ONE_COLUMN = "\x1f"
HEAD = 1 << 18
RECORDS = 100

_MAGIC = {
    b"PK\x03\x04": "an Excel workbook or zip archive; save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV",
    b"\x1f\x8b": "compressed with gzip; unpack it first (gunzip)",
    b"BZh": "compressed with bzip2; unpack it first",
    b"\x28\xb5\x2f\xfd": "compressed with zstd; unpack it first",
    b"%PDF": "a PDF document",
    b"ARROW1": "an Arrow (Feather) file; read it with polars or pandas and pass the frame",
    b"SQLite format 3": "an SQLite database; export the table as CSV",
    b"\x89HDF": "an HDF5 file; export the table as CSV",
    b"<!DOCTYPE": "a web page; was the download address that of a page about the table?",
    b"<html": "a web page; was the download address that of a page about the table?",
    b"<?xml": "XML; export the table as CSV",
    b"[{": "JSON; pandas.read_json makes a data frame of it, which works here",
    b'{"': "JSON; pandas.read_json makes a data frame of it, which works here",
    b"\x93NUMPY": "a NumPy array; numpy.load reads it",
}
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file.

    Raises
    ------
    DataError
        If it cannot be opened or is empty.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise DataError(f"{path} is empty; expected a header line and rows below it")
    return head


def encoding_of(path: Path, head: bytes) -> str:
    """Return the encoding a byte order mark names; UTF-8 without one.

    Raises
    ------
    DataError
        If the file is a known kind that is not text, or has zero bytes.
    """
    for magic, kind in _MAGIC.items():
        if head.lstrip()[: len(magic)].lower() == magic.lower():
            raise DataError(f"{path} is not a text table: it is {kind}")
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        raise DataError(
            f"{path} is not a text table: byte {head.index(0)} is zero. If it is UTF-16 text "
            "without a byte order mark, save it as UTF-8; if it is binary, export it as CSV"
        )
    return "utf-8"


def delimiter_of(path: Path, text: str, is_cut: bool) -> str:
    """Return the delimiter under which the most lines have as many fields as the header.

    Parameters
    ----------
    path : Path
        The file; ``.tsv`` and ``.tab`` prefer tabs.
    text : str
        Its beginning.
    is_cut : bool
        Whether the text ends before the file does.
    """
    lines = io.StringIO(text, newline="").readlines()
    if is_cut and len(lines) > 1:
        lines.pop()
    prefers_tab = path.suffix.lower() in (".tsv", ".tab")
    order = sorted(DELIMITERS, key=lambda each: each != "\t") if prefers_tab else DELIMITERS
    best, delimiter = (0.0, 0), ONE_COLUMN
    for candidate in order:
        widths = _widths(lines, candidate)
        if not widths or widths[0] < 2:
            continue
        agreeing = sum(width == widths[0] for width in widths) / len(widths)
        if (round(agreeing, 1), widths[0]) > best:
            best, delimiter = (round(agreeing, 1), widths[0]), candidate
    return delimiter


def _widths(lines: list[str], delimiter: str) -> list[int]:
    widths: list[int] = []
    try:
        for record in csv.reader(lines, delimiter=delimiter, skipinitialspace=True):
            if record:
                widths.append(len(record))
            if len(widths) == RECORDS:
                break
    except csv.Error:
        return widths
    return widths
