"""Which customers leave? A Keras program, with only the import of Keras replaced."""

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import glia as keras

CUSTOMERS, MEASUREMENTS = 5000, 20


def customers() -> tuple[np.ndarray, np.ndarray]:
    """Return made-up customers: two of their measurements, added up, say who leaves."""
    X = np.random.default_rng(42).normal(size=(CUSTOMERS, MEASUREMENTS))
    return X, (X[:, 0] + X[:, 1] > 0).astype(int)


def main() -> None:
    """Split, scale, build, train, test."""
    keras.seed(0)
    X, y = customers()
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.2, random_state=42, stratify=y
    )
    scaler = StandardScaler().fit(X_train)  # the test rows stay unseen
    X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

    model = keras.Sequential(
        [
            keras.Input(shape=(MEASUREMENTS,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.summary()
    print()
    stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
    history = model.fit(
        X_train, y_train, epochs=20, validation_split=0.2, callbacks=[stop], verbose=0
    )

    print("epoch  loss    val_loss  val_accuracy")
    seen = history.history
    for epoch in range(0, len(seen["loss"]), 4):
        print(
            f"{epoch + 1:5d}  {seen['loss'][epoch]:.4f}  {seen['val_loss'][epoch]:.4f}"
            f"    {seen['val_accuracy'][epoch]:.3f}"
        )
    _, accuracy = model.evaluate(X_test, y_test, verbose=0)
    print(f"\ntest accuracy {accuracy:.3f} on {len(y_test)} customers the network never saw")


if __name__ == "__main__":
    main()
