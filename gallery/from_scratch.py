"""A network in twenty lines of NumPy, trained beside glia from the same weights: same numbers."""

import numpy as np
from sklearn.datasets import load_iris

import glia
from glia import layers

EPOCHS, RATE, HIDDEN = 500, 0.05, 16


class ByHand:
    """One relu layer and a softmax layer, with the chain rule worked out on paper."""

    def __init__(self, features: int, hidden: int, classes: int, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        self.inner = random.normal(size=(features, hidden)) * np.sqrt(2 / features)  # He et al.
        self.outer = random.normal(size=(hidden, classes)) * np.sqrt(2 / hidden)
        self.inner_bias, self.outer_bias = np.zeros(hidden), np.zeros(classes)

    def weights(self) -> list[np.ndarray]:
        """Return copies of the four weights, in the order of the layers."""
        return [w.copy() for w in (self.inner, self.inner_bias, self.outer, self.outer_bias)]

    def forward(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the hidden sums, what relu leaves of them, and the class probabilities."""
        sums = rows @ self.inner + self.inner_bias
        active = np.maximum(sums, 0)
        scores = active @ self.outer + self.outer_bias
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return sums, active, odds / odds.sum(axis=1, keepdims=True)

    def step(self, rows: np.ndarray, targets: np.ndarray, rate: float) -> float:
        """Move every weight once against its slope; return the loss as it was before."""
        sums, active, chances = self.forward(rows)
        loss = -(targets * np.log(chances)).sum() / len(rows)
        slope = (chances - targets) / len(rows)  # of softmax and cross-entropy together
        inner_slope = slope @ self.outer.T * (sums > 0)
        self.outer -= rate * active.T @ slope
        self.outer_bias -= rate * slope.sum(axis=0)
        self.inner -= rate * rows.T @ inner_slope
        self.inner_bias -= rate * inner_slope.sum(axis=0)
        return float(loss)


def main() -> None:
    """Train both and print their losses side by side."""
    glia.set_dtype("float64")
    X, kinds = load_iris(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = glia.utils.to_categorical(kinds)

    by_hand = ByHand(4, HIDDEN, 3)
    hidden = layers.Dense(HIDDEN, activation="relu")
    model = glia.Sequential([layers.Input((4,)), hidden, layers.Dense(3, activation="softmax")])
    model.set_weights(by_hand.weights())
    model.compile(optimizer=glia.optimizers.SGD(RATE), loss="categorical_crossentropy")
    history = model.fit(X, y, epochs=EPOCHS, batch_size=len(X), shuffle=False, verbose=0)

    pairs = [(by_hand.step(X, y, RATE), loss) for loss in history.history["loss"]]
    print("epoch      NumPy by hand               glia")
    for epoch in [*range(0, EPOCHS, 100), EPOCHS - 1]:
        print(f"{epoch:5d}  {pairs[epoch][0]:.15f}  {pairs[epoch][1]:.15f}")
    apart = max(abs(one - other) for one, other in pairs)
    print(f"\nlargest difference in {EPOCHS} losses: {apart:.1e}")


if __name__ == "__main__":
    main()
