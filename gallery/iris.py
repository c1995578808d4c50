"""The first program: three kinds of iris told apart, tested, and one flower explained."""

import numpy as np
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

import glia
from glia import layers

EPOCHS = 40


def main() -> None:
    """Train, test, and show the arithmetic behind one prediction."""
    glia.seed(1)
    iris = load_iris()
    X_train, X_test, y_train, y_test = train_test_split(
        iris.data, iris.target, test_size=0.2, random_state=42, stratify=iris.target
    )
    scale = layers.Normalization()
    scale.adapt(X_train)  # on training rows only; the scale then travels inside the model

    model = glia.Sequential(
        [
            layers.Input(shape=(4,)),
            scale,
            layers.Dense(8, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=glia.optimizers.Adam(0.02),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.summary()
    print()
    model.fit(X_train, y_train, epochs=EPOCHS, batch_size=16, validation_split=0.2, verbose=1)

    loss, accuracy = model.evaluate(X_test, y_test, verbose=0)
    right = round(accuracy * len(y_test))
    print(f"\ntest: {right} of {len(y_test)} flowers named rightly, loss {loss:.4f}\n")

    names = iris.target_names
    chances = model.predict(X_test[:1])[0]
    guess, truth = names[np.argmax(chances)], names[y_test[0]]
    print(f"one flower, row 0 of the test part: predicted {guess}, in truth {truth}\n")
    print(glia.explain(model, X_test[:1]))


if __name__ == "__main__":
    main()
