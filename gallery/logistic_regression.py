"""Logistic regression is one sigmoid neuron: glia's neuron finds scikit-learn's coefficients."""

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import glia
from glia import layers


def main() -> None:
    """Fit both to the same rows and compare every coefficient."""
    glia.set_dtype("float64")
    data = load_breast_cancer()
    X, y = StandardScaler().fit_transform(data.data), data.target
    rows, features = X.shape

    classic = LogisticRegression(C=1, solver="newton-cholesky", tol=1e-12).fit(X, y)

    # scikit-learn adds up the rows' losses and |w|^2 / 2C; glia averages them, so divide by rows.
    penalty = glia.regularizers.L2(1 / (2 * rows))
    neuron = layers.Dense(1, activation="sigmoid", kernel_regularizer=penalty)
    model = glia.Sequential([layers.Input(shape=(features,)), neuron])
    model.compile(
        optimizer=glia.optimizers.SGD(0.3, momentum=0.95, nesterov=True),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(X, y, epochs=2000, batch_size=rows, verbose=0)
    kernel, bias = model.get_weights()

    print(f"{'measurement':24} {'scikit-learn':>14} {'glia':>14}")
    order = np.argsort(-np.abs(kernel[:, 0]))
    for feature in order[:6]:
        expected, found = classic.coef_[0, feature], kernel[feature, 0]
        print(f"{data.feature_names[feature]:24} {expected:14.9f} {found:14.9f}")
    print(f"{'(intercept)':24} {classic.intercept_[0]:14.9f} {bias[0]:14.9f}")

    apart = np.abs(kernel[:, 0] - classic.coef_[0]).max()
    print(f"\nlargest difference among {features} coefficients: {apart:.1e}")
    _, accuracy = model.evaluate(X, y, verbose=0)
    print(f"accuracy on these rows: {classic.score(X, y):.4f} and {accuracy:.4f}")


if __name__ == "__main__":
    main()
