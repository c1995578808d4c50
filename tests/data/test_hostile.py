"""Hostile tables: each gets an answer without NaN, or an error that says what is wrong."""

import contextlib
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from glia.data import Schema, read_table, split_table
from glia.data.delimited import read_delimited
from glia.errors import GliaError

ROWS = 60


def lines(row: Callable[[int], str], rows: int = ROWS, header: str = "a,b,y") -> str:
    return header + "\n" + "\n".join(map(row, range(rows))) + "\n"


def answer(row: int) -> str:
    return "yes" if row % 2 else "no"


def prepared(path: Path) -> Schema:
    """Go the whole way from a file to arrays and back, and check that nothing is NaN."""
    table = read_table(path)
    schema = Schema.fit(table, "y")
    rows = schema.labelled(table)
    arrays = schema.encode(rows)
    y = schema.encode_target(rows)
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert all(len(array) == rows.rows for array in arrays.values())
    assert np.isfinite(y).all()
    for part in split_table(table, "y"):
        assert all(np.isfinite(array).all() for array in schema.encode(part).values())
    return schema


ERRORS: dict[str, tuple[str | bytes, str]] = {
    "nothing": (b"", "is empty; expected a header line and rows below it"),
    "blank lines": (b"\n \r\n\n", "is empty"),
    "only a header": (b"a,b,y\n", "has a header and no rows below it"),
    "one row": (b"a,b,y\n1,2,no\n", "target 'y' is always 'no' in 1 rows"),
    "two rows": (b"a,b,y\n1,2,no\n2,3,yes\n", "too few to divide into 3 parts"),
    "surplus cells": (
        lines(lambda i: f"{i},{i % 3},{answer(i)}" + (",7,8" if i == 9 else "")),
        "row 10 below the header has 5 cells and the header 3 (delimiter ','); its surplus begins "
        "with '7'. A cell that contains the delimiter needs quotes around it",
    ),
    "target twice": (
        lines(lambda i: f"{i},{i % 3},{answer(i)}", header="a,y,y"),
        "the header names the target 'y' more than once",
    ),
    "one class": (lines(lambda i: f"{i},{i % 3},no"), "target 'y' is always 'no' in 60 rows"),
    "constant number": (lines(lambda i: f"{i},{i % 3},1.5"), "target 'y' is always '1.5'"),
    "no target cells": (lines(lambda i: f"{i},{i % 3},NA"), "'y' has no filled cell in 60 rows"),
    "no such target": (
        lines(lambda i: f"{i},{i % 3},{i}", header="a,b,Y"),
        "has no column 'y' for a target. Did you mean 'Y'? Its columns: 'a', 'b', 'Y'",
    ),
    "one class and blanks": (
        lines(lambda i: f"{i},{i % 3},{'yes' if i % 2 else ''}"),
        "target 'y' is always 'yes' in 30 rows",
    ),
    "no column filled": (
        lines(lambda i: f",NA,{answer(i)}"),
        "has no column to learn 'y' from ('a': no cell is filled; 'b': no cell is filled)",
    ),
    "only the target": (lines(answer, header="y"), "has no column to learn 'y' from"),
    "only identifiers": (
        lines(lambda i: f"{i},u{i},{answer(i)}", header="id,user,y"),
        "has no column to learn 'y' from ('id': numbers the rows; 'user': 60 texts, each differ",
    ),
    "a text target": (lines(lambda i: f"{i},{i % 3},text {i}"), "60 different values in 60 rows"),
    "an open quote": (
        lines(lambda i: f"{i},{i % 3},{answer(i)}") + '"5,3,no\n4,2,yes\n5,5,yes\n1,1,no\n',
        "row 61 below the header has 1 cells instead of 3, the last one spanning 5 lines: a quote "
        "is opened there and never closed",
    ),
    "an open quote early": ('a,b,y\n"' + "1,2,no\n" * 40_000, "near line 18726: field larger"),
    "an endless cell": (b"a,b,y\n" + b"x" * 200_000 + b",1,no\n", "near line 2: field larger"),
    "UTF-16 unmarked": ("a,b,y\n1,2,no\n".encode("utf-16-le"), "byte 1 is zero. If it is UTF-16"),
    "zero byte": (b"a,b,y\n1,\0,no\n", "byte 8 is zero"),
    "Excel": (b"PK\x03\x04" + bytes(50), "it is an Excel workbook or zip archive; save the sheet"),
    "gzip": (b"\x1f\x8b" + bytes(50), "it is compressed with gzip; unpack it first"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not a text table: byte 8 is zero"),
    "Parquet that is none": (b"PAR1garbage", "cannot be read as Parquet"),
    "a web page": (b"<!doctype html><html>404, not found</html>", "it is a web page"),
    "JSON": (b'[{"a": 1, "y": 2}, {"a": 3, "y": 4}]', "it is JSON"),
    "random bytes": (np.random.default_rng(0).bytes(5000), "is not a text table: byte"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_impossible_table_is_an_error_that_says_why(write, name: str) -> None:
    content, message = ERRORS[name]
    path = write(content)
    with pytest.raises(GliaError) as caught:
        prepared(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


ANSWERS: dict[str, tuple[str | bytes, list[str], str]] = {
    "short rows": (
        lines(lambda i: f"{i},{i % 3},{answer(i)}" if i != 5 else "5"),
        ["a", "b"],
        "1 row has fewer cells than the header's 3 (first: row 6 with 1)",
    ),
    "trailing commas": (lines(lambda i: f"{i},{i % 3},{answer(i)},"), ["a", "b"], ""),
    "names twice": (
        lines(lambda i: f"{i},{i % 3},{answer(i)}", header="a,a,y"),
        ["a", "a (2)"],
        "the header names 'a' more than once; later ones got a number, as in 'a (2)'",
    ),
    "no cell filled": (
        lines(lambda i: f"{i},NA,{answer(i)}"),
        ["a"],
        "column 'b' left out: no cell filled",
    ),
    "constant": (
        lines(lambda i: f"{i},7,{answer(i)}"),
        ["a"],
        "column 'b' left out: always the same",
    ),
    "mixed types": (
        lines(lambda i: f"{i if i % 20 else 'oops'},{['x', 3, ''][i % 3]},{answer(i)}"),
        ["a", "b"],
        "column 'a': nearly all cells are numbers; 'oops' counts as missing",
    ),
    "1e308": (
        lines(lambda i: f"{['1e308', '-1e308'][i % 2] if i < 4 else i},{i % 3},{answer(i)}"),
        ["a", "b"],
        "column 'a' reaches 1e+308",
    ),
    "beyond floats": (
        lines(lambda i: f"{'1e400' if i == 3 else i},{i % 3},{answer(i)}"),
        ["a", "b"],
        "column 'a': 1 cell beyond 1.8e308 or infinite",
    ),
    "a target of 1e308": (lines(lambda i: f"{i},{i % 3},{i * 1.7e306}"), ["a", "b"], ""),
    "three forms of dates": (
        lines(
            lambda i: (
                [f"2024-03-{i % 28 + 1:02d}", f"{i % 28 + 1}/03/2024", f"Mar {i % 28 + 1} 2024"][
                    i % 3
                ]
                + f",{i % 3},{answer(i)}"
            )
        ),
        ["a", "b"],
        "",
    ),
    "Latin-1": (
        lines(lambda i: f"café{i % 3},{i % 5},{answer(i)}").encode("latin-1"),
        ["a", "b"],
        "the file is not valid UTF-8 (byte 0xE9), so it was read as Latin-1",
    ),
    "a class of one": (
        lines(lambda i: f"{i},{i % 3},{'rare' if i == 7 else answer(i)}"),
        ["a", "b"],
        "fewer than 3 rows of class 'rare'",
    ),
    "targets missing": (
        lines(lambda i: f"{i},{i % 3},{'?' if i % 3 == 0 else answer(i)}"),
        ["a", "b"],
        "20 rows have no 'y' and got left out; 40 remain",
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_difficult_table_gets_an_answer_and_a_notice(write, name: str) -> None:
    content, columns, message = ANSWERS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        schema = prepared(write(content))
    assert schema.columns == columns
    assert any(message in notice for notice in [*schema.notices, ""])


@pytest.mark.parametrize("kind", ["numbers", "texts"])
def test_ten_thousand_columns(write, kind: str) -> None:
    generator = np.random.default_rng(0)
    cells = generator.integers(0, 100 if kind == "numbers" else 3, (30, 9999)).astype(str)
    if kind == "texts":
        cells = np.char.add("v", cells)
    header = ",".join([*(f"c{i}" for i in range(9999)), "y"])
    path = write(lines(lambda i: ",".join([*cells[i], answer(i)]), rows=30, header=header))
    schema = prepared(path)
    assert len(schema.columns) == 9999
    assert len(" ".join(schema.notices)) < 2000


CELL = st.one_of(
    st.text(max_size=12),
    st.floats().map(repr),
    st.integers().map(str),
    st.datetimes().map(str),
    st.sampled_from(["", "NA", "yes", "no", "1,5", "$3", '"', "\0", "1e999", "-", "\ufeff", "٣"]),
)


@given(st.lists(st.lists(CELL, max_size=4).map(",".join), max_size=25).map("\n".join))
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_table_or_an_error(write, content: str) -> None:
    path = write(("a,b,y\n" + content).encode("utf-8", "surrogatepass"))
    with contextlib.suppress(GliaError):
        prepared(path)
        assert read_delimited(path, polars_from=0).rows == read_table(path).rows


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"a,y\n", b"\xff\xfe", b"\xef\xbb\xbf", b"PAR1"])
)
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_table_or_an_error(write, content: bytes, start: bytes) -> None:
    path = write(start + content)
    with contextlib.suppress(GliaError):
        prepared(path)
