"""A model as a class of one's own."""

import numpy as np
import pytest

from glia import errors, layers, ops
from glia.graph import Variable
from glia.layers import Dense, Dropout, Input
from glia.models import Model, Sequential

ROWS = np.random.default_rng(0).normal(size=(30, 4)).astype("float32")


class Net(Model):
    def __init__(self, units=8):
        super().__init__()
        self.units = units
        self.blocks = [Dense(units, "relu"), {"second": Dense(units, "relu")}]
        self.drop = Dropout(0.5)
        self.head = Dense(2, "softmax")
        self.temperature = Variable(np.ones((), "float32"), "temperature")

    def call(self, x, training=None):
        first, rest = self.blocks
        h = self.drop(rest["second"](first(x)), training=training)
        return self.head(h * self.temperature)


class Bare(Model):
    """Without super().__init__()."""

    def __init__(self):
        self.layers = [Dense(3), Dense(2)]
        self.output = Dense(2, "softmax")

    def call(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.output(x)


@pytest.mark.parametrize("kind", [Net, Bare])
def test_it_trains_and_predicts(kind) -> None:
    model = kind()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(ROWS, (ROWS[:, 0] > 0).astype(int), epochs=40, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    predicted = model.predict(ROWS)
    np.testing.assert_allclose(predicted.sum(1), 1, rtol=1e-5)
    np.testing.assert_allclose(predicted, model(ROWS), rtol=1e-5, atol=1e-6)


def test_its_layers_and_weights_are_found_and_named() -> None:
    model = Net()
    assert not model.built
    model(ROWS)
    assert [layer.name for layer in model.layers] == ["dense", "dense_1", "dropout", "dense_2"]
    assert list(model.named_variables()) == [
        "temperature",
        "dense/kernel",
        "dense/bias",
        "dense_1/kernel",
        "dense_1/bias",
        "dense_2/kernel",
        "dense_2/bias",
    ]
    assert (model.name, model.inputs, model.outputs) == ("net", [], [])
    assert (model.input_shape, model.output_shape) == ((None, 4), (None, 2))


def test_build_makes_the_weights_from_a_shape() -> None:
    model = Net()
    model.build((None, 4))
    assert model.count_params() == 4 * 8 + 8 + 8 * 8 + 8 + 8 * 2 + 2 + 1

    class Two(Model):
        def __init__(self):
            self.dense = Dense(2)

        def call(self, inputs):
            return self.dense(inputs["a"]) + self.dense(inputs["b"])

    two = Two()
    two.build({"a": (None, 3), "b": (None, 3)})
    assert two.count_params() == 8


def test_training_is_passed_on() -> None:
    model = Net()
    assert np.any(model(ROWS, training=True) != model(ROWS))
    np.testing.assert_array_equal(model(ROWS, training=False), model(ROWS))


def test_it_may_be_part_of_other_models() -> None:
    inner = Net()
    x = Input((4,))
    functional = Model(x, Dense(1)(inner(x)))
    stacked = Sequential([inner, functional.layers[1]])
    np.testing.assert_array_equal(functional(ROWS), stacked(ROWS))
    assert functional.count_params() == inner.count_params() + 3


def test_a_class_may_record_calls() -> None:
    class Recorded(Model):
        def __init__(self, units):
            x = Input((4,))
            super().__init__(x, Dense(units)(x))
            self.units = units

    model = Recorded(3)
    assert model(ROWS).shape == (30, 3)
    assert model.get_config() == {"units": 3}
    again = Recorded.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(ROWS), model(ROWS))


def test_a_config_is_its_arguments() -> None:
    assert Net(5).get_config() == {"units": 5}
    assert Net.from_config({"units": 5}).units == 5


def test_layers_within_layers() -> None:
    class Block(layers.Layer):
        def __init__(self, units):
            self.inner = Sequential([Dense(units), layers.BatchNormalization()])

        def call(self, x):
            return ops.tanh(self.inner(x))

    class Deep(Model):
        def __init__(self):
            self.blocks = tuple(Block(n) for n in (3, 2))

        def call(self, x):
            for block in self.blocks:
                x = block(x)
            return x

    model = Deep()
    model.compile("sgd", "mse")
    model.fit(ROWS, np.tanh(ROWS[:, :2]), epochs=2, verbose=0)
    paths = list(model.named_variables())
    assert len(paths) == 12
    assert "block_1/sequential/batch_normalization/moving_mean" in paths
    assert np.any(model.named_variables()["block/sequential/batch_normalization/moving_mean"].array)


def test_neither_calls_nor_a_call() -> None:
    class Empty(Model):
        pass

    with pytest.raises(errors.NotBuiltError, match=r"neither inputs and outputs nor a call\(\)"):
        Empty()(ROWS)


def test_a_wrong_shape_inside_names_the_layer() -> None:
    model = Net()
    model(ROWS)
    with pytest.raises(errors.ShapeError, match="Dense 'dense' was built for 4 features but got 3"):
        model.predict(ROWS[:, :3])
