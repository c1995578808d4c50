"""Head and loss are judged together before training; healthy pairs pass without a word."""

import numpy as np
import pytest
from tests.training.networks import binary, compiled, dense, quantity, three_classes

from glia import losses, ops
from glia.errors import ArgumentError
from glia.function import function
from glia.layers import Activation, Dense
from glia.models import Sequential
from glia.optimizers import Perceptron
from glia.training.heads import head_of


def head(layers, features=4):
    found = []
    model = Sequential(layers)

    def look(x):
        found.append(head_of(model(x)))
        return model(x)

    function(look).trace(np.zeros((2, features)))
    return found[-1]


def fit(layers, loss, data=binary, optimizer="sgd"):
    x, y = data(30)
    model = Sequential(layers)
    model.compile(optimizer, loss)
    return model.fit(x, y, verbose=0)


@pytest.mark.parametrize(
    ("activation", "kind"),
    [
        ("softmax", "softmax"),
        ("log_softmax", "log_softmax"),
        ("sigmoid", "sigmoid"),
        ("tanh", "tanh"),
        ("relu", "relu"),
        ("step", "step"),
        ("softplus", "softplus"),
        (None, "linear"),
        ("elu", "other"),
        ("leaky_relu", "other"),
        ("gelu", "other"),
    ],
)
@pytest.mark.parametrize("use_bias", [True, False])
def test_heads_are_recognised(activation, kind, use_bias):
    found = head([Dense(3, activation=activation, use_bias=use_bias)])
    assert (found.kind, found.units) == (kind, 3)
    if kind in ("softmax", "log_softmax", "sigmoid", "tanh", "relu"):
        assert found.inner == "linear"


def test_a_softmax_of_ones_own_is_recognised():
    def own(x):
        e = ops.exp(x)
        return e / ops.sum(e, axis=-1, keepdims=True)

    assert head([Dense(3, activation=own)]).kind == "softmax"
    assert head([Dense(3), Activation("softmax")]).kind == "softmax"


@pytest.mark.parametrize(
    ("units", "activation", "loss", "data"),
    [
        (1, "sigmoid", "binary_crossentropy", binary),
        (2, "softmax", "binary_crossentropy", binary),
        (2, "softmax", "sparse_categorical_crossentropy", binary),
        (3, "softmax", "categorical_crossentropy", three_classes),
        (3, None, losses.SparseCategoricalCrossentropy(from_logits=True), three_classes),
        (3, "log_softmax", losses.CategoricalCrossentropy(from_logits=True), three_classes),
        (1, None, losses.BinaryCrossentropy(from_logits=True), binary),
        (1, None, "mse", quantity),
        (1, "linear", "huber", quantity),
        (1, "sigmoid", "mse", binary),
        (1, "tanh", "mse", binary),
        (1, "relu", "mae", binary),
        (1, "softplus", "mse", binary),
        (3, "softmax", "mse", three_classes),
        (1, None, "mse", binary),
    ],
)
def test_healthy_pairs_pass_silently(units, activation, loss, data):
    history = fit([Dense(8, activation="relu"), Dense(units, activation=activation)], loss, data)
    assert np.isfinite(history.history["loss"]).all()


def test_several_answers_at_once_are_healthy():
    x, _ = binary(30)
    model = compiled(dense(3, head="sigmoid"), "binary_crossentropy")
    model.fit(x, (x[:, :3] > 0).astype(int), verbose=0)


def complaint(layers, loss, data=binary):
    with pytest.raises(ArgumentError) as caught:
        fit(layers, loss, data)
    return str(caught.value)


def test_softmax_applied_twice():
    layers = [Dense(3, activation="softmax"), Activation("softmax")]
    text = complaint(layers, "sparse_categorical_crossentropy", three_classes)
    assert "softmax is applied twice" in text
    assert "Remove one" in text


def test_sigmoid_applied_twice():
    layers = [Dense(1, activation="sigmoid"), Activation("sigmoid")]
    assert "sigmoid is applied twice" in complaint(layers, "binary_crossentropy")


def test_softmax_of_a_sigmoid_is_noticed():
    layers = [Dense(3, activation="sigmoid"), Activation("softmax")]
    with pytest.warns(UserWarning, match="softmax is applied to a sigmoid"):
        fit(layers, "sparse_categorical_crossentropy", three_classes)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_sigmoid_head_with_a_categorical_loss(loss):
    text = complaint([Dense(3, activation="sigmoid")], loss, three_classes)
    assert "is a sigmoid with 3 units, each on its own" in text
    assert "Dense(3, activation='softmax')" in text


def test_one_unit_with_a_categorical_loss():
    text = complaint([Dense(1, activation="sigmoid")], "sparse_categorical_crossentropy")
    assert "has one unit" in text
    assert "Dense(1, activation='sigmoid') with binary_crossentropy" in text


def test_softmax_with_one_unit():
    for loss in ("binary_crossentropy", "mse"):
        text = complaint([Dense(1, activation="softmax", name="end")], loss)
        assert "layer 'end' is a softmax with one unit, which always answers 1" in text


def test_from_logits_on_probabilities():
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    text = complaint([Dense(3, activation="softmax")], loss, three_classes)
    assert "already ends in a softmax" in text
    assert "Drop from_logits=True" in text
    loss = losses.BinaryCrossentropy(from_logits=True)
    assert "already ends in a sigmoid" in complaint([Dense(1, activation="sigmoid")], loss)


@pytest.mark.parametrize(
    ("activation", "reason"),
    [
        (None, "has no activation"),
        ("relu", "from 0 to infinity"),
        ("tanh", "from -1 to 1"),
        ("log_softmax", "negative numbers"),
    ],
)
def test_cross_entropy_of_what_is_no_probability(activation, reason):
    text = complaint([Dense(3, activation=activation)], "categorical_crossentropy", three_classes)
    assert reason in text
    assert "activation='softmax'" in text
    assert "CategoricalCrossentropy(from_logits=True)" in text


def test_logits_limited_by_a_relu_are_noticed():
    with pytest.warns(UserWarning, match="limits them"):
        fit([Dense(1, activation="relu")], losses.BinaryCrossentropy(from_logits=True))


def test_a_step_head_learns_by_the_perceptron_rule_and_not_by_gradients():
    text = complaint([Dense(1, activation="step")], "mse")
    assert "slope is 0 everywhere" in text
    assert "glia.optimizers.Perceptron()" in text
    x, y = binary(30)
    assert 0 <= compiled(dense(1, head="step"), "mse").evaluate(x, y, verbose=0) <= 1
    fit([Dense(1, activation="step")], "mse", optimizer=Perceptron())


def test_the_pair_is_judged_before_any_weight_moves():
    x, y = three_classes(30)
    model = compiled(dense(3, head="sigmoid"), "categorical_crossentropy")
    before = model.get_weights()
    with pytest.raises(ArgumentError):
        model.fit(x, y, verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
