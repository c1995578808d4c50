"""How good GliaClassifier and GliaRegressor are: the figures the project holds itself to.

python benchmarks/estimator_quality.py [digits] [diabetes]

Both with the settings they have by default. Diabetes has few rows and much noise: a penalty of
alpha=0.1 suits it better, as a line for comparison shows.
"""

import sys
from collections.abc import Callable

import numpy as np
from sklearn.datasets import load_diabetes, load_digits
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import glia

TEST_SHARE = 0.2


def mean_score(make: Callable[[int], object], rows: tuple[np.ndarray, np.ndarray], splits: int,
               is_stratified: bool) -> float:  # fmt: skip
    """Return the mean test score over random splits; ``make(seed)`` gives a new estimator."""
    X, y = rows
    scores = []
    for seed in range(splits):
        strata = y if is_stratified else None
        parts = train_test_split(X, y, test_size=TEST_SHARE, random_state=seed, stratify=strata)
        X_train, X_test, y_train, y_test = parts
        scores.append(make(seed).fit(X_train, y_train).score(X_test, y_test))
    return float(np.mean(scores))


def line(what: str, got: float, least: float) -> bool:
    """Print a figure beside what it must reach, and return whether it does."""
    print(f"{what:<58} {got:.4f}  wanted {least:.4f}  {'yes' if got >= least else 'NO'}")
    return got >= least


def digits() -> bool:
    """Handwritten digits: accuracy."""
    rows = load_digits(return_X_y=True)
    got = mean_score(lambda seed: glia.GliaClassifier(random_state=seed), rows, 10, True)
    return line("digits: mean test accuracy of 10 splits", got, 0.97)


def diabetes() -> bool:
    """Progression of a disease: R2 beside ridge regression whose penalty is cross-validated."""
    rows = load_diabetes(return_X_y=True)
    linear = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-2, 3, 20)))
    ridge = mean_score(lambda _: linear, rows, 20, False)
    got = mean_score(lambda seed: glia.GliaRegressor(random_state=seed), rows, 20, False)
    tuned = mean_score(
        lambda seed: glia.GliaRegressor(alpha=0.1, random_state=seed), rows, 20, False
    )
    print(f"{'diabetes: ridge, mean test R2 of 20 splits':<58} {ridge:.4f}")
    print(f"{'diabetes: GliaRegressor(alpha=0.1), the same':<58} {tuned:.4f}")
    return line("diabetes: GliaRegressor(), the same", got, ridge - 0.04)


FIGURES: dict[str, Callable[[], bool]] = {each.__name__: each for each in (digits, diabetes)}

if __name__ == "__main__":
    wanted = [FIGURES[name] for name in sys.argv[1:] or FIGURES]
    results = [figure() for figure in wanted]
    sys.exit(0 if all(results) else 1)
