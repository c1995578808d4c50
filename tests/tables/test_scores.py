"""Every score equals scikit-learn's, under any row weights, and says when it does not exist."""

import numpy as np
import pytest
from sklearn import metrics

from glia.errors import ArgumentError
from glia.tables.scores import LEAST_PROBABILITY, SCORES, scores_of

ROWS = 200


def sample(task: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    if task == "regression":
        truth = random.normal(50, 10, ROWS)
        return truth, truth + random.normal(0, 4, ROWS)
    classes = 2 if task == "binary" else 4
    truth = random.integers(0, classes, ROWS)
    logits = random.normal(size=(ROWS, classes)) + 1.5 * np.eye(classes)[truth]
    # Rounding makes ties, which a wrong AUC gets wrong.
    chances = np.round(np.exp(logits) / np.exp(logits).sum(1, keepdims=True), 2)
    return truth, chances / chances.sum(1, keepdims=True)


def sklearn_value(name: str, truth: np.ndarray, guess: np.ndarray, w: np.ndarray) -> float:
    if name in ("r2", "mae", "rmse"):
        return {
            "r2": metrics.r2_score,
            "mae": metrics.mean_absolute_error,
            "rmse": metrics.root_mean_squared_error,
        }[name](truth, guess, sample_weight=w)
    top = guess.argmax(1)
    average = "binary" if guess.shape[1] == 2 else "macro"
    clipped = np.maximum(guess, LEAST_PROBABILITY)
    return {
        "roc_auc": lambda: metrics.roc_auc_score(truth, guess[:, 1], sample_weight=w),
        "accuracy": lambda: metrics.accuracy_score(truth, top, sample_weight=w),
        "balanced_accuracy": lambda: metrics.balanced_accuracy_score(truth, top, sample_weight=w),
        "f1": lambda: metrics.f1_score(truth, top, average=average, sample_weight=w),
        "log_loss": lambda: -np.average(np.log(clipped[np.arange(ROWS), truth]), weights=w),
    }[name]()


CASES = [(task, score) for task, scores in SCORES.items() for score in scores]


@pytest.mark.parametrize(
    ("task", "score"), CASES, ids=[f"{task}-{score.name}" for task, score in CASES]
)
def test_a_score_is_that_of_scikit_learn_under_every_weighting(task, score) -> None:
    truth, guess = sample(task, 3)
    random = np.random.default_rng(7)
    weights = np.vstack([np.ones(ROWS), random.integers(0, 4, (5, ROWS))]).astype(float)
    got = score.weighted(truth, guess)(weights)
    expected = [sklearn_value(score.name, truth, guess, w) for w in weights]
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    assert score(truth, guess) == pytest.approx(expected[0], rel=1e-12)


def test_a_perfect_and_an_inverted_ranking_have_auc_one_and_zero() -> None:
    score = SCORES["binary"][0]
    truth = np.array([0, 0, 1, 1])
    up = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.2, 0.8]])
    assert (score(truth, up), score(truth, up[:, ::-1])) == (1.0, 0.0)
    assert score(truth, np.full((4, 2), 0.5)) == 0.5


def test_resamples_of_one_class_have_no_auc() -> None:
    score = SCORES["binary"][0]
    truth, guess = np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]])
    values = score.weighted(truth, guess)(np.array([[2.0, 0.0], [1.0, 1.0]]))
    assert np.isnan(values[0])
    assert values[1] == 1.0


def test_an_impossible_certainty_costs_much_and_not_infinitely() -> None:
    score = next(each for each in SCORES["binary"] if each.name == "log_loss")
    loss = score(np.array([0]), np.array([[0.0, 1.0]]))
    assert 10 < loss < 20


def test_r2_of_a_constant_truth_does_not_exist() -> None:
    score = SCORES["regression"][0]
    assert np.isnan(score(np.full(5, 0.1), np.arange(5.0)))


def test_scores_that_need_two_values_are_left_out_without_them() -> None:
    assert scores_of("binary", np.array([1, 1])) == SCORES["binary"][1:]
    assert [each.name for each in scores_of("regression", np.ones(3))] == ["mae", "rmse"]
    assert scores_of("binary", np.array([0, 1])) == SCORES["binary"]


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(ArgumentError, match="'regression'"):
        scores_of("ranking", np.arange(2))
