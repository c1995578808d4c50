"""Targets are aligned, encoded and checked against the loss and the head."""

import logging

import numpy as np
import pytest
from tests.training.networks import binary, compiled, dense, quantity, three_classes

from glia import losses
from glia.errors import DataError, ShapeError
from glia.training.heads import Head
from glia.training.targets import class_labels, class_weights, encode

FLOAT = np.dtype("float32")
MSE = losses.MeanSquaredError()
BINARY = losses.BinaryCrossentropy()
CATEGORICAL = losses.CategoricalCrossentropy()
SPARSE = losses.SparseCategoricalCrossentropy()


def encoded(y, units, loss, kind="softmax"):
    return encode(np.asarray(y), (units,), loss, Head(kind, "linear", units), FLOAT)


def test_a_column_and_a_vector_are_aligned():
    y = np.array([0.5, 1.5, 2.5])
    assert encoded(y, 1, MSE, "linear").shape == (3, 1)
    assert encode(y[:, None], (), MSE, Head("linear", "other", 1), FLOAT).shape == (3,)


def test_vector_and_column_targets_train_alike():
    x, y = quantity(30)
    results = []
    for target in (y, y[:, None]):
        model = compiled(dense(1, kernel_initializer="zeros"), "mse")
        model.fit(x, target, epochs=2, shuffle=False, verbose=0)
        results.append(model.predict(x))
    np.testing.assert_array_equal(*results)


def test_targets_are_never_broadcast():
    x, y = quantity(30)
    model = compiled(dense(3), "mse")
    with pytest.raises(ShapeError, match=r"y has shape \(30,\) but layer .* gives \(30, 3\)"):
        model.fit(x, y, verbose=0)
    with pytest.raises(ShapeError, match="Give the last layer 2 units"):
        model.fit(x, np.stack([y, y], axis=1), verbose=0)


def test_integer_labels_are_one_hot_encoded(caplog):
    with caplog.at_level(logging.INFO, "glia"):
        y = encoded([0, 2, 1], 3, CATEGORICAL)
    np.testing.assert_array_equal(y, [[1, 0, 0], [0, 0, 1], [0, 1, 0]])
    assert y.dtype == FLOAT
    assert "one-hot encoded" in caplog.text
    np.testing.assert_array_equal(encoded([[1], [0]], 2, CATEGORICAL), [[0, 1], [1, 0]])
    np.testing.assert_array_equal(encoded([1.0, 0.0], 2, BINARY), [[0, 1], [1, 0]])


def test_one_hot_rows_stay():
    rows = np.eye(3)
    np.testing.assert_array_equal(encoded(rows, 3, CATEGORICAL), rows)


def test_sparse_labels_become_int32():
    for given in ([0, 1, 2], [[0], [1], [2]], [0.0, 1.0, 2.0]):
        y = encoded(given, 3, SPARSE)
        assert y.dtype == np.int32
        assert y.shape == (3,)


def test_sparse_labels_out_of_range_name_row_and_classes():
    with pytest.raises(DataError, match="label 3 in row 1, but the head has 3 units"):
        encoded([0, 3, 1], 3, SPARSE)
    with pytest.raises(DataError, match=r"label -1 in row 0.*renumber the classes from 0"):
        encoded([-1, 2, 1], 3, SPARSE)
    with pytest.raises(DataError, match="give the last layer 4 units"):
        encoded([0, 3, 1], 3, CATEGORICAL)


def test_fractions_are_no_class_numbers():
    with pytest.raises(DataError, match=r"y holds 0.5 in row 1.*mse loss"):
        encoded([0, 0.5, 1], 3, SPARSE)


def test_one_hot_rows_for_a_sparse_loss():
    with pytest.raises(ShapeError, match="use categorical_crossentropy"):
        encoded(np.eye(3), 3, SPARSE)


def test_an_ignored_class_is_not_out_of_range():
    loss = losses.SparseCategoricalCrossentropy(ignore_class=255)
    np.testing.assert_array_equal(encoded([0, 255, 2], 3, loss), [0, 255, 2])


def test_binary_labels_out_of_range():
    with pytest.raises(DataError, match=r"-1 in row 1; .*\(y \+ 1\) / 2"):
        encoded([1, -1, 1], 1, BINARY, "sigmoid")
    with pytest.raises(DataError, match=r"2 in row 2; .*Dense\(3, activation='softmax'\)"):
        encoded([0, 1, 2], 1, BINARY, "sigmoid")


def test_rows_that_do_not_sum_to_one_are_noticed():
    with pytest.warns(UserWarning, match="row 1 sums to 2"):
        encoded([[1, 0, 0], [1, 1, 0]], 3, CATEGORICAL)


def test_targets_the_head_cannot_reach_are_noticed():
    with pytest.warns(UserWarning, match="only gives numbers between 0 and 1"):
        encoded([0.0, 5.0], 1, MSE, "sigmoid")
    with pytest.warns(UserWarning, match="of at least 0"):
        encoded([-1.0, 5.0], 1, MSE, "relu")
    encoded([-0.5, 0.5], 1, MSE, "tanh")


def test_class_labels_are_found_in_every_form():
    np.testing.assert_array_equal(class_labels(np.eye(3), CATEGORICAL), [0, 1, 2])
    np.testing.assert_array_equal(class_labels(np.array([[1.0], [0.0]]), BINARY), [1, 0])
    np.testing.assert_array_equal(class_labels(np.array([2, 0]), SPARSE), [2, 0])
    np.testing.assert_array_equal(class_labels(np.tile([0.0, 1.0], 9), MSE), [0, 1] * 9)
    assert class_labels(np.array([0.5, 1.0]), MSE) is None
    assert class_labels(np.arange(50), MSE) is None


def test_class_weights_of_classes_that_cannot_be():
    labels = np.array([0, 1, 1])
    np.testing.assert_array_equal(class_weights({1: 3.0}, labels, 2), [1, 3, 3])
    with pytest.raises(DataError, match="names class 5, but the classes are numbers from 0 to 1"):
        class_weights({5: 1.0}, labels, 2)
    with pytest.raises(DataError, match="names class 'a'"):
        class_weights({"a": 1.0}, labels, 2)
    with pytest.raises(DataError, match="expected a dict"):
        class_weights("balanced", labels, 2)
    with pytest.raises(DataError, match="use sample_weight"):
        class_weights({0: 1.0}, None, 2)


@pytest.mark.parametrize(
    ("head", "units", "loss"),
    [
        ("sigmoid", 1, "binary_crossentropy"),
        ("softmax", 2, "binary_crossentropy"),
        ("softmax", 2, "categorical_crossentropy"),
        ("softmax", 2, "sparse_categorical_crossentropy"),
        ("softmax", 2, "mse"),
        ("sigmoid", 1, "mse"),
    ],
)
def test_every_way_to_say_yes_or_no_learns(head, units, loss):
    x, y = binary(80)
    model = compiled(dense(8, units, head=head), loss, "adam", metrics=["accuracy"])
    history = model.fit(x, y, epochs=60, batch_size=8, verbose=0)
    assert history.history["accuracy"][-1] > 0.9


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_three_classes_learn(loss):
    x, y = three_classes(90)
    model = compiled(dense(16, 3, head="softmax"), loss, "adam", metrics=["accuracy"])
    history = model.fit(x, y, epochs=60, batch_size=8, verbose=0)
    assert history.history["accuracy"][-1] > 0.85
