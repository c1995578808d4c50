"""glia.explain on networks beyond the tutorials', and on what it cannot explain."""

import numpy as np
import pytest

import glia
from glia import explain, layers


def small_model(*stack, loss="mse", optimizer="sgd"):
    glia.seed(3)
    model = glia.Sequential([layers.Input(shape=(3,)), *stack])
    model.compile(optimizer=optimizer, loss=loss)
    return model


X = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")


def central_difference(model, x, y, layer, name, place, step=1e-3):
    variable = getattr(layer, name)
    found = []
    for sign in (1, -1):
        variable.array[place] += sign * step
        found.append(model.evaluate(x, y, verbose=0))
        variable.array[place] -= sign * step
    return (found[0] - found[1]) / (2 * step)


def test_gradients_agree_with_central_differences():
    glia.set_dtype("float64")
    try:
        model = small_model(layers.Dense(4, "tanh"), layers.Dense(2))
        x, y = X.astype(float), np.arange(10.0).reshape(5, 2)
        told = explain(model, x, y)
        for k, layer in enumerate(model.layers, 1):
            slope = central_difference(model, x, y, layer, "kernel", (1, 0))
            assert told[f"dW{k}"][1, 0] == pytest.approx(slope, rel=1e-6)
    finally:
        glia.set_dtype("float32")
    assert "2 (a2 - y) / 10  (of the squared error)" in told.text


def test_layers_between_dense_ones_are_shown():
    model = small_model(
        layers.Dense(4, "relu"), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(1)
    )
    told = explain(model, X, np.ones((5, 1)))
    assert "through batch_normalization (BatchNormalization)" in told.text
    assert told["dbatch_normalization.gamma"].shape == (4,)
    assert told["ddropout"].shape == (5, 4)
    # The path is not made of dense layers alone, so no product of their slopes is claimed.
    assert "dL/dW1 = dL/da2" not in told.text


def test_regularisation_is_named_and_counted():
    model = small_model(layers.Dense(1, kernel_regularizer="l2"))
    told = explain(model, X, np.ones((5, 1)))
    penalty = 0.01 * float(np.sum(model.layers[0].kernel.array ** 2))
    assert f"of which regularisation adds {penalty:.4f}" in told.text
    assert "dW1 = x^T dz1 + regularisation" in told.text


def test_adam_is_shown_as_before_and_after_only():
    model = small_model(layers.Dense(1), optimizer="adam")
    told = explain(model, X, np.ones((5, 1)))
    assert "Update by Adam(" in told.text
    assert " - 0.001 * " not in told.text
    moved = np.abs(told["W1 after"] - told["W1 before"])
    np.testing.assert_allclose(moved, 0.001, rtol=1e-3)


def test_functional_and_subclassed_models():
    class Branches(glia.Model):
        def __init__(self):
            super().__init__()
            self.left, self.right = layers.Dense(2, "relu"), layers.Dense(2, "tanh")
            self.join, self.head = layers.Concatenate(), layers.Dense(1, "sigmoid")

        def call(self, x):
            return self.head(self.join([self.left(x), self.right(x)]))

    told = explain(Branches(), X)
    assert told["a3"].shape == (5, 1)
    symbol = glia.Input(shape=(3,))
    hidden = layers.Dense(4, "relu")(symbol)
    model = glia.Model(symbol, layers.Dense(2)(hidden + symbol[:, :1]))
    np.testing.assert_allclose(explain(model, X)["a2"], model.predict(X), rtol=1e-5)


def test_another_row_is_written_out():
    model = small_model(layers.Dense(1))
    assert "x: row 3 of 5" in explain(model, X, row=3).text
    assert explain(model, X, row=-1).text == explain(model, X, row=4).text
    with pytest.raises(glia.ArgumentError, match=r"row=5, but x has 5 rows; expected 0\.\.4"):
        explain(model, X, row=5)


def test_wide_layers_are_cut_and_say_so():
    wide = glia.Sequential([layers.Input(shape=(100,)), layers.Dense(40)])
    told = explain(wide, np.ones((1, 100)))
    assert "[90 more products: " in told.text
    assert "... and 24 more neurons" in told.text
    assert told["z1"].shape == (1, 40)


def test_numbers_are_found_by_name_and_suggested():
    told = explain("relu")
    with pytest.raises(glia.ArgumentError, match="Did you mean 'derivative'"):
        told["derivativ"]
    assert str(told) == repr(told) == told.text


def test_what_cannot_be_explained():
    with pytest.raises(glia.ArgumentError, match="expected a model, an activation, a loss"):
        explain(3)
    with pytest.raises(glia.ArgumentError, match="sigmoid"):
        explain("sigmoyd")
    with pytest.raises(glia.GliaError, match="compile"):
        explain(glia.Sequential([layers.Input(shape=(3,)), layers.Dense(1)]), X, np.ones((5, 1)))
    with pytest.raises(glia.GliaError, match="4 targets and 3 predictions"):
        explain("mse", [1, 2, 3, 4], [1, 2, 3])


def test_every_activation_and_loss_can_be_explained():
    for name in glia.activations.ACTIVATIONS:
        assert explain(name)["derivative"].shape == (5,)
    for name in glia.losses.LOSSES:
        is_sparse = "sparse" in name
        y = np.array([0, 1]) if is_sparse else np.eye(2)
        told = explain(name, y, np.array([[0.7, 0.3], [0.4, 0.6]]))
        assert told["gradient"].shape == (2, 2), name
