"""Every loss against its formula, its behaviour at the edges, and what it says when refused."""

import numpy as np
import pytest

from glia import losses, ops
from glia.derivatives import grad
from glia.errors import ArgumentError, DataError, ShapeError
from glia.function import function
from glia.losses import LOSSES


def one_hot(labels, k):
    return np.eye(k)[labels]


def plain_log_loss(y, p):
    with np.errstate(divide="ignore", invalid="ignore"):
        return -(np.where(y == 0, 0, y * np.log(p)) + np.where(y == 1, 0, (1 - y) * np.log(1 - p)))


# For each loss: targets and predictions of n rows, and its value per row.
SAMPLES = {
    "binary_crossentropy": (
        lambda rng, n: (rng.integers(0, 2, (n, 3)), rng.uniform(0.01, 0.99, (n, 3))),
        lambda y, p: plain_log_loss(y, p).mean(-1),
    ),
    "categorical_crossentropy": (
        lambda rng, n: (one_hot(rng.integers(0, 4, n), 4), rng.dirichlet(np.ones(4), n)),
        lambda y, p: -np.log((y * p).sum(-1)),
    ),
    "huber": (
        lambda rng, n: (rng.normal(size=(n, 3)), 2 * rng.normal(size=(n, 3))),
        lambda y, p: np.where(np.abs(y - p) <= 1, (y - p) ** 2 / 2, np.abs(y - p) - 0.5).mean(-1),
    ),
    "mean_absolute_error": (
        lambda rng, n: (rng.normal(size=(n, 3)), rng.normal(size=(n, 3))),
        lambda y, p: np.abs(y - p).mean(-1),
    ),
    "mean_squared_error": (
        lambda rng, n: (rng.normal(size=(n, 3)), rng.normal(size=(n, 3))),
        lambda y, p: ((y - p) ** 2).mean(-1),
    ),
    "sparse_categorical_crossentropy": (
        lambda rng, n: (rng.integers(0, 4, n), rng.dirichlet(np.ones(4), n)),
        lambda y, p: -np.log(p[np.arange(len(y)), y]),
    ),
}
TOLERANCE = {"float32": 2e-6, "float64": 1e-14}
everywhere = pytest.mark.parametrize("name", LOSSES)


def sample(name, n=7, dtype="float64"):
    y, p = SAMPLES[name][0](np.random.default_rng(n), n)
    p = np.asarray(p, dtype).reshape(n, -1)
    return y, p, SAMPLES[name][1](y, p.astype("float64"))


def error(a, b):
    assert np.shape(a) == np.shape(b)
    return np.max(np.abs(a - b), initial=0) / max(np.max(np.abs(b), initial=0), 1e-300)


def test_every_loss_has_a_sample_and_a_function():
    assert set(SAMPLES) == set(LOSSES)
    for name, kind in LOSSES.items():
        assert isinstance(losses.get(getattr(losses, name)), kind)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("n", [1, 7, 0])
@everywhere
def test_rows_and_mean_eager_and_traced(name, n, dtype):
    y, p, expected = sample(name, n, dtype) if n else (*sample(name, 1, dtype)[:2], np.zeros(0))
    y, p = y[:n], p[:n]
    loss = LOSSES[name]()
    for call in (getattr(losses, name), loss.call, function(loss.call)):
        rows = call(y, p)
        assert rows.dtype == dtype
        assert error(rows, expected) <= TOLERANCE[dtype]
    for call in (loss, function(loss)):
        mean = call(y, p)
        assert np.shape(mean) == ()
        assert mean.dtype == dtype
        assert abs(mean - (expected.mean() if n else 0)) <= TOLERANCE[dtype] * (1 + mean)


@everywhere
def test_gradient_by_central_differences(name):
    y, p, _ = sample(name)
    got = grad(lambda p: LOSSES[name]()(y, p))(p)
    h = 1e-6
    for place in np.ndindex(p.shape):
        up, down = p.copy(), p.copy()
        up[place] += h
        down[place] -= h
        slope = (LOSSES[name]()(y, up) - LOSSES[name]()(y, down)) / (2 * h)
        assert abs(got[place] - slope) <= 1e-6 * max(1, np.abs(got).max())


@everywhere
def test_an_empty_batch_has_an_empty_gradient(name):
    y, p, _ = sample(name, 1)
    assert grad(lambda p: LOSSES[name]()(y[:0], p))(p[:0]).shape == p[:0].shape


@everywhere
def test_nan_stays_visible(name):
    y, p, _ = sample(name)
    p[2] = np.nan
    rows = LOSSES[name]().call(y, p)
    assert np.isnan(rows[2])
    assert np.isfinite(np.delete(rows, 2)).all()
    assert np.isnan(function(LOSSES[name]())(y, p))


@everywhere
def test_weights_multiply_and_the_number_of_rows_divides(name):
    y, p, rows = sample(name)
    weight = np.arange(7.0)
    loss = LOSSES[name]
    assert error(loss()(y, p, weight), (weight * rows).sum() / 7) < 1e-14
    assert error(loss()(y, p, weight[:, None]), (weight * rows).sum() / 7) < 1e-14
    assert error(loss()(y, p, 2), 2 * rows.mean()) < 1e-14
    assert error(loss(reduction="sum")(y, p, weight), (weight * rows).sum()) < 1e-14
    assert error(loss(reduction="none")(y, p, weight), weight * rows) < 1e-14
    assert (
        error(loss(reduction="mean_with_sample_weight")(y, p, weight), weight @ rows / 21) < 1e-14
    )
    assert error(loss(reduction="mean_with_sample_weight")(y, p), rows.mean()) < 1e-14
    assert loss(reduction="mean_with_sample_weight")(y, p, 0 * weight) == 0
    with pytest.raises(ShapeError, match=r"sample_weight has shape \(6,\).*\(7,\).*per row"):
        loss()(y, p, weight[:6])


# --------------------------------------------------------------------------- the tutorials


def test_the_tutorials_golden_losses():
    y, p = [1, 0, 1, 0], [0.9, 0.1, 0.8, 0.3]
    assert round(float(losses.mean_squared_error([y], [p])[0]), 4) == 0.0375
    assert round(float(losses.binary_crossentropy([y], [p])[0]), 4) == 0.1976
    assert round(float(losses.get("bce")(y, p)), 4) == 0.1976


# ------------------------------------------------------------------------- shapes and labels


@pytest.mark.parametrize("name", ["mean_squared_error", "mean_absolute_error", "huber", "bce"])
def test_a_vector_of_targets_meets_a_column_of_predictions_row_by_row(name):
    loss = losses.get(name)
    y = np.array([0.0, 1.0, 1.0, 0.0])
    p = np.array([0.1, 0.8, 0.6, 0.3])
    expected = loss.call(y[:, None], p[:, None])
    assert loss.call(y, p[:, None]).tolist() == expected.tolist()
    assert loss.call(y.astype(bool), p[:, None]).tolist() == expected.tolist()
    assert float(loss(y[:, None], p)) == pytest.approx(float(expected.mean()), abs=1e-15)


@pytest.mark.parametrize(
    ("name", "target", "prediction", "advice"),
    [
        ("mse", (4,), (4, 3), "1 unit"),
        ("mse", (4, 1), (4, 3), "1 unit"),
        ("mse", (3,), (4, 1), "numbers of rows differ, 3 and 4"),
        ("mae", (4, 3), (4, 1), "needs 3 units"),
        ("huber", (4, 2, 3), (4, 2, 2), "Reshape the targets"),
        ("bce", (4,), (4, 2), "sparse_categorical_crossentropy"),
        ("categorical_crossentropy", (4,), (4, 3), r"to_categorical\(y, 3\)"),
        ("categorical_crossentropy", (4, 1), (4, 3), "sparse_categorical_crossentropy"),
        ("categorical_crossentropy", (4, 2), (4, 3), "number of units"),
        ("sparse_categorical_crossentropy", (4, 3), (4, 3), "one-hot targets go with"),
        ("sparse_categorical_crossentropy", (3,), (4, 3), "one class number per row"),
        ("sparse_categorical_crossentropy", (4,), (4, 1), "2 softmax units"),
        ("categorical_crossentropy", (4, 1), (4, 1), "1 sigmoid unit"),
    ],
)
@pytest.mark.parametrize("is_traced", [False, True])
def test_shapes_that_do_not_fit_are_refused_by_name(name, target, prediction, advice, is_traced):
    loss = losses.get(name)
    call = function(loss) if is_traced else loss
    with pytest.raises(ShapeError, match=advice) as caught:
        call(np.zeros(target, int), np.full(prediction, 0.5))
    assert str(prediction) in str(caught.value)
    assert loss.name.removesuffix("_loss") in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 3, 1], r"row 1 is 3, and y_pred has 3 classes; expected whole numbers 0 to 2"),
        ([0, 1, -1], r"row 2 is -1"),
        ([0.0, 1.5, 1.0], r"row 1 is 1\.5"),
        ([0.0, np.nan, 1.0], r"row 1 is nan"),
    ],
)
def test_labels_out_of_range_are_refused(labels, message):
    with pytest.raises(DataError, match=message):
        losses.sparse_categorical_crossentropy(np.array(labels), np.full((3, 3), 1 / 3))


def test_sparse_takes_columns_floats_and_other_axes():
    labels = np.array([2, 0, 1])
    p = np.random.default_rng(0).dirichlet(np.ones(4), 3)
    f = losses.sparse_categorical_crossentropy
    expected = f(labels, p).tolist()
    assert f(labels[:, None], p).tolist() == expected
    assert f(labels.astype("float32"), p).tolist() == expected
    assert f(labels.astype("uint8"), p).tolist() == expected
    assert f(labels, p.T, axis=0).tolist() == expected
    assert f(labels[None, :], p.T, axis=0).tolist() == expected
    deep = np.stack([p, p[::-1]])
    got = f(np.stack([labels, labels[::-1]]), deep)
    assert got.tolist() == [expected, expected[::-1]]


def test_ignored_labels_count_neither_above_nor_below():
    labels = np.array([2, -1, 1, -1])
    p = np.random.default_rng(0).dirichlet(np.ones(4), 4)
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    kept = -np.log(p[[0, 2], [2, 1]])
    assert loss.call(labels, p).tolist() == pytest.approx([kept[0], 0, kept[1], 0], abs=1e-15)
    assert loss(labels, p) == pytest.approx(kept.mean(), abs=1e-15)
    assert loss(labels[:, None], p) == pytest.approx(kept.mean(), abs=1e-15)
    assert loss(np.full(4, -1), p) == 0
    weighted = losses.SparseCategoricalCrossentropy(
        ignore_class=-1, reduction="mean_with_sample_weight"
    )
    assert weighted(labels, p, [1, 5, 3, 5]) == pytest.approx((kept @ [1, 3]) / 4, abs=1e-15)
    got = grad(lambda p: loss(labels, p))(p)
    assert not got[[1, 3]].any()
    assert got[0, 2] == pytest.approx(-0.5 / p[0, 2])


def test_categorical_over_another_axis():
    y = one_hot([2, 0, 1], 4)
    p = np.random.default_rng(0).dirichlet(np.ones(4), 3)
    f = losses.categorical_crossentropy
    assert f(y.T, p.T, axis=0, label_smoothing=0.2).tolist() == pytest.approx(
        f(y, p, label_smoothing=0.2).tolist(), abs=1e-15
    )


# ------------------------------------------------------------------------ names and options


@pytest.mark.parametrize("spelling", ["mse", "MSE", "mean_squared_error", "MeanSquaredError"])
def test_every_spelling_of_a_name_is_found(spelling):
    assert isinstance(losses.get(spelling), losses.MeanSquaredError)


@pytest.mark.parametrize("alias", losses.ALIASES)
def test_every_alias_leads_somewhere(alias):
    assert type(losses.get(alias)) is LOSSES[losses.ALIASES[alias]]


@everywhere
def test_config_round_trip(name):
    loss = LOSSES[name](reduction="sum", name="mine")
    again = LOSSES[name].from_config(loss.get_config())
    assert again.get_config() == loss.get_config()
    assert repr(again) == f"{LOSSES[name].__name__}(reduction='sum', name='mine')"
    assert losses.get({"class_name": name, "config": loss.get_config()}).name == "mine"
    assert losses.get(loss) is loss
    assert isinstance(losses.get(LOSSES[name]), LOSSES[name])


def test_a_function_of_your_own():
    def quartic(y_true, y_pred):
        return ops.mean((y_true - y_pred) ** 4, axis=-1)

    loss = losses.get(quartic)
    y, p = np.zeros((3, 2)), np.array([[1.0, 1], [2, 2], [0, 0]])
    assert loss.name == "quartic"
    assert loss(y, p) == pytest.approx(17 / 3)
    assert loss(y, p, [0, 1, 0]) == pytest.approx(16 / 3)
    assert grad(lambda p: loss(y, p))(p)[1].tolist() == pytest.approx([16 / 3, 16 / 3])
    whole = losses.get(lambda y_true, y_pred: ops.sum(ops.square(y_true - y_pred)))
    assert whole(y, p) == 10
    with pytest.raises(ShapeError, match="one number for the whole batch"):
        whole(y, p, [1, 1, 1])


def test_a_subclass_of_your_own_needs_no_constructor():
    class Cubic(losses.Loss):
        def call(self, y_true, y_pred):
            return ops.mean(ops.absolute(y_true - y_pred) ** 3, axis=-1)

    assert Cubic()(np.zeros((2, 1)), np.array([[1.0], [2.0]])) == 4.5
    assert losses.get(Cubic)(np.zeros((2, 1)), np.array([[1.0], [2.0]])) == 4.5
    assert "Cubic" not in LOSSES
    with pytest.raises(NotImplementedError, match="write def call"):
        losses.Loss()(np.zeros(1), np.zeros(1))


def test_bad_names_and_options_are_refused():
    with pytest.raises(ArgumentError, match=r"unknown loss 'binary_crosentropy'.*'binary_crossent"):
        losses.get("binary_crosentropy")
    with pytest.raises(ArgumentError, match=r"loss got 3.*expected a name"):
        losses.get(3)
    with pytest.raises(ArgumentError, match=r"label_smoothing got 1\.5; .*<= 1"):
        losses.BinaryCrossentropy(label_smoothing=1.5)
    with pytest.raises(ArgumentError, match=r"delta got 0; .*> 0"):
        losses.Huber(delta=0)
    with pytest.raises(ArgumentError, match=r"reduction got 'avg'; expected one of"):
        losses.MeanSquaredError(reduction="avg")
    with pytest.raises(ArgumentError, match=r"axis got 2 for y_pred of shape \(1, 2\)"):
        losses.categorical_crossentropy([[0, 1]], [[0.5, 0.5]], axis=2)
    with pytest.raises(ArgumentError, match=r"unknown argument of Huber 'dleta'.*'delta'"):
        losses.Huber.from_config({"dleta": 1})
    assert losses.get(None) is None
