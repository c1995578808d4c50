"""A stack without activations equals one matrix, and collapse returns it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glia import dtypes, errors, layers
from glia.layers import Dense, Input
from glia.models import Model, Sequential, collapse

ROWS = np.random.default_rng(0).normal(size=(7, 4))


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_any_stack_equals_its_one_matrix(units, biases) -> None:
    dtypes.set_dtype("float64")
    stack = [
        Dense(n, use_bias=bias, bias_initializer="random_normal")
        for n, bias in zip(units, biases, strict=False)
    ]
    model = Sequential(stack, input_shape=(4,))
    kernel, bias = collapse(model)
    assert (kernel.shape, bias.shape) == ((4, units[-1]), (units[-1],))
    assert kernel.dtype == np.float64
    np.testing.assert_allclose(ROWS @ kernel + bias, model(ROWS), rtol=1e-10, atol=1e-12)


def test_inner_models_and_recorded_chains_are_taken_apart() -> None:
    x = Input((4,))
    model = Model(x, Sequential([Dense(3), Dense(2)])(Dense(5, activation="linear")(x)))
    kernel, bias = collapse(model)
    assert kernel.dtype == np.float32
    np.testing.assert_allclose(ROWS @ kernel + bias, model(ROWS), rtol=1e-4, atol=1e-5)


def test_an_activation_keeps_it_from_collapsing() -> None:
    model = Sequential([Dense(3), Dense(3, activation="relu"), Dense(1)], input_shape=(4,))
    with pytest.raises(ValueError, match=r"Dense 'dense_1' has the activation 'relu', which no"):
        collapse(model)
    model = Sequential([Dense(3, activation=layers.LeakyReLU())], input_shape=(4,))
    with pytest.raises(ValueError, match="has the activation 'leaky_re_lu'"):
        collapse(model)


def test_another_layer_keeps_it_from_collapsing() -> None:
    model = Sequential([Dense(3), layers.BatchNormalization()], input_shape=(4,))
    with pytest.raises(ValueError, match=r"'batch_normalization' is not a Dense layer"):
        collapse(model)


def test_branches_are_no_chain() -> None:
    x = Input((4,))
    h = Dense(4)(x)
    with pytest.raises(ValueError, match="not a plain chain"):
        collapse(Model(x, h + x))
    with pytest.raises(ValueError, match="not a plain chain"):
        collapse(Model(x, [Dense(1)(h), Dense(1)(x)]))


def test_without_weights_or_layers() -> None:
    with pytest.raises(errors.NotBuiltError, match="no recorded calls to follow; build it first"):
        collapse(Sequential([Dense(3)]))
    with pytest.raises(ValueError, match="has no layers"):
        collapse(Sequential([Input((4,))]))
