"""One hidden layer can follow any curve if it is wide enough: sine, with more and more neurons."""

import numpy as np

import glia
from glia import layers

WIDTHS = (1, 4, 16, 64)
CANVAS = "{:>8}  |{}|"


def fit(width: int, x: np.ndarray, y: np.ndarray) -> glia.Sequential:
    """Train a network with so many relu neurons between one input and one output."""
    glia.seed(1)
    model = glia.Sequential(
        [
            layers.Input(shape=(1,)),
            layers.Dense(width, activation="relu"),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer=glia.optimizers.Adam(0.01), loss="mse")
    model.fit(x, y, epochs=200, verbose=0)
    return model


def drawn(values: np.ndarray) -> list[str]:
    """Return a curve between -1 and 1 as lines of text, top line first."""
    heights = np.clip(np.round((values + 1) * 3), 0, 6).astype(int)[::3]
    return ["".join("*" if h == line else " " for h in heights) for line in range(6, -1, -1)]


def main() -> None:
    """Fit sine at every width, print the errors and the curves."""
    x = np.linspace(-np.pi, np.pi, 128).reshape(-1, 1)
    y = np.sin(x[:, 0])
    curves = {"sine": drawn(y)}
    print("neurons  parameters  mean squared error")
    for width in WIDTHS:
        model = fit(width, x, y)
        error = model.evaluate(x, y, verbose=0)
        print(f"{width:7d}  {model.count_params():10d}  {error:18.6f}")
        curves[f"width {width}"] = drawn(model.predict(x)[:, 0])
    for name, lines in curves.items():
        print()
        for number, text in enumerate(lines):
            print(CANVAS.format(name if number == 3 else "", text))


if __name__ == "__main__":
    main()
