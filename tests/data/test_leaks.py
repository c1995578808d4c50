"""A column that alone tells the answer is suspected, and no other."""

import numpy as np
import pytest

from glia.data import BUNDLED, Schema, read_table
from glia.data.leaks import SUSPICIOUS, suspects

GENERATOR = np.random.default_rng(0)
ROWS = 400
CLASSES = GENERATOR.integers(0, 3, ROWS)
NUMBERS = GENERATOR.normal(size=ROWS)
SPREAD = GENERATOR.uniform(-2, 2, ROWS)


@pytest.mark.parametrize(
    ("cells", "answers", "classes"),
    [
        (CLASSES * 2.0, CLASSES, 3),
        ((CLASSES + 1) % 3 + 1, CLASSES, 3),
        (CLASSES * 10 + GENERATOR.normal(size=ROWS), CLASSES, 3),
        (np.where(CLASSES > 0, NUMBERS, np.nan), (CLASSES > 0).astype(int), 2),
        (np.exp(SPREAD), SPREAD, 0),
        (SPREAD, SPREAD**2, 0),
    ],
)
def test_a_leak_is_found_with_its_score(cells, answers, classes: int) -> None:
    found = suspects({"noise": GENERATOR.normal(size=ROWS), "leak": cells}, answers, classes)
    assert [suspect.column for suspect in found] == ["leak"]
    assert SUSPICIOUS <= found[0].score <= 1
    assert found[0].measure == ("balanced accuracy" if classes else "R2")


@pytest.mark.parametrize("wrong", [0.03, 0.1, 0.5])
def test_a_good_column_is_no_leak(wrong: float) -> None:
    cells = np.where(GENERATOR.random(ROWS) < wrong, (CLASSES + 1) % 3, CLASSES)
    assert suspects({"good": cells}, CLASSES, 3) == []


def test_a_column_that_names_rows_is_not_mistaken_for_an_answer() -> None:
    assert suspects({"id": np.arange(ROWS)}, CLASSES, 3) == []
    assert suspects({"id": np.arange(ROWS)}, NUMBERS, 0) == []


def test_few_rows_prove_nothing() -> None:
    assert suspects({"leak": CLASSES[:40]}, CLASSES[:40], 3) == []
    assert suspects({"leak": CLASSES[:60]}, CLASSES[:60], 3) != []
    separable = CLASSES * 10 + GENERATOR.normal(size=ROWS)
    assert suspects({"lucky": separable[:100]}, CLASSES[:100], 3) == []
    rare = (np.arange(ROWS) < 8).astype(int)
    assert suspects({"leak": rare}, rare, 2) == []


def test_titanic_alive_is_noticed_and_its_other_columns_are_not(real) -> None:
    schema = Schema.fit(real("titanic"), "survived")
    assert [suspect.column for suspect in schema.suspects] == ["alive"]
    assert schema.suspects[0].score == 1
    notice = "'alive' is suspiciously good: alone it predicts 'survived' with balanced accuracy 1.0"
    assert any(notice in each for each in schema.notices)
    dropped = Schema.fit(real("titanic"), "survived", kinds={"alive": "drop"})
    assert dropped.suspects == []


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("telco-churn", "Churn"),
        ("adult-train", "income"),
        ("pollution", "pm2.5"),
        ("airline-passengers", "Passengers"),
    ],
)
def test_no_real_column_is_suspected(real, name: str, target: str) -> None:
    assert Schema.fit(real(name), target).suspects == []


@pytest.mark.parametrize("name", BUNDLED)
def test_no_bundled_column_is_suspected_on_any_part(name: str) -> None:
    table = read_table(name)
    for seed in range(10):
        rows = np.random.default_rng(seed).permutation(table.rows)[: int(0.6 * table.rows)]
        assert Schema.fit(table.select(rows), "target").suspects == []
