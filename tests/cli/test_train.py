"""`glia train`: what it says, writes and repeats."""

import json
import shlex

import pytest
from tests.tables.planted import columns, write

from glia.tables import Settings, TableModel

from .conftest import FAST


def test_the_report_goes_from_the_columns_to_the_verdict(run, file) -> None:
    # By its name alone: a long path would be broken at the edge of the screen.
    result = run("train", file.name, "--target", "leaves", *FAST)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    order = [
        "people.csv: 120 rows, 6 columns",
        "target leaves: one of 2 classes (binary): 'no' ",
        "what it becomes",
        "identifier",
        "one-hot",
        "to note",
        "rows train a network with hidden layers of 4 neurons",
        "epoch 2/2",
        "test rows, looked at only now (95% bootstrap intervals)",
        "ROC-AUC",
        "logistic regression",
        "F1 of yes",
        "saved as people.glia; next: glia predict people.glia FILE -o predictions.csv",
    ]
    flat = " ".join(result.stdout.split())
    places = [flat.find(each) for each in order]
    assert -1 not in places, (order, places, result.stdout)
    assert places == sorted(places)
    assert "A tie: " in flat or "The network " in flat


def test_json_holds_scores_baselines_and_the_verdict(run, file, here) -> None:
    run("train", file, "-t", "leaves", *FAST, "--json", "r.json")
    report = json.loads((here / "r.json").read_text())
    assert 0 <= report["test"]["roc_auc"] <= 1
    low, high = report["test"]["intervals"]["roc_auc"]
    assert low <= report["test"]["roc_auc"] <= high
    assert set(report["baselines"]) == {"simplest", "logistic", "gradient_boosting"}
    for baseline in report["baselines"].values():
        assert 0 <= baseline["roc_auc"] <= 1
        assert set(baseline["network_minus_this"]) == {"value", "low", "high"}
    assert report["verdict"].endswith(".")
    assert report["outcome"] in ("wins", "loses", "ties")
    assert report["rival"] in report["baselines"]
    assert (report["task"], report["classes"]) == ("binary", ["no", "yes"])
    assert {"column", "kind", "missing", "detail"} == set(report["columns"][0])
    assert report["training"]["epochs"] == 2


def test_json_to_stdout_is_json_and_nothing_else(run, file) -> None:
    result = run("train", file, "-t", "leaves", *FAST, "--json", "-")
    assert json.loads(result.stdout)["task"] == "binary"
    assert "verdict" not in result.stderr.lower() or "test rows" in result.stderr


def test_the_same_seed_writes_the_same_report_to_the_last_byte(run, file, here) -> None:
    for name in ("a", "b", "c"):
        seed = 1 if name == "c" else 0
        words = ("--json", f"{name}.json", "-o", f"{name}.glia", "--seed", seed)
        assert run("train", file, "-t", "leaves", *FAST, *words).exit_code == 0
    first, again, other = ((here / f"{name}.json").read_bytes() for name in "abc")
    assert first == again
    assert first != other


def test_the_command_in_the_file_repeats_the_training(run, file, here) -> None:
    options = ["--hidden", "5,3", "--epochs", "3", "--seed", "4", "--kind", "plan=drop"]
    run("train", file, "-t", "leaves", "--json", "a.json", "-o", "a.glia", *options)
    command = TableModel.load(here / "a.glia").record["command"]
    words = shlex.split(command)
    assert words[0] == "glia"
    assert run(*words[1:], "--json", "b.json", "-o", "b.glia").exit_code == 0
    assert (here / "a.json").read_bytes() == (here / "b.json").read_bytes()


def test_every_option_reaches_the_settings(run, file, here) -> None:
    options = {
        "--hidden": "none", "--epochs": "2", "--seed": "9", "--batch-size": "10",
        "--learning-rate": "0.02", "--dropout": "0.1", "--weight-decay": "0.2",
        "--patience": "3", "--test-share": "0.3",
        "--validation-share": "0.1", "--order": "random", "--kind": "member=category",
        "--task": "classification",
    }  # fmt: skip
    words = [word for pair in options.items() for word in pair]
    result = run("train", file, "-t", "leaves", "-o", "m.glia", "--no-baselines", *words)
    assert result.exit_code == 0, result.output
    assert TableModel.load(here / "m.glia").record["settings"] == (
        Settings(
            target="leaves",
            task="classification",
            hidden=(),
            epochs=2,
            seed=9,
            batch_size=10,
            learning_rate=0.02,
            dropout=0.1,
            weight_decay=0.2,
            patience=3,
            test_share=0.3,
            validation_share=0.1,
            order="random",
            kinds={"member": "category"},
            has_baselines=False,
        ).to_config()
    )


def test_without_out_nothing_is_overwritten(run, file, here) -> None:
    for _ in range(3):
        assert run("train", file, "-t", "leaves", *FAST, "-q").exit_code == 0
    assert {path.name for path in here.glob("*.glia")} == {
        "people.glia", "people-2.glia", "people-3.glia",
    }  # fmt: skip


def test_quiet_is_silent(run, file) -> None:
    result = run("train", file, "-t", "leaves", *FAST, "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_a_test_file_is_tested_on(run, file, here) -> None:
    held = write(here / "held.csv", {k: v for k, v in columns(60, 8).items() if k != "cost"})
    result = run("train", file, "-t", "leaves", "--test", held, *FAST)
    assert "the 60 test rows" in result.stdout


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits", "diabetes"])
def test_bundled_sets_need_no_target(run, here, name: str) -> None:
    result = run("train", name, "--epochs", "1", "--hidden", "4", "--no-baselines", "-q")
    assert result.exit_code == 0, result.output
    assert (here / f"{name}.glia").is_file()


def test_a_leak_is_named_before_the_training_and_after_the_verdict(run, here) -> None:
    content = {k: v for k, v in columns().items() if k != "cost"}
    content["gone"] = ["1" if each == "yes" else "0" for each in content["leaves"]]
    write(here / "leaky.csv", content)
    result = run("train", "leaky.csv", "-t", "leaves", *FAST)
    flat = " ".join(result.stdout.split())
    assert "'gone' is suspiciously good" in flat
    assert "train again with --kind gone=drop" in flat


def test_many_columns_are_summed_up(run, here) -> None:
    content = {f"c{place}": [(place * row) % 11 for row in range(40)] for place in range(80)}
    content["y"] = [row % 3 / 2 for row in range(40)]
    write(here / "wide.csv", content)
    result = run("train", "wide.csv", "-t", "y", *FAST)
    assert result.exit_code == 0, result.output
    assert "more columns: " in result.stdout


def test_names_that_steer_a_terminal_are_shown_harmless(run, here) -> None:
    content = {"a\x1b[2J": [float(row % 7) for row in range(40)], "y": ["u", "v"] * 20}
    write(here / "steer.csv", content)
    result = run("train", "steer.csv", "-t", "y", *FAST)
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output


def test_an_interrupted_training_is_saved_and_told_by_the_exit_code(
    run, file, here, monkeypatch
) -> None:
    from tests.tables.test_learning import _Interrupting

    monkeypatch.setattr("glia.tables.learning.EarlyStopping", _Interrupting)
    result = run("train", file, "-t", "leaves", "--hidden", "4")
    assert result.exit_code == 130
    assert "training was interrupted after epoch 1" in result.stdout
    assert TableModel.load(here / "people.glia").record["training"]["interrupted"] is True


def test_a_failing_test_does_not_lose_the_training(run, file, here, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr("glia.cli.train.assess", fail)
    result = run("train", file, "-t", "leaves", *FAST)
    assert result.exit_code == 3
    assert "RuntimeError: no luck" in result.stderr
    assert TableModel.load(here / "people.glia").record["training"]["epochs"] == 2
