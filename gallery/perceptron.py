"""Rosenblatt's perceptron learns AND and OR; on XOR its weights run in a circle for ever."""

import numpy as np

import glia
from glia import layers

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
GATES = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}


def neuron() -> glia.Sequential:
    """Return one threshold neuron, its weights zero, taught by the perceptron rule."""
    model = glia.Sequential(
        [
            layers.Input(shape=(2,)),
            layers.Dense(1, activation="step", kernel_initializer="zeros"),
        ]
    )
    model.compile(optimizer=glia.optimizers.Perceptron(), loss="mse")
    return model


def state(model: glia.Sequential) -> tuple[float, ...]:
    """Return the two weights and the bias."""
    return tuple(float(value) for w in model.get_weights() for value in w.ravel())


def written(weights: tuple[float, ...]) -> str:
    """Return the neuron as a formula."""
    a, b, bias = weights
    return f"step({a:+g}*a {b:+g}*b {bias:+g})"


def main() -> None:
    """Show each row to the neuron in turn until its weights repeat after a whole epoch."""
    for name, gate in GATES.items():
        y = np.array(gate)
        model = neuron()
        seen = [state(model)]
        while len(set(seen)) == len(seen):
            model.fit(X, y, batch_size=1, shuffle=False, verbose=0)
            seen.append(state(model))
        epochs = len(seen) - 1
        mistakes = int(np.sum(model.predict(X)[:, 0] != y))
        if mistakes == 0:
            print(f"{name}: learned after {epochs - 1} epochs, {written(seen[-1])}")
            continue
        print(f"{name}: not learned; epoch {epochs} ends where an earlier one ended.")
        print("  The rule knows only its weights, so all that follows is this circle again:")
        for row in range(4):
            model.train_on_batch(X[row : row + 1], y[row : row + 1])
            print(f"  after a={X[row, 0]} b={X[row, 1]}: {written(state(model))}")


if __name__ == "__main__":
    main()
