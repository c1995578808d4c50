"""What the tests of saving share: small data, small networks, and what 'the same' means."""

from __future__ import annotations

from typing import Any

import numpy as np

import glia
from glia import layers


def rows(count: int = 23, features: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Rows and a yes/no target that depends on them."""
    x = np.random.default_rng(5).normal(size=(count, features)).astype(np.float32)
    return x, (x.sum(axis=1) > 0).astype(np.int32)


def small(**options: Any) -> glia.Sequential:
    """A network with everything that has state of its own."""
    model = glia.Sequential(
        [
            layers.Input((4,)),
            layers.Normalization(),
            layers.Dense(6, activation="tanh", kernel_regularizer="l2"),
            layers.Dropout(0.3, seed=8),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(1, activation="sigmoid"),
        ],
        **options,
    )
    model.layers[0].adapt(rows()[0])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", "auc"])
    return model


def check_same_bits(one: Any, other: Any) -> None:
    """Two arrays, or lists or dicts of them, agree in every bit."""
    if isinstance(one, dict):
        assert list(one) == list(other)
        one, other = list(one.values()), list(other.values())
    if isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for first, second in zip(one, other, strict=True):
            check_same_bits(first, second)
        return
    if one is None or other is None:
        assert one is other
        return
    first, second = np.asarray(one), np.asarray(other)
    assert (first.shape, first.dtype) == (second.shape, second.dtype)
    assert first.tobytes() == second.tobytes()


def check_same_weights(one: Any, other: Any) -> None:
    """Two models have the same weights under the same names, bit for bit."""
    first, second = one.named_variables(), other.named_variables()
    assert list(first) == list(second)
    for name, variable in first.items():
        check_same_bits(variable.array, second[name].array)
        assert variable.trainable == second[name].trainable


def check_round_trip(
    model: Any, x: Any, y: Any, path: Any, custom: dict[str, Any] | None = None
) -> Any:
    """Train, save, load: the same predictions, and the same further course of training."""
    model.fit(x, y, epochs=1, batch_size=8, verbose=0)
    model.save(path)
    again = glia.load(path, custom=custom)
    check_same_weights(model, again)
    check_same_bits(model.predict(x), again.predict(x))
    courses = []
    for each in (model, again):
        glia.seed(9)
        courses.append(each.fit(x, y, epochs=2, batch_size=8, verbose=0).history)
    assert courses[0] == courses[1]
    check_same_weights(model, again)
    check_same_bits(model.predict(x), again.predict(x))
    return again
