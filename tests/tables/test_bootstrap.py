"""Bootstrap intervals: repeatable, of the right width, paired where they compare."""

import numpy as np
import pytest

from glia.tables import bootstrap
from glia.tables.bootstrap import assess, intervals_of
from glia.tables.scores import SCORES

BINARY, NUMBER = SCORES["binary"], SCORES["regression"]


def chances(truth: np.ndarray, strength: float, seed: int) -> np.ndarray:
    signal = strength * (2 * truth - 1) + np.random.default_rng(seed).normal(size=len(truth))
    p = 1 / (1 + np.exp(-signal))
    return np.stack([1 - p, p], axis=1)


@pytest.fixture
def truth() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 2, 400)


def test_the_same_seed_gives_the_same_intervals_and_another_seed_others(truth) -> None:
    guess = chances(truth, 1.0, 1)
    first, again, other = (intervals_of(truth, guess, BINARY, seed) for seed in (5, 5, 6))
    assert first == again
    assert first["roc_auc"].low != other["roc_auc"].low


def test_an_interval_surrounds_its_value_and_narrows_with_more_rows(truth) -> None:
    guess = chances(truth, 1.0, 1)
    few = intervals_of(truth[:100], guess[:100], BINARY)
    many = intervals_of(truth, guess, BINARY)
    for name in few:
        assert few[name].low < few[name].value < few[name].high
        assert many[name].high - many[name].low < few[name].high - few[name].low


def test_the_interval_of_an_accuracy_is_that_of_its_standard_error() -> None:
    truth = np.repeat([0, 1], 200)
    guess = np.eye(2)[np.where(np.arange(400) % 5 == 0, 1 - truth, truth)]
    found = intervals_of(truth, guess, BINARY[1:2])["accuracy"]
    error = np.sqrt(0.8 * 0.2 / 400)
    assert found.value == pytest.approx(0.8)
    assert found.low == pytest.approx(0.8 - 1.96 * error, abs=0.006)
    assert found.high == pytest.approx(0.8 + 1.96 * error, abs=0.006)


def test_a_mean_is_inside_its_interval_as_often_as_promised() -> None:
    random = np.random.default_rng(3)
    inside = 0
    for trial in range(100):
        truth = random.normal(size=150)
        found = intervals_of(truth, truth + random.normal(size=150), NUMBER[1:2], trial)["mae"]
        inside += found.low < np.sqrt(2 / np.pi) < found.high
    assert 88 <= inside <= 99


def test_a_difference_is_surer_than_the_scores_it_is_between(truth) -> None:
    strong = chances(truth, 1.0, 1)
    near = strong + np.random.default_rng(9).normal(0, 0.01, (len(truth), 1)) * [[1, -1]]
    found = assess(truth, {"network": strong, "near": near}, BINARY[:1])
    own = found.scores["network"]["roc_auc"]
    difference = found.differences["near"]
    assert difference.high - difference.low < (own.high - own.low) / 5
    assert difference.value == pytest.approx(
        own.value - found.scores["near"]["roc_auc"].value, abs=1e-15
    )


def test_equal_predictions_differ_by_exactly_nothing(truth) -> None:
    guess = chances(truth, 1.0, 1)
    difference = assess(truth, {"network": guess, "twin": guess}, BINARY).differences["twin"]
    assert (difference.value, difference.low, difference.high) == (0, 0, 0)


def test_drawing_in_pieces_changes_nothing_that_matters(truth, monkeypatch) -> None:
    guess = chances(truth, 1.0, 1)
    whole = intervals_of(truth, guess, BINARY)
    monkeypatch.setattr(bootstrap, "DRAWS_AT_ONCE", 3 * len(truth))
    pieces = intervals_of(truth, guess, BINARY)
    for name in whole:
        assert pieces[name].value == whole[name].value
        assert pieces[name].low == pytest.approx(whole[name].low, rel=1e-12)


def test_many_rows_are_drawn_less_often(monkeypatch) -> None:
    assert bootstrap._resamples(10) == bootstrap.MOST_RESAMPLES
    assert bootstrap._resamples(10_000_000) == bootstrap.LEAST_RESAMPLES


def test_one_row_has_an_answer_and_no_false_certainty() -> None:
    found = intervals_of(np.array([1]), np.array([[0.2, 0.8]]), BINARY)
    assert np.isnan(found["roc_auc"].value)
    assert found["roc_auc"].to_json() == {"value": None, "low": None, "high": None}
    assert found["accuracy"].value == 1.0
