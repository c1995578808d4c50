"""Every metric against Keras, with and without weights; where they differ, by how much and why."""

import keras
import numpy as np
import pytest

from glia import metrics
from glia.metrics import METRICS

ROWS, CLASSES = 80, 3


def binary(rng):
    return rng.integers(0, 2, (ROWS, 1)), rng.uniform(size=(ROWS, 1)).astype("float32")


def several(rng):
    y = rng.integers(0, 2, (ROWS, CLASSES))
    return y, rng.uniform(size=(ROWS, CLASSES)).astype("float32")


def one_hot(rng):
    p = rng.dirichlet(np.ones(CLASSES), ROWS).astype("float32")
    return np.eye(CLASSES, dtype="float32")[rng.integers(0, CLASSES, ROWS)], p


def classes(rng):
    y, p = one_hot(rng)
    return y.argmax(-1), p


def numbers(rng):
    y = rng.normal(size=(ROWS, 2)).astype("float32")
    return y, y + rng.normal(size=(ROWS, 2)).astype("float32")


# For each name: what it measures, and its options.
SAMPLES = {
    "accuracy": [(one_hot, {})],
    "auc": [(binary, {}), (several, {}), (several, {"multi_label": True})],
    "binary_accuracy": [(binary, {}), (several, {"threshold": 0.3})],
    "categorical_accuracy": [(one_hot, {})],
    "f1_score": [
        (one_hot, {}),
        (one_hot, {"average": "micro"}),
        (one_hot, {"average": "macro"}),
        (one_hot, {"average": "weighted"}),
        (several, {"average": "macro", "threshold": 0.4}),
    ],
    "mean_absolute_error": [(numbers, {})],
    "mean_squared_error": [(numbers, {})],
    "precision": [
        (binary, {}),
        (several, {}),
        (several, {"thresholds": [0.2, 0.7]}),
        (several, {"thresholds": 0.3, "class_id": 2}),
    ],
    "r2_score": [
        (numbers, {}),
        (numbers, {"class_aggregation": None}),
        (numbers, {"class_aggregation": "variance_weighted_average"}),
    ],
    "recall": [
        (binary, {}),
        (several, {}),
        (several, {"thresholds": [0.2, 0.7]}),
        (several, {"thresholds": 0.3, "class_id": 2}),
    ],
    "root_mean_squared_error": [(numbers, {})],
    "sparse_categorical_accuracy": [(classes, {})],
}
# Keras adds 1e-7 to each denominator of F1, and sums the ROC curve over thresholds.
TOLERANCE = {"f1_score": 2e-5, "auc": 1e-3}
CASES = [
    pytest.param(name, *case, id="-".join([name, case[0].__name__, *map(str, case[1].values())]))
    for name, cases in SAMPLES.items()
    for case in cases
]


def test_every_metric_has_samples():
    assert set(SAMPLES) == set(METRICS)


@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize(("name", "make", "options"), CASES)
def test_value_over_two_batches(name, make, options, is_weighted):
    rng = np.random.default_rng(0)
    y, p = make(rng)
    weight = rng.uniform(0, 2, ROWS).astype("float32") if is_weighted else None
    ours = METRICS[name](**options)
    if name == "accuracy":
        theirs = keras.metrics.CategoricalAccuracy()
    else:
        extra = {"num_thresholds": 3000} if name == "auc" else {}
        theirs = getattr(keras.metrics, METRICS[name].__name__)(**options, **extra)
    for rows in (slice(0, 50), slice(50, ROWS)):
        weights = weight if weight is None else weight[rows]
        ours.update_state(y[rows], p[rows], weights)
        theirs.update_state(y[rows], p[rows], sample_weight=weights)
    expected = keras.ops.convert_to_numpy(theirs.result())
    assert ours.result() == pytest.approx(expected, rel=TOLERANCE.get(name, 1e-5))


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("binary_accuracy", several),
        ("categorical_accuracy", one_hot),
        ("sparse_categorical_accuracy", classes),
    ],
)
def test_functions(name, make):
    y, p = make(np.random.default_rng(0))
    expected = keras.ops.convert_to_numpy(getattr(keras.metrics, name)(y, p))
    assert getattr(metrics, name)(y, p).tolist() == expected.tolist()


@pytest.mark.parametrize("name", ["binary_crossentropy", "categorical_crossentropy", "huber"])
def test_losses_as_metrics(name):
    y, p = one_hot(np.random.default_rng(0))
    ours = metrics.get(name)
    ours.update_state(y, p)
    expected = keras.ops.convert_to_numpy(getattr(keras.losses, name)(y, p)).mean()
    assert ours.result() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("output", "target"),
    [
        ((8, 1), (8, 1)),
        ((8, 1), (8,)),
        ((8, 3), (8, 3)),
        ((8, 3), (8,)),
        ((8, 3), (8, 1)),
        ((8, 2), (8,)),
    ],
)
def test_accuracy_resolves_as_in_keras(output, target):
    from keras.src.trainers.compile_utils import get_metric

    theirs = get_metric("accuracy", np.zeros(target), np.zeros(output))
    ours = metrics.resolve("accuracy", None, output, target)
    assert type(ours).__name__ == type(theirs).__name__


@pytest.mark.parametrize("name", sorted(set(METRICS) - {"accuracy"}))
def test_names_are_keras_own(name):
    theirs = getattr(keras.metrics, METRICS[name].__name__)().name
    # Keras numbers the second and later objects of some classes.
    assert theirs.removeprefix(METRICS[name]().name).strip("_0123456789") == ""
    assert type(metrics.get(METRICS[name].__name__)) is METRICS[name]
