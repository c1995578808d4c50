"""The perceptron rule: what it learns, what it cannot learn, and where it applies."""

import numpy as np
import pytest

from glia import activations, ops
from glia.autodiff import gradients
from glia.errors import ArgumentError, ShapeError
from glia.function import function
from glia.graph import Flat, Variable
from glia.optimizers import SGD, Perceptron

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
AND, OR, XOR = ([0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0])


class Neuron:
    """One threshold neuron with weights of zero, trained by the rule through glia's graph."""

    def __init__(self, optimizer, head=activations.step) -> None:
        self.kernel = Variable(np.zeros((2, 1), np.float32), "kernel")
        self.bias = Variable(np.zeros(1, np.float32), "bias")
        self.flat = Flat([self.kernel, self.bias])
        self.optimizer, self.head = optimizer, head
        optimizer.build(self.flat)
        self.train = function(self.step)
        self.predict = function(self.outputs)

    def outputs(self, x):
        return self.head(x @ self.kernel.value + self.bias.value)

    def step(self, x, y):
        outputs = self.outputs(x)
        loss = ops.mean(ops.square(outputs - y))
        self.optimizer.apply(self.optimizer.gradients(loss, y, outputs, self.flat))
        return loss


def epochs(neuron: Neuron, targets, count: int) -> list[tuple[float, ...]]:
    """Train row by row; the weights after each epoch."""
    y = np.array(targets, np.float32).reshape(-1, 1)
    seen = []
    for _ in range(count):
        for row in range(len(X)):
            neuron.train(X[row : row + 1], y[row : row + 1])
        seen.append(tuple(neuron.flat.array.tolist()))
    return seen


@pytest.mark.parametrize("targets", [AND, OR])
def test_it_learns_and_and_or(targets) -> None:
    neuron = Neuron(Perceptron())
    weights = epochs(neuron, targets, 10)
    assert neuron.predict(X).ravel().tolist() == targets
    assert weights[-1] == weights[-2], "rows that are right change nothing"


def test_it_cannot_learn_xor_and_its_weights_cycle() -> None:
    neuron = Neuron(Perceptron())
    weights = epochs(neuron, XOR, 40)
    first = next(i for i, now in enumerate(weights) if now in weights[:i])
    start = weights.index(weights[first])
    period = first - start
    assert period >= 1
    assert weights[start:-period] == weights[first:]
    assert neuron.predict(X).ravel().tolist() != XOR


def test_every_epoch_of_the_cycle_gets_a_row_wrong() -> None:
    neuron = Neuron(Perceptron())
    y = np.array(XOR, np.float32).reshape(-1, 1)
    for _ in range(40):
        mistakes = [float(neuron.train(X[row : row + 1], y[row : row + 1])) for row in range(4)]
        assert sum(mistakes) >= 1


def test_the_rule_is_rosenblatts() -> None:
    random = np.random.default_rng(3)
    x = random.normal(size=(7, 2)).astype(np.float32)
    y = (random.random(7) < 0.5).astype(np.float32).reshape(-1, 1)
    neuron = Neuron(Perceptron(learning_rate=0.5))
    start = random.normal(size=3).astype(np.float32)
    neuron.flat.assign(start)
    neuron.train(x, y)
    a = (x @ start[:2, None] + start[2] >= 0).astype(np.float32)
    kernel = start[:2] + 0.5 * (x.T @ (y - a)).ravel()
    bias = start[2] + 0.5 * (y - a).sum()
    assert neuron.kernel.array.ravel() == pytest.approx(kernel, rel=1e-6)
    assert neuron.bias.array == pytest.approx(bias, rel=1e-6)


def test_flat_targets_are_taken_for_one_unit() -> None:
    column, flat = Neuron(Perceptron()), Neuron(Perceptron())
    y = np.array(AND, np.float32)
    column.train(X, y.reshape(-1, 1))

    def step(x, targets):
        direction = flat.optimizer.gradients(ops.sum(targets), targets, flat.outputs(x), flat.flat)
        flat.optimizer.apply(direction)

    function(step)(X, y)
    assert np.array_equal(column.flat.array, flat.flat.array)


def test_two_outputs_learn_side_by_side() -> None:
    neuron, single = Neuron(Perceptron()), Neuron(Perceptron())
    y = np.array(AND, np.float32).reshape(-1, 1)

    def step(x, targets):
        outputs = neuron.outputs(x)
        direction = neuron.optimizer.gradients(
            ops.sum(x), (targets, targets), (outputs, outputs), neuron.flat
        )
        neuron.optimizer.apply(direction)

    function(step)(X, y)
    single.train(X, y)
    assert np.array_equal(neuron.flat.array, 2 * single.flat.array)


def test_gradient_descent_cannot_move_a_threshold_neuron() -> None:
    neuron = Neuron(SGD(0.1))
    neuron.optimizer.gradients = lambda loss, y, outputs, flat: gradients(
        loss, [flat], missing="zeros"
    )[0]
    neuron.train(X, np.array(AND, np.float32).reshape(-1, 1))
    assert not neuron.flat.array.any()


def test_another_head_is_refused_with_the_fix() -> None:
    neuron = Neuron(Perceptron(), head=ops.sigmoid)
    with pytest.raises(ArgumentError) as caught:
        neuron.train(X, np.array(AND, np.float32).reshape(-1, 1))
    for part in ("'sigmoid'", "activation='step'", "SGD"):
        assert part in str(caught.value)


def test_targets_that_do_not_fit_are_refused() -> None:
    neuron = Neuron(Perceptron())

    def step(x, y):
        return neuron.optimizer.gradients(ops.sum(y), y, neuron.outputs(x), neuron.flat)

    with pytest.raises(
        ShapeError, match=r"targets of shape \(4, 2\) for outputs of shape \(4, 1\)"
    ):
        function(step)(X, np.zeros((4, 2), np.float32))
