"""Symbols: what is recorded, with which shapes, and what they refuse."""

import numpy as np
import pytest

from glia import activations, errors, layers, models, ops
from glia.layers import Dense, Input, Symbol
from glia.layers.symbol import BATCHES, record

ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")

# Python on a Symbol, and the same on an array.
EXPRESSIONS = {
    "add": lambda x: x + 1,
    "radd": lambda x: 1 + x,
    "subtract": lambda x: x - x * 2,
    "rsubtract": lambda x: 1.5 - x,
    "divide": lambda x: x / 3,
    "rdivide": lambda x: 3 / (x * x + 1),
    "power": lambda x: x**2,
    "matmul": lambda x: x @ np.ones((4, 2), "float32"),
    "rmatmul": lambda x: np.ones((3, 4), "float32") @ x.T,
    "negative": lambda x: -x,
    "absolute": abs,
    "compare": lambda x: (x > 0) & (x <= 1) | ~(x < 2),
    "equal": lambda x: (x == x) != (x >= 0),
    "array on the left": lambda x: np.arange(4, dtype="float32") * x,
    "a row": lambda x: x[0],
    "a column": lambda x: x[:, 1],
    "columns": lambda x: x[:, 1:3],
    "new axis": lambda x: x[:, None, :],
    "transpose": lambda x: x.T,
    "reshape": lambda x: x.reshape(-1, 2, 2),
    "flat": lambda x: x.reshape(-1),
    "sum": lambda x: x.sum(axis=1, keepdims=True),
    "mean": lambda x: x.mean(),
    "largest": lambda x: x.max(axis=-1) - x.min(axis=-1),
    "integers": lambda x: x.astype("int32"),
    "numpy": np.exp,
    "ops": lambda x: ops.tanh(ops.concatenate([x, x * 2], 1)),
    "where": lambda x: ops.where(x > 0, x, 0),
    "activation": activations.softmax,
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_what_is_recorded_is_what_runs(name) -> None:
    x = Input((4,))
    y = EXPRESSIONS[name](x)
    assert isinstance(y, Symbol)
    model = models.Model(x, y)
    for rows in (ROWS, ROWS[:1]):
        expected = np.asarray(EXPRESSIONS[name](rows))
        found = model(rows)
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
        known = zip(y.shape, found.shape, strict=True)
        assert all(size is None or size == true for size, true in known)
    sizes = zip(y.shape, np.shape(expected), np.shape(model(ROWS)), strict=True)
    assert all((one == other) == (size is not None) for size, one, other in sizes)


def test_an_input_knows_its_shape_and_dtype() -> None:
    x = Input((4, None), dtype="int32", name="tokens")
    assert (x.shape, x.dtype, x.ndim, x.name) == ((None, 4, None), np.int32, 3, "tokens")
    assert repr(x) == "Symbol('tokens', shape=(None, 4, None), dtype=int32)"


@pytest.mark.parametrize("shape", [4, "4", (0,), (4.0,), (True,), (-1,), None])
def test_a_shape_must_be_sizes_of_a_row(shape) -> None:
    with pytest.raises(ValueError, match=r"Input: the shape of one row got .* such as shape=\("):
        Input(shape)


def test_an_unknown_axis_other_than_the_batch_stays_unknown() -> None:
    x = Input((None, 3))
    y = Dense(2)(x)
    assert y.shape == (None, None, 2)
    assert layers.Softmax()(y[:, -1]).shape == (None, 2)
    model = models.Model(x, y)
    assert [model(np.ones((2, n, 3))).shape for n in (1, 7)] == [(2, 1, 2), (2, 7, 2)]


def test_several_results_are_several_symbols() -> None:
    x = Input((4,))
    left, right = ops.split(x, [1, 3], 1)
    assert (left.shape, right.shape) == ((None, 1), (None, 3))
    model = models.Model(x, {"right": right, "left": left})
    np.testing.assert_array_equal(model(ROWS)["right"], ROWS[:, 1:])


@pytest.mark.parametrize(
    "use", [bool, float, int, len, list, np.asarray, lambda x: 1 if x > 0 else 2, np.linalg.norm]
)
def test_python_cannot_look_at_a_symbol(use) -> None:
    with pytest.raises(errors.TraceError, match=r"glia\.ops"):
        use(Input((4,)))


def test_a_symbol_cannot_be_written_into() -> None:
    with pytest.raises(errors.TraceError, match="cannot be written into"):
        Input((4,))[0] = 1


def test_symbols_are_told_apart_by_identity() -> None:
    x, y = Input((4,)), Input((4,))
    assert len({x, y}) == 2
    assert hash(x) == id(x)


def test_an_error_tells_what_was_recorded() -> None:
    with pytest.raises(errors.ShapeError) as caught:
        Input((4,)) + Input((3,))
    (note,) = caught.value.__notes__
    assert "add on Symbols of shape (None, 4), (None, 3)" in note
    assert f"standing at {BATCHES[0]}" in note


def test_a_function_must_return_tensors() -> None:
    with pytest.raises(ValueError, match="named returned str in a functional model"):
        record(named, [Input((4,))], {})


def named(x):
    return "text"


def test_recording_leaves_weights_and_random_numbers_alone() -> None:
    layer = layers.BatchNormalization()
    x = Input((4,))
    layer(x)
    before = layer.get_weights()
    layer(x, training=True)
    for one, other in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_call_keeps_its_explicit_mode() -> None:
    x = Input((4,))
    model = models.Model(x, layers.Dropout(0.5, seed=0)(x, training=True))
    assert np.any(model(ROWS) == 0)
    assert np.any(model(ROWS, training=False) == 0)


def test_input_and_output_of_a_layer_called_once() -> None:
    x = Input((4,))
    layer = Dense(2)
    with pytest.raises(errors.NotBuiltError, match="called 0 times on Symbols"):
        _ = layer.output
    y = layer(x)
    assert layer.input is x
    assert layer.output is y
    assert (layer.input_shape, layer.output_shape) == ((None, 4), (None, 2))
    layer(x)
    with pytest.raises(errors.NotBuiltError, match="called 2 times"):
        _ = layer.output
