"""Data frames, Parquet, dicts of columns, bundled sets: the same table, whoever holds it."""

import contextlib
import datetime
import decimal
import sys
from pathlib import Path

import numpy as np
import pandas
import polars
import pytest

from glia.data import BUNDLED, Schema, Table, read_table
from glia.errors import ArgumentError, DataError, GliaError, MissingPackageError

ROWS = 24
START = datetime.datetime(2024, 1, 1)
CELLS: dict[str, list] = {
    "whole": list(range(ROWS)),
    "part": [None if i % 5 == 0 else i / 4 for i in range(ROWS)],
    "truth": [i % 3 == 0 for i in range(ROWS)],
    "word": [["a", None, "ü"][i % 3] for i in range(ROWS)],
    "moment": [START + datetime.timedelta(hours=i) for i in range(ROWS)],
    "number as text": [str(i / 2) if i % 4 else " " for i in range(ROWS)],
}
POLARS = polars.DataFrame(CELLS)


@pytest.mark.parametrize(
    "frame",
    [POLARS, POLARS.lazy(), pandas.DataFrame(CELLS), POLARS.to_arrow()],
    ids=["polars", "lazy", "pandas", "arrow"],
)
def test_frames_of_all_libraries_are_the_same_table(frame) -> None:
    table = read_table(frame)
    assert list(table.columns) == list(CELLS)
    kinds = [column.kind for column in table.columns.values()]
    assert kinds == ["number", "number", "boolean", "text", "date", "text"]
    assert table["part"].missing.sum() == table["whole"].values[table["part"].missing].size == 5
    assert table["word"].values.tolist() == CELLS["word"]
    assert table["number as text"].values[:2].tolist() == [None, "0.5"]
    expected = (np.datetime64("2024-01-01", "s") + np.arange(ROWS) * 3600).astype(float)
    np.testing.assert_array_equal(table["moment"].values, expected)
    assert table.fingerprint() == read_table(POLARS).fingerprint()


def test_types_of_pandas_of_its_own() -> None:
    frame = pandas.DataFrame(
        {
            "nullable": pandas.array([1, None, 3], dtype="Int64"),
            "maybe": pandas.array([True, None, False], dtype="boolean"),
            "sort": pandas.Series(["b", None, "a"], dtype="category"),
            "mixed": pandas.Series([1, "a", None], dtype=object),
            "objects": pandas.Series([True, None, np.nan], dtype=object),
            "zoned": pandas.to_datetime(["2024-01-01 00:30"] * 3).tz_localize("Europe/Berlin"),
            5: [0.5, np.inf, 2.0],
        }
    )
    table = read_table(frame)
    np.testing.assert_array_equal(table["nullable"].values, [1, np.nan, 3])
    np.testing.assert_array_equal(table["maybe"].values, [1, np.nan, 0])
    assert table["sort"].values.tolist() == ["b", None, "a"]
    assert table["mixed"].values.tolist() == ["1", "a", None]
    np.testing.assert_array_equal(table["objects"].values, [1, np.nan, np.nan])
    assert table["zoned"].values[0] == datetime.datetime(2023, 12, 31, 23, 30).timestamp()
    np.testing.assert_array_equal(table["5"].values, [0.5, np.nan, 2])
    assert table.notices == ["column '5': 1 cell beyond 1.8e308 or infinite, taken as missing"]


def test_types_of_polars_of_its_own() -> None:
    frame = polars.DataFrame(
        {
            "list": [[1, 2], [3]],
            "money": [decimal.Decimal("1.25"), None],
            "span": [datetime.timedelta(hours=1), None],
            "day": [datetime.date(1970, 1, 2), None],
            "nan": [float("nan"), 1.0],
            "bytes": [b"a", b"b"],
        }
    )
    table = read_table(frame)
    assert list(table.columns) == ["money", "span", "day", "nan"]
    for name, value in (("money", 1.25), ("span", 3600), ("day", 86400)):
        np.testing.assert_array_equal(table[name].values, [value, np.nan])
    assert table["day"].kind == "date"
    np.testing.assert_array_equal(table["nan"].values, [np.nan, 1])
    assert "column 'list' was left out: its cells are List" in table.notices[0]


def test_a_dict_of_columns() -> None:
    table = read_table(
        {
            "a": [1, None, 2.5],
            "b": np.array(["x", "y", "x"]),
            "c": np.array([1, 2, 3], np.int8),
            "d": np.array(["2024-01-01", "NaT", "2024-01-02"], "datetime64[D]"),
            "e": ["x", 1, None],
            "f": [decimal.Decimal("1.5"), None, 2**2000],
        }
    )
    np.testing.assert_array_equal(table["a"].values, [1, np.nan, 2.5])
    assert table["b"].values.tolist() == ["x", "y", "x"]
    assert table["d"].missing.tolist() == [False, True, False]
    assert table["e"].values.tolist() == ["x", "1", None]
    np.testing.assert_array_equal(table["f"].values, [1.5, np.nan, np.nan])
    assert read_table(table) is table


def test_parquet_is_the_frame_it_holds(tmp_path: Path) -> None:
    for name in ("a.parquet", "b.pq", "c.data"):
        POLARS.write_parquet(tmp_path / name)
        assert read_table(tmp_path / name).fingerprint() == read_table(POLARS).fingerprint()


@pytest.mark.parametrize("cut", [4, 40, -5])
def test_a_damaged_parquet_file_is_an_error(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.parquet"
    POLARS.write_parquet(path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError, match=r"cannot be read as Parquet"):
        read_table(path)


def test_a_parquet_file_with_bytes_changed_is_a_table_or_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    POLARS.write_parquet(path)
    whole, generator = path.read_bytes(), np.random.default_rng(0)
    for _ in range(100):
        changed = bytearray(whole)
        for place in generator.integers(4, len(whole), 3):
            changed[place] = generator.integers(256)
        path.write_bytes(changed)
        with contextlib.suppress(DataError):
            assert read_table(path).rows >= 0


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (np.ones((3, 2)), "got numpy.ndarray; expected a path"),
        (None, "got builtins.NoneType"),
        ([1, 2], "got builtins.list"),
        (b"abc", "got builtins.bytes"),
        (pandas.Series([1]), "got pandas"),
        ({"a": 5}, "column 'a' got 5; expected a list or array"),
        ({"a": "text"}, "column 'a' got 'text'"),
        ({"a": np.ones((2, 2))}, "column 'a' has shape (2, 2)"),
        ({"a": [1], "b": [1, 2]}, "column 'a' has 1 rows and 'b' has 2"),
        (pandas.DataFrame([[1, 2]], columns=["a", "a"]), "unique column names, got: - 'a' 2 times"),
        ("absent.csv", "there is no file 'absent.csv'"),
        ("iriss", "Did you mean 'iris'?"),
        ("/", "is a folder"),
        ("bad\0name", "bad"),
        ("x" * 5000, "x"),
    ],
)
def test_what_is_no_table_is_an_error(source, message: str) -> None:
    with pytest.raises(GliaError) as caught:
        read_table(source)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("library", "message"),
    [
        ("narwhals", "reading a data frame needs narwhals"),
        ("polars", "reading Parquet needs polars"),
        ("sklearn.datasets", "the bundled data set 'iris' needs scikit-learn"),
    ],
)
def test_a_library_that_lacks_is_named(
    monkeypatch, tmp_path: Path, library: str, message: str
) -> None:
    POLARS.write_parquet(tmp_path / "a.parquet")
    sources = {"narwhals": POLARS, "polars": tmp_path / "a.parquet", "sklearn.datasets": "iris"}
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingPackageError) as caught:
        read_table(sources[library])
    assert str(caught.value) == f'{message}, which is not installed: pip install "glia[data]"'


@pytest.mark.parametrize(
    ("name", "rows", "columns", "task"),
    [
        ("iris", 150, 5, "multi-class"),
        ("wine", 178, 14, "multi-class"),
        ("breast_cancer", 569, 31, "binary"),
        ("digits", 1797, 65, "multi-class"),
        ("diabetes", 442, 11, "regression"),
    ],
)
def test_bundled_sets(name: str, rows: int, columns: int, task: str) -> None:
    table = read_table(name)
    assert (table.rows, len(table.columns), table.target) == (rows, columns, "target")
    assert Schema.fit(table, "target").task == task
    assert name in BUNDLED


def test_a_file_named_like_a_bundled_set_goes_first(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "iris").write_text("a,b\n1,2\n")
    monkeypatch.chdir(tmp_path)
    assert read_table("iris").rows == 1


def test_selecting_and_dropping() -> None:
    table: Table = read_table(CELLS)
    assert table.select([3, 1])["whole"].values.tolist() == [3, 1]
    assert table.select(table["part"].missing).rows == 5
    assert list(table.only(["word", "whole"]).columns) == ["word", "whole"]
    assert list(table.drop(["word"]).columns) == [name for name in CELLS if name != "word"]
    assert len(table) == ROWS
    with pytest.raises(ArgumentError, match=r"unknown column of dict 'wrd'. Did you mean 'word'"):
        table.drop(["wrd"])


def test_a_fingerprint_sees_every_cell_and_name() -> None:
    tables = [
        {"a": a, "b": b}
        for a in ([1, 2], [2, 1], [1, None])
        for b in (["x", "y"], ["y", "x"], ["x", None])
    ]
    prints = {read_table(table).fingerprint() for table in [*tables, {"a": [1, 2]}, {"b": [1, 2]}]}
    assert len(prints) == 11
    assert read_table(tables[0]).fingerprint() == read_table(tables[0]).fingerprint()
