"""Sequential: building, adding and taking off, and what it refuses."""

import numpy as np
import pytest

from glia import dtypes, errors, layers
from glia.layers import Dense, Input
from glia.models import Model, Sequential

ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def test_three_ways_to_say_the_input_shape_and_one_not_to() -> None:
    models = [
        Sequential([Input(shape=(4,)), Dense(3), Dense(1)]),
        Sequential([Dense(3, input_shape=(4,)), Dense(1)]),
        Sequential([Dense(3), Dense(1)], input_shape=(4,)),
        Sequential([Dense(3), Dense(1)]),
    ]
    assert [model.built for model in models] == [True, True, True, False]
    models[-1](ROWS)
    for model in models:
        assert [weight.shape for weight in model.weights] == [(4, 3), (3,), (3, 1), (1,)]
        assert (model.input_shape, model.output_shape) == ((None, 4), (None, 1))
        assert model(ROWS).shape == (5, 1)


def test_weights_can_be_made_by_build() -> None:
    model = Sequential([Dense(3), Dense(1)])
    model.build((None, 4))
    assert model.built
    assert model.count_params() == 19
    with pytest.raises(errors.ShapeError, match="takes one input"):
        Sequential([Dense(3)]).build([(None, 4), (None, 4)])


def test_it_computes_layer_after_layer() -> None:
    model = Sequential([Dense(3, "relu"), Dense(2, "softmax")])
    one, two = model.layers
    np.testing.assert_array_equal(model(ROWS), two(one(ROWS)))


def test_layers_can_be_added_and_taken_off() -> None:
    model = Sequential()
    model.add(Input((4,)))
    for units in (3, 2, 1):
        model.add(Dense(units))
    last = model.pop()
    assert (last.units, model.output_shape, len(model.layers)) == (1, (None, 2), 2)
    model.add(Dense(7))
    assert model.layers[-1].name == "dense_2"
    assert model(ROWS).shape == (5, 7)
    empty = Sequential()
    with pytest.raises(ValueError, match="no layer to take off"):
        empty.pop()
    with pytest.raises(ValueError, match="has no layers; add one"):
        empty.call(ROWS)


def test_what_was_recorded_before_a_change_is_forgotten() -> None:
    model = Sequential([Dense(3, input_shape=(4,))])
    assert model.predict(ROWS).shape == (5, 3)
    model.add(Dense(2))
    assert model.predict(ROWS).shape == (5, 2)
    model.pop()
    assert model.predict(ROWS).shape == (5, 3)


def test_a_model_may_be_a_layer() -> None:
    inner = Sequential([Dense(3, input_shape=(4,)), Dense(3)])
    model = Sequential([inner, Dense(1)])
    assert model.built
    assert [layer.name for layer in model.layers] == ["sequential", "dense"]
    assert list(model.named_variables())[:2] == ["sequential/dense/kernel", "sequential/dense/bias"]
    np.testing.assert_array_equal(model(ROWS), model.layers[1](inner(ROWS)))


def test_a_layer_used_twice_shares_its_weights() -> None:
    shared = Dense(4)
    model = Sequential([shared, shared], input_shape=(4,))
    assert len(model.layers) == 2
    assert len(model.weights) == 2
    np.testing.assert_array_equal(model(ROWS), shared(shared(ROWS)))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (Dense, r"position 1 and got the class Dense; make a layer .*Dense\(\.\.\.\)"),
        ("relu", r"got 'relu' \(str\); .*Activation\('relu'\)"),
        (np.tanh, r"becomes one by Activation\(function\)"),
        (3, r"got 3 \(int\); layers are made by classes such as Dense"),
        (None, r"got None \(NoneType\)"),
    ],
)
def test_what_is_no_layer_is_named(wrong, message) -> None:
    with pytest.raises(ValueError, match=message):
        Sequential([Dense(3), wrong])


def test_layers_must_be_a_list() -> None:
    with pytest.raises(ValueError, match=r"Sequential got .*expected a list of layers"):
        Sequential(Dense(3))


def test_an_input_comes_first_and_once() -> None:
    with pytest.raises(ValueError, match="Input at position 1; it belongs first"):
        Sequential([Dense(3), Input((4,))])
    with pytest.raises(ValueError, match="it belongs first, and once"):
        Sequential([Input((4,)), Input((4,))])
    with pytest.raises(ValueError, match=r"Dense\(8\), not Dense\(8\)\(x\)"):
        Sequential([Dense(3)(Input((4,)))])


def test_layers_that_do_not_fit_each_other() -> None:
    used = Dense(2)
    used(np.ones((1, 7)))
    with pytest.raises(errors.ShapeError, match=r"'dense_1' was built for 7 features but got 3"):
        Sequential([Input((4,)), Dense(3), used])
    model = Sequential([Input((4,)), Dense(3)])
    with pytest.raises(errors.ShapeError, match=r"row of shape \(3,\), 3 numbers, into \(2, 2\)"):
        model.add(layers.Reshape((2, 2)))
    assert len(model.layers) == 1
    assert model(ROWS).shape == (5, 3)
    late = Sequential([Dense(3), used])
    with pytest.raises(errors.ShapeError, match="was built for 7 features but got 3"):
        late(ROWS)
    assert not late.built


@pytest.mark.parametrize("method", ["__call__", "predict"])
def test_rows_of_other_features_are_refused(method) -> None:
    model = Sequential([Input((20,)), Dense(1)])
    with pytest.raises(errors.ShapeError) as caught:
        getattr(model, method)(np.ones((5, 19)))
    message = str(caught.value)
    assert "expects shape (None, 20)" in message
    assert "19)" in message
    assert "every row must have 20 features, and these have 19" in message


def test_a_single_row_is_refused_with_the_way_to_write_it() -> None:
    model = Sequential([Input((4,)), Dense(1)])
    with pytest.raises(
        errors.ShapeError, match=r"got \(4,\); one row needs a batch axis: x\[None\]"
    ):
        model(ROWS[0])
    with pytest.raises(errors.ShapeError, match=r"every row must have shape \(4,\). Reshape"):
        model(ROWS[None])


def test_a_vector_is_the_column_of_a_model_of_one_feature() -> None:
    model = Sequential([Input((1,)), Dense(2)])
    x = np.arange(3.0)
    np.testing.assert_array_equal(model(x), model(x[:, None]))


def test_integers_enter_as_floats() -> None:
    model = Sequential([Input((4,)), layers.Flatten()])
    assert model(np.arange(8).reshape(2, 4)).dtype == np.float32
    assert Sequential([Input((4,), dtype="int32"), layers.Flatten()])(ROWS).dtype == np.int32


def test_float64_throughout() -> None:
    dtypes.set_dtype("float64")
    model = Sequential([Dense(3, input_shape=(4,)), layers.BatchNormalization(), Dense(1)])
    assert {weight.dtype for weight in model.weights} == {np.dtype("float64")}
    assert model(ROWS).dtype == np.float64
    model.compile("adam", "mse")
    model.fit(ROWS, ROWS[:, :1], verbose=0)
    assert model.predict(ROWS).dtype == np.float64


def test_a_config_makes_an_equal_model() -> None:
    inner = Sequential([Dense(3, "tanh")], name="inner")
    model = Sequential([inner, layers.Dropout(0.2), Dense(1)], name="mine", input_shape=(4,))
    again = Sequential.from_config(model.get_config())
    assert again.get_config() == model.get_config()
    assert again.name == "mine"
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(ROWS), model(ROWS))


def test_part_of_it_can_be_a_model() -> None:
    model = Sequential([Dense(3, "relu", input_shape=(4,)), Dense(1)])
    features = Model(model.inputs, model.layers[0].output)
    np.testing.assert_array_equal(features(ROWS), model.layers[0](ROWS))


def test_layers_are_found_by_name_and_position() -> None:
    model = Sequential([Dense(3, name="first"), Dense(1)], input_shape=(4,))
    assert model.get_layer("first") is model.get_layer(index=0) is model.layers[0]
    assert model.get_layer("dense") is model.get_layer(index=-1)
    with pytest.raises(ValueError, match=r"unknown layer of Sequential.*'frist'.*'first'"):
        model.get_layer("frist")
    with pytest.raises(ValueError, match="has 2 layers and get_layer got index=2"):
        model.get_layer(index=2)


def test_trained_weights_are_as_many_as_frozen_ones_leave() -> None:
    model = Sequential([Dense(3), layers.BatchNormalization(), Dense(1)], input_shape=(4,))
    assert (len(model.trainable_variables), len(model.non_trainable_variables)) == (6, 2)
    model.layers[0].trainable = False
    assert (len(model.trainable_variables), len(model.non_trainable_variables)) == (4, 4)
    kernel = model.layers[0].kernel.numpy()
    model.compile("sgd", "mse")
    model.fit(ROWS, ROWS[:, :1], epochs=2, verbose=0)
    np.testing.assert_array_equal(model.layers[0].kernel.array, kernel)


def test_it_knows_its_names() -> None:
    model = Sequential([Input((4,), name="age"), Dense(2, name="answer")])
    assert (model.input_names, model.output_names) == (["age"], ["answer"])
    assert model({"age": ROWS}).shape == (5, 2)
