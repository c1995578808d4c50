"""Training on a table: fitted on training rows, tested once, the same again from its record."""

import json

import numpy as np
import pytest

import glia.random
from glia.callbacks import Callback
from glia.data import read_table
from glia.errors import ArgumentError, DataError, DivergenceError
from glia.random import Generator
from glia.tables import Settings, assess, learn, prepare, train_table

from .planted import QUICK, columns, quick, table, trained, without


@pytest.mark.parametrize(
    ("target", "drop", "task"),
    [("leaves", ["cost"], "binary"), ("plan", [], "multi-class"), ("cost", ["age"], "regression")],
)
def test_every_task_is_found_out_trained_and_scored(target, drop, task) -> None:
    result = trained(without(drop), target)
    assert result.model.schema.task == task
    assert result.verdict is not None
    assert set(result.titles) == {
        "simplest",
        "gradient_boosting",
        "ridge" if task == "regression" else "logistic",
    }
    for interval in result.scores.values():
        assert interval.low <= interval.value <= interval.high


def test_what_there_is_to_learn_is_learnt() -> None:
    result = train_table(
        without(["cost"], 800), "leaves", hidden=(16,), epochs=40, learning_rate=0.01, verbose=0
    )
    assert result.scores["roc_auc"].value > 0.9
    beaten = result.assessment.differences["simplest"]
    assert beaten.low > 0.2


def test_a_regression_is_scored_in_the_users_units() -> None:
    result = train_table(
        without(["leaves"], 400), "cost", hidden=(16,), epochs=60, learning_rate=0.01, verbose=0
    )
    assert result.scores["r2"].value > 0.8
    # cost is 50 per year of age, whose deviation is 10: an error in other units would not do.
    assert 1 < result.scores["mae"].value < 250
    predicted = result.model.predict(read_table(without(["cost"], 50, 9)))["prediction"]
    assert 1500 < predicted.mean() < 4500


def test_the_same_seed_gives_the_same_report_to_the_last_digit() -> None:
    first, again = trained(table()), trained(table())
    assert json.dumps(first.to_json()) == json.dumps(again.to_json())
    for a, b in zip(
        first.model.network.get_weights(), again.model.network.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(a, b)


def test_another_seed_gives_another_split_and_other_weights() -> None:
    first, other = trained(table()), trained(table(), seed=1)
    assert first.scores["log_loss"].value != other.scores["log_loss"].value


def test_training_leaves_the_global_generator_alone() -> None:
    glia.random.seed(5)
    expected = Generator(5).uniform((3,))
    trained(table())
    np.testing.assert_array_equal(glia.random.uniform((3,)), expected)


def test_the_record_suffices_to_repeat_the_training() -> None:
    result = trained(table(), seed=3, hidden=(5, 4), batch_size=16, learning_rate=0.01)
    record = json.loads(json.dumps(result.model.record))
    again = prepare(table(), Settings.from_config(record["settings"]))
    assert (
        again.record["data"]["training"]["fingerprint"]
        == (record["data"]["training"]["fingerprint"])
    )
    model, _ = learn(again, verbose=0)
    for a, b in zip(result.model.network.get_weights(), model.network.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert set(record["versions"]) >= {"glia", "numpy", "python", "scikit-learn"}
    assert record["training"]["epochs"] == len(record["training"]["history"]["loss"])


def test_the_test_rows_decide_nothing() -> None:
    """Other answers in the test part change the scores, and not a single weight."""
    prepared = prepare(table(), quick(epochs=6, patience=1))
    model, history = learn(prepared, verbose=0)
    honest = assess(prepared, model, history)
    x, y = prepared.test
    prepared.test = ({name: array[::-1] for name, array in x.items()}, 1 - y)
    spoilt, other = learn(prepared, verbose=0)
    for a, b in zip(model.network.get_weights(), spoilt.network.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert spoilt.record["training"] == model.record["training"]
    assert assess(prepared, spoilt, other).scores != honest.scores


def test_training_touches_no_test_row() -> None:
    prepared = prepare(table(), quick())
    prepared.test = ({}, np.zeros(0, np.int32))
    model, _ = learn(prepared, verbose=0)
    assert model.record["training"]["epochs"] == QUICK["epochs"]


def test_statistics_come_from_the_training_rows_only() -> None:
    """A value a million times too large in rows not trained on must not move the scaling."""
    content = without(["cost", "plan", "since", "member"])
    plain = prepare(content, quick(order="tail"))
    size = len(content["age"])
    held = range(size - 20, size)
    for row in held:
        content["age"][row] = 4e7
    wild = prepare(content, quick(order="tail"))
    assert plain.record["rows"] == wild.record["rows"]
    for name in ("numbers", "missing"):
        np.testing.assert_array_equal(plain.training[0][name], wild.training[0][name])
    weights = [learn(each, verbose=0)[0].network.get_weights()[:3] for each in (plain, wild)]
    for a, b in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_best_epoch_of_the_validation_rows_is_kept() -> None:
    prepared = prepare(table(), quick(epochs=60, patience=5, learning_rate=0.05))
    model, _ = learn(prepared, verbose=0)
    told = model.record["training"]
    losses = told["history"]["val_loss"]
    assert told["epochs"] < 60
    assert losses[told["best_epoch"] - 1] <= min(losses) + 1e-4
    loss = model.network.evaluate(*prepared.validation, verbose=0, return_dict=True)["loss"]
    assert loss == pytest.approx(losses[told["best_epoch"] - 1], rel=1e-5)


def test_a_test_table_is_used_whole_and_the_other_not_split_for_it() -> None:
    result = trained(table(100), test=table(90, seed=5))
    assert result.model.record["rows"] == {"training": 85, "validation": 15, "test": 90}
    assert result.assessment.rows == 90
    assert result.model.record["data"]["test"]["rows"] == 90


def test_testing_on_the_training_table_is_pointed_out() -> None:
    result = trained(table(), test=table())
    assert any("the very rows trained on" in each for each in result.notices)


def test_a_leak_is_pointed_out() -> None:
    content = without(["cost"])
    content["left_on"] = ["2024" if each == "yes" else "never" for each in content["leaves"]]
    notices = trained(content).notices
    assert any("'left_on' is suspiciously good" in each for each in notices)


def test_few_test_rows_are_pointed_out() -> None:
    assert any("only 24 rows" in each for each in trained(table()).notices)


def test_classes_too_rare_to_train_on_are_left_out_with_a_notice() -> None:
    content = without(["cost"])
    content["plan"] = [each or "basic" for each in content["plan"]]
    content["plan"][-1] = "platinum"
    prepared = prepare(content, quick(target="plan", order="tail"))
    assert "platinum" not in prepared.schema.classes
    assert any("platinum" in each and "left out" in each for each in prepared.notices)


@pytest.mark.parametrize(
    ("source", "target", "error", "message"),
    [
        (lambda: columns(9), "leaves", DataError, "9 rows; at least 10"),
        (columns, "leave", DataError, "Did you mean 'leaves'"),
        (columns, "", ArgumentError, "Name the target"),
        (lambda: without(["cost"]) | {"leaves": ["yes"] * 120}, "leaves", DataError, "always"),
        (lambda: {"a": [1.0] * 20, "y": list("ab" * 10)}, "y", DataError, "no column to learn"),
        (lambda: "no such file.csv", "y", DataError, "no file"),
    ],
)
def test_a_table_that_cannot_be_learnt_from_is_refused(source, target, error, message) -> None:
    with pytest.raises(error, match=message):
        trained(source(), target)


def test_a_bundled_set_knows_its_target() -> None:
    assert prepare("iris", quick(target="")).settings.target == "target"


def test_a_diverging_training_is_an_error_with_advice() -> None:
    with pytest.raises(DivergenceError):
        trained(without([]), "cost", learning_rate=1e30, hidden=(4, 4))


def test_an_interrupted_training_says_so_and_is_scored(monkeypatch) -> None:
    def interrupted(self, epoch, logs=None):
        raise KeyboardInterrupt

    prepared = prepare(table(), quick(epochs=20))
    monkeypatch.setattr("glia.tables.learning.EarlyStopping", _Interrupting)
    model, history = learn(prepared, verbose=0)
    assert model.record["training"]["interrupted"] is True
    assert assess(prepared, model, history).scores["accuracy"].value > 0


class _Interrupting(Callback):
    """Presses Ctrl-C after the second epoch."""

    best_epoch = 1

    def __init__(self, **_: object) -> None:
        pass

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


def test_without_baselines_there_is_no_verdict() -> None:
    result = trained(table(), has_baselines=False)
    assert result.verdict is None
    assert result.to_json()["verdict"] is None
    assert result.to_json()["baselines"] == {}


def test_a_test_part_of_one_class_is_scored_by_what_exists() -> None:
    held = without(["cost"], 60, 3)
    held["leaves"] = ["yes"] * 60
    result = trained(table(), test=held)
    assert "roc_auc" not in result.scores
    assert any("some scores do not exist" in each for each in result.notices)
    assert result.verdict is not None
    assert json.loads(json.dumps(result.to_json(), allow_nan=False))["decided_by"] == "accuracy"
