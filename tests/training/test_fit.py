"""fit, evaluate and the steps in between, against NumPy written out."""

import numpy as np
import pytest
from tests.training.networks import binary, compiled, dense, quantity, three_classes

import glia.random
from glia.callbacks import Callback
from glia.layers import BatchNormalization, Dense, Dropout
from glia.models import Sequential
from glia.optimizers import SGD, Adam
from glia.training.batches import batches


def linear(optimizer=None, **options):
    model = dense(1, kernel_initializer="zeros", **options)
    return compiled(model, "mse", optimizer or SGD(0.1))


def descend(x, y, batch, epochs, rate=0.1, weights=None):
    """Linear regression by mini-batch descent, rows in order, in float64."""
    w, b, losses = np.zeros(x.shape[1]), 0.0, []
    weights = np.ones(len(x)) if weights is None else weights
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch):
            rows = slice(start, start + batch)
            error = x[rows] @ w + b - y[rows]
            n = len(error)
            total += (weights[rows] * error**2).sum() / n * n
            slope = 2 * weights[rows] * error / n
            w, b = w - rate * x[rows].T @ slope, b - rate * slope.sum()
        losses.append(total / len(x))
    return w, b, losses


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("batch", [1, 7, 10, 30, 100])
def test_every_batch_size_equals_numpy_exact_tail_included(batch):
    x, y = quantity(30)
    model = linear()
    history = model.fit(x, y, batch_size=batch, epochs=3, shuffle=False, verbose=0)
    w, b, losses = descend(x, y, batch, 3)
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(kernel[:, 0], w, rtol=1e-12)
    np.testing.assert_allclose(bias, [b], rtol=1e-12)
    np.testing.assert_allclose(history.history["loss"], losses, rtol=1e-12)
    assert int(model.optimizer.iterations) == 3 * -(-30 // batch)


@pytest.mark.usefixtures("float64")
def test_sample_and_class_weights_equal_numpy():
    x, _ = quantity(30)
    y = (x[:, 0] > 0).astype(int)
    sample = np.random.default_rng(5).uniform(0, 2, 30)
    model = linear()
    history = model.fit(
        x, y, batch_size=8, epochs=3, shuffle=False, verbose=0,
        sample_weight=sample, class_weight={1: 3.0, 0: 0.5},
    )  # fmt: skip
    w, b, losses = descend(x, y, 8, 3, weights=sample * np.where(y == 1, 3.0, 0.5))
    np.testing.assert_allclose(model.get_weights()[0][:, 0], w, rtol=1e-12)
    np.testing.assert_allclose(model.get_weights()[1], [b], rtol=1e-12)
    np.testing.assert_allclose(history.history["loss"], losses, rtol=1e-12)


@pytest.mark.usefixtures("float64")
def test_evaluate_equals_numpy_and_weights_divide_by_rows():
    x, y = quantity(30)
    model = linear()
    model.set_weights([np.ones((4, 1)), np.ones(1)])
    values = (x.sum(axis=1) + 1 - y) ** 2
    weights = np.linspace(0, 2, 30)
    assert model.evaluate(x, y, batch_size=7, verbose=0) == pytest.approx(values.mean(), rel=1e-12)
    assert model.evaluate(x, y, sample_weight=weights, verbose=0) == pytest.approx(
        (weights * values).mean(), rel=1e-12
    )


def test_metrics_ignore_weights_unless_asked():
    x, y = binary(50)
    model = dense(1, head="sigmoid")
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"], weighted_metrics=["accuracy"])
    right = (model.predict(x)[:, 0] > 0.5) == y
    weights = np.where(right, 3.0, 1.0)
    logs = model.evaluate(x, y, sample_weight=weights, verbose=0, return_dict=True)
    assert logs["accuracy"] == pytest.approx(right.mean())
    assert logs["weighted_accuracy"] == pytest.approx((weights * right).sum() / weights.sum())


def test_validation_rows_keep_sample_weights_but_not_class_weights():
    x, y = binary(40)
    sample = np.linspace(0.5, 1.5, 40)
    history, expected = [], []
    for options in ({}, {"class_weight": {1: 100.0}}):
        model = compiled(dense(1, head="sigmoid"), "binary_crossentropy", SGD(0.0))
        model.set_weights([np.ones((4, 1)), np.zeros(1)])
        history.append(
            model.fit(
                x, y, sample_weight=sample, validation_split=0.25, validation_order="tail",
                verbose=0, **options,
            ).history
        )  # fmt: skip
        expected.append(model.evaluate(x[30:], y[30:], sample_weight=sample[30:], verbose=0))
    assert history[0]["val_loss"] == history[1]["val_loss"] == pytest.approx(expected[:1])
    assert history[1]["loss"][0] > 10 * history[0]["loss"][0]


def stack():
    model = Sequential(
        [
            Dense(8, activation="relu", input_shape=(4,)),
            BatchNormalization(),
            Dropout(0.3),
            Dense(3, activation="softmax"),
        ]
    )
    return compiled(model, "sparse_categorical_crossentropy", Adam(0.01), metrics=["accuracy"])


def trained(seed, **options):
    glia.random.seed(seed)
    x, y = three_classes(50)
    model = stack()
    history = model.fit(x, y, batch_size=8, epochs=4, verbose=0, **options)
    return model, history.history


def test_the_same_seed_gives_the_same_bits():
    first, second = trained(3), trained(3)
    assert first[1] == second[1]
    for a, b in zip(first[0].get_weights(), second[0].get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert trained(4)[1] != first[1]


def test_an_epoch_equals_the_loop_of_train_on_batch_bit_for_bit():
    x, y = three_classes(50)
    results = []
    for is_epoch in (True, False):
        glia.random.seed(1)
        model = stack()
        if is_epoch:
            model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
        else:
            for start in [*range(0, 50, 8)] * 2:
                model.train_on_batch(x[start : start + 8], y[start : start + 8])
        slots = [variable.array.copy() for variable in model.optimizer.variables]
        results.append([*model.get_weights(), *slots])
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


def test_pieces_of_an_epoch_equal_the_whole(monkeypatch):
    whole = trained(2)[0]
    monkeypatch.setattr("glia.training.passes.PIECE", 0.0)
    pieces = trained(2)[0]
    for a, b in zip(whole.get_weights(), pieces.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_every_epoch_has_its_own_order_unless_told_not_to_shuffle():
    x, y = quantity(20)
    orders = []

    class Orders(Callback):
        def on_train_batch_end(self, batch, logs=None):
            orders.append(logs["loss"])

    for shuffle in (True, False):
        orders.clear()
        linear(SGD(0.0)).fit(
            x, y, batch_size=6, epochs=3, shuffle=shuffle, callbacks=Orders(), verbose=0
        )
        first, second, third = orders[:4], orders[4:8], orders[8:]
        if shuffle:
            assert first != second != third
        else:
            assert first == second == third
        np.testing.assert_allclose([first[-1], second[-1]], third[-1], rtol=1e-5)


def test_every_row_is_visited_once_per_epoch():
    passing = batches(np.arange(3, 26), 5, glia.random.permutation)
    assert [block.shape for block in passing.blocks] == [(4, 5), (1, 3)]
    assert (passing.steps, passing.rows) == (5, 23)
    visited = np.concatenate([block.ravel() for block in passing.blocks])
    np.testing.assert_array_equal(np.sort(visited), np.arange(3, 26))
    assert visited.dtype == np.int32
    assert not np.array_equal(visited, np.arange(3, 26))


def test_fit_again_goes_on_where_it_was():
    x, y = three_classes(50)
    results = []
    for epochs in ([4], [1, 3]):
        glia.random.seed(1)
        model = compiled(dense(8, 3, head="softmax"), "sparse_categorical_crossentropy", "adam")
        for each in epochs:
            model.fit(x, y, batch_size=8, epochs=each, shuffle=False, verbose=0)
        results.append(model.get_weights())
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


def test_initial_epoch_counts_towards_epochs():
    x, y = quantity(10)
    history = linear().fit(x, y, initial_epoch=3, epochs=5, verbose=0)
    assert history.epoch == [3, 4]


@pytest.mark.usefixtures("float64")
def test_regularisation_is_part_of_the_loss():
    x, y = quantity(30)
    model = dense(1, kernel_regularizer="l2")
    compiled(model, "mse", SGD(0.0))
    kernel, bias = model.get_weights()
    expected = np.mean((x @ kernel[:, 0] + bias - y) ** 2) + 0.01 * np.sum(kernel**2)
    assert model.evaluate(x, y, verbose=0) == pytest.approx(expected, rel=1e-12)
    history = model.fit(x, y, batch_size=7, verbose=0)
    assert history.history["loss"][0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.usefixtures("float64")
def test_float64_all_the_way():
    x, y = binary(20)
    model = compiled(dense(3, 1, head="sigmoid"), "binary_crossentropy", "adam")
    model.fit(x, y, verbose=0)
    assert {weight.dtype for weight in model.get_weights()} == {np.dtype("float64")}
    assert model.predict(x).dtype == np.float64


def test_a_float32_model_stays_so_when_the_default_changes():
    from glia import dtypes

    x, y = quantity(20)
    model = linear()
    dtypes.set_dtype("float64")
    model.fit(x, y, verbose=0)
    assert model.predict(x).dtype == np.float32


def test_the_history_has_kerass_keys_and_a_final_measurement():
    x, y = three_classes(60)
    model = stack()
    history = model.fit(x, y, validation_split=0.25, epochs=3, verbose=0)
    assert list(history.history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert all(len(values) == 3 for values in history.history.values())
    assert history.epoch == [0, 1, 2]
    assert history.params["epochs"] == 3
    assert model.history is history
    assert set(history.final) == {"loss", "accuracy"}
    text = repr(history)
    assert "History of 3 epochs" in text
    assert "running means in training mode" in text
    assert "final, over the training rows in evaluation mode: loss" in text


def test_batch_methods_measure_these_rows_only():
    x, y = binary(40)
    model = compiled(
        dense(1, head="sigmoid"), "binary_crossentropy", SGD(0.1), metrics=["accuracy"]
    )
    expected = model.evaluate(x[:10], y[:10], verbose=0)
    assert model.test_on_batch(x[:10], y[:10]) == pytest.approx(expected)
    assert model.train_on_batch(x[:10], y[:10]) == pytest.approx(expected)
    logs = model.test_on_batch(x[:10], y[:10], return_dict=True)
    assert set(logs) == {"loss", "accuracy"}
    assert logs["loss"] < expected[0]
    assert model.metrics_names == ["loss", "accuracy"]


def test_weights_go_out_and_in():
    model, twin = dense(3, 1), dense(3, 1)
    twin.set_weights(model.get_weights())
    x, _ = quantity(5)
    np.testing.assert_array_equal(model.predict(x), twin.predict(x))
    weights = model.get_weights()
    weights[0][:] = 0
    np.testing.assert_array_equal(model.predict(x), twin.predict(x))
