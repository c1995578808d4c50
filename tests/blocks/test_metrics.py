"""Every metric against scikit-learn or its formula, whole, in pieces and inside a graph."""

import numpy as np
import pytest
import sklearn.metrics as reference

from glia import metrics
from glia.errors import ArgumentError, DataError, ShapeError
from glia.function import function
from glia.metrics import METRICS

ROWS = 60


def one_hot(labels, k):
    return np.eye(k)[labels]


def scores(rng, k=1):
    return np.round(rng.uniform(size=(ROWS, k)), 2).astype("float32")


def binary(rng):
    return rng.integers(0, 2, (ROWS, 1)), scores(rng)


def numbers(rng):
    return rng.normal(size=(ROWS, 2)) + 3, (rng.normal(size=(ROWS, 2)) + 3).astype("float32")


def classes(rng):
    p = rng.dirichlet(np.ones(4), ROWS).astype("float32")
    return rng.integers(0, 4, ROWS), p


def one_hot_classes(rng):
    labels, p = classes(rng)
    return one_hot(labels, 4), p


# For each name: targets and predictions, and the value expected of them and of weights.
SAMPLES = {
    "accuracy": (
        one_hot_classes,
        lambda y, p, w: reference.accuracy_score(y.argmax(1), p.argmax(1), sample_weight=w),
    ),
    "auc": (
        binary,
        lambda y, p, w: reference.roc_auc_score(y.ravel(), p.ravel(), sample_weight=w),
    ),
    "binary_accuracy": (
        binary,
        lambda y, p, w: reference.accuracy_score(y.ravel(), p.ravel() > 0.5, sample_weight=w),
    ),
    "categorical_accuracy": (
        one_hot_classes,
        lambda y, p, w: reference.accuracy_score(y.argmax(1), p.argmax(1), sample_weight=w),
    ),
    "f1_score": (
        one_hot_classes,
        lambda y, p, w: reference.f1_score(
            y.argmax(1), p.argmax(1), sample_weight=w, average=None, labels=range(4)
        ),
    ),
    "mean_absolute_error": (
        numbers,
        lambda y, p, w: reference.mean_absolute_error(y, p, sample_weight=w),
    ),
    "mean_squared_error": (
        numbers,
        lambda y, p, w: reference.mean_squared_error(y, p, sample_weight=w),
    ),
    "precision": (
        binary,
        lambda y, p, w: reference.precision_score(y.ravel(), p.ravel() > 0.5, sample_weight=w),
    ),
    "r2_score": (numbers, lambda y, p, w: reference.r2_score(y, p, sample_weight=w)),
    "recall": (
        binary,
        lambda y, p, w: reference.recall_score(y.ravel(), p.ravel() > 0.5, sample_weight=w),
    ),
    "root_mean_squared_error": (
        numbers,
        lambda y, p, w: np.sqrt(reference.mean_squared_error(y, p, sample_weight=w)),
    ),
    "sparse_categorical_accuracy": (
        classes,
        lambda y, p, w: reference.accuracy_score(y, p.argmax(1), sample_weight=w),
    ),
}
everywhere = pytest.mark.parametrize("name", METRICS)


def sample(name, seed=0):
    rng = np.random.default_rng(seed)
    y, p = SAMPLES[name][0](rng)
    return y, p, np.round(rng.uniform(0, 2, ROWS), 1)


def test_every_metric_has_a_sample():
    assert set(SAMPLES) == set(METRICS)


@pytest.mark.parametrize("is_weighted", [False, True])
@everywhere
def test_value_whole_in_pieces_and_traced(name, is_weighted):
    y, p, weight = sample(name)
    w = weight if is_weighted else None
    expected = pytest.approx(SAMPLES[name][1](y, p.astype("float64"), w), rel=1e-6)
    metric = METRICS[name]()

    metric.update_state(y, p, w)
    assert metric.result() == expected
    metric.reset_state()
    for start, stop in [(0, 7), (7, 8), (8, 8), (8, ROWS)]:
        metric.update_state(y[start:stop], p[start:stop], None if w is None else w[start:stop])
    assert metric.result() == expected

    traced = function(metric.statistics)
    parts = [
        traced(y[rows], p[rows], None if w is None else w[rows])
        for rows in (slice(0, 20), slice(20, 40), slice(40, 60))
    ]
    assert metric.result(metric.join(parts)) == expected
    stacked = [np.stack(each) for each in zip(*parts, strict=True)]
    assert metric.result(metric.fold(stacked)) == expected


@everywhere
def test_the_result_is_a_float_or_an_array_of_float64(name):
    y, p, _ = sample(name)
    metric = METRICS[name]()
    metric.update_state(y, p)
    value = metric.result()
    assert type(value) is float or (isinstance(value, np.ndarray) and value.dtype == "float64")


@everywhere
def test_one_row(name):
    y, p, _ = sample(name)
    metric = METRICS[name]()
    metric.update_state(y[:1], p[:1])
    assert np.shape(metric.result()) == np.shape(SAMPLES[name][1](y, p, None))


@everywhere
def test_nothing_measured_is_nan_or_as_scikit_learn_says(name):
    y, p, _ = sample(name)
    metric = METRICS[name]()
    assert np.isnan(metric.result())
    metric.update_state(y[:0], p[:0])
    if name in ("precision", "recall", "f1_score"):
        assert np.all(metric.result() == 0)
    else:
        assert np.isnan(metric.result())


@pytest.mark.parametrize(
    "name",
    ["auc", "mean_absolute_error", "mean_squared_error", "r2_score", "root_mean_squared_error"],
)
def test_nan_predictions_stay_visible(name):
    y, p, _ = sample(name)
    p[3, 0] = np.nan
    metric = METRICS[name]()
    metric.update_state(y, p)
    assert np.isnan(metric.result())


@everywhere
def test_config_description_and_direction(name):
    metric = METRICS[name](name="mine")
    again = METRICS[name].from_config(metric.get_config())
    assert again.get_config() == metric.get_config()
    assert repr(metric) == f"{METRICS[name].__name__}(name='mine')"
    assert metric.describe().startswith("mine = ")
    assert metric.kind() != type(metric).__name__
    assert metric.direction == ("min" if "error" in name else "max")


@everywhere
def test_shapes_that_do_not_fit_are_refused(name):
    with pytest.raises(ShapeError, match=r"y_true has shape \(4, 3\).*y_pred has shape \(4, 2\)"):
        METRICS[name]().update_state(np.zeros((4, 3)), np.full((4, 2), 0.5))
    y, p, weight = sample(name)
    with pytest.raises(ShapeError, match=r"sample_weight has shape \(59,\)"):
        METRICS[name]().update_state(y, p, weight[:-1])


@pytest.mark.parametrize(
    "name", ["binary_accuracy", "precision", "recall", "auc", "mse", "mae", "rmse", "r2", "f1"]
)
def test_a_vector_of_targets_meets_a_column_of_predictions(name):
    y, p, _ = sample("auc")
    values = []
    for targets, predictions in [(y, p), (y[:, 0], p), (y, p[:, 0]), (y[:, 0], p[:, 0])]:
        metric = metrics.get(name)
        metric.update_state(targets, predictions)
        values.append(metric.result())
    assert values == pytest.approx([values[0]] * 4, rel=1e-6)


# ------------------------------------------------------------------------------------- accuracy


def test_accuracy_functions():
    assert metrics.binary_accuracy([[0, 1, 1]], [[0.5, 0.51, 0.2]]).tolist() == [[1, 1, 0]]
    assert metrics.binary_accuracy([1], [0.4], threshold=0.3).tolist() == [1]
    p = [[0.1, 0.9], [0.8, 0.2]]
    assert metrics.categorical_accuracy([[0, 1], [0, 1]], p).tolist() == [1, 0]
    assert metrics.sparse_categorical_accuracy([1, 1], p).tolist() == [1, 0]
    assert metrics.sparse_categorical_accuracy([[1], [1]], p).tolist() == [1, 0]
    with pytest.raises(DataError, match=r"row 1 is 2, and y_pred has 2 classes"):
        metrics.sparse_categorical_accuracy([1, 2], p)


def test_unresolved_accuracy_goes_by_the_shapes():
    p = np.array([[0.1, 0.9], [0.8, 0.2], [0.4, 0.6]])
    for y, expected in [
        ([1, 0, 0], 2 / 3),
        ([[1], [0], [0]], 2 / 3),
        (np.eye(2)[[1, 0, 0]], 2 / 3),
    ]:
        metric = metrics.Accuracy()
        metric.update_state(y, p)
        assert metric.result() == pytest.approx(expected)
    metric = metrics.Accuracy()
    metric.update_state([1, 0, 1], [[0.7], [0.2], [0.4]])
    assert metric.result() == pytest.approx(2 / 3)
    metric.reset_state()
    metric.update_state([0, 1, 2, 2], [0, 1, 2, 3])
    assert metric.result() == 0.75, "whole numbers are compared as they are"


def test_accuracy_over_steps_of_a_sequence_is_a_mean_per_row():
    p = np.random.default_rng(0).dirichlet(np.ones(3), (4, 5))
    y = np.random.default_rng(1).integers(0, 3, (4, 5))
    metric = metrics.SparseCategoricalAccuracy()
    metric.update_state(y, p, [1, 0, 2, 1])
    right = (p.argmax(-1) == y).mean(1)
    assert metric.result() == pytest.approx(right @ [1, 0, 2, 1] / 4)


# --------------------------------------------------------------------------------------- AUC


@pytest.mark.parametrize("digits", [0, 1, 2, 9])
@pytest.mark.parametrize("is_weighted", [False, True])
def test_auc_is_exact_with_ties(digits, is_weighted):
    rng = np.random.default_rng(digits)
    y, p, w = (
        rng.integers(0, 2, 500),
        np.round(rng.uniform(size=500), digits),
        rng.uniform(size=500),
    )
    weight = w if is_weighted else None
    metric = metrics.AUC()
    metric.update_state(y, p, weight)
    assert metric.result() == pytest.approx(
        reference.roc_auc_score(y, p, sample_weight=weight), abs=1e-12
    )


def test_auc_edges():
    def auc(y, p, **options):
        metric = metrics.AUC(**options)
        metric.update_state(y, p)
        return metric.result()

    assert auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) == 0.75
    assert auc([0, 1], [0.3, 0.3]) == 0.5
    assert auc([0, 1], [5.0, -5.0]) == 0
    assert np.isnan(auc([1, 1], [0.3, 0.4]))
    y = np.array([[0, 1], [1, 0], [1, 1], [0, 0]])
    p = np.array([[0.2, 0.9], [0.8, 0.1], [0.1, 0.3], [0.4, 0.5]])
    columns = [reference.roc_auc_score(y[:, k], p[:, k]) for k in (0, 1)]
    assert auc(y, p, multi_label=True) == pytest.approx(np.mean(columns))
    assert auc(y, p) == pytest.approx(reference.roc_auc_score(y.ravel(), p.ravel()))
    with pytest.raises(ArgumentError, match=r"curve got 'PR'; expected 'ROC'"):
        metrics.AUC(curve="PR")


# ------------------------------------------------------------- precision, recall, F1 and R2


@pytest.mark.parametrize("average", ["micro", "macro", "weighted"])
@pytest.mark.parametrize("is_weighted", [False, True])
def test_f1_averages(average, is_weighted):
    y, p, weight = sample("f1_score")
    w = weight if is_weighted else None
    metric = metrics.F1Score(average=average)
    metric.update_state(y, p, w)
    expected = reference.f1_score(y.argmax(1), p.argmax(1), average=average, sample_weight=w)
    assert metric.result() == pytest.approx(expected, rel=1e-6)


def test_f1_of_one_output_and_of_several_labels():
    y, p, _ = sample("auc")
    metric = metrics.F1Score()
    metric.update_state(y, p)
    assert metric.result() == pytest.approx(reference.f1_score(y.ravel(), p.ravel() > 0.5))
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, (ROWS, 3)), rng.uniform(size=(ROWS, 3))
    metric = metrics.F1Score(average="macro", threshold=0.3)
    metric.update_state(y, p)
    assert metric.result() == pytest.approx(reference.f1_score(y, p > 0.3, average="macro"))


@pytest.mark.parametrize("kind", [metrics.Precision, metrics.Recall])
def test_precision_and_recall_at_thresholds_and_of_classes(kind):
    score = reference.precision_score if kind is metrics.Precision else reference.recall_score
    y, p, _ = sample("auc")
    metric = kind(thresholds=[0.2, 0.7])
    metric.update_state(y, p)
    expected = [score(y.ravel(), p.ravel() > level) for level in (0.2, 0.7)]
    assert metric.result() == pytest.approx(expected)
    labels, p, _ = sample("sparse_categorical_accuracy")
    metric = kind(class_id=2, thresholds=0.3)
    metric.update_state(labels, p)
    assert metric.result() == pytest.approx(score(labels == 2, p[:, 2] > 0.3))
    pooled = kind(thresholds=0.3)
    pooled.update_state(one_hot(labels, 4), p)
    assert pooled.result() == pytest.approx(score(one_hot(labels, 4), p > 0.3, average="micro"))
    with pytest.raises(ArgumentError, match=r"class_id got 4.*expected 0 to 3"):
        kind(class_id=4).update_state(labels, p)


def test_none_called_positive_scores_zero():
    metric = metrics.Precision()
    metric.update_state([1, 0], [0.1, 0.2])
    assert metric.result() == 0


def test_r2_of_a_large_mean_a_constant_and_several_outputs():
    def r2(y, p, **options):
        metric = metrics.R2Score(**options)
        metric.update_state(y, p)
        return metric.result()

    y = np.float32(1e6) + np.arange(8, dtype="float32")
    expected = reference.r2_score(y.astype("float64"), y.astype("float64") + 0.5)
    assert r2(y, y + np.float32(0.5)) == pytest.approx(expected, rel=1e-12)
    assert r2([2, 2], [2.0, 2.0]) == 1
    assert r2([2, 2], [2.0, 3.0]) == 0
    assert r2([1, 2, 3], [3.0, 2.0, 1.0]) == -3
    y, p, _ = sample("r2_score")
    for ours, theirs in [(None, "raw_values"), ("variance_weighted_average", "variance_weighted")]:
        expected = reference.r2_score(y, p, multioutput=theirs)
        assert r2(y, p, class_aggregation=ours) == pytest.approx(expected, rel=1e-6)
