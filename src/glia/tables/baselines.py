"""What a network has to beat: the answer that learns nothing, a linear model, boosted trees."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data import Schema
from ..graph import Array

__all__ = ["SIMPLEST", "Baseline", "baselines_of"]

# Categories of more levels than the trees have bins are handed to them as plain numbers.
MOST_LEVELS = 250
# Trees look at every cell many times; on more cells than this they would keep the user waiting.
MOST_CELLS = 50_000_000
MOST_COLUMNS = 2_000
# On fewer cells threads wait for each other longer than they work.
FEW_CELLS = 500_000
# The linear models hold one-hot columns as a sparse matrix from this many cells on.
DENSE_CELLS = 20_000_000
SIMPLEST = "simplest"

Encoded = dict[str, Array]


@dataclass(frozen=True)
class Baseline:
    """A rival.

    Attributes
    ----------
    name : str
        Its key in JSON.
    title : str
        What the verdict calls it.
    predict : callable
        From encoded rows to probabilities ``(rows, classes)`` or standardised numbers.
    """

    name: str
    title: str
    predict: Callable[[Encoded], Array]


def baselines_of(
    schema: Schema, encoded: Encoded, y: Array, seed: int, notices: list[str]
) -> list[Baseline]:
    """Fit every baseline there is on encoded rows and their targets.

    Parameters
    ----------
    schema : Schema
        What the columns are.
    encoded, y : dict of array, array
        What ``schema.encode`` and ``schema.encode_target`` gave.
    seed : int
        For the trees.
    notices : list of str
        Is told what was left out, and why.
    """
    found = [_simplest(schema, y)]
    try:
        import sklearn  # noqa: F401  an optional package: everything below needs it
    except ImportError:
        notices.append(
            "scikit-learn is not installed, so the network is compared with "
            f"{found[0].title} only; pip install 'glia[data]' adds a linear model and boosted trees"
        )
        return found
    if schema.task != "regression" and len(np.unique(y)) < 2:
        notices.append("the training rows are all of one class, so no other baseline can be fitted")
        return found
    makers: dict[str, Callable[[], Baseline]] = {
        "a linear model": lambda: _linear(schema, encoded, y)
    }
    cells = sum(array.size for name, array in encoded.items() if name != "missing")
    threads = 1 if cells < FEW_CELLS else None
    if cells > MOST_CELLS or cells > MOST_COLUMNS * len(y):
        notices.append(
            f"gradient boosting was left out of the comparison: on {len(y):,} rows x "
            f"{cells // len(y):,} columns it would take too long"
        )
    else:
        makers["gradient boosting"] = lambda: _trees(schema, encoded, y, seed, threads)
    for title, make in makers.items():
        try:
            with _quietly():
                found.append(make())
        except Exception as error:  # noqa: BLE001  others' errors must not cost the training
            notices.append(f"{title} could not be fitted for comparison: {error}")
    return found


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep remarks such as "did not converge" from the user, who did not ask for this model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _rows(encoded: Encoded) -> int:
    return len(next(iter(encoded.values())))


def _simplest(schema: Schema, y: Array) -> Baseline:
    """Return the training rows' class shares, or their mean, for every row."""
    if schema.task == "regression":
        mean = float(np.mean(y, dtype=np.float64))
        return Baseline(SIMPLEST, "always the mean", lambda e: np.full(_rows(e), mean))
    shares = np.bincount(y, minlength=len(schema.classes)) / len(y)
    answer = schema.classes[int(shares.argmax())]
    title = f"always answering {answer!r}"
    return Baseline(SIMPLEST, title, lambda e: np.tile(shares, (_rows(e), 1)))


def _aligned(model: Any, classes: int) -> Callable[[Any], Array]:
    """Return the model's probabilities with a column for classes it never met, too."""

    def predict(X: Any) -> Array:
        found = model.predict_proba(X)
        full = np.zeros((len(found), classes))
        full[:, model.classes_] = found
        return full

    return predict


def _linear(schema: Schema, encoded: Encoded, y: Array) -> Baseline:
    """Fit logistic or ridge regression on scaled numbers and one-hot categories."""
    from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV

    design = _Design(schema, encoded)
    X = design(encoded)
    if schema.task == "regression":
        is_small = isinstance(X, np.ndarray) and X.size * min(X.shape) < 5e9
        model = RidgeCV(alphas=np.logspace(-2, 4, 13)) if is_small else Ridge()
        model.fit(X, y)
        return Baseline("ridge", "ridge regression", lambda e: model.predict(design(e)))
    model = LogisticRegression(max_iter=1000).fit(X, y)
    chances = _aligned(model, len(schema.classes))
    return Baseline("logistic", "logistic regression", lambda e: chances(design(e)))


class _Design:
    """Encoded rows as the matrix a linear model takes, scaled by the rows it is made from."""

    def __init__(self, schema: Schema, encoded: Encoded) -> None:
        self.sizes = list(schema.category_sizes)
        self.incomplete = list(schema.incomplete)
        if "numbers" in encoded:
            absent = encoded["missing"] > 0
            known = np.where(absent, np.nan, encoded["numbers"].astype(np.float64))
            with _quietly():
                self.typical = np.nan_to_num(np.nanmedian(known, axis=0))
            filled = np.where(absent, self.typical, encoded["numbers"])
            self.mean = filled.mean(axis=0)
            deviation = filled.std(axis=0)
            self.scale = np.where(deviation > 0, deviation, 1.0)

    def __call__(self, encoded: Encoded) -> Any:
        blocks: list[Any] = []
        if "numbers" in encoded:
            absent = encoded["missing"] > 0
            filled = np.where(absent, self.typical, encoded["numbers"])
            blocks += [(filled - self.mean) / self.scale, absent[:, self.incomplete]]
        if "categories" in encoded:
            blocks.append(self._one_hot(encoded["categories"]))
        if not blocks:
            return np.zeros((_rows(encoded), 1))
        if all(isinstance(block, np.ndarray) for block in blocks):
            return np.hstack(blocks)
        from scipy import sparse  # comes with scikit-learn

        return sparse.hstack(blocks, format="csr")

    def _one_hot(self, codes: Array) -> Any:
        from scipy import sparse

        rows, columns = np.nonzero(codes)
        starts = np.cumsum([0, *self.sizes[:-1]])
        places = codes[rows, columns] - 1 + starts[columns]
        shape = (len(codes), sum(self.sizes))
        matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, places)), shape)
        return matrix.toarray() if shape[0] * shape[1] <= DENSE_CELLS else matrix


def _trees(schema: Schema, encoded: Encoded, y: Array, seed: int, threads: int | None) -> Baseline:
    """Fit scikit-learn's histogram gradient boosting with its own defaults."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    numbers = len(schema.numbers)
    is_category = [size <= MOST_LEVELS for size in schema.category_sizes]
    columns = [False] * numbers + is_category

    def matrix(e: Encoded) -> Array:
        blocks = []
        if "numbers" in e:
            blocks.append(np.where(e["missing"] > 0, np.nan, e["numbers"]))
        if "categories" in e:
            codes = e["categories"].astype(np.float64)
            blocks.append(np.where(codes == 0, np.nan, codes))
        return np.hstack(blocks) if blocks else np.zeros((_rows(e), 1))

    options: dict[str, Any] = {"random_state": seed % 2**32}
    if any(columns):
        options["categorical_features"] = np.array(columns)
    X = matrix(encoded)
    is_number = schema.task == "regression"
    kind = HistGradientBoostingRegressor if is_number else HistGradientBoostingClassifier
    with threadpool_limits(threads, user_api="openmp"):
        model = kind(**options).fit(X, y)
    if is_number:
        return Baseline(
            "gradient_boosting", "gradient boosting", lambda e: model.predict(matrix(e))
        )
    chances = _aligned(model, len(schema.classes))
    return Baseline("gradient_boosting", "gradient boosting", lambda e: chances(matrix(e)))
