"""Which task a target poses, and what makes it none."""

import numpy as np
import pytest

from glia.data import Schema, read_table, split_table
from glia.errors import ArgumentError, DataError

ROWS = 200
X = np.random.default_rng(1).normal(size=ROWS)


def fitted(cells, task: str | None = None, **options) -> Schema:
    table = read_table({"x": X[: len(cells)], "y": cells})
    return Schema.fit(table, "y", task, **options)


@pytest.mark.parametrize(
    ("cells", "task", "classes"),
    [
        (["no", "yes"] * 100, "binary", ["no", "yes"]),
        (["Yes", "no"] * 100, "binary", ["no", "Yes"]),
        ([True, False] * 100, "binary", [False, True]),
        ([0, 1] * 100, "binary", [0, 1]),
        ([1, 2] * 100, "binary", [1, 2]),
        ([-0.5, 0.5] * 100, "binary", [-0.5, 0.5]),
        (["b", "a", "c", "a"] * 50, "multi-class", ["a", "b", "c"]),
        ([2, 10, 1, 3] * 50, "multi-class", [1, 2, 3, 10]),
        (np.arange(ROWS), "regression", []),
        (X, "regression", []),
        ([1.5, 2.5, 3.5, 4.5] * 50, "regression", []),
        (list(range(20)) * 5, "regression", []),
        ([str(i * 1.5) for i in range(ROWS)], "regression", []),
        ([f"{i},5" for i in range(ROWS)], "regression", []),
    ],
)
def test_the_task_is_found_out(cells, task: str, classes: list) -> None:
    schema = fitted(cells)
    assert schema.task == task
    assert schema.classes == classes
    assert [type(label) for label in schema.classes] == [type(label) for label in classes]


@pytest.mark.parametrize(
    ("cells", "asked", "task"),
    [
        ([2, 10, 1, 3] * 50, "regression", "regression"),
        ([0, 1] * 100, "regression", "regression"),
        (np.arange(ROWS) // 40, "classification", "multi-class"),
        (np.arange(ROWS) // 4, "multi-class", "multi-class"),
        (np.arange(ROWS) // 4, "multiclass", "multi-class"),
        ([0, 1] * 100, "classification", "binary"),
        ([0.5, 1.5] * 100, "binary", "binary"),
    ],
)
def test_the_task_can_be_said(cells, asked: str, task: str) -> None:
    schema = fitted(cells, asked)
    assert schema.task == task
    assert not any("taken as classes" in notice for notice in schema.notices)


def test_numbers_taken_as_classes_are_noticed() -> None:
    assert "taken as classes" in fitted([2, 10, 1, 3] * 50).notices[0]


@pytest.mark.parametrize(
    ("cells", "task", "message"),
    [
        (["no"] * 50, None, "target 'y' is always 'no' in 50 rows"),
        ([1.5] * 50, None, "target 'y' is always '1.5' in 50 rows"),
        ([3.0] * 50, "regression", "target 'y' is always 3"),
        ([None] * 50, None, "target 'y' has no filled cell in 50 rows"),
        (["no", None] * 25, None, "target 'y' is always 'no' in 25 rows"),
        (list("abc") * 20, "binary", "has 3 classes ('a', 'b', 'c'), and binary needs two"),
        (list("abc") * 20, "regression", "'a', 'b', 'c', which are no numbers"),
        ([f"n{i}" for i in range(60)], None, "60 different values in 60 rows"),
        (np.arange(60).astype("datetime64[D]"), None, "target 'y' is a date"),
    ],
)
def test_what_cannot_be_learnt_is_an_error(cells, task, message: str) -> None:
    with pytest.raises(DataError) as caught:
        fitted(cells, task)
    assert message in str(caught.value)


def test_an_unknown_task_is_named_with_the_nearest() -> None:
    with pytest.raises(ArgumentError, match=r"unknown task 'regresion'. Did you mean 'regression'"):
        fitted(X, "regresion")


def test_an_absent_target_is_named_with_the_nearest() -> None:
    table = read_table({"x": X, "Churn": X})
    with pytest.raises(DataError, match=r"no column 'churn' for a target. Did you mean 'Churn'"):
        Schema.fit(table, "churn")


def test_rows_without_a_target_are_left_out_with_a_notice() -> None:
    cells = ["a", "b", None, "a"] * 50
    schema = fitted(cells)
    assert "50 rows have no 'y' and got left out; 150 remain" in schema.notices
    assert schema.rows == 150
    table = read_table({"x": X, "y": cells})
    notices: list[str] = []
    rows = schema.labelled(table, notices)
    assert rows.rows == 150
    assert notices == ["50 rows have no 'y' and got left out; 150 remain"]
    assert np.bincount(schema.encode_target(rows)).tolist() == [100, 50]
    with pytest.raises(DataError, match="'y' is missing in 50 of 200 rows; leave those"):
        schema.encode_target(table)
    with pytest.raises(DataError, match="'y' is missing in every row"):
        schema.labelled(read_table({"y": [None, None]}))


def test_words_among_numbers_are_rows_without_a_target() -> None:
    schema = fitted([*map(str, range(190)), *["unclear"] * 10])
    assert schema.task == "regression"
    assert schema.rows == 190
    assert any("'unclear' is no number; such rows were left out" in n for n in schema.notices)


def test_a_class_never_seen_is_an_error() -> None:
    schema = fitted(list("ab") * 100)
    with pytest.raises(DataError, match="target 'y' holds 'c', and training only saw 'a', 'b'"):
        schema.encode_target(read_table({"y": ["a", "c"]}))


def test_classes_read_in_another_way_later_are_still_understood() -> None:
    schema = fitted([0, 1] * 100)
    assert schema.encode_target(read_table({"y": ["1", "0", "1.0"]})).tolist() == [1, 0, 1]
    schema = fitted([True, False] * 100)
    for cells in (["true", "false"], ["True", "False"], ["1", "0"], [1, 0], [True, False]):
        assert schema.encode_target(read_table({"y": cells})).tolist() == [1, 0]


def test_imbalance_is_noticed_with_its_shares() -> None:
    notices = fitted(["no"] * 150 + ["yes"] * 50).notices
    assert "'no' is 75.0% of the rows and 'yes' 25.0%" in notices[0]
    assert fitted(["no"] * 110 + ["yes"] * 90).notices == []


def test_classes_too_rare_are_noticed() -> None:
    notices = fitted(["a"] * 99 + ["b"] * 99 + ["c", "d"]).notices
    assert any("fewer than 3 rows of class 'c', 'd'" in notice for notice in notices)


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e300])
def test_a_quantity_is_standardised_and_turned_back(scale: float) -> None:
    cells = (X * 3 + 50) * scale
    schema = fitted(cells)
    y = schema.encode_target(read_table({"y": cells}))
    assert y.dtype == np.float32
    assert abs(y.mean()) < 1e-5
    assert y.std() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(schema.decode(y[:, None]), cells, rtol=1e-5)


@pytest.mark.parametrize("order", ["stratified", "random", "tail"])
def test_parts_are_disjoint_complete_and_repeatable(order: str) -> None:
    table = read_table({"x": np.arange(ROWS), "y": ["a"] * 150 + ["b"] * 50})
    parts = split_table(table, "y", seed=3, order=order, validation=0.1, test=0.3)
    assert [part.rows for part in parts] == [120, 20, 60]
    rows = np.concatenate([part["x"].values for part in parts])
    np.testing.assert_array_equal(np.sort(rows), np.arange(ROWS))
    again = split_table(table, "y", seed=3, order=order, validation=0.1, test=0.3)
    assert [p.fingerprint() for p in parts] == [p.fingerprint() for p in again]
    other = split_table(table, "y", seed=4, order=order, validation=0.1, test=0.3)
    assert (other[2].fingerprint() == parts[2].fingerprint()) == (order == "tail")
    if order == "stratified":
        shares = [np.mean(part["y"].cells == 0) for part in parts]
        np.testing.assert_allclose(shares, 0.75, atol=0.01)
    if order == "tail":
        np.testing.assert_array_equal(rows, np.arange(ROWS))


def test_parts_leave_out_rows_without_a_target_and_rare_classes_train() -> None:
    answers = [None] * 20 + ["a"] * 92 + ["b"] * 84 + ["c", "d", "d", "d"]
    parts = split_table(read_table({"x": X, "y": answers}), "y")
    assert [part.rows for part in parts] == [109, 35, 36]
    labels = [part["y"].values.tolist() for part in parts]
    assert [labels[0].count("c"), labels[0].count("d")] == [1, 3]
    np.testing.assert_allclose([each.count("b") / len(each) for each in labels], 0.47, atol=0.03)


@pytest.mark.parametrize("rows", [4, 5, 7])
def test_a_class_of_few_rows_is_in_every_part(rows: int) -> None:
    table = read_table({"x": X, "y": ["a"] * (ROWS - rows) + ["b"] * rows})
    for seed in range(5):
        for part in split_table(table, "y", seed=seed):
            assert "b" in part["y"].values


def test_a_part_may_be_empty() -> None:
    table = read_table({"x": X, "y": X})
    training, validation, test = split_table(table, "y", test=0)
    assert (training.rows, validation.rows, test.rows) == (160, 40, 0)


@pytest.mark.parametrize(
    ("options", "rows", "message"),
    [
        ({"test": 1.0}, 50, "test got 1.0; expected a share"),
        ({"test": 0.6, "validation": 0.4}, 50, "leave no rows for training"),
        ({"order": "sorted"}, 50, "got 'sorted'"),
        ({}, 5, "has 5 rows with a 'y', too few to divide into 3 parts"),
    ],
)
def test_impossible_parts_are_an_error(options, rows: int, message: str) -> None:
    table = read_table({"x": X[:rows], "y": X[:rows]})
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared below
        split_table(table, "y", **options)
    assert message in str(caught.value)
