"""GliaClassifier: classes, weights, probabilities, labels, streams of rows."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, make_multilabel_classification

import glia
from glia import layers

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]


def quick(**options) -> glia.GliaClassifier:
    return glia.GliaClassifier(
        **{"epochs": 30, "learning_rate": 0.01, "random_state": 0, **options}
    )


def blobs(rows: int = 120) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(3)
    y = np.arange(rows) % 2
    return draw.normal(size=(rows, 3)) + 2.0 * y[:, None], y


def test_names_of_classes_come_back() -> None:
    classifier = quick().fit(X, NAMES)
    assert classifier.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert classifier.score(X, NAMES) > 0.9
    assert set(classifier.predict(X)) == set(NAMES)


def test_probabilities_are_columns_in_the_order_of_the_classes() -> None:
    two = np.where(NAMES == "setosa", "yes", "no")
    for names in (NAMES, two):
        classifier = quick().fit(X, names)
        chances = classifier.predict_proba(X)
        assert chances.shape == (150, len(classifier.classes_))
        np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-12)
        likeliest = classifier.classes_[chances.argmax(axis=1)]
        assert (likeliest == classifier.predict(X)).all()
        logs = classifier.predict_log_proba(X)
        np.testing.assert_allclose(np.exp(logs), chances, rtol=1e-9, atol=1e-300)


def test_decision_function_orders_rows_that_probabilities_cannot_tell_apart() -> None:
    rows, y = blobs()
    classifier = quick(epochs=60, alpha=0.0, learning_rate=None).fit(rows, y)
    far = np.array([[1000.0] * 3, [3000.0] * 3])
    assert (classifier.predict_proba(far)[:, 1] == 1).all()
    low, high = classifier.decision_function(far)
    assert np.isfinite(high)
    assert high > 1.5 * low > 60
    assert np.isfinite(classifier.predict_log_proba(far)).all()
    near = classifier.decision_function(rows)
    chances = classifier.predict_proba(rows)[:, 1]
    np.testing.assert_allclose(near, np.log(chances / (1 - chances)), rtol=1e-6)


def test_labels_stand_alone_in_a_multilabel_target() -> None:
    rows, y = make_multilabel_classification(
        150, n_classes=4, n_labels=2, allow_unlabeled=False, random_state=1
    )
    classifier = quick(epochs=60).fit(rows, y)
    chances = classifier.predict_proba(rows)
    assert chances.shape == y.shape
    assert not np.allclose(chances.sum(axis=1), 1)
    np.testing.assert_array_equal(classifier.predict(rows), chances > 0.5)
    np.testing.assert_array_equal(classifier.decision_function(rows) > 0, chances > 0.5)
    np.testing.assert_allclose(np.exp(classifier.predict_log_proba(rows)), chances, rtol=1e-9)
    assert classifier.score(rows, y) > 0.5


def test_a_rare_class_counts_more_when_balanced() -> None:
    draw = np.random.default_rng(0)
    y = (np.arange(400) % 20 == 0).astype(int)
    rows = draw.normal(size=(400, 2)) + y[:, None]
    plain = quick().fit(rows, y)
    balanced = quick(class_weight="balanced").fit(rows, y)
    named = quick(class_weight={1: 19.0}).fit(rows, y)
    found = [each.predict(rows)[y == 1].mean() for each in (plain, balanced, named)]
    assert found[0] < 0.4 < 0.6 < min(found[1:])
    # 20 rows of 400: balanced weights are in the ratio 19 to 1, up to rounding those named.
    np.testing.assert_allclose(balanced.predict_proba(rows), named.predict_proba(rows), atol=1e-6)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ({"setosa": 2.0, "rose": 1.0}, "'rose'"),
        ("even", "'even'"),
    ],
)
def test_a_wrong_class_weight_is_an_error(weight, message: str) -> None:
    with pytest.raises(glia.ArgumentError, match=message):
        quick(class_weight=weight).fit(X, NAMES)


def test_early_stopping_keeps_the_best_weights() -> None:
    classifier = quick(epochs=200, early_stopping=True, patience=5, learning_rate=0.01)
    rows, y = load_breast_cancer(return_X_y=True)
    classifier.fit(rows, y)
    curve = classifier.validation_loss_curve_
    assert len(curve) == classifier.n_iter_ == len(classifier.loss_curve_) < 200
    # Five epochs in a row did not do better, then training ended.
    assert int(np.argmin(curve)) == len(curve) - 6
    history = classifier.model_.history
    assert history.final["fidelity_loss"] == pytest.approx(
        classifier.loss_curve_[int(np.argmin(curve))], rel=0.5
    )


def test_auto_holds_rows_back_only_where_there_are_many() -> None:
    rows, y = blobs(400)
    assert not hasattr(quick(epochs=2).fit(rows, y), "validation_loss_curve_")
    rows, y = blobs(1000)
    assert len(quick(epochs=2).fit(rows, y).validation_loss_curve_) == 2


def test_without_validation_training_ends_when_the_loss_no_longer_falls() -> None:
    rows, y = blobs()
    classifier = quick(epochs=1000, hidden=(), learning_rate=0.1).fit(rows, y)
    assert classifier.n_iter_ < 1000


def test_partial_fit_learns_from_a_stream_whose_scale_shows_only_later() -> None:
    rows, y = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    rows, y = rows[order], y[order]
    classifier = glia.GliaClassifier(random_state=0, learning_rate=0.01)
    for _ in range(3):
        for start in range(0, 560, 7):
            part = slice(start, start + 7)
            classifier.partial_fit(rows[part], y[part], classes=[0, 1])
    assert classifier.score(rows, y) > 0.95
    assert classifier.n_iter_ == 240
    once = classifier._moments
    np.testing.assert_allclose(once.mean, rows[:560].mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(once.variance, rows[:560].var(axis=0), rtol=1e-9)


def test_partial_fit_needs_all_classes_first() -> None:
    with pytest.raises(glia.DataError, match="classes is missing"):
        quick().partial_fit(X, NAMES)
    classifier = quick().partial_fit(X[:5], NAMES[:5], classes=["setosa", "versicolor"])
    assert classifier.predict_proba(X).shape == (150, 2)
    with pytest.raises(glia.DataError, match="virginica"):
        classifier.partial_fit(X, NAMES)
    with pytest.raises(glia.ArgumentError, match="balanced"):
        quick(class_weight="balanced").partial_fit(X, NAMES, classes=np.unique(NAMES))


def test_one_class_is_an_error_that_names_it() -> None:
    with pytest.raises(glia.DataError, match=r"only one class.*setosa"):
        quick().fit(X[:50], NAMES[:50])


def test_warm_start_goes_on_and_a_cold_one_begins_anew() -> None:
    cold = quick(epochs=5).fit(X, Y)
    warm = quick(epochs=5, warm_start=True).fit(X, Y)
    assert cold.loss_curve_ == warm.loss_curve_
    assert cold.fit(X, Y).loss_curve_ == warm.loss_curve_
    first = warm.loss_curve_
    assert warm.fit(X, Y).loss_curve_[0] < first[-1]
    with pytest.raises(glia.DataError, match="not among"):
        warm.fit(X, Y + 1)


def test_a_model_of_ones_own_is_copied_and_stays_as_it_was() -> None:
    given = glia.Sequential(
        [
            layers.Input(shape=(4,)),
            layers.Dense(6, activation="tanh", name="mine"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    given.compile(optimizer=glia.optimizers.SGD(0.1), loss="categorical_crossentropy")
    before = given.get_weights()
    classifier = quick(model=given, learning_rate=None).fit(X, NAMES)
    assert classifier.score(X, NAMES) > 0.9
    assert all(
        np.array_equal(one, other) for one, other in zip(before, given.get_weights(), strict=True)
    )
    assert type(classifier.model_.optimizer) is glia.optimizers.SGD
    assert float(classifier.model_.optimizer.learning_rate) == 0.1
    assert classifier.model_.layers[-1].get_layer("mine").units == 6


def test_a_function_builds_the_network_for_the_shape_and_outputs_at_hand() -> None:
    asked = []

    def build(shape: tuple[int, ...], units: int) -> glia.Model:
        asked.append((shape, units))
        x = glia.Input(shape)
        inner = layers.Dropout(0.1)(layers.Dense(8, activation="relu")(x))
        return glia.Model(x, layers.Dense(units, activation="sigmoid")(inner))

    rows, y = blobs()
    assert quick(model=build, scale=False).fit(rows, y).score(rows, y) > 0.9
    assert asked == [((3,), 1)]


def test_two_classes_may_end_in_a_softmax_of_two() -> None:
    model = glia.Sequential([layers.Dense(2, activation="softmax")])
    rows, y = blobs()
    classifier = quick(model=model).fit(rows, y)
    assert classifier.score(rows, y) > 0.9
    chances = classifier.predict_proba(rows)
    np.testing.assert_allclose(
        classifier.decision_function(rows), np.log(chances[:, 1] / chances[:, 0]), rtol=1e-6
    )


def test_pictures_may_be_rows() -> None:
    draw = np.random.default_rng(0)
    y = np.arange(60) % 2
    pictures = draw.normal(size=(60, 5, 4)) + y[:, None, None]

    def build(shape: tuple[int, ...], units: int) -> glia.Model:
        head = layers.Dense(units, activation="sigmoid")
        return glia.Sequential([layers.Input(shape), layers.Flatten(), head])

    classifier = quick(model=build).fit(pictures, y)
    assert classifier.score(pictures, y) > 0.9


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"hidden": (8, 0)}, glia.ArgumentError, "hidden got"),
        ({"hidden": "wide"}, glia.ArgumentError, "hidden got"),
        ({"alpha": -1.0}, glia.ArgumentError, "alpha got"),
        ({"alpha": "strong"}, glia.ArgumentError, "alpha got"),
        ({"optimizer": "adm"}, glia.ArgumentError, "adam"),
        ({"activation": "rellu"}, glia.ArgumentError, "relu"),
        ({"learning_rate": -0.1}, glia.ArgumentError, "learning_rate"),
        ({"batch_size": 0}, glia.ArgumentError, "batch_size"),
        ({"epochs": 2.5}, glia.ArgumentError, "epochs"),
        ({"patience": -1}, glia.ArgumentError, "patience"),
        ({"early_stopping": "sometimes"}, glia.ArgumentError, "early_stopping"),
        ({"early_stopping": True, "validation_fraction": 2}, glia.ArgumentError, "got 2"),
        ({"model": 3}, glia.ArgumentError, "model got 3"),
        ({"model": lambda shape, units: None}, glia.ArgumentError, "NoneType"),
        ({"model": glia.Sequential([layers.Dense(2)])}, glia.ShapeError, r"Dense\(3"),
    ],
)
def test_wrong_options_are_refused_by_fit(options, error, message: str) -> None:
    with pytest.raises(error, match=message):
        quick(**options).fit(X, Y)


def test_a_loss_on_logits_is_refused() -> None:
    model = glia.Sequential([layers.Dense(3)])
    model.compile("adam", glia.losses.SparseCategoricalCrossentropy(from_logits=True))
    with pytest.raises(glia.ArgumentError, match="from_logits"):
        quick(model=model).fit(X, Y)
