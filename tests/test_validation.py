"""cross_validate: every row tested once a repeat, and nothing of it seen before."""

from typing import ClassVar

import numpy as np
import pytest

import glia
from glia import layers

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(90, 3)) * [1.0, 50.0, 1e-3] + [5.0, -7.0, 0.0]
Y = (X[:, 1] > -7).astype(int)


def network() -> glia.Model:
    model = glia.Sequential(
        [
            layers.Input(shape=(3,)),
            layers.Normalization(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(glia.optimizers.Adam(0.1), "binary_crossentropy", metrics=["accuracy"])
    return model


class Recorder:
    """An estimator that only remembers what it was given."""

    made: ClassVar[list["Recorder"]] = []

    def __init__(self) -> None:
        Recorder.made.append(self)

    def fit(self, X, y, **options) -> None:
        self.trained, self.options = (X, y), options

    def score(self, X, y, **options) -> float:
        self.tested, self.weights = (X, y), options.get("sample_weight")
        return float(len(Recorder.made))


@pytest.fixture
def recorders() -> list[Recorder]:
    Recorder.made = []
    return Recorder.made


def test_each_row_is_tested_once_in_each_repeat(recorders) -> None:
    rows = np.arange(23.0)[:, None]
    result = glia.cross_validate(Recorder, rows, rows[:, 0] + 0.5, 4, 3, seed=1)
    assert len(recorders) == 12
    for repeat in range(3):
        part = recorders[4 * repeat : 4 * repeat + 4]
        tested = np.concatenate([each.tested[0][:, 0] for each in part])
        assert sorted(tested) == list(range(23))
        assert {len(each.tested[0]) for each in part} == {5, 6}
        for each in part:
            assert not set(each.tested[0][:, 0]) & set(each.trained[0][:, 0])
            assert len(each.trained[0]) + len(each.tested[0]) == 23
            np.testing.assert_array_equal(each.tested[1], each.tested[0][:, 0] + 0.5)
    assert not np.array_equal(recorders[0].tested[0], recorders[4].tested[0])
    np.testing.assert_array_equal(result.scores["score"], np.arange(1.0, 13).reshape(3, 4))
    assert result.mean["score"] == 6.5
    assert result.spread["score"] == pytest.approx(np.std(np.arange(12), ddof=1))


def test_classes_keep_their_share(recorders) -> None:
    y = np.array(["a"] * 50 + ["b"] * 10)
    result = glia.cross_validate(Recorder, np.zeros((60, 1)), y, 5, seed=0)
    assert result.is_stratified
    assert [(each.tested[1] == "b").sum() for each in recorders] == [2] * 5
    recorders.clear()
    result = glia.cross_validate(Recorder, np.zeros((60, 1)), y, 5, stratify=False, seed=0)
    assert not result.is_stratified
    assert len({(each.tested[1] == "b").sum() for each in recorders}) > 1


def test_one_hot_rows_and_named_strata(recorders) -> None:
    classes = np.arange(40) % 4
    one_hot = np.eye(4)[classes]
    assert glia.cross_validate(Recorder, one_hot, one_hot, 5, seed=0).is_stratified
    assert all((each.tested[1].sum(axis=0) == 2).all() for each in recorders)
    recorders.clear()
    glia.cross_validate(
        Recorder, classes[:, None], DRAW.normal(size=40), 5, stratify=classes, seed=0
    )
    assert all((np.bincount(each.tested[0][:, 0]) == 2).all() for each in recorders)


def test_quantities_are_drawn_at_random(recorders) -> None:
    assert not glia.cross_validate(Recorder, X, X[:, 0], 3, seed=0).is_stratified


def test_a_network_is_built_trained_and_measured_in_each_fold() -> None:
    result = glia.cross_validate(network, X, Y, folds=3, seed=4, epochs=40)
    assert list(result.scores) == ["loss", "accuracy"]
    assert result.scores["accuracy"].shape == (1, 3)
    assert result.mean["accuracy"] > 0.9
    again = glia.cross_validate(network, X, Y, folds=3, seed=4, epochs=40)
    np.testing.assert_array_equal(result.scores["loss"], again.scores["loss"])
    other = glia.cross_validate(network, X, Y, folds=3, seed=5, epochs=40)
    assert not np.array_equal(result.scores["loss"], other.scores["loss"])


def test_preprocessing_sees_the_training_rows_of_its_fold_only() -> None:
    means, made = [], []

    def build() -> glia.Model:
        made.append(network())
        return made[-1]

    glia.cross_validate(build, X, Y, folds=3, stratify=False, seed=2, epochs=1)
    means = [model.layers[0].get_weights()[0] for model in made]
    folds: list[Recorder] = []
    Recorder.made = folds
    glia.cross_validate(Recorder, X, Y, folds=3, stratify=False, seed=2)
    for mean, fold in zip(means, folds, strict=True):
        np.testing.assert_allclose(mean, fold.trained[0].mean(axis=0), rtol=1e-5, atol=1e-7)


def test_a_layer_deep_inside_is_adapted_to_what_reaches_it() -> None:
    made = []

    def build() -> glia.Model:
        x = glia.Input((3,))
        doubled = layers.Rescaling(2.0)(x)
        inner = glia.Sequential([layers.Input((3,)), layers.Normalization()])
        told = layers.Normalization(mean=[1.0, 1, 1], variance=[4.0, 4, 4])
        both = layers.Concatenate()([inner(doubled), told(x)])
        model = glia.Model(x, layers.Dense(1, activation="sigmoid")(both))
        model.compile("adam", "binary_crossentropy")
        made.append((inner, told))
        return model

    glia.cross_validate(build, X, Y, folds=2, stratify=False, seed=2, epochs=1)
    folds: list[Recorder] = []
    Recorder.made = folds
    glia.cross_validate(Recorder, X, Y, folds=2, stratify=False, seed=2)
    for (inner, told), fold in zip(made, folds, strict=True):
        mean = inner.layers[0].get_weights()[0]
        np.testing.assert_allclose(mean, 2 * fold.trained[0].mean(axis=0), rtol=1e-5, atol=1e-7)
        np.testing.assert_array_equal(told.get_weights()[0], [1, 1, 1])


def test_a_model_without_an_input_shape_is_adapted_too() -> None:
    made = []

    def build() -> glia.Model:
        made.append(glia.Sequential([layers.Normalization(), layers.Dense(1)]))
        made[-1].compile("adam", "mse")
        return made[-1]

    glia.cross_validate(build, X, X[:, 0], folds=2, seed=0, epochs=1)
    assert all(abs(model.layers[0].get_weights()[0][0] - 5) < 1 for model in made)


def test_build_may_take_the_training_rows() -> None:
    seen = []

    def build(rows: np.ndarray, units: int = 1) -> glia.Model:
        seen.append(len(rows))
        model = network()
        model.layers[0].adapt(rows)
        return model

    glia.cross_validate(build, X, Y, folds=3, seed=0, epochs=1)
    assert seen == [60, 60, 60]


def test_several_inputs_and_weights_are_taken_row_by_row(recorders) -> None:
    numbers = np.arange(20.0)
    given = {"one": numbers, "two": numbers[:, None] * 2}
    glia.cross_validate(Recorder, given, numbers, 4, sample_weight=numbers, seed=0)
    for each in recorders:
        np.testing.assert_array_equal(each.trained[0]["one"] * 2, each.trained[0]["two"][:, 0])
        np.testing.assert_array_equal(each.options["sample_weight"], each.trained[1])
        np.testing.assert_array_equal(each.weights, each.tested[1])
    recorders.clear()
    glia.cross_validate(Recorder, list(given.values()), numbers, 4, seed=0)
    assert [len(part) for part in recorders[0].tested[0]] == [5, 5]


def test_glias_seed_decides_where_none_is_given_and_is_not_used_up_by_folds() -> None:
    glia.seed(3)
    first = glia.cross_validate(network, X, Y, folds=2, epochs=1)
    after = glia.random.uniform((2,))
    glia.seed(3)
    second = glia.cross_validate(network, X, Y, folds=3, epochs=2)
    np.testing.assert_array_equal(after, glia.random.uniform((2,)))
    assert first.seed == second.seed
    same = glia.cross_validate(network, X, Y, folds=2, epochs=1, seed=first.seed)
    np.testing.assert_array_equal(first.scores["loss"], same.scores["loss"])


def test_it_reads_as_a_table(recorders) -> None:
    text = str(glia.cross_validate(Recorder, X, Y, 2, 2, seed=7))
    assert text.splitlines()[0] == "2 folds of 90 rows, 2 times, stratified by class, seed 7"
    assert [line.split()[0] for line in text.splitlines()[2:6]] == ["1.1", "1.2", "2.1", "2.2"]
    assert text.splitlines()[6].split() == ["mean", "2.5000", "+-", "1.2910"]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"folds": 1}, glia.ArgumentError, "folds got 1"),
        ({"folds": 91}, glia.ArgumentError, "at most 90"),
        ({"repeats": 0}, glia.ArgumentError, "repeats got 0"),
        ({"build": network()}, glia.ArgumentError, "makes a new model"),
        ({"build": dict}, glia.ArgumentError, "returned a dict"),
        ({"y": Y[:-1]}, glia.DataError, "X has 90 rows and y has 89"),
        ({"y": 3}, glia.DataError, "y is a int"),
        ({"X": {"a": X, "b": X[1:]}}, glia.DataError, r"\[90, 89\]"),
        ({"stratify": Y[:5]}, glia.DataError, r"\(90,\)"),
        ({"y": X, "stratify": True}, glia.ArgumentError, "stratify=classes"),
    ],
)
def test_mistakes_are_named(change, error, message: str) -> None:
    with pytest.raises(error, match=message):
        glia.cross_validate(**{"build": network, "X": X, "y": Y, "seed": 0, **change})


def test_scikit_learns_estimators_take_part() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    result = glia.cross_validate(linear.LogisticRegression, X, Y, folds=3, seed=0)
    assert result.mean["score"] > 0.9
