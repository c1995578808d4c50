"""TableModel: the same answers after a file as before, for rows stranger than the training's."""

import numpy as np
import pytest

import glia
from glia import layers
from glia.data import read_table
from glia.errors import DataError, FileError
from glia.tables import TableModel

from .planted import table, trained, without


@pytest.fixture(scope="module")
def result():
    return trained(table())


@pytest.mark.parametrize(
    ("target", "drop"), [("leaves", ["cost"]), ("plan", []), ("cost", ["leaves"])]
)
def test_a_file_brings_back_the_same_answers_and_the_same_record(target, drop, tmp_path) -> None:
    made = trained(without(drop), target).model
    made.save(tmp_path / "m.glia")
    found = TableModel.load(tmp_path / "m.glia")
    rows = read_table(without([target], 30, 8))
    before, after = made.predict(rows), found.predict(rows)
    assert list(before) == list(after)
    for name in before:
        np.testing.assert_array_equal(before[name], after[name])
    assert found.record == made.record
    assert found.schema.to_config() == made.schema.to_config()


def test_classes_come_with_the_probability_of_each(result) -> None:
    found = result.model.predict(table(40, 2))
    assert list(found) == ["prediction", "probability of no", "probability of yes"]
    total = found["probability of no"] + found["probability of yes"]
    np.testing.assert_allclose(total, 1)
    likelier = found["probability of yes"] > 0.5
    assert [each == "yes" for each in found["prediction"]] == likelier.tolist()


def test_unseen_categories_and_missing_cells_are_predicted_and_told(result) -> None:
    strange = without(["cost", "leaves"], 6, 2)
    strange["plan"] = ["platinum"] * 6
    strange["age"] = [None] * 6
    notices: list[str] = []
    found = result.model.predict(read_table(strange), notices)
    assert np.isfinite(found["probability of yes"]).all()
    assert any("platinum" in each for each in notices)


def test_a_lacking_column_is_named(result) -> None:
    with pytest.raises(DataError, match="lacks 'plan'"):
        result.model.predict(read_table(without(["plan"], 6)))


def test_the_target_is_not_needed_and_more_columns_do_no_harm(result) -> None:
    plain = without(["cost", "leaves"], 6)
    more = plain | {"more": list(range(6))}
    a, b = (result.model.outputs(read_table(each)) for each in (plain, more))
    np.testing.assert_array_equal(a, b)


def test_evaluation_of_the_test_part_gives_the_scores_of_the_report(tmp_path) -> None:
    held = table(80, 6)
    made = trained(table(), test=held)
    made.model.save(tmp_path / "m.glia")
    again = TableModel.load(tmp_path / "m.glia").evaluate(held)
    for name, interval in made.scores.items():
        assert again[name].value == pytest.approx(interval.value, rel=1e-12)


def test_evaluation_leaves_out_rows_without_an_answer(result) -> None:
    content = without(["cost"], 60, 6)
    content["leaves"] = [
        None if place < 20 else each for place, each in enumerate(content["leaves"])
    ]
    notices: list[str] = []
    result.model.evaluate(read_table(content), notices)
    assert any("20" in each for each in notices)


def test_evaluation_needs_the_target_and_known_classes(result) -> None:
    with pytest.raises(DataError, match="'leaves'"):
        result.model.evaluate(read_table(without(["leaves"], 20)))
    strange = without(["cost"], 20) | {"leaves": ["maybe"] * 20}
    with pytest.raises(DataError, match="maybe"):
        result.model.evaluate(read_table(strange))


def test_no_rows_are_an_error_and_not_an_empty_answer(result) -> None:
    with pytest.raises(DataError, match="no rows"):
        result.model.predict(table().select([]))


def test_a_model_that_is_no_tables_is_refused(tmp_path) -> None:
    other = glia.Sequential([layers.Input((2,)), layers.Dense(1)])
    other.save(tmp_path / "plain.glia")
    with pytest.raises(FileError, match="not saved by glia train"):
        TableModel.load(tmp_path / "plain.glia")


def test_a_file_whose_schema_is_not_of_its_network_is_refused(result, tmp_path) -> None:
    other = trained(without([]), "plan").model
    TableModel(result.model.schema, other.network).save(tmp_path / "mixed.glia")
    with pytest.raises(FileError, match="its network takes"):
        TableModel.load(tmp_path / "mixed.glia")
