"""The effect of each column: exact where it can be computed by hand."""

import numpy as np
import pytest

from glia.data import read_table
from glia.errors import ArgumentError
from glia.tables import explain_row
from glia.tables.effects import cell_text, usual_values

from .planted import table, trained, without


@pytest.fixture(scope="module")
def result():
    return trained(table())


def test_an_effect_is_the_prediction_less_that_with_the_usual_value(result) -> None:
    """By hand: a column's cell replaced in the table by the usual one gives the same number."""
    content = without(["cost", "leaves"], 5, 3)
    row = 1
    found = explain_row(result.model, read_table(content), row)
    place = result.model.schema.classes.index(found.answer)
    assert found.prediction == result.model.outputs(read_table(content))[row, place]
    for effect in found.effects:
        if effect.column == "since":
            continue  # its usual value is a median of each of several numbers
        changed = {name: list(cells) for name, cells in content.items()}
        if effect.column == "age":
            changed["age"][row] = float(effect.usual)
        else:
            changed[effect.column][row] = effect.usual
        otherwise = result.model.outputs(read_table(changed))[row, place]
        assert effect.otherwise == pytest.approx(otherwise, abs=1e-6)
        assert effect.change == pytest.approx(found.prediction - otherwise, abs=1e-6)


def test_every_column_used_is_there_once_the_strongest_first(result) -> None:
    found = explain_row(result.model, table(5, 3), 0)
    assert sorted(each.column for each in found.effects) == ["age", "member", "plan", "since"]
    changes = [abs(each.change) for each in found.effects]
    assert changes == sorted(changes, reverse=True)


def test_a_linear_network_has_the_effects_of_its_weights() -> None:
    content = {"a": [float(i % 7) for i in range(80)], "b": [float(i % 5) for i in range(80)]}
    content["y"] = [3 * a - 2 * b for a, b in zip(content["a"], content["b"], strict=True)]
    plain = {"learning_rate": 0.05, "weight_decay": 0.0}
    result = trained(content, "y", hidden=(), epochs=200, task="regression", **plain)
    found = explain_row(result.model, read_table(content), 6)
    effects = {each.column: each for each in found.effects}
    a, b = 6.0, 1.0
    usual_a, usual_b = float(effects["a"].usual), float(effects["b"].usual)
    assert effects["a"].change == pytest.approx(3 * (a - usual_a), rel=0.02)
    assert effects["b"].change == pytest.approx(-2 * (b - usual_b), rel=0.02)


def test_a_missing_cell_and_an_unseen_one_are_shown_as_they_are(result) -> None:
    content = without(["cost", "leaves"], 3, 3)
    content["age"][0], content["plan"][0] = None, "platinum"
    effects = {
        each.column: each for each in explain_row(result.model, read_table(content), 0).effects
    }
    assert effects["age"].value == "(missing)"
    assert effects["plan"].value == "platinum"
    assert effects["plan"].usual in ("basic", "gold", "plus")


def test_many_columns_are_computed_in_pieces_with_the_same_result(result, monkeypatch) -> None:
    whole = explain_row(result.model, table(5, 3), 0)
    monkeypatch.setattr("glia.tables.effects.CELLS_AT_ONCE", 1)
    pieces = explain_row(result.model, table(5, 3), 0)
    for a, b in zip(whole.effects, pieces.effects, strict=True):
        assert a.column == b.column
        assert a.otherwise == pytest.approx(b.otherwise, abs=1e-6)


@pytest.mark.parametrize("row", [-1, 5])
def test_a_row_that_is_not_there_is_an_error(result, row: int) -> None:
    with pytest.raises(ArgumentError, match="5 rows"):
        explain_row(result.model, table(5), row)


def test_usual_values_are_medians_of_what_is_there_and_the_most_common_codes() -> None:
    found = usual_values(
        {
            "numbers": np.array([[1, 0], [5, 0], [0, 0]], np.float32),
            "missing": np.array([[0, 1], [0, 1], [1, 1]], np.float32),
            "categories": np.array([[2], [2], [1]], np.int32),
        }
    )
    assert found == {"numbers": [3.0, 0.0], "categories": [2]}


def test_cells_are_written_as_people_write_them() -> None:
    read = read_table(
        {"n": [1.5, None], "t": ["x", "y"], "d": ["2024-02-03", "2024-02-04 10:30"], "i": [3, 4]}
    )
    assert [cell_text(read, name) for name in ("n", "t", "i")] == ["1.5", "x", "3"]
    assert cell_text(read, "n", 1) == "(missing)"
