"""The verdict follows from the paired intervals: planted wins, losses and ties."""

import re

import numpy as np
import pytest

from glia.tables import Assessment, Interval, Verdict, verdict_of
from glia.tables.bootstrap import assess
from glia.tables.scores import LOG_LOSS, MAE, R2, ROC_AUC

TITLES = {
    "simplest": "always answering 'no'",
    "logistic": "logistic regression",
    "gradient_boosting": "gradient boosting",
}
ROWS = 600


def verdict(own: float, score=ROC_AUC, **rivals: tuple[float, float, float]) -> Verdict:
    """The verdict on planted intervals: each rival's score, and the ends of the difference."""
    unsure = {"network": {score.name: Interval(own, own - 0.1, own + 0.1)}}
    differences = {}
    for name, (value, low, high) in rivals.items():
        unsure[name] = {score.name: Interval(value, value - 0.1, value + 0.1)}
        differences[name] = Interval(own - value, low, high)
    return verdict_of(Assessment(unsure, differences, 100, 2000), score, TITLES, "simplest")


NOTHING = (0.5, 0.2, 0.4)


def test_an_interval_above_zero_is_a_win() -> None:
    found = verdict(0.85, simplest=NOTHING, logistic=(0.83, 0.004, 0.036))
    assert (found.outcome, found.rival) == ("wins", "logistic")
    assert found.sentence == (
        "The network wins: its ROC-AUC on the test rows is 0.850, that of logistic regression, "
        "the best of the baselines, 0.830; the difference of +0.020 (95% interval +0.004 to "
        "+0.036) is more than chance explains."
    )


def test_an_interval_below_zero_is_a_loss() -> None:
    found = verdict(0.80, simplest=NOTHING, logistic=(0.83, -0.05, -0.01))
    assert (found.outcome, found.rival) == ("loses", "logistic")
    assert found.sentence.startswith("The network loses to logistic regression: ")
    assert "0.800 against 0.830; the difference of -0.030" in found.sentence


@pytest.mark.parametrize("ends", [(-0.01, 0.03), (0.0, 0.03), (-0.02, 0.0)])
def test_an_interval_that_holds_zero_is_a_tie(ends) -> None:
    found = verdict(0.84, simplest=NOTHING, logistic=(0.83, *ends))
    assert found.outcome == "ties"
    assert found.sentence.startswith("A tie: ")
    assert found.sentence.endswith("can be chance.")


def test_the_rival_is_whoever_scored_best_and_not_whoever_is_surest() -> None:
    found = verdict(
        0.85,
        simplest=NOTHING,
        logistic=(0.80, 0.04, 0.06),
        gradient_boosting=(0.84, -0.01, 0.03),
    )
    assert (found.outcome, found.rival) == ("ties", "gradient_boosting")


@pytest.mark.parametrize("score", [LOG_LOSS, MAE])
def test_where_less_is_better_the_sign_turns(score) -> None:
    better = verdict(0.30, score, simplest=(0.9, -0.7, -0.5), logistic=(0.40, -0.15, -0.05))
    worse = verdict(0.40, score, simplest=(0.9, -0.6, -0.4), logistic=(0.30, 0.05, 0.15))
    assert (better.outcome, worse.outcome) == ("wins", "loses")
    assert better.rival == worse.rival == "logistic"


def test_a_network_that_beats_nothing_is_told_so() -> None:
    found = verdict(0.52, simplest=(0.5, -0.03, 0.07), logistic=(0.51, -0.04, 0.06))
    assert found.outcome == "ties"
    assert found.sentence.endswith(
        "it has not shown that it beats always answering 'no', which learns nothing."
    )


def test_losing_to_what_learns_nothing_is_said_too() -> None:
    found = verdict(-0.2, R2, simplest=(0.0, -0.3, -0.1))
    assert (found.outcome, found.rival) == ("loses", "simplest")
    assert "which learns nothing" in found.sentence


def test_a_win_over_a_single_baseline_does_not_speak_of_several() -> None:
    found = verdict(0.8, simplest=NOTHING)
    assert found.outcome == "wins"
    assert "best of the baselines" not in found.sentence


def test_equals_are_called_so() -> None:
    found = verdict(1.0, simplest=NOTHING, logistic=(1.0, 0.0, 0.0))
    assert found.outcome == "ties"
    assert "and so is that of logistic regression" in found.sentence


def test_rounding_errors_decide_nothing() -> None:
    assert verdict(0.9, simplest=NOTHING, logistic=(0.9, 1e-16, 2e-16)).outcome == "ties"


def test_an_interval_that_does_not_exist_is_a_tie() -> None:
    found = verdict(0.9, simplest=NOTHING, logistic=(0.8, np.nan, np.nan))
    assert found.outcome == "ties"


def test_a_small_sure_difference_is_never_written_as_zero() -> None:
    found = verdict(0.9, simplest=NOTHING, logistic=(0.8999, 0.00002, 0.0002))
    assert found.outcome == "wins"
    by, low, high = re.findall(r"[+-]0\.\d+", found.sentence)
    assert float(low) > 0
    assert float(by) > 0
    assert float(high) > 0


@pytest.mark.parametrize(
    ("own", "rival", "expected"), [(2.0, 1.0, "wins"), (1.0, 2.0, "loses"), (1.5, 1.5, "ties")]
)
def test_planted_predictions_get_the_verdict_they_deserve(own, rival, expected) -> None:
    """End to end from predictions: one of two sees the signal better, or both the same."""
    random = np.random.default_rng(4)
    truth = random.integers(0, 2, ROWS)

    def seeing(strength: float) -> np.ndarray:
        p = 1 / (1 + np.exp(-(strength * (2 * truth - 1) + random.normal(size=ROWS))))
        return np.stack([1 - p, p], axis=1)

    predictions = {
        "network": seeing(own),
        "simplest": np.tile([0.5, 0.5], (ROWS, 1)),
        "logistic": seeing(rival),
    }
    found = verdict_of(assess(truth, predictions, (ROC_AUC,)), ROC_AUC, TITLES, "simplest")
    assert found.outcome == expected


def test_chance_alone_rarely_wins() -> None:
    """Two rivals of equal worth: a win or loss in about one case of twenty."""
    random = np.random.default_rng(11)
    decided = 0
    for trial in range(60):
        truth = random.normal(size=120)
        predictions = {
            "network": truth + random.normal(size=120),
            "simplest": np.zeros(120),
            "ridge": truth + random.normal(size=120),
        }
        titles = {"simplest": "always the mean", "ridge": "ridge regression"}
        assessment = assess(truth, predictions, (MAE,), trial)
        decided += verdict_of(assessment, MAE, titles, "simplest").outcome != "ties"
    assert decided <= 9
