"""What columns are taken for, and what they become."""

import json

import numpy as np
import pytest

from glia.data import Schema, read_table
from glia.errors import ArgumentError, DataError, ShapeError

ROWS = 120
GENERATOR = np.random.default_rng(0)
ANSWERS = GENERATOR.permutation(["no", "yes"] * (ROWS // 2)).tolist()


def fitted(cells, name: str = "x", **options) -> Schema:
    """Fit a schema on one column of interest beside a plain one."""
    noise = GENERATOR.normal(size=len(cells))
    answers = (ANSWERS * 10)[: len(cells)]
    table = read_table({name: cells, "noise": noise, "y": answers})
    return Schema.fit(table, "y", **options)


def kind_of(schema: Schema, name: str = "x") -> str:
    return next(row["kind"] for row in schema.describe() if row["column"] == name)


def numbers_of(schema: Schema, cells, notices=None) -> list:
    table = read_table({"x": cells, "noise": [0.0] * len(cells)})
    arrays = schema.encode(table, notices)
    places = [i for i, name in enumerate(schema.numbers) if name.startswith("x")]
    missing = arrays["missing"][:, places]
    return np.where(missing == 1, np.nan, arrays["numbers"][:, places]).tolist()


def codes_of(schema: Schema, cells, notices=None) -> list:
    table = read_table({"x": cells, "noise": [0.0] * len(cells)})
    return schema.encode(table, notices)["categories"][:, 0].tolist()


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (np.arange(ROWS) * 0.5, "numeric"),
        ([0, 1] * (ROWS // 2), "numeric"),
        ([None, 3.0, 3.0] * (ROWS // 3), "numeric"),
        ([str(i * 1.5) for i in range(ROWS)], "numeric"),
        (["a", "b", "c"] * (ROWS // 3), "category"),
        (["1", "2", "x"] * (ROWS // 3), "category"),
        (["x", None] * (ROWS // 2), "category"),
        (["Yes", "no"] * (ROWS // 2), "boolean"),
        (["Yes", "No"] * (ROWS // 2), "boolean"),
        (["t", "f", None] * (ROWS // 3), "boolean"),
        ([True, False] * (ROWS // 2), "boolean"),
        ([f"2024-{i % 12 + 1:02d}-{i % 28 + 1:02d}" for i in range(ROWS)], "date"),
        (np.array([20240000 + 100 * (i % 12 + 1) + i % 28 + 1 for i in range(ROWS)]), "date"),
        (np.arange(ROWS).astype("datetime64[D]"), "date"),
        (["same"] * ROWS, "constant"),
        ([7.0] * ROWS, "constant"),
        ([True] * ROWS, "constant"),
        ([None] * ROWS, "empty"),
        ([f"user-{i}" for i in range(ROWS)], "identifier"),
        ([f"a long and winding text number {i}" for i in range(ROWS)], "text"),
        ([f"word{i // 2 if i > 100 else i}" for i in range(ROWS)], "text"),
    ],
)
def test_a_column_is_taken_for_what_it_is(cells, kind: str) -> None:
    assert kind_of(fitted(cells)) == kind


@pytest.mark.parametrize(
    "name", ["id", "ID", "customer_id", "PassengerId", "userID", "No", "order_no", "index"]
)
def test_whole_numbers_that_name_rows_are_identifiers(name: str) -> None:
    cells = GENERATOR.permutation(5000)[:ROWS]
    schema = fitted(cells, name)
    assert kind_of(schema, name) == "identifier"
    assert any(
        f"column {name!r} left out: a different value in every row" in n for n in schema.notices
    )


@pytest.mark.parametrize("name", ["age", "paid", "humid", "note", "nose", "idle", "width"])
def test_other_names_do_not_make_identifiers(name: str) -> None:
    assert kind_of(fitted(GENERATOR.permutation(5000)[:ROWS], name), name) == "numeric"


def test_the_unnamed_index_a_frame_saves_is_an_identifier() -> None:
    for name in ("column_1", "Unnamed: 0"):
        assert kind_of(fitted(np.arange(ROWS), name), name) == "identifier"
        assert kind_of(fitted(GENERATOR.permutation(5000)[:ROWS], name), name) == "numeric"


def test_an_identifier_needs_different_numbers() -> None:
    assert kind_of(fitted([1, 2, 3] * 40, "shop_id"), "shop_id") == "numeric"
    assert kind_of(fitted(np.arange(ROWS) + 0.5, "id"), "id") == "numeric"


def test_few_odd_words_among_numbers_are_missing_with_a_notice() -> None:
    schema = fitted([*map(str, range(ROWS - 3)), "oops", "-", "-"])
    assert kind_of(schema) == "numeric"
    assert schema.incomplete == [0]
    assert any("'oops' counts as missing" in notice for notice in schema.notices)
    np.testing.assert_array_equal(numbers_of(schema, ["5", "-", "6.5"]), [[5], [np.nan], [6.5]])


def test_units_are_not_numbers_and_it_says_so() -> None:
    schema = fitted([f"${i}.50" for i in range(ROWS)])
    assert any("'x' was not read as numbers, since '$0.50'" in n for n in schema.notices)


def test_ambiguous_thousands_are_not_numbers_and_it_says_so() -> None:
    schema = fitted([f"{i + 1},{i + 100}" for i in range(ROWS)])
    assert kind_of(schema) == "identifier"
    assert any("separator of two meanings" in notice for notice in schema.notices)


def test_decimal_commas_are_kept_for_later_tables() -> None:
    schema = fitted([f"{i},5" for i in range(ROWS)])
    assert kind_of(schema) == "numeric"
    assert numbers_of(schema, ["2,25", "3"]) == [[2.25], [3.0]]


@pytest.mark.parametrize("levels", [2, 12, 13, 60])
def test_cardinality_decides_between_one_hot_and_embedding(levels: int) -> None:
    cells = [f"level {i % levels:03d}" for i in range(1200)]
    schema = fitted(cells)
    assert schema.category_sizes == [levels]
    assert schema.representations == ["one-hot" if levels <= 12 else "embedding"]
    assert schema.embedding_widths == [levels if levels <= 12 else round(1.6 * levels**0.56)]
    assert codes_of(schema, ["level 001", "level 000", None, "never"]) == [2, 1, 0, 0]


def test_rare_levels_share_the_code_of_unseen_ones() -> None:
    schema = fitted(["a"] * 60 + ["b"] * 59 + ["c"])
    assert schema.category_sizes == [2]
    assert "a rare one counts as missing" in schema.describe()[1]["detail"]
    notices: list[str] = []
    assert codes_of(schema, ["a", "b", "c"], notices) == [1, 2, 0]
    assert notices == []


def test_one_hot_columns_stand_before_embedded_ones() -> None:
    table = read_table(
        {
            "big": [f"v{i % 40}" for i in range(ROWS)],
            "small": list("abc") * 40,
            "y": ANSWERS,
        }
    )
    schema = Schema.fit(table, "y")
    assert schema.category_names == ["small", "big"]
    assert schema.encode(table)["categories"].shape == (ROWS, 2)
    assert "numbers" not in schema.encode(table)
    assert schema.columns == ["big", "small"]


def test_a_column_read_in_another_way_later_is_still_understood() -> None:
    schema = fitted(["1", "2", "x"] * 40)
    assert codes_of(schema, np.array([1.0, 2.0, 3.0])) == [1, 2, 0]
    schema = fitted(["01", "02", "x"] * 40)
    assert codes_of(schema, [1, 2, 2]) == [1, 2, 2]
    schema = fitted(np.arange(ROWS) * 1.0)
    notices: list[str] = []
    found = numbers_of(schema, ["3", "many", None], notices)
    np.testing.assert_array_equal(found, [[3], [np.nan], [np.nan]])
    assert notices == ["column 'x': 'many' is no number; such cells count as missing"]
    schema = fitted(["Yes", "No"] * 60)
    assert numbers_of(schema, [True, False]) == [[1], [0]]
    assert numbers_of(schema, ["yes", "NO", "1"]) == [[1], [0], [1]]


def test_unseen_values_are_counted() -> None:
    notices: list[str] = []
    assert codes_of(fitted(list("abc") * 40), ["a", "z", "z", None], notices) == [1, 0, 0, 0]
    assert notices == [
        "column 'x': 2 cells with values training did not see or hardly saw ('z'), which count as "
        "missing"
    ]


def test_missing_cells_are_zero_and_marked() -> None:
    schema = fitted([1.5, None] * 60)
    table = read_table({"x": [None, 1.5], "noise": [1.0, None]})
    arrays = schema.encode(table)
    np.testing.assert_array_equal(arrays["numbers"], [[0, 1], [1.5, 0]])
    np.testing.assert_array_equal(arrays["missing"], [[1, 0], [0, 1]])
    assert arrays["numbers"].dtype == arrays["missing"].dtype == np.float32
    assert schema.incomplete == [0]


@pytest.mark.parametrize("extreme", [1e308, -1e308, 1e300, 3.5e38])
def test_huge_numbers_stay_finite_and_are_noticed(extreme: float) -> None:
    cells = np.arange(ROWS) * 1.0
    cells[7] = extreme
    schema = fitted(cells)
    found = np.array(numbers_of(schema, cells))
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 1e30
    assert any(f"column 'x' reaches {abs(extreme):g}" in notice for notice in schema.notices)


def test_numbers_float32_cannot_tell_apart_are_shifted_first() -> None:
    stamps = 1.7e9 + np.arange(ROWS)
    found = np.array(numbers_of(fitted(stamps), stamps))[:, 0]
    assert len(np.unique(found)) == ROWS
    np.testing.assert_allclose(np.diff(found), 1, atol=1e-6)
    tiny = np.arange(ROWS) * 1e-300
    assert len(np.unique(numbers_of(fitted(tiny), tiny))) == ROWS


def test_cells_far_outside_are_clipped_and_counted() -> None:
    notices: list[str] = []
    schema = fitted(np.arange(ROWS) * 1.0)
    found = numbers_of(schema, [5.0, 1e35, -1e300, 500.0], notices)
    assert found[0] == [5]
    assert found[3] == [500]
    assert np.abs(found).max() < 1e8
    assert "2 cells such as 1e+35 far outside" in notices[0]


def test_dates_become_days_and_circles() -> None:
    days = np.datetime64("2020-01-01") + np.arange(0, 1200, 10)
    schema = fitted(days)
    assert schema.numbers[:5] == [
        "x: days", "x: season sine", "x: season cosine", "x: weekday sine", "x: weekday cosine",
    ]  # fmt: skip
    found = np.array(numbers_of(schema, ["2020-01-01", "2020-01-11", "2021-01-01", "never"]))
    np.testing.assert_array_equal(found[:3, 0], [0, 10, 366])
    assert np.isnan(found[3]).all()
    np.testing.assert_allclose(found[2, 1:3], found[0, 1:3], atol=0.02)
    hours = np.datetime64("2020-01-01T00") + np.arange(ROWS)
    assert [name for name in fitted(hours).numbers if "hour" in name]
    assert "season" not in " ".join(fitted(hours).numbers)


def test_months_have_seasons_and_no_weekdays() -> None:
    schema = fitted([f"{1949 + i // 12}-{i % 12 + 1:02d}" for i in range(ROWS)])
    assert schema.numbers[:4] == ["x: days", "x: season sine", "x: season cosine", "noise"]


def test_an_uncertain_order_of_days_and_months_is_said() -> None:
    schema = fitted([f"{i % 12 + 1}/{i % 7 + 1}/2024" for i in range(ROWS)])
    assert any("were read as month/day; no cell proves it" in n for n in schema.notices)


def test_the_user_can_say_what_a_column_is() -> None:
    cells = [1, 2, 3, 4] * 30
    schema = fitted(cells, kinds={"x": "category"})
    assert schema.category_sizes == [4]
    assert codes_of(schema, [3, 1, 9]) == [3, 1, 0]
    assert kind_of(fitted(cells, kinds={"x": "drop"})) == "dropped"
    assert kind_of(fitted([0, 1] * 60, kinds={"x": "boolean"})) == "boolean"
    assert kind_of(fitted([f"n{i}" for i in range(ROWS)], kinds={"x": "category"})) != "identifier"
    assert kind_of(fitted(np.arange(ROWS), "id", kinds={"id": "numeric"}), "id") == "numeric"


@pytest.mark.parametrize(
    ("kinds", "error", "message"),
    [
        ({"z": "numeric"}, ArgumentError, "unknown column of dict 'z'"),
        ({"x": "number"}, ArgumentError, "unknown kind for column 'x' 'number'. Did you mean"),
        ({"x": "date"}, DataError, "'x' was given as date but 'a', 'b', 'c' cannot be read"),
        ({"x": "numeric"}, DataError, "'x' was given as numeric but 'a', 'b', 'c'"),
        ({"x": "boolean"}, DataError, "expected two values such as yes and no"),
    ],
)
def test_a_wrong_word_about_a_column_is_an_error(kinds, error, message: str) -> None:
    with pytest.raises(error) as caught:
        fitted(list("abc") * 40, kinds=kinds)
    assert message in str(caught.value)


def test_a_schema_survives_json() -> None:
    table = read_table(
        {
            "number": [None if i % 7 == 0 else i * 1.5 for i in range(ROWS)],
            "big": [1e308 if i == 3 else i for i in range(ROWS)],
            "truth": [i % 3 == 0 for i in range(ROWS)],
            "word": [["a", "b", "ü", None][i % 4] for i in range(ROWS)],
            "many": [f"v{i % 30}" for i in range(ROWS)],
            "day": [f"{i % 28 + 1}/{i % 12 + 1}/2024" for i in range(ROWS)],
            "empty": [None] * ROWS,
            "copy": ANSWERS,
            "y": ANSWERS,
        }
    )
    for target in ("y", "number", "word"):
        schema = Schema.fit(table, target)
        again = Schema.from_config(json.loads(json.dumps(schema.to_config(), allow_nan=False)))
        assert again.to_config() == schema.to_config()
        assert again.describe() == schema.describe()
        rows = schema.labelled(table)
        for name, array in schema.encode(rows).items():
            np.testing.assert_array_equal(again.encode(rows)[name], array)
        np.testing.assert_array_equal(again.encode_target(rows), schema.encode_target(rows))


@pytest.mark.parametrize(
    "config",
    [
        {},
        [],
        {"target": {}},
        {"target": {"name": "y", "task": "binary", "classes": [0, 1]}, "features": [{"kind": "a"}],
         "notices": [], "suspects": [], "rows": 1},
    ],
)  # fmt: skip
def test_a_damaged_config_is_an_error(config) -> None:
    with pytest.raises(DataError, match="this is no schema of a table"):
        Schema.from_config(config)


def test_a_column_that_lacks_is_named_with_the_nearest() -> None:
    schema = fitted(np.arange(ROWS) * 1.0, "temperature")
    with pytest.raises(DataError, match=r"lacks 'temperature'.*is 'temperatur' meant"):
        schema.encode(read_table({"temperatur": [1.0], "noise": [2.0]}))


def test_predictions_are_turned_back() -> None:
    schema = fitted(np.arange(ROWS) * 1.0)
    assert schema.decode([[0.2], [0.8]]).tolist() == ["no", "yes"]
    assert schema.decode([[0.9, 0.1]]).tolist() == ["no"]
    np.testing.assert_allclose(schema.probabilities([0.2, 0.8]), [[0.8, 0.2], [0.2, 0.8]])
    with pytest.raises(ShapeError, match=r"shape \(1, 3\), expected \(rows, 2\)"):
        schema.probabilities([[0.1, 0.2, 0.7]])
    table = read_table({"x": np.arange(50.0), "y": np.arange(50.0) * 3 + 100.5})
    schema = Schema.fit(table, "y")
    np.testing.assert_allclose(
        schema.decode(schema.encode_target(table)), table["y"].values, rtol=1e-5
    )
    with pytest.raises(ArgumentError, match="a regression has no probabilities"):
        schema.probabilities([1.0])
