"""Rows held back for validation: every class keeps its share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.training.networks import compiled, dense, quantity

from glia.errors import ArgumentError
from glia.training.splits import split_rows


def shuffle(seed=0):
    return np.random.default_rng(seed).permutation


def test_each_class_keeps_its_share():
    labels = np.repeat([0, 1, 2], [100, 40, 10])
    training, validation = split_rows(150, 0.2, "stratified", labels, shuffle())
    np.testing.assert_array_equal(np.bincount(labels[validation]), [20, 8, 2])
    np.testing.assert_array_equal(np.sort([*training, *validation]), np.arange(150))


@given(
    sizes=st.lists(st.integers(2, 30), min_size=1, max_size=5),
    fraction=st.floats(0.05, 0.95),
    seed=st.integers(0, 99),
)
def test_shares_are_the_nearest_whole_numbers(sizes, fraction, seed):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    rows = len(labels)
    count = rows - int(np.floor(rows * (1 - fraction)))
    if not len(sizes) <= count <= rows - len(sizes):
        return
    training, validation = split_rows(rows, fraction, "stratified", labels, shuffle(seed))
    assert len(validation) == count
    held = np.bincount(labels[validation], minlength=len(sizes))
    ideal = np.array(sizes) * count / rows
    assert (held >= 1).all()
    assert (np.bincount(labels[training], minlength=len(sizes)) >= 1).all()
    is_plain = (ideal >= 1).all() and (np.array(sizes) - ideal >= 1).all()
    if is_plain:
        assert (np.abs(held - ideal) < 1).all()


def test_rows_are_drawn_at_random_within_a_class():
    labels = np.zeros(100, int)
    first = split_rows(100, 0.2, "stratified", labels, shuffle(0))[1]
    second = split_rows(100, 0.2, "stratified", labels, shuffle(1))[1]
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, split_rows(100, 0.2, "stratified", labels, shuffle(0))[1])


def test_a_class_too_rare_falls_back_to_random():
    labels = np.array([0] * 50 + [1])
    with pytest.warns(UserWarning, match="class 1 has 1 of 51 rows"):
        training, validation = split_rows(51, 0.2, "stratified", labels, shuffle())
    assert (len(training), len(validation)) == (40, 11)


def test_the_tail_is_the_tail():
    training, validation = split_rows(10, 0.25, "tail", None, shuffle())
    np.testing.assert_array_equal(training, range(7))
    np.testing.assert_array_equal(validation, [7, 8, 9])


def test_quantities_are_split_at_random():
    training, validation = split_rows(100, 0.1, "stratified", None, shuffle())
    assert len(validation) == 10
    assert not np.array_equal(validation, np.arange(90, 100))
    assert not np.intersect1d(training, validation).size


@pytest.mark.parametrize("fraction", [1.0, -0.1, 2])
def test_a_fraction_out_of_range(fraction):
    x, y = quantity(10)
    with pytest.raises(ArgumentError, match="validation_split got"):
        compiled(dense(1), "mse").fit(x, y, validation_split=fraction, verbose=0)


def test_a_part_that_would_be_empty():
    with pytest.raises(ArgumentError, match="leaves 0 for training and 1 for validation"):
        split_rows(1, 0.5, "random", None, shuffle())


def test_an_unknown_order():
    with pytest.raises(ArgumentError, match="'stratified', 'random', 'tail'"):
        split_rows(10, 0.5, "head", None, shuffle())


def test_validation_data_goes_before_validation_split():
    x, y = quantity(20)
    model = compiled(dense(1), "mse")
    history = model.fit(x, y, validation_split=0.5, validation_data=(x, y), verbose=0)
    assert history.params["steps"] == 1
    assert history.history["val_loss"][0] == pytest.approx(model.evaluate(x, y, verbose=0))


def test_the_same_seed_splits_alike():
    x, y = quantity(40)
    results = []
    for _ in range(2):
        model = compiled(dense(1, kernel_initializer="zeros"), "mse")
        import glia.random

        glia.random.seed(5)
        results.append(model.fit(x, y, validation_split=0.3, epochs=2, verbose=0).history)
    assert results[0] == results[1]
