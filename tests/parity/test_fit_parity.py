"""fit and evaluate against Keras: the same weights in, the same history and weights out."""

from types import ModuleType
from typing import Any

import keras
import numpy as np
import pytest

from glia import callbacks as glia_callbacks
from glia import dtypes
from glia import layers as glia_layers
from glia import optimizers as glia_optimizers
from glia.models import Model, Sequential


class Glia:
    """glia's names where Keras has them."""

    layers, optimizers, callbacks = glia_layers, glia_optimizers, glia_callbacks
    Sequential, Model, Input = Sequential, Model, glia_layers.Input


@pytest.fixture(autouse=True)
def _float64():
    before = dtypes.default_dtype()
    dtypes.set_dtype("float64")
    keras.backend.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    dtypes.set_dtype(str(before))


RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(45, 5))
QUANTITY = X @ RANDOM.normal(size=5) + 0.1 * RANDOM.normal(size=45)
BINARY = (X[:, 0] > 0.2).astype(int)
CLASSES = np.digitize(X[:, 1], [-0.5, 0.5])
WEIGHTS = RANDOM.uniform(0.2, 2, 45)
FIT: dict[str, Any] = {"epochs": 4, "batch_size": 8, "shuffle": False, "verbose": 0}

# On PyTorch Keras multiplies matrices, and adds up losses and metrics, in float32.
CLOSE = {"rtol": 1e-5, "atol": 1e-6}

Library = type[Glia] | ModuleType


def stack(library: Library, units: int, head: str | None, weights: Any = None) -> Any:
    layers = library.layers
    model = library.Sequential(
        [
            library.Input((5,)),
            layers.Dense(7, activation="tanh", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Dense(units, activation=head),
        ]
    )
    if weights is not None:
        model.set_weights(weights)
    return model


def compare(units: int, head: str | None, compile_with: Any, fit_with: Any, y: Any) -> None:
    """Train both from the same weights, then compare histories, weights and evaluation."""
    start = stack(Glia, units, head).get_weights()
    results = []
    for library in (keras, Glia):
        model = stack(library, units, head, start)
        model.compile(**compile_with(library))
        history = model.fit(X, y, **{**FIT, **fit_with(library)}).history
        measured = model.evaluate(X, y, verbose=0, return_dict=True)
        results.append((history, model.get_weights(), measured))
    (theirs, their_weights, their_measure), (ours, our_weights, our_measure) = results
    assert set(ours) == set(theirs)
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, **CLOSE, err_msg=name)
    for mine, other in zip(our_weights, their_weights, strict=True):
        np.testing.assert_allclose(mine, other, **CLOSE)
    for name, value in their_measure.items():
        np.testing.assert_allclose(our_measure[name], value, **CLOSE, err_msg=name)


def test_regression_with_sample_weights_and_a_tail() -> None:
    compare(
        1,
        None,
        lambda library: {
            "optimizer": library.optimizers.SGD(1 / 16),
            "loss": "mse",
            "metrics": ["mae"],
            "weighted_metrics": ["mse"],
        },
        lambda library: {"sample_weight": WEIGHTS},
        QUANTITY[:, None],
    )


def test_binary_classes_with_class_weights_and_validation_data() -> None:
    compare(
        1,
        "sigmoid",
        lambda library: {
            "optimizer": library.optimizers.Adam(1 / 64),
            "loss": "binary_crossentropy",
            "metrics": ["accuracy"],
        },
        lambda library: {
            "class_weight": {0: 0.5, 1: 2.0},
            "validation_data": (X[:20], BINARY[:20, None], WEIGHTS[:20]),
        },
        BINARY[:, None],
    )


def test_several_classes_with_the_tail_for_validation_and_schedules() -> None:
    compare(
        3,
        "softmax",
        lambda library: {
            "optimizer": library.optimizers.RMSprop(1 / 64),
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy"],
        },
        lambda library: {
            "validation_split": 0.2,
            "callbacks": [
                library.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
                library.callbacks.EarlyStopping(patience=2, restore_best_weights=True),
            ],
            **({"validation_order": "tail"} if library is Glia else {}),
        },
        CLASSES,
    )


def test_two_heads_with_loss_weights() -> None:
    start = [RANDOM.normal(size=shape) for shape in ((5, 4), (4,), (4, 1), (1,), (4, 3), (3,))]
    results = []
    for library in (keras, Glia):
        x = library.Input((5,))
        hidden = library.layers.Dense(4, activation="relu")(x)
        amount = library.layers.Dense(1, name="amount")(hidden)
        kind = library.layers.Dense(3, activation="softmax", name="kind")(hidden)
        model = library.Model(x, [amount, kind])
        model.set_weights(start)
        model.compile(
            library.optimizers.SGD(1 / 16),
            ["mse", "sparse_categorical_crossentropy"],
            loss_weights=[0.3, 2.0],
            metrics=[["mae"], ["accuracy"]],
        )
        results.append(model.fit(X, [QUANTITY[:, None], CLASSES], **FIT).history)
    assert set(results[0]) == set(results[1])
    for name, values in results[0].items():
        np.testing.assert_allclose(results[1][name], values, **CLOSE, err_msg=name)


@pytest.mark.parametrize("patience", [1, 2])
@pytest.mark.parametrize("cooldown", [0, 2])
def test_plateaus_and_patience_count_alike(patience: int, cooldown: int) -> None:
    values = [5, 4, 4.2, 4.1, 3.99995, 4, 4, 3, 3, 3, 3, 3]
    seen = []
    for library in (keras, Glia):

        def fake(epoch: int, logs: Any) -> None:
            logs["loss"] = values[epoch]

        model = library.Sequential([library.Input((5,)), library.layers.Dense(1)])
        model.compile(library.optimizers.SGD(1.0), "mse")
        callbacks = library.callbacks
        history = model.fit(
            X * 0, QUANTITY[:, None] * 0, epochs=len(values), verbose=0,
            callbacks=[
                callbacks.LambdaCallback(on_epoch_end=fake),
                callbacks.ReduceLROnPlateau("loss", 0.5, patience, cooldown=cooldown),
                callbacks.EarlyStopping("loss", patience=patience + 2),
            ],
        )  # fmt: skip
        seen.append((history.epoch, history.history["learning_rate"]))
    assert seen[0][0] == seen[1][0]
    np.testing.assert_allclose(seen[0][1], seen[1][1])
