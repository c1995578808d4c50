"""What a name, a function or a loss means as a metric, settled by the model and said aloud."""

import numpy as np
import pytest

from glia import losses, metrics, ops
from glia.activations import sigmoid, softmax
from glia.errors import ArgumentError
from glia.metrics import METRICS

BCE, CCE = losses.BinaryCrossentropy(), losses.CategoricalCrossentropy()
SPARSE, MSE = losses.SparseCategoricalCrossentropy(), losses.MeanSquaredError()


def measured(metric, y, p):
    metric.update_state(y, p)
    value = metric.result()
    metric.reset_state()
    return value


@pytest.mark.parametrize(
    ("loss", "output", "target", "described"),
    [
        (BCE, (None, 1), (None,), "binary accuracy, threshold 0.5"),
        (BCE, (None, 1), (None, 1), "binary accuracy, threshold 0.5"),
        (MSE, (None, 1), (None, 1), "binary accuracy, threshold 0.5"),
        (BCE, (None,), (None,), "binary accuracy, threshold 0.5"),
        (BCE, (None, 5), (None, 5), "binary accuracy, threshold 0.5"),
        (CCE, (None, 3), (None, 3), "categorical accuracy, largest output against one-hot target"),
        (MSE, (None, 3), (None, 3), "categorical accuracy, largest output against one-hot target"),
        (None, (None, 3), (None, 3), "categorical accuracy, largest output against one-hot target"),
        (
            SPARSE,
            (None, 3),
            (None,),
            "sparse categorical accuracy, largest output against class number",
        ),
        (
            SPARSE,
            (None, 3),
            (None, 1),
            "sparse categorical accuracy, largest output against class number",
        ),
        (
            SPARSE,
            (None, 2),
            (None,),
            "sparse categorical accuracy, largest output against class number",
        ),
        (
            CCE,
            (None, 2),
            (None,),
            "sparse categorical accuracy, largest output against class number",
        ),
        (
            SPARSE,
            (None, 4, 3),
            (None, 4),
            "sparse categorical accuracy, largest output against class number",
        ),
        (
            SPARSE,
            (None, 3),
            None,
            "sparse categorical accuracy, largest output against class number",
        ),
        (CCE, (None, 3), None, "categorical accuracy, largest output against one-hot target"),
    ],
)
def test_accuracy_says_which_it_is(loss, output, target, described):
    for name in ("accuracy", "acc"):
        metric = metrics.resolve(name, loss, output, target)
        assert metric.name == name
        assert metric.describe() == f"{name} = {described}"


@pytest.mark.parametrize("name", ["accuracy", "precision", "recall", "f1_score", "auc"])
@pytest.mark.parametrize("from_logits", [False, True])
def test_a_two_way_softmax_measures_what_one_sigmoid_would(name, from_logits):
    rng = np.random.default_rng(0)
    z = rng.normal(size=(50, 2))
    y = rng.integers(0, 2, 50)
    one = metrics.resolve(name, BCE, (None, 1), (None,))
    expected = measured(one, y, sigmoid(z[:, 1:] - z[:, :1]))
    outputs = z if from_logits else softmax(z)
    one_hot = np.eye(2)[y]
    for loss, target in [
        (losses.CategoricalCrossentropy(from_logits=from_logits), one_hot),
        (losses.SparseCategoricalCrossentropy(from_logits=from_logits), y),
        (losses.SparseCategoricalCrossentropy(from_logits=from_logits), y[:, None]),
    ]:
        two = metrics.resolve(name, loss, (None, 2), target.shape)
        assert measured(two, target, outputs) == pytest.approx(expected, rel=1e-12)
        assert "class 1" in two.describe() or name == "accuracy"


@pytest.mark.parametrize(
    "name", ["accuracy", "precision", "recall", "f1", "binary_accuracy", "bce"]
)
def test_a_sigmoid_missing_from_the_head_is_added(name):
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(50, 1)), rng.integers(0, 2, 50)
    loss = losses.BinaryCrossentropy(from_logits=True)
    raw = metrics.resolve(name, loss, (None, 1), (None,))
    done = metrics.resolve(name, BCE, (None, 1), (None,))
    assert measured(raw, y, z) == pytest.approx(measured(done, y, sigmoid(z)), rel=1e-12)
    assert raw.describe() == done.describe() + ", of sigmoid(output)"


@pytest.mark.parametrize("name", ["accuracy", "precision", "recall", "f1_score", "auc"])
def test_a_two_way_softmax_may_be_trained_on_binary_crossentropy(name):
    rng = np.random.default_rng(0)
    p, y = softmax(rng.normal(size=(50, 2))), rng.integers(0, 2, 50)
    one = metrics.resolve(name, BCE, (None, 1), (None,), "sigmoid")
    two = metrics.resolve(name, BCE, (None, 2), (None, 2), "softmax")
    assert measured(two, np.eye(2)[y], p) == pytest.approx(measured(one, y, p[:, 1]), rel=1e-12)


def test_several_labels_at_once_are_not_reduced_to_the_largest():
    y, p = np.array([[1, 1, 0], [0, 0, 0]]), np.array([[0.9, 0.6, 0.1], [0.2, 0.1, 0.3]])
    assert measured(metrics.resolve("accuracy", BCE, (None, 3), (None, 3)), y, p) == 1
    assert measured(metrics.resolve("precision", BCE, (None, 3), (None, 3)), y, p) == 1


def test_what_was_asked_for_is_kept():
    metric = metrics.resolve(metrics.Precision(class_id=0), CCE, (None, 2), (None, 2))
    assert metric.describe() == "precision = precision of class 0, threshold 0.5"
    asked = metrics.F1Score()
    assert metrics.resolve(asked, CCE, (None, 3), (None, 3)) is asked
    named = metrics.resolve("f1_score", CCE, (None, 3), (None, 3))
    assert named.describe() == "f1_score = F1 score macro average, largest output"
    user = metrics.AUC(name="area")
    metrics.resolve(user, CCE, (None, 2), (None, 2))
    assert user.class_id is None, "the user's own object is left as it was"


@pytest.mark.parametrize("name", losses.LOSSES)
def test_every_loss_is_a_metric_by_name_function_class_and_object(name):
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(3), 20)
    y = rng.integers(0, 3, 20) if name.startswith("sparse") else np.eye(3)[rng.integers(0, 3, 20)]
    weight = rng.uniform(size=20)
    rows = losses.LOSSES[name]().call(y, p)
    for identifier in (name, getattr(losses, name), losses.LOSSES[name], losses.LOSSES[name]()):
        metric = metrics.get(identifier)
        metric.update_state(y, p, weight)
        assert metric.result() == pytest.approx(rows @ weight / weight.sum(), rel=1e-12)
        assert metric.direction == "min"
        assert metric.name in (name, "huber_loss")


def test_a_loss_as_a_metric_keeps_its_options():
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    p = np.random.default_rng(0).dirichlet(np.ones(3), 4)
    y = np.array([0, -1, 2, -1])
    expected = -np.log(p[[0, 2], [0, 2]]).mean()
    metric = metrics.get(loss)
    assert measured(metric, y, p) == pytest.approx(expected, rel=1e-12)
    again = metrics.OfLoss.from_config(metric.get_config())
    assert measured(again, y, p) == pytest.approx(expected, rel=1e-12)
    assert metric.describe() == (
        "sparse_categorical_crossentropy = mean of SparseCategoricalCrossentropy"
    )
    with pytest.raises(ArgumentError, match="a metric of a loss needs a loss"):
        metrics.OfLoss(None)


@pytest.mark.parametrize("alias", metrics.ALIASES)
def test_every_alias_leads_somewhere_and_is_the_name(alias):
    assert type(metrics.get(alias)) is METRICS[metrics.ALIASES[alias]]
    assert metrics.get(alias).name == alias


def test_functions_of_your_own():
    def worst(y_true, y_pred):
        return ops.max(ops.absolute(y_true - y_pred), axis=-1)

    y, p = np.zeros((3, 2)), np.array([[1.0, 2], [3, 4], [0, 0]])
    metric = metrics.get(worst)
    metric.update_state(y, p)
    assert metric.describe() == "worst = mean of a function of your own"
    assert metric.result() == 2
    metric.reset_state()
    metric.update_state(y, p, [1, 3, 0])
    assert metric.result() == 3.5

    overall = metrics.get(lambda y_true, y_pred: ops.sum(y_pred))
    overall.update_state(y[:2], p[:2])
    overall.update_state(y[2:], p[2:])
    assert overall.result() == pytest.approx((10 * 2 + 0) / 3), "one number counts once per row"


def test_a_subclass_of_your_own():
    class Largest(metrics.Metric):
        def statistics(self, y_true, y_pred, sample_weight=None):
            return (ops.sum(ops.cast(ops.greater(y_pred, 1), "int32")),)

        def compute(self, count):
            assert count.dtype == np.int64
            return count

    metric = metrics.get(Largest)
    metric.update_state(np.zeros(3), np.array([1.0, 2, 3]))
    metric.update_state(np.zeros(3), np.array([1.0, 2, 3]))
    assert metric.result() == 4
    assert metrics.get(metric) is metric
    with pytest.raises(NotImplementedError, match="write def statistics"):
        metrics.Metric().update_state([0], [0])


def test_bad_names_and_options_are_refused():
    with pytest.raises(ArgumentError, match=r"unknown metric 'accuraccy'.*'accuracy'"):
        metrics.get("accuraccy")
    with pytest.raises(ArgumentError, match=r"metric got None; expected a name"):
        metrics.get(None)
    with pytest.raises(ArgumentError, match=r"average got 'mean'; expected one of"):
        metrics.F1Score(average="mean")
    with pytest.raises(ArgumentError, match=r"class_aggregation got 'mean'"):
        metrics.R2Score("mean")
    with pytest.raises(ArgumentError, match=r"Precision: thresholds got 'half'"):
        metrics.Precision("half")
