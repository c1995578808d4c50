"""Delimited text: delimiters, quotes, encodings, missing cells, large files."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from glia.data import read_table
from glia.data.delimited import read_delimited
from glia.errors import DataError, GliaError


def cells(table, name: str) -> list:
    return table[name].values.tolist()


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1;2;3,x\n4;5;6,y\n",
        "a;b\n1,5;x\n2,25;y\n",
        "a\tb\n1, 2, 3\tx\n4; 5; 6\ty\n",
        "a|b\n1,5;7|x\n2,5;8|y\n",
        "a,b\n1,x\n2\n3,z\n",
        '"a,;",b\n"1;2;3",x\n',
    ],
)
def test_the_delimiter_is_found_out(write, content: str) -> None:
    names = list(read_table(write(content)).columns)
    assert len(names) == 2
    assert names[1] == "b"


def test_commas_in_sentences_are_no_delimiter(write) -> None:
    table = read_table(write("review\nGood, but long\nBad\nFine, thanks, bye\n"))
    assert cells(table, "review") == ["Good, but long", "Bad", "Fine, thanks, bye"]


def test_a_given_delimiter_is_taken(write) -> None:
    assert list(read_table(write("a b\n1 2\n"), delimiter=" ").columns) == ["a", "b"]
    with pytest.raises(GliaError, match="delimiter got ', '; expected one character"):
        read_table(write("a\n1\n"), delimiter=", ")


def test_quotes_hold_delimiters_quotes_and_line_ends(write) -> None:
    table = read_table(write('a, "b",c\n"x, y", "say ""hi""","two\nlines"\n1,2,3\n'))
    assert [cells(table, name)[0] for name in "abc"] == ["x, y", 'say "hi"', "two\nlines"]


def test_missing_cells_and_blanks(write) -> None:
    table = read_table(write("n,t, padded \n1, x ,?\n,NA,b\nnull,,  b\n"))
    np.testing.assert_array_equal(table["n"].values, [1, np.nan, np.nan])
    assert cells(table, "t") == ["x", None, None]
    assert cells(table, "padded") == [None, "b", "b"]
    assert table["padded"].missing.tolist() == [True, False, False]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_are_understood(write, encoding: str) -> None:
    table = read_table(write("né,b\nü,1\n".encode(encoding)))
    assert list(table.columns) == ["né", "b"]
    assert cells(table, "né") == ["ü"]
    assert table.notices == []


@pytest.mark.parametrize("rows", [3, 60_000])
def test_other_bytes_are_latin_1_with_a_notice(write, rows: int) -> None:
    content = ("a,b\n" + "x,1\n" * rows).encode() + "café,2\n".encode("latin-1")
    for polars_from in (0, 1 << 60):
        table = read_delimited(write(content), polars_from=polars_from)
        assert cells(table, "a")[-1] == "café"
        assert table.rows == rows + 1
        assert "not valid UTF-8 (byte 0xE9), so it was read as Latin-1" in table.notices[0]


def test_a_false_byte_order_mark_is_an_error(write) -> None:
    with pytest.raises(DataError, match="byte order mark of utf-8-sig but byte 0xE9"):
        read_table(write(b"\xef\xbb\xbfa,b\ncaf\xe9,1\n"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_systems(write, end: str) -> None:
    table = read_table(write(end.join(["a,b", "1,x", "", "2,y", ""])))
    np.testing.assert_array_equal(table["a"].values, [1, 2])


def test_a_blank_line_is_a_cell_in_a_table_of_one_column(write) -> None:
    np.testing.assert_array_equal(read_table(write("a\n1\n\n3\n\n"))["a"].values, [1, np.nan, 3])


def test_names_that_repeat_or_lack(write) -> None:
    table = read_table(write("a,,a,a\n1,2,3,4\n"))
    assert list(table.columns) == ["a", "column_2", "a (2)", "a (3)"]
    assert "the header names 'a' more than once" in table.notices[0]
    assert set(table.repeated) == {"a"}


def test_a_file_without_header(write) -> None:
    path = write("1,x\n2,y\n")
    assert cells(read_table(path, header=False), "column_1") == [1, 2]
    table = read_table(write("1,2\n3,4\n"))
    assert "taken for the header although it holds only numbers" in table.notices[0]


def test_short_rows_are_filled_and_counted(write) -> None:
    for content in ("a,b,c\n1,2,3\n4\n5,6\n7,8,9,\n", 'a,b,c\n1,2,"3"\n4\n5,6\n7,8,9\n'):
        for polars_from in (0, 1 << 60):
            table = read_delimited(write(content), polars_from=polars_from)
            np.testing.assert_array_equal(table["b"].values, [2, np.nan, 6, 8])
            assert table.notices == [
                "2 rows have fewer cells than the header's 3 (first: row 2 with 1); the rest of "
                "such a row counts as missing"
            ]


def test_a_long_row_is_an_error_that_names_it(write) -> None:
    with pytest.raises(
        DataError, match=r"row 2 below the header has 4 cells and the header 3.*'x'"
    ):
        read_table(write("a,b,c\n1,2,3\n4,5,6,x\n"))


def test_a_text_among_numbers_keeps_how_they_were_written(write) -> None:
    rows = [f"{i:04d},{i}.50" for i in range(60_000)]
    content = "code,n\n" + "\n".join(rows) + "\nA17,1\n"
    for polars_from in (0, 1 << 60):
        table = read_delimited(write(content), polars_from=polars_from)
        assert cells(table, "code")[:2] == ["0000", "0001"]
        assert cells(table, "code")[-1] == "A17"
        assert cells(table, "n")[7] == 7.5


def test_columns_can_be_kept_as_text(write) -> None:
    path = write("zip,n\n01234,1\n99999,2\n")
    assert cells(read_table(path), "zip") == [1234, 99999]
    assert cells(read_table(path, texts=["zip"]), "zip") == ["01234", "99999"]


def test_infinite_numbers_are_missing_and_said_so(write) -> None:
    table = read_table(write("a\n1\ninf\n1e400\n1e308\n"))
    np.testing.assert_array_equal(table["a"].values, [1, np.nan, np.nan, 1e308])
    assert "column 'a': 2 cells beyond 1.8e308" in table.notices[0]


def test_numbers_are_exact(write) -> None:
    values = [0.1, 1 / 3, 16777217.0, 123456789.125, -0.0, 5e-324]
    table = read_table(write("a\n" + "\n".join(map(repr, values))))
    assert cells(table, "a") == values


CELLS = st.one_of(
    st.integers(-1000, 1000).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["", "NA", "?", "x", "Yes", "a,b", 'q"q', "ü", " pad ", "two\nlines", "1_0"]),
)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=30))
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_polars_and_the_standard_library_read_the_same(write, rows: list[list[str]]) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if any(c in cell for c in ',"\n') else cell

    content = "a,b,c\n" + "".join(",".join(map(quoted, row)) + "\n" for row in rows)
    path = write(content)
    slow = read_delimited(path, polars_from=1 << 60)
    fast = read_delimited(path, polars_from=0)
    assert fast.fingerprint() == slow.fingerprint()
    assert fast.rows == slow.rows == len(rows)


def test_blocks_are_cut_between_records(write, monkeypatch) -> None:
    from glia.data import big

    monkeypatch.setattr(big, "BLOCK", 64)
    rows = [f'{i},"line {i}\nand, ""more""",{i % 3}' for i in range(200)]
    path = write("a,b,c\n" + "\n".join(rows))
    fast, slow = read_delimited(path, polars_from=0), read_delimited(path, polars_from=1 << 60)
    assert fast.fingerprint() == slow.fingerprint()
    assert cells(fast, "b")[199] == 'line 199\nand, "more"'


@pytest.mark.slow
def test_a_million_cells_stay_small(write) -> None:
    generator = np.random.default_rng(0)
    digits = generator.integers(0, 10, (20_000, 50)).astype(str)
    path = write(",".join(f"c{i}" for i in range(50)) + "\n" + "\n".join(map(",".join, digits)))
    for polars_from in (0, 1 << 60):
        table = read_delimited(path, polars_from=polars_from)
        assert sum(column.cells.nbytes for column in table.columns.values()) == 4 * digits.size
