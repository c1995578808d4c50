"""How good `glia train` is on real tables: the figures the project holds itself to.

python benchmarks/table_quality.py [telco] [adult] [titanic] [digits] [diabetes]

The first three need files, from the folder GLIA_DATA names (default ../shared/data).
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from glia.tables import train_table

DATA = Path(os.environ.get("GLIA_DATA", "../shared/data"))
SEEDS = range(10)


def over_splits(source: Path | str, target: str, score: str, rival: str) -> tuple[float, float]:
    """Return the mean test score of the network and of a rival over ten splits."""
    found = []
    for seed in SEEDS:
        scores = train_table(source, target, seed=seed, verbose=0).assessment.scores
        found.append((scores["network"][score].value, scores[rival][score].value))
    network, other = np.mean(found, axis=0)
    return float(network), float(other)


def line(what: str, got: float, least: float) -> bool:
    """Print a figure beside what it must reach, and return whether it does."""
    print(f"{what:<58} {got:.4f}  wanted {least:.4f}  {'yes' if got >= least else 'NO'}")
    return got >= least


def telco() -> bool:
    """Customers who leave: ROC-AUC, alone and beside logistic regression."""
    got, logistic = over_splits(DATA / "telco-churn.csv", "Churn", "roc_auc", "logistic")
    is_good = line("telco-churn: mean test ROC-AUC of 10 splits", got, 0.835)
    return line("telco-churn: beside logistic regression", got, logistic - 0.008) and is_good


def adult() -> bool:
    """Incomes: accuracy on the test file that comes with the set."""
    result = train_table(
        DATA / "adult-train.csv", "income", test=DATA / "adult-test.csv", verbose=0
    )
    print(result.verdict.sentence if result.verdict else "")
    return line("adult: accuracy on the test file", result.scores["accuracy"].value, 0.852)


def titanic() -> bool:
    """The column that gives the answer away is noticed."""
    result = train_table(DATA / "titanic.csv", "survived", verbose=0, has_baselines=False)
    said = [notice for notice in result.notices if "'alive'" in notice]
    print(f"titanic: {said[0] if said else 'nothing was said of alive'}")
    return bool(said)


def digits() -> bool:
    """Handwritten digits: accuracy."""
    got, _ = over_splits("digits", "target", "accuracy", "logistic")
    return line("digits: mean test accuracy of 10 splits", got, 0.97)


def diabetes() -> bool:
    """Progression of a disease: R2 beside ridge regression."""
    got, ridge = over_splits("diabetes", "target", "r2", "ridge")
    return line("diabetes: mean test R2 of 10 splits, beside ridge", got, ridge - 0.04)


FIGURES: dict[str, Callable[[], bool]] = {
    each.__name__: each for each in (telco, adult, titanic, digits, diabetes)
}

if __name__ == "__main__":
    wanted = [FIGURES[name] for name in sys.argv[1:] or FIGURES]
    results = [each() for each in wanted]
    sys.exit(0 if all(results) else 1)
