"""What an estimator is as an object: repeatable, harmless to the rest, copied and pickled."""

import copy
import pickle
import subprocess
import sys

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import glia
from glia import layers

X, Y = load_iris(return_X_y=True)
KINDS = [glia.GliaClassifier, glia.GliaRegressor]


def build(shape: tuple[int, ...], units: int) -> glia.Model:
    """Module level, so that other processes find it."""
    activation = "softmax" if units > 1 else None
    return glia.Sequential(
        [
            layers.Input(shape),
            layers.Dense(6, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(units, activation=activation),
        ]
    )


def small(kind, **options):
    return kind(**{"hidden": (8,), "epochs": 4, "random_state": 5, **options})


def weights(estimator) -> list[np.ndarray]:
    return estimator.model_.get_weights()


def are_same(one, other) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", [None, build])
def test_equal_seeds_give_equal_bits(kind, model) -> None:
    first = small(kind, model=model).fit(X, Y)
    glia.seed(99)
    assert are_same(first, small(kind, model=model).fit(X, Y))
    assert not are_same(first, small(kind, model=model, random_state=6).fit(X, Y))


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_rows_does_not_matter(kind) -> None:
    order = np.random.default_rng(0).permutation(len(Y))
    first = small(kind, early_stopping=True).fit(X, Y)
    assert are_same(first, small(kind, early_stopping=True).fit(X[order], Y[order]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_given_twice_is_a_row_of_weight_two(kind) -> None:
    times = np.random.default_rng(1).integers(0, 4, len(Y))
    weighted = small(kind, early_stopping=True).fit(X, Y, sample_weight=times)
    repeated = small(kind, early_stopping=True).fit(X.repeat(times, axis=0), Y.repeat(times))
    assert are_same(weighted, repeated)


@pytest.mark.parametrize("kind", KINDS)
def test_glias_own_seed_and_dtype_are_left_alone(kind) -> None:
    glia.seed(1)
    expected = glia.random.uniform((3,))
    glia.seed(1)
    estimator = small(kind, model=build).fit(X, Y)
    estimator.partial_fit(X, Y)
    estimator.predict(X)
    np.testing.assert_array_equal(glia.random.uniform((3,)), expected)
    assert glia.default_dtype() == np.float32
    assert all(each.dtype == np.float64 for each in weights(estimator))


@pytest.mark.parametrize("kind", KINDS)
def test_float32_rows_make_a_float32_network(kind) -> None:
    estimator = small(kind).fit(X.astype(np.float32), Y)
    assert all(each.dtype == np.float32 for each in weights(estimator))
    assert estimator.predict(X).shape == (150,)


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_seed_numpys_decides(kind) -> None:
    np.random.seed(0)  # noqa: NPY002 - what scikit-learn users do
    first = small(kind, random_state=None).fit(X, Y)
    second = small(kind, random_state=None).fit(X, Y)
    np.random.seed(0)  # noqa: NPY002
    assert are_same(first, small(kind, random_state=None).fit(X, Y))
    assert not are_same(first, second)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", [None, build])
def test_pickles_and_copies_predict_and_learn_on_alike(kind, model) -> None:
    original = small(kind, model=model).fit(X, Y)
    original.partial_fit(X, Y)
    for other in (pickle.loads(pickle.dumps(original)), copy.deepcopy(original)):
        np.testing.assert_array_equal(other.predict(X), original.predict(X))
        again = copy.deepcopy(original)
        again.partial_fit(X[:50], Y[:50])
        other.partial_fit(X[:50], Y[:50])
        assert are_same(again, other)
        assert not are_same(other, original)


def test_a_model_mapped_read_only_from_a_file_can_learn_on(tmp_path) -> None:
    original = small(glia.GliaClassifier, model=build).fit(X, Y)
    joblib.dump(original, tmp_path / "estimator.joblib")
    mapped = joblib.load(tmp_path / "estimator.joblib", mmap_mode="r")
    mapped.partial_fit(X, Y)
    original.partial_fit(X, Y)
    assert are_same(mapped, original)


def test_a_clone_has_the_parameters_and_nothing_learnt() -> None:
    given = build((4,), 3)
    original = small(glia.GliaClassifier, model=given, optimizer=glia.optimizers.SGD(0.1))
    fitted = original.fit(X, Y)
    fresh = clone(fitted)
    assert not hasattr(fresh, "model_")
    assert fresh.get_params()["hidden"] == (8,)
    assert are_same(fresh.fit(X, Y), fitted)


def test_deep_networks_are_copied_too() -> None:
    deep = small(glia.GliaClassifier, hidden=(4,) * 40, epochs=1).fit(X, Y)
    np.testing.assert_array_equal(copy.deepcopy(deep).predict(X), deep.predict(X))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(deep)).predict(X), deep.predict(X))


def test_grid_search_in_a_pipeline() -> None:
    pipeline = make_pipeline(StandardScaler(), glia.GliaClassifier(epochs=15, random_state=0))
    grid = {"gliaclassifier__hidden": [(4,), (16,)], "gliaclassifier__learning_rate": [1e-4, 0.01]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(X, Y)
    assert search.best_params_["gliaclassifier__learning_rate"] == 0.01
    assert search.best_score_ > 0.85


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_parallel_folds_give_the_bits_of_those_in_turn(backend: str) -> None:
    estimator = small(glia.GliaClassifier, model=build)
    in_turn = cross_val_score(estimator, X, Y, cv=4)
    with joblib.parallel_backend(backend, n_jobs=2):
        side_by_side = cross_val_score(estimator, X, Y, cv=4)
    np.testing.assert_array_equal(in_turn, side_by_side)


def test_names_of_features_are_kept_and_checked() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b", "c", "d"])
    classifier = small(glia.GliaClassifier).fit(frame, Y)
    assert classifier.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert classifier.n_features_in_ == 4
    with pytest.raises(ValueError, match="feature names"):
        classifier.predict(frame[["b", "a", "c", "d"]])


def test_parameters_are_shown_where_they_differ() -> None:
    assert repr(glia.GliaClassifier(hidden=(4,))) == "GliaClassifier(hidden=(4,))"


WITHOUT = """
import sys
sys.modules["sklearn"] = None
import glia, inspect
from glia import *
assert dict(inspect.getmembers(glia))["GliaRegressor"] is glia.GliaRegressor
for kind in (glia.GliaClassifier, glia.GliaRegressor):
    try:
        kind(hidden=(8,))
    except ImportError as error:
        assert isinstance(error, glia.GliaError)
        print(kind.__name__, "|", error)
"""


def test_without_scikit_learn_the_extra_is_named() -> None:
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert [line.partition(" |")[0] for line in lines] == ["GliaClassifier", "GliaRegressor"]
    assert all("pip install 'glia[data]'" in line for line in lines)


@pytest.mark.parametrize("kind", KINDS)
def test_the_model_alone_can_be_saved_and_gives_the_same_answers(kind, tmp_path) -> None:
    estimator = small(kind).fit(X, 1e6 + 1e3 * Y)
    estimator.model_.save(tmp_path / "model.glia")
    loaded = glia.load(tmp_path / "model.glia")
    np.testing.assert_array_equal(loaded.predict(X), estimator.model_.predict(X))
