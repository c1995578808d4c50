"""Exclusive or: the pattern no single neuron can learn, and a hidden layer of four can."""

import numpy as np

import glia
from glia import layers

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([0, 1, 1, 0])


def train(*hidden: layers.Dense) -> glia.Sequential:
    """Train a network with these hidden layers and one sigmoid output."""
    model = glia.Sequential(
        [layers.Input(shape=(2,)), *hidden, layers.Dense(1, activation="sigmoid")]
    )
    model.compile(
        optimizer=glia.optimizers.Adam(0.1), loss="binary_crossentropy", metrics=["accuracy"]
    )
    model.fit(X, y, epochs=150, verbose=0)
    return model


def main() -> None:
    """Train without and with a hidden layer, then look at what the hidden layer made of it."""
    glia.seed(0)
    neuron = train()
    network = train(layers.Dense(4, activation="tanh"))

    print(" a b   a xor b   one neuron   2-4-1 network")
    alone, together = neuron.predict(X), network.predict(X)
    for row, target, one, four in zip(X, y, alone[:, 0], together[:, 0], strict=True):
        print(f" {row[0]} {row[1]}   {target:7d}   {one:10.3f}   {four:13.3f}")

    right = int(np.sum((together[:, 0] >= 0.5) == y))
    print(
        f"\nthe network has {right} of 4 right. The neuron draws one straight line, and no line has"
    )
    print("(0,1) and (1,0) on one side and (0,0) and (1,1) on the other.")

    print("\nwhat the four hidden neurons make of each row; now one flat cut is enough:")
    for row, activity in zip(X, network.layers[0](X.astype("float32")), strict=True):
        print(f" {row[0]} {row[1]}  " + "".join(f"{a:8.3f}" for a in activity))


if __name__ == "__main__":
    main()
