"""Equal rows merged to the bit, and moments that can be joined."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from glia.errors import DataError
from glia.estimators.rows import Moments, merged

few = arrays.arrays(np.float64, (12, 2), elements=some.sampled_from([-1.0, -0.0, 0.0, 1.0, 2.0]))


@given(few, arrays.arrays(np.int64, 12, elements=some.integers(0, 3)))
def test_weights_and_repetitions_are_the_same_rows(table, times) -> None:
    X, y = table[:, :1], table[:, 1]
    if not times.any():
        times = times + 1
    weighted = merged(X, y, times.astype(float))
    repeated = merged(X.repeat(times, axis=0), y.repeat(times), np.ones(times.sum()))
    assert np.array_equal(weighted.X, repeated.X)
    assert np.array_equal(weighted.y, repeated.y)
    assert np.array_equal(weighted.weight, repeated.weight)
    kept = np.column_stack([weighted.X, weighted.y])
    assert len(np.unique(kept + 0.0, axis=0)) == len(weighted) == len(kept)
    assert weighted.weight.sum() == times.sum()
    assert {tuple(row) for row in kept} == {tuple(row) for row in table[times > 0]}


def test_different_rows_stay_apart_even_when_numbers_are_whole() -> None:
    grid = np.stack(np.meshgrid(*[np.arange(16.0)] * 4), axis=-1).reshape(-1, 4)
    assert len(merged(grid, np.zeros(len(grid)), np.ones(len(grid)))) == 16**4


def test_equal_inputs_with_different_targets_stay_apart() -> None:
    rows = merged(np.ones((4, 2)), np.array([0, 1, 1, 1]), np.ones(4))
    assert sorted(zip(rows.y.tolist(), rows.weight.tolist(), strict=True)) == [(0, 1.0), (1, 3.0)]


def test_moments_are_weighted_and_join() -> None:
    draw = np.random.default_rng(0)
    values, times = draw.normal(5, 3, (40, 3)), draw.integers(1, 5, 40)
    repeated = values.repeat(times, axis=0)
    whole = Moments.of(values, times.astype(float))
    np.testing.assert_allclose(whole.mean, repeated.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(whole.variance, repeated.var(axis=0), rtol=1e-12)
    parts = [Moments.of(values[part], times[part]) for part in (slice(0, 7), slice(7, 40))]
    joined = parts[0].joined(parts[1])
    np.testing.assert_allclose(joined.mean, whole.mean, rtol=1e-12)
    np.testing.assert_allclose(joined.variance, whole.variance, rtol=1e-12)


def test_a_constant_has_no_variance_whatever_rounding_says() -> None:
    values = np.full((30, 2), 0.1)
    values[:, 1] += np.arange(30)
    moments = Moments.of(values, np.full(30, 1 / 3))
    assert moments.variance[0] == 0
    assert moments.deviation[0] == 1
    assert Moments.of(values[:1], np.ones(1)).joined(moments).variance[0] == 0


def test_pictures_are_scaled_by_channel() -> None:
    pictures = np.random.default_rng(0).normal(size=(10, 4, 4, 3))
    moments = Moments.of(pictures, np.ones(10))
    np.testing.assert_allclose(moments.mean, pictures.mean(axis=(0, 1, 2)), rtol=1e-9)
    np.testing.assert_allclose(moments.variance, pictures.var(axis=(0, 1, 2)), rtol=1e-9)


def test_numbers_whose_square_overflows_are_refused() -> None:
    with pytest.raises(DataError, match=r"feature 1 reaches 1e\+200"):
        Moments.of(np.array([[1.0, 0.0], [2.0, 1e200]]), np.ones(2))
