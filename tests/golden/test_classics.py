"""The classical results about small networks, each trained rather than told."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import glia
from glia import layers

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND, OR, XOR = (np.array(gate) for gate in ([0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0]))


def error(got, expected) -> float:
    return np.max(np.abs(np.subtract(got, expected))) / np.max(np.abs(expected))


# The perceptron rule


def perceptron(initializer: str = "zeros") -> glia.Sequential:
    neuron = layers.Dense(1, activation="step", kernel_initializer=initializer)
    model = glia.Sequential([layers.Input(shape=(2,)), neuron])
    model.compile(optimizer=glia.optimizers.Perceptron(), loss="mse", metrics=["accuracy"])
    return model


def state(model) -> tuple[float, ...]:
    """Everything the rule's next move depends on: two weights and a bias."""
    return tuple(float(number) for weight in model.get_weights() for number in weight.ravel())


def until_repeated(model, y) -> list[tuple[float, ...]]:
    """The states after 0, 1, 2 ... whole epochs, up to the first that was there before."""
    seen = [state(model)]
    while len(set(seen)) == len(seen) and len(seen) < 100:
        model.fit(X, y, batch_size=1, shuffle=False, verbose=0)
        seen.append(state(model))
    return seen


@pytest.mark.parametrize("initializer", ["zeros", "glorot_uniform"])
@pytest.mark.parametrize("gate", [AND, OR], ids=["and", "or"])
def test_the_perceptron_rule_learns_and_and_or(gate, initializer: str) -> None:
    model = perceptron(initializer)
    seen = until_repeated(model, gate)
    assert seen[-1] == seen[-2], "it stops moving"
    assert model.predict(X)[:, 0].tolist() == gate.tolist()
    assert model.evaluate(X, gate, verbose=0) == [0.0, 1.0]


def test_the_perceptron_rule_runs_in_a_circle_on_xor() -> None:
    model = perceptron()
    seen = until_repeated(model, XOR)
    assert seen[-1] in seen[:-1], "the same weights after two different epochs"
    # The rule looks at nothing but weights and rows, so the circle never ends: walk it once more.
    period = len(seen) - 1 - seen.index(seen[-1])
    walked = []
    for _ in range(period * len(X)):
        row = len(walked) % len(X)
        model.train_on_batch(X[row : row + 1], XOR[row : row + 1])
        walked.append(state(model))
    assert walked[-1] == seen[-1]
    assert len(set(walked)) > 1, "its weights do move: it has not settled on anything"
    for weights in walked:
        model.set_weights([np.reshape(weights[:2], (2, 1)), np.array(weights[2:])])
        assert model.evaluate(X, XOR, verbose=0)[1] < 1, "no state of the circle is a solution"


# A hidden layer


def solves_xor(seed: int, *hidden: layers.Dense) -> bool:
    glia.seed(seed)
    model = glia.Sequential(
        [layers.Input(shape=(2,)), *hidden, layers.Dense(1, activation="sigmoid")]
    )
    model.compile(optimizer=glia.optimizers.Adam(0.1), loss="binary_crossentropy")
    model.fit(X, XOR, epochs=150, verbose=0)
    return bool(np.array_equal(model.predict(X)[:, 0] >= 0.5, XOR))


def test_four_hidden_neurons_solve_xor_for_nearly_every_seed() -> None:
    solved = [seed for seed in range(50) if solves_xor(seed, layers.Dense(4, activation="tanh"))]
    assert len(solved) >= 48, f"solved for {len(solved)} of 50 seeds only: {solved}"


def test_neither_one_neuron_nor_a_layer_without_activation_solves_xor() -> None:
    assert not any(solves_xor(seed) for seed in range(3))
    assert not any(solves_xor(seed, layers.Dense(4)) for seed in range(3))


# One neuron is logistic regression


@pytest.mark.parametrize("strength", [1.0, 0.1], ids="C={}".format)
def test_one_sigmoid_neuron_is_logistic_regression(float64, strength: float) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    x = StandardScaler().fit_transform(x)
    classic = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-12).fit(x, y)
    # C * sum of losses + |w|^2 / 2, divided by C * rows, is mean loss + penalty; no bias in it.
    penalty = glia.regularizers.L2(1 / (2 * strength * len(x)))
    neuron = layers.Dense(1, activation="sigmoid", kernel_regularizer=penalty)
    model = glia.Sequential([layers.Input(shape=(30,)), neuron])
    model.compile(
        optimizer=glia.optimizers.SGD(0.3, momentum=0.95, nesterov=True),
        loss="binary_crossentropy",
    )
    model.fit(x, y, epochs=2000, batch_size=len(x), verbose=0)
    kernel, bias = model.get_weights()
    assert error(kernel[:, 0], classic.coef_[0]) <= 1e-5
    assert error(bias, classic.intercept_) <= 1e-5
    assert error(model.predict(x)[:, 0], classic.predict_proba(x)[:, 1]) <= 1e-5


# Without activations depth is nothing


@pytest.mark.parametrize(("dtype", "bound"), [("float32", 1e-5), ("float64", 1e-13)])
def test_a_stack_without_activations_is_one_matrix(dtype: str, bound: float) -> None:
    glia.set_dtype(dtype)
    stack = glia.Sequential(
        [
            layers.Input(shape=(5,)),
            layers.Dense(7, bias_initializer="normal"),
            layers.Dense(3, bias_initializer="normal", activation="linear"),
            layers.Dense(11, use_bias=False),
            layers.Dense(2, bias_initializer="normal"),
        ]
    )
    kernel, bias = glia.collapse(stack)
    assert kernel.shape == (5, 2)
    assert bias.shape == (2,)
    x = np.random.default_rng(1).normal(size=(40, 5))
    assert error(stack.predict(x), x @ kernel + bias) <= bound
    single = glia.Sequential([layers.Input(shape=(5,)), layers.Dense(2)])
    single.set_weights([kernel, bias])
    assert error(stack.predict(x), single.predict(x)) <= bound


def test_training_a_stack_without_activations_leaves_it_one_matrix() -> None:
    """It ends where least squares ends, for a curve it cannot follow."""
    x = np.linspace(-1, 2, 60).reshape(-1, 1)
    y = x[:, 0] ** 2
    stack = glia.Sequential([layers.Input(shape=(1,)), layers.Dense(8), layers.Dense(1)])
    stack.compile(optimizer=glia.optimizers.Adam(0.01), loss="mse")
    stack.fit(x, y, epochs=800, batch_size=60, verbose=0)
    kernel, bias = glia.collapse(stack)
    assert [kernel.item(), bias.item()] == pytest.approx(np.polyfit(x[:, 0], y, 1), abs=1e-3)


def test_a_relu_keeps_a_stack_from_collapsing() -> None:
    hidden = layers.Dense(3, activation="relu", name="bend")
    stack = glia.Sequential([layers.Input(shape=(2,)), hidden, layers.Dense(1)])
    with pytest.raises(glia.ArgumentError, match=r"bend.*'relu'"):
        glia.collapse(stack)


# Wide enough, one hidden layer fits any curve


def sine_error(width: int, seed: int) -> float:
    x = np.linspace(-np.pi, np.pi, 128).reshape(-1, 1)
    y = np.sin(x[:, 0])
    glia.seed(seed)
    model = glia.Sequential(
        [layers.Input(shape=(1,)), layers.Dense(width, activation="relu"), layers.Dense(1)]
    )
    model.compile(optimizer=glia.optimizers.Adam(0.01), loss="mse")
    model.fit(x, y, epochs=200, verbose=0)
    return model.evaluate(x, y, verbose=0)


def test_one_hidden_layer_fits_sine_better_the_wider_it_is() -> None:
    means = [np.mean([sine_error(width, seed) for seed in range(5)]) for width in (1, 4, 16, 64)]
    assert means == sorted(means, reverse=True), means
    assert means[0] > 0.1
    assert means[-1] < 1e-3
