"""Model(inputs, outputs): several inputs and outputs, shared layers, inner models, wrong graphs."""

import numpy as np
import pytest

from glia import errors, layers, ops
from glia.layers import Add, Concatenate, Dense, Input
from glia.models import Model, Sequential

LEFT = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
RIGHT = np.random.default_rng(1).normal(size=(5, 3)).astype("float32")


def two_in_two_out() -> Model:
    left, right = Input((4,), name="left"), Input((3,), name="right")
    joined = Concatenate()([Dense(6, "relu")(left), Dense(6, "relu")(right)])
    return Model(
        [left, right],
        [Dense(2, "softmax", name="kind")(joined), Dense(1, name="size")(joined)],
        name="both",
    )


def test_inputs_may_be_a_list_a_tuple_a_dict_or_arguments() -> None:
    model = two_in_two_out()
    expected = model([LEFT, RIGHT])
    assert [each.shape for each in expected] == [(5, 2), (5, 1)]
    for found in (
        model((LEFT, RIGHT)),
        model({"right": RIGHT, "left": LEFT}),
        model(LEFT, RIGHT),
        model.predict([LEFT, RIGHT]),
        model.predict({"right": RIGHT, "left": LEFT}),
    ):
        for mine, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6)
    assert (model.input_names, model.output_names) == (["left", "right"], ["kind", "size"])
    assert [symbol.shape for symbol in model.inputs] == [(None, 4), (None, 3)]
    assert model.output_shape == [(None, 2), (None, 1)]


def test_it_trains_on_both_outputs() -> None:
    model = two_in_two_out()
    model.compile("adam", ["sparse_categorical_crossentropy", "mse"], metrics=[["accuracy"], []])
    kinds = (LEFT[:, 0] > 0).astype(int)
    history = model.fit([LEFT, RIGHT], [kinds, RIGHT[:, :1]], epochs=30, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert {"kind_loss", "size_loss"} < set(history)


def test_outputs_may_be_a_dict() -> None:
    x = Input((4,))
    model = Model({"x": x}, {"a": Dense(2)(x), "b": x * 2})
    found = model({"x": LEFT} if model.input_names == ["x"] else LEFT)
    assert list(found) == model.output_names == ["a", "b"]
    np.testing.assert_array_equal(found["b"], 2 * LEFT)


def test_a_shared_layer_has_one_set_of_weights() -> None:
    one, two = Input((4,)), Input((4,))
    shared = Dense(3, "tanh")
    model = Model([one, two], shared(one) - shared(two))
    assert len(model.layers) == 1
    assert len(model.weights) == 2
    np.testing.assert_allclose(model([LEFT, LEFT]), 0)
    np.testing.assert_array_equal(model([LEFT, 2 * LEFT]), shared(LEFT) - shared(2 * LEFT))


def test_an_inner_model_is_one_layer() -> None:
    inner = two_in_two_out()
    left, right = Input((4,)), Input((3,))
    kind, size = inner([left, right])
    model = Model([left, right], ops.concatenate([kind, size], 1))
    assert [layer.name for layer in model.layers] == ["both"]
    assert model.count_params() == inner.count_params()
    np.testing.assert_array_equal(
        model([LEFT, RIGHT]), np.concatenate(inner([LEFT, RIGHT]), axis=1)
    )


def test_a_residual_connection() -> None:
    x = Input((4,))
    h = Dense(4, "relu")(x)
    model = Model(x, Add()([h, x]) + ops.exp(-x))
    dense = model.layers[0]
    np.testing.assert_allclose(model(LEFT), dense(LEFT) + LEFT + np.exp(-LEFT), rtol=1e-5)


def test_a_model_may_begin_in_the_middle() -> None:
    x = Input((4,))
    h = Dense(3)(x)
    y = Dense(2)(h)
    tail = Model(h, y)
    assert tail.input_shape == (None, 3)
    np.testing.assert_array_equal(tail(RIGHT), y.call.function(RIGHT))


def test_the_batch_is_the_true_one_when_it_runs() -> None:
    x = Input((4,))
    model = Model(x, x - x.mean(axis=0))
    for rows in (LEFT, LEFT[:1], LEFT[:0]):
        expected = rows - rows.mean(axis=0) if len(rows) else rows
        np.testing.assert_allclose(model(rows), expected, atol=1e-6)


def test_training_reaches_layers_inside() -> None:
    x = Input((4,))
    model = Model(x, Sequential([layers.Dropout(0.5, seed=0)])(x))
    np.testing.assert_array_equal(model(LEFT), LEFT)
    assert np.any(model(LEFT, training=True) == 0)


def test_a_deep_chain_needs_no_deep_python_stack() -> None:
    x = y = Input((1,))
    for _ in range(1500):
        y = y + 1
    np.testing.assert_array_equal(Model(x, y)([[1.0]]), [[1501]])


def test_an_input_that_is_not_listed_is_named() -> None:
    age, income = Input((1,), name="age"), Input((2,), name="income")
    y = Dense(1)(Concatenate()([age, income]))
    with pytest.raises(ValueError, match=r"'model': the outputs depend on an Input 'income'") as e:
        Model(age, y)
    assert "'age' (None, 1)" in str(e.value)
    assert "Add it to inputs" in str(e.value)


def test_an_input_that_is_not_used_is_named() -> None:
    age, income = Input((1,), name="age"), Input((2,), name="income")
    with pytest.raises(ValueError, match=r"input 'income' of shape \(None, 2\) reaches no output"):
        Model([age, income], Dense(1)(age))
    with pytest.raises(ValueError, match="an input is listed twice"):
        Model([age, age], Dense(1)(age))
    with pytest.raises(ValueError, match="two inputs have one name: age, age"):
        Model([age, Input((1,), name="age")], Dense(1)(age))


@pytest.mark.parametrize(
    ("inputs", "outputs", "message"),
    [
        (LEFT, None, "got inputs only; give both"),
        (None, LEFT, "got outputs only"),
        (LEFT, LEFT, "inputs got ndarray, expected Symbols"),
        ([], [], "inputs got nothing"),
    ],
)
def test_inputs_and_outputs_are_symbols(inputs, outputs, message) -> None:
    with pytest.raises(ValueError, match=message):
        Model(inputs, outputs)


def test_outputs_must_be_symbols() -> None:
    with pytest.raises(ValueError, match="outputs got Dense, expected Symbols"):
        Model(Input((4,)), Dense(3))


def test_wrong_inputs_are_named() -> None:
    model = two_in_two_out()
    with pytest.raises(ValueError, match=r"'both' has 2 inputs \(left, right\) and got 1"):
        model(LEFT)
    with pytest.raises(
        ValueError, match="inputs named left, right and got a dict with left, wrong"
    ):
        model({"left": LEFT, "wrong": RIGHT})
    with pytest.raises(errors.ShapeError, match=r"'both': its input 'right' expects shape"):
        model([LEFT, LEFT])


def test_its_input_and_output_are_what_it_was_given() -> None:
    x = Input((4,))
    y = Dense(2)(x)
    model = Model(x, y)
    assert model.input is x
    assert model.output is y
    with pytest.raises(errors.NotBuiltError, match="no Symbols of its own"):
        _ = Sequential([Dense(2)]).output


def test_recorded_calls_have_no_config() -> None:
    with pytest.raises(ValueError, match=r"recorded calls, which no config describes.*model.save"):
        two_in_two_out().get_config()


def test_default_names_of_inputs_are_numbered() -> None:
    symbols = [Input((1,)), Input((1,), name="input_1"), Input((1,))]
    model = Model(symbols, Concatenate()(symbols))
    assert model.input_names == ["input", "input_1", "input_2"]
