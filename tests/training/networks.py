"""Small networks and data that the training tests share."""

from __future__ import annotations

import numpy as np

import glia.random
from glia.layers import Dense
from glia.models import Sequential


def dense(*units: int, head: str | None = None, features: int = 4, **options) -> Sequential:
    """A stack of Dense layers, relu inside, with the given head."""
    layers = [Dense(n, activation="relu", **options) for n in units[:-1]]
    layers.append(Dense(units[-1], activation=head, **options))
    layers[0] = Dense(
        units[0],
        activation="relu" if len(units) > 1 else head,
        input_shape=(features,),
        **options,
    )
    return Sequential(layers)


def binary(rows: int = 60, features: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Rows of two classes, 0 and 1, told apart by a line."""
    x = np.random.default_rng(0).normal(size=(rows, features))
    return x, (x[:, 0] + 0.5 * x[:, 1] > 0).astype(int)


def three_classes(rows: int = 60, features: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Rows of three classes, 0 to 2."""
    x = np.random.default_rng(1).normal(size=(rows, features))
    return x, np.digitize(x[:, 0], [-0.4, 0.4])


def quantity(rows: int = 60, features: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Rows and a linear function of them, with noise."""
    random = np.random.default_rng(2)
    x = random.normal(size=(rows, features))
    return x, x @ np.arange(1.0, features + 1) + 0.1 * random.normal(size=rows)


def compiled(model: Sequential, loss: str, optimizer: object = "sgd", **options) -> Sequential:
    """The model, compiled."""
    model.compile(optimizer, loss, **options)
    return model


def seeded(seed: int = 0) -> None:
    """Restart glia's random numbers."""
    glia.random.seed(seed)
