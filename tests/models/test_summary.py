"""What summary() prints: shapes, counts, totals, and how deep the network is."""

import numpy as np
import pytest

from glia import layers, ops
from glia.layers import Concatenate, Dense, Input
from glia.models import Model, Sequential, hidden_layers


def summary(model, **options) -> str:
    texts = []
    model.summary(print_fn=texts.append, **options)
    (text,) = texts
    return text


def rows(text: str) -> list[list[str]]:
    """The cells of the table's lines."""
    table = text.split("\n" + "=" * 10)[1]
    return [[cell for cell in line.split("  ") if cell] for line in table.split("\n")[1:]]


def test_the_tutorials_network(capsys) -> None:
    model = Sequential(
        [
            Input(shape=(20,)),
            Dense(32, activation="relu"),
            Dense(16, activation="relu"),
            Dense(1, activation="sigmoid"),
        ]
    )
    model.summary()
    text = capsys.readouterr().out
    assert 'Model: "sequential"' in text
    table = [[cell.strip() for cell in row] for row in rows(text)]
    assert table == [
        ["dense (Dense)", "(None, 32)", "672"],
        ["dense_1 (Dense)", "(None, 16)", "528"],
        ["dense_2 (Dense)", "(None, 1)", "17"],
    ]
    assert "Total params: 1,217 (4.75 KB)" in text
    assert "Trainable params: 1,217 (4.75 KB)" in text
    assert "Non-trainable params: 0 (0.00 B)" in text
    assert "Input: 20 features per row." in text
    assert "Hidden layers: 2 (32 and 16 neurons), so this network is deep" in text
    assert '("deep" means two or more)' in text
    assert text.isascii()


def test_frozen_weights_and_averages_are_counted_apart() -> None:
    model = Sequential([Dense(64), layers.BatchNormalization(), Dense(3)], input_shape=(4,))
    text = summary(model)
    assert "Total params: 771 " in text
    assert "Trainable params: 643 " in text
    assert "Non-trainable params: 128 " in text
    model.layers[0].trainable = False
    assert "Trainable params: 323 " in summary(model)


def test_training_does_not_change_the_totals() -> None:
    model = Sequential([Dense(3)], input_shape=(4,))
    before = summary(model)
    model.compile("adam", "mse")
    model.fit(np.ones((4, 4)), np.ones((4, 3)), verbose=0)
    assert summary(model) == before


def test_before_the_shape_is_known() -> None:
    text = summary(Sequential([Dense(3)]))
    assert "?" in text
    assert "0 (unbuilt)" in text
    assert "No weights yet" in text


def test_several_inputs_and_branches_show_their_connections() -> None:
    age, image = Input((1,), name="age"), Input((28, 28), name="image")
    h = Concatenate()([Dense(8)(age), Dense(8)(layers.Flatten()(image))])
    text = summary(Model([age, image], Dense(2)(ops.tanh(h))))
    assert "Connected to" in text
    table = {row[0].strip(): row[-1].strip() for row in rows(text)}
    assert table["age (Input)"] == "-"
    assert table["dense (Dense)"] == "age"
    assert table["concatenate (Concatenate)"] == "dense, dense_1"
    assert table["tanh (operation)"] == "concatenate"
    assert "Inputs: age (1 feature) and image (28 x 28 = 784 numbers)." in text


def test_a_chain_needs_no_connections() -> None:
    x = Input((4,))
    text = summary(Model(x, Dense(2)(Dense(3)(x))))
    assert "Connected to" not in text
    assert rows(text)[0][0].startswith("input (Input)")


def test_inner_models_can_be_listed() -> None:
    inner = Sequential([Dense(3), Dense(3)], input_shape=(4,))
    model = Sequential([inner, Dense(1)])
    assert "  > dense_1 (Dense)" not in summary(model)
    text = summary(model, expand_nested=True)
    assert "  > dense_1 (Dense)" in text
    assert "Total params: 31 " in text


def test_shapes_of_several_outputs() -> None:
    class Halves(layers.Layer):
        def call(self, x):
            return ops.split(x, [1, 3], 1)

    x = Input((4,))
    left, right = Halves()(x)
    assert "(None, 1), (None, 3)" in summary(Model(x, [left, right]))


def test_a_class_of_ones_own() -> None:
    class Net(Model):
        def __init__(self):
            self.hidden, self.head = Dense(7), Dense(2)

        def call(self, x):
            return self.head(self.hidden(x))

    model = Net()
    model(np.ones((3, 5)))
    text = summary(model)
    assert 'Model: "net"' in text
    assert "Hidden layers: 1 (7 neurons), so this network is not deep" in text
    assert "Total params: 58 " in text


def depth(model) -> tuple[list[str], list[str]]:
    hidden, outputs = hidden_layers(model)
    return [layer.name for layer in hidden], [layer.name for layer in outputs]


def names(count: int) -> list[str]:
    return ["dense", *(f"dense_{number}" for number in range(1, count))]


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_the_last_layer_of_neurons_is_the_output(count) -> None:
    model = Sequential(
        [
            layer
            for _ in range(count)
            for layer in (Dense(3), layers.LayerNormalization(), layers.ReLU(), layers.Dropout(0.1))
        ],
        input_shape=(4,),
    )
    assert depth(model) == (names(count)[:-1], names(count)[-1:])
    word = "is deep" if count > 2 else "is not deep"
    assert word in summary(model)


def test_no_neurons_at_all() -> None:
    text = summary(Sequential([layers.BatchNormalization()], input_shape=(4,)))
    assert "Hidden layers: 0, and no layer of neurons." in text


def test_two_heads_are_two_outputs() -> None:
    x = Input((4,))
    h = Dense(3)(x)
    assert depth(Model(x, [Dense(1)(h), Dense(1)(h)])) == (["dense"], ["dense_1", "dense_2"])


def test_a_skipped_layer_is_still_hidden() -> None:
    x = Input((4,))
    h = Dense(4)(x)
    y = Dense(4)(h) + h
    assert depth(Model(x, Dense(1)(y))) == (["dense", "dense_1"], ["dense_2"])


def test_layers_of_inner_models_count() -> None:
    inner = Sequential([Dense(3), Dense(3)])
    model = Sequential([inner, layers.ReLU(), Dense(1)], input_shape=(4,))
    hidden, outputs = hidden_layers(model)
    assert hidden == inner.layers
    assert outputs == model.layers[-1:]


def test_a_layer_used_again_and_again_counts_once() -> None:
    shared = Dense(4)
    model = Sequential([shared, shared, shared, Dense(1)], input_shape=(4,))
    assert depth(model) == (["dense"], ["dense_1"])
    inner = Sequential([Dense(4), Dense(4)])
    x = Input((4,))
    assert len(hidden_layers(Model(x, inner(inner(x))))[0]) == 2


def test_an_own_layer_with_a_matrix_has_neurons() -> None:
    class Mine(layers.Layer):
        def build(self, shape):
            self.matrix = self.add_weight((shape[-1], 6))

        def call(self, x):
            return x @ self.matrix

    model = Sequential([Mine(), Dense(1)], input_shape=(4,))
    assert depth(model) == (["mine"], ["dense"])
    assert "Hidden layers: 1 (6 neurons)" in summary(model)
