"""Flatten, Reshape, Add and Concatenate."""

import numpy as np
import pytest

from glia import errors, layers
from glia.layers import Add, Concatenate, Flatten, Input, Reshape


def test_flatten_keeps_the_order_of_numbers() -> None:
    x = np.arange(24).reshape(2, 3, 4)
    np.testing.assert_array_equal(Flatten()(x), x.reshape(2, 12))
    assert Flatten()(np.ones((5, 28, 28))).shape == (5, 784)
    assert Flatten()(np.ones(5)).shape == (5, 1)
    assert Flatten()(np.ones((0, 3, 4))).shape == (0, 12)
    assert Flatten()(Input((28, 28))).shape == (None, 784)


def test_reshape_keeps_the_order_of_numbers() -> None:
    x = np.arange(24).reshape(2, 12)
    np.testing.assert_array_equal(Reshape((3, 4))(x), x.reshape(2, 3, 4))
    np.testing.assert_array_equal(Reshape([2, -1, 3])(x), x.reshape(2, 2, 2, 3))
    assert Reshape((-1,))(np.ones((0, 3, 4))).shape == (0, 12)
    assert Reshape((4, -1))(Input((12,))).shape == (None, 4, 3)
    assert Reshape((-1, 2))(Input((None, 4))).shape == (None, None, 2)


@pytest.mark.parametrize("target", [5, "ab", (2, -1, -1), (0, 3), (2.0, 3)])
def test_a_target_is_sizes_of_a_row(target) -> None:
    with pytest.raises(ValueError, match=r"Reshape: target_shape got .*\(28, 28, 1\)"):
        Reshape(target)


@pytest.mark.parametrize("target", [(5, 2), (5, -1)])
def test_numbers_that_do_not_fit(target) -> None:
    with pytest.raises(errors.ShapeError, match=r"row of shape \(12,\), 12 numbers, into \(5,"):
        Reshape(target)(np.ones((2, 12)))


def test_sums() -> None:
    one, two = np.ones((2, 3, 4)), np.full((2, 1, 4), 2.0)
    np.testing.assert_array_equal(Add()([one, two]), np.full((2, 3, 4), 3))
    np.testing.assert_array_equal(Add()([one, one[:, 0], two]), np.full((2, 3, 4), 4))


def test_joins() -> None:
    one, two = np.ones((2, 3)), np.zeros((2, 1))
    np.testing.assert_array_equal(Concatenate()([one, two]), [[1, 1, 1, 0]] * 2)
    assert Concatenate(axis=1)([np.ones((2, 3, 4)), np.ones((2, 5, 4))]).shape == (2, 8, 4)
    assert Concatenate()([one]).shape == (2, 3)


@pytest.mark.parametrize(
    ("layer", "shapes", "message"),
    [
        (Add(), [(2, 3), (2, 4)], r"cannot add inputs of shapes \(None, 3\) and \(None, 4\)"),
        (Concatenate(), [(2, 3, 4), (2, 2, 4)], r"cannot join .*\(None, 3, 4\) and \(None, 2, 4\)"),
        (Concatenate(axis=3), [(2, 3), (2, 3)], "along axis 3"),
        (Concatenate(), [(2, 3), (2, 3, 1)], "same size in all of them"),
        (Add(), [(2, 3)], r"at least 2 inputs, as in Add\(\)\(\[a, b\]\), and got 1 of them"),
    ],
)
def test_inputs_that_do_not_fit_together(layer, shapes, message) -> None:
    with pytest.raises(errors.ShapeError, match=message):
        layer([np.ones(shape) for shape in shapes])
    with pytest.raises(errors.ShapeError, match=message):
        layer([Input(shape[1:]) for shape in shapes])


@pytest.mark.parametrize("layer", [Add(), Concatenate()])
def test_a_single_input_is_refused(layer) -> None:
    with pytest.raises(errors.ShapeError, match=r"takes a list .* and got a single input"):
        layer(np.ones((2, 3)))


def test_an_axis_is_a_number() -> None:
    with pytest.raises(ValueError, match="Concatenate: axis got None"):
        layers.Concatenate(axis=None)
