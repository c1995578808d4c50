"""Baselines: fair, in step with scikit-learn itself, and left out with a reason when they must."""

import sys

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from glia.data import Schema, read_table
from glia.tables import baselines
from glia.tables.baselines import baselines_of

from .planted import table, trained, without


def fitted(source, target: str):
    """(schema, encoded, y, baselines by name, notices) of a whole table."""
    read = read_table(source)
    schema = Schema.fit(read, target)
    known = schema.labelled(read)
    encoded, y = schema.encode(known), schema.encode_target(known)
    notices: list[str] = []
    found = {each.name: each for each in baselines_of(schema, encoded, y, 0, notices)}
    return schema, encoded, y, found, notices


@pytest.fixture
def numbers() -> dict:
    """Two numeric columns without gaps, whose logistic regression can be made by hand."""
    random = np.random.default_rng(0)
    a, b = random.normal(5, 3, 200), random.normal(-1, 0.1, 200)
    y = a - 5 + 20 * (b + 1) + random.normal(0, 1, 200) > 0
    return {"a": a.tolist(), "b": b.tolist(), "y": ["on" if each else "off" for each in y]}


def test_logistic_regression_is_that_of_scikit_learn_on_scaled_columns(numbers) -> None:
    _, _, y, found, _ = fitted(numbers, "y")
    X = np.stack([numbers["a"], numbers["b"]], axis=1).astype(np.float32).astype(float)
    scaled = (X - X.mean(0)) / X.std(0)
    expected = LogisticRegression(max_iter=1000).fit(scaled, y).predict_proba(scaled)
    encoded = fitted(numbers, "y")[1]
    np.testing.assert_allclose(found["logistic"].predict(encoded), expected, rtol=1e-6)


def test_trees_are_those_of_scikit_learn(numbers) -> None:
    _, encoded, y, found, _ = fitted(numbers, "y")
    model = HistGradientBoostingClassifier(random_state=0).fit(encoded["numbers"], y)
    np.testing.assert_array_equal(
        found["gradient_boosting"].predict(encoded), model.predict_proba(encoded["numbers"])
    )


def test_the_simplest_answers_with_the_shares_of_the_classes(numbers) -> None:
    _, encoded, y, found, _ = fitted(numbers, "y")
    guess = found["simplest"].predict(encoded)
    np.testing.assert_allclose(guess, np.tile([1 - y.mean(), y.mean()], (200, 1)))
    name = "on" if y.mean() > 0.5 else "off"
    assert found["simplest"].title == f"always answering {name!r}"


def test_the_simplest_number_is_the_mean() -> None:
    _, encoded, y, found, _ = fitted(without(["leaves"]), "cost")
    np.testing.assert_allclose(found["simplest"].predict(encoded), y.mean(), atol=1e-7)
    assert found["simplest"].title == "always the mean"


def test_missing_cells_and_unseen_categories_are_no_trouble() -> None:
    schema, _, _, found, notices = fitted(table(), "leaves")
    strange = without(["cost", "leaves"], 10, 4)
    strange["plan"] = ["never seen", None] * 5
    strange["age"] = [None] * 10
    encoded = schema.encode(read_table(strange))
    for each in found.values():
        guess = each.predict(encoded)
        assert guess.shape == (10, 2)
        np.testing.assert_allclose(guess.sum(1), 1)
    assert notices == []


def test_a_class_that_no_row_has_gets_no_chance() -> None:
    read = read_table({"a": list(range(90)), "y": ["x", "y", "z"] * 30})
    schema = Schema.fit(read, "y")
    encoded, y = schema.encode(read), schema.encode_target(read)
    few = {name: array[y != 1] for name, array in encoded.items()}
    for each in baselines_of(schema, few, y[y != 1], 0, []):
        assert each.predict(encoded).shape == (90, 3)
        np.testing.assert_array_equal(each.predict(encoded)[:, 1], 0)


def test_sparse_and_dense_one_hot_columns_are_the_same(monkeypatch) -> None:
    _, encoded, _, dense, _ = fitted(table(), "leaves")
    monkeypatch.setattr(baselines, "DENSE_CELLS", 0)
    _, _, _, sparse, _ = fitted(table(), "leaves")
    np.testing.assert_allclose(
        dense["logistic"].predict(encoded), sparse["logistic"].predict(encoded), rtol=1e-3
    )


def test_without_scikit_learn_a_notice_says_what_is_missing(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    result = trained(table())
    assert list(result.titles) == ["simplest"]
    assert any("pip install 'glia[data]'" in each for each in result.notices)
    assert result.verdict is not None
    assert result.verdict.rival == "simplest"


def test_a_baseline_that_fails_does_not_cost_the_training(monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("not today")

    monkeypatch.setattr(baselines, "_trees", fail)
    result = trained(table())
    assert "gradient_boosting" not in result.titles
    assert "logistic" in result.titles
    assert any("not today" in each for each in result.notices)


def test_trees_are_left_out_where_they_would_take_too_long(monkeypatch) -> None:
    monkeypatch.setattr(baselines, "MOST_CELLS", 10)
    _, _, _, found, notices = fitted(table(), "leaves")
    assert "gradient_boosting" not in found
    assert "would take too long" in notices[0]


def test_one_class_leaves_only_the_simplest() -> None:
    read = read_table({"a": list(range(40)), "y": ["x", "y"] * 20})
    schema = Schema.fit(read, "y")
    encoded, y = schema.encode(read), schema.encode_target(read)
    notices: list[str] = []
    found = baselines_of(schema, encoded, np.zeros_like(y), 0, notices)
    assert [each.name for each in found] == ["simplest"]
    assert "one class" in notices[0]
