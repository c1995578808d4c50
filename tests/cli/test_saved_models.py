"""`glia predict`, `evaluate`, `summary` and `explain` on a model that `glia train` saved."""

import csv
import io
import json

import numpy as np
import pytest
from tests.tables.planted import without, write

from glia.data import read_table
from glia.tables import TableModel


def rows_of(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def test_predictions_have_classes_and_probabilities(run, trained, here) -> None:
    result = run("predict", trained / "m.glia", trained / "people.csv", "-o", "out.csv")
    assert result.exit_code == 0, result.output
    assert "120 rows written to out.csv" in result.stdout
    rows = rows_of((here / "out.csv").read_text())
    model, table = TableModel.load(trained / "m.glia"), read_table(trained / "people.csv")
    expected = model.predict(table)
    assert len(rows) == 120
    for place, row in enumerate(rows):
        assert row["prediction"] == expected["prediction"][place]
        chance = expected["probability of yes"][place]
        assert float(row["probability of yes"]) == pytest.approx(chance, rel=1e-6)
    assert list(rows[0]) == list(expected)


def test_numbers_are_in_the_users_units(run, trained) -> None:
    result = run("predict", trained / "cost.glia", trained / "costs.csv")
    got = [float(row["prediction"]) for row in rows_of(result.stdout)]
    assert 2000 < np.mean(got) < 4000
    assert list(rows_of(result.stdout)[0]) == ["prediction"]


def test_answers_alone_go_to_stdout_and_remarks_to_stderr(run, trained, here) -> None:
    content = without(["cost", "leaves"], 5)
    content["plan"] = ["platinum"] * 5
    write(here / "new.csv", content)
    result = run("predict", trained / "m.glia", "new.csv")
    assert len(rows_of(result.stdout)) == 5
    assert "platinum" in result.stderr
    assert "platinum" not in result.stdout
    quiet = run("predict", trained / "m.glia", "new.csv", "-q")
    assert (quiet.stdout, quiet.stderr) == (result.stdout, "")


def test_columns_asked_for_are_kept_as_they_were(run, trained) -> None:
    keep = [word for name in ("id", "age", "plan", "since", "member") for word in ("--keep", name)]
    result = run("predict", trained / "m.glia", trained / "people.csv", *keep)
    with (trained / "people.csv").open(newline="") as file:
        original = list(csv.DictReader(file))
    for got, row in zip(rows_of(result.stdout), original, strict=True):
        assert {name: got[name] for name in ("id", "plan", "since", "member")} == {
            name: row[name] for name in ("id", "plan", "since", "member")
        }
        assert got["age"] == row["age"].removesuffix(".0")


def test_the_file_name_chooses_tabs(run, trained, here) -> None:
    run("predict", trained / "m.glia", trained / "people.csv", "-o", "out.tsv")
    assert len(rows_of((here / "out.tsv").read_text(), "\t")) == 120


def test_evaluate_shows_every_score_with_its_interval(run, trained, here) -> None:
    write(here / "new.csv", without(["cost"], 200, 5))
    result = run("evaluate", trained / "m.glia", "new.csv", "--target", "leaves")
    assert result.exit_code == 0, result.output
    for words in ("ROC-AUC", "accuracy", "F1 of yes", "log loss", "95% interval"):
        assert words in result.stdout
    told = json.loads(run("evaluate", trained / "m.glia", "new.csv", "--json").stdout)
    expected = TableModel.load(trained / "m.glia").evaluate(read_table(here / "new.csv"))
    assert told["roc_auc"]["value"] == expected["roc_auc"].value


def test_evaluate_takes_the_answers_from_another_column(run, trained, here) -> None:
    content = without(["cost"], 80, 5)
    write(here / "same.csv", content)
    content["truth"] = content.pop("leaves")
    write(here / "renamed.csv", content)
    a, b = (
        run("evaluate", trained / "m.glia", name, *words, "--json").stdout
        for name, words in (("same.csv", []), ("renamed.csv", ["--target", "truth"]))
    )
    assert json.loads(a)["accuracy"] == json.loads(b)["accuracy"]


def test_evaluate_says_so_on_the_table_of_the_training(run, trained) -> None:
    result = run("evaluate", trained / "m.glia", trained / "people.csv")
    assert "better than those on new rows will be" in " ".join(result.stdout.split())


def test_summary_shows_layers_columns_record_and_verdict(run, trained) -> None:
    result = run("summary", trained / "m.glia")
    flat = " ".join(result.stdout.split())
    for words in (
        "imputation (Imputation)",
        "Total params",
        "predicts leaves (binary)",
        "one-hot",
        "training table: ",
        "made by: glia ",
        "again: glia train ",
        "on its 24 test rows: ROC-AUC ",
    ):
        assert words in flat, words
    record = TableModel.load(trained / "m.glia").record
    assert record["verdict"] in flat


def test_explain_shows_the_row_its_prediction_and_what_moved_it(run, trained) -> None:
    result = run("explain", trained / "m.glia", trained / "people.csv", "--row", "3")
    assert result.exit_code == 0, result.output
    flat = " ".join(result.stdout.split())
    assert "row 3 of 120" in flat
    with (trained / "people.csv").open(newline="") as file:
        third = list(csv.DictReader(file))[2]
    assert f"leaves in the file: {third['leaves']}" in flat
    assert third["age"].removesuffix(".0") in flat
    assert "with the usual" in flat
    assert "points" in flat
    assert "Forward pass" not in flat


def test_explain_writes_the_arithmetic_on_request(run, trained) -> None:
    result = run("explain", trained / "m.glia", trained / "people.csv", "--arithmetic")
    assert "Forward pass" in result.stdout
    assert "z1[0] = " in result.stdout
    chance = TableModel.load(trained / "m.glia").outputs(read_table(trained / "people.csv"))[0, 1]
    assert f"= {chance:.4f}".rstrip("0") in result.stdout


def test_explain_of_a_number_is_in_its_units(run, trained) -> None:
    result = run("explain", trained / "cost.glia", trained / "costs.csv", "--row", "1")
    predicted = TableModel.load(trained / "cost.glia").outputs(read_table(trained / "costs.csv"))[0]
    assert f"cost predicted: {predicted:.6g}" in result.stdout
