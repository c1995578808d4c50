"""Twelve whole networks, small and well scaled, each with its data, loss and optimizer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glia import layers, losses, models, ops, optimizers
from glia.graph import Variable

__all__ = ["NETWORKS", "Network"]

ROWS = 37


class Recurrent:
    """An LSTM written by hand as a scan, and a dense head on its last state."""

    def __init__(self, rng: np.random.Generator, dtype: str) -> None:
        def weight(*shape: int) -> Variable:
            return Variable((rng.normal(size=shape) / np.sqrt(shape[0])).astype(dtype))

        self.kernel, self.recurrent = weight(3, 20), weight(5, 20)
        self.bias, self.head = Variable(np.zeros(20, dtype)), weight(5, 2)
        self.trainable_variables = [self.kernel, self.recurrent, self.bias, self.head]

    def __call__(self, x: Any) -> Any:
        zero = x[:, 0, :1] * ops.zeros((1, 5), x.dtype)

        def cell(state: Any, row: Any) -> Any:
            h, c = state
            z = row @ self.kernel + h @ self.recurrent + self.bias
            i, f, g, o = ops.split(z, (5, 5, 5, 5), 1)
            c = ops.sigmoid(f + 1.0) * c + ops.sigmoid(i) * ops.tanh(g)
            h = ops.sigmoid(o) * ops.tanh(c)
            return (h, c), h

        (h, _), _ = ops.scan(cell, (zero, zero), ops.transpose(x, (1, 0, 2)))
        return h @ self.head


class Attention:
    """One block of two-headed self-attention with a residual and layer normalisation."""

    def __init__(self, rng: np.random.Generator, dtype: str) -> None:
        def weight(*shape: int) -> Variable:
            return Variable((rng.normal(size=shape) / np.sqrt(shape[0])).astype(dtype))

        self.q, self.k, self.v = weight(6, 2, 3), weight(6, 2, 3), weight(6, 2, 3)
        self.out, self.head = weight(2, 3, 6), weight(6, 3)
        self.trainable_variables = [self.q, self.k, self.v, self.out, self.head]

    def __call__(self, x: Any) -> Any:
        q, k, v = (ops.contract(x, w.value, "bse,ehd->bshd") for w in (self.q, self.k, self.v))
        scores = ops.contract(q, k, "bqhd,bkhd->bhqk") / 3**0.5
        e = ops.exp(scores - ops.max(scores, -1, True))
        weights = e / ops.sum(e, -1, True)
        mixed = ops.contract(weights, v, "bhqk,bkhd->bqhd")
        y = x + ops.contract(mixed, self.out.value, "bshd,hde->bse")
        distance = y - ops.mean(y, -1, True)
        y = distance / ops.sqrt(ops.mean(distance * distance, -1, True) + 1e-3)
        z = ops.mean(y, 1) @ self.head
        e = ops.exp(z - ops.max(z, -1, True))
        return e / ops.sum(e, -1, True)


class Convolutional:
    """Two convolutions with pooling, flattened into a dense head."""

    def __init__(self, rng: np.random.Generator, dtype: str) -> None:
        def weight(*shape: int) -> Variable:
            scale = np.sqrt(np.prod(shape[:-1]))
            return Variable((rng.normal(size=shape) / scale).astype(dtype))

        self.first, self.second, self.head = weight(3, 3, 1, 4), weight(3, 3, 4, 6), weight(24, 3)
        self.trainable_variables = [self.first, self.second, self.head]

    def __call__(self, x: Any) -> Any:
        y = ops.max_pool(ops.tanh(ops.convolve(x, self.first.value)), (2, 2), (2, 2))[0]
        y = ops.average_pool(ops.tanh(ops.convolve(y, self.second.value)), (1, 1), (1, 1))
        z = ops.reshape(y, (y.shape[0], -1)) @ self.head
        e = ops.exp(z - ops.max(z, -1, True))
        return e / ops.sum(e, -1, True)


@dataclass(frozen=True)
class Network:
    """How to make a network, its inputs and targets, its loss and its optimizer."""

    make: Callable[[np.random.Generator, str], Any]
    x: Callable[[np.random.Generator], Any]
    y: Callable[[np.random.Generator], Any]
    loss: Callable[[], Any]
    optimizer: Callable[[], Any]


def stack(*members: Callable[[], Any]) -> Callable[[np.random.Generator, str], Any]:
    return lambda rng, dtype: models.Sequential([make() for make in members])


def dense(units: int, activation: Any = None, **options: Any) -> Callable[[], Any]:
    return lambda: layers.Dense(units, activation=activation, **options)


def residual(rng: np.random.Generator, dtype: str) -> Any:
    x = layers.Input((9,))
    h = layers.Dense(16, activation="tanh")(x)
    h = layers.Add()([h, layers.Dense(16, activation="gelu")(h)])
    h = layers.Concatenate()([h, x])
    return models.Model(x, layers.Dense(1)(h))


def columns(count: int) -> Callable[[np.random.Generator], Any]:
    return lambda rng: rng.normal(size=(ROWS, count))


def yes_or_no(rng: np.random.Generator) -> Any:
    return rng.integers(0, 2, (ROWS, 1)).astype(float)


def one_of(count: int) -> Callable[[np.random.Generator], Any]:
    return lambda rng: np.eye(count)[rng.integers(0, count, ROWS)]


NETWORKS: dict[str, Network] = {
    "logistic": Network(
        stack(dense(1, "sigmoid")),
        columns(7),
        yes_or_no,
        losses.BinaryCrossentropy,
        lambda: optimizers.SGD(0.1),
    ),
    "churn": Network(
        stack(dense(32, "relu"), dense(16, "relu"), dense(1, "sigmoid")),
        columns(20),
        yes_or_no,
        losses.BinaryCrossentropy,
        lambda: optimizers.Adam(1e-3),
    ),
    "softmax": Network(
        stack(dense(33, "tanh"), dense(17, "sigmoid"), dense(5, "softmax")),
        columns(13),
        one_of(5),
        losses.CategoricalCrossentropy,
        lambda: optimizers.RMSprop(1e-3),
    ),
    "labels": Network(
        stack(dense(16, "gelu"), layers.LayerNormalization, dense(3, "softmax")),
        columns(4),
        lambda rng: rng.integers(0, 3, ROWS).astype(np.int32),
        losses.SparseCategoricalCrossentropy,
        lambda: optimizers.AdamW(1e-3),
    ),
    "normalised": Network(
        stack(
            dense(16, use_bias=False),
            layers.BatchNormalization,
            layers.LeakyReLU,
            dense(2, "softmax"),
        ),
        columns(6),
        one_of(2),
        losses.CategoricalCrossentropy,
        lambda: optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    ),
    "dropped": Network(
        stack(dense(31, "tanh"), lambda: layers.Dropout(0.3, seed=5), dense(1)),
        columns(5),
        lambda rng: rng.normal(size=(ROWS, 1)),
        losses.MeanSquaredError,
        lambda: optimizers.SGD(0.05, momentum=0.9),
    ),
    "residual": Network(
        residual,
        columns(9),
        lambda rng: rng.normal(size=(ROWS, 1)),
        losses.Huber,
        lambda: optimizers.Adagrad(0.05),
    ),
    "embedded": Network(
        stack(lambda: layers.Embedding(11, 4), layers.Flatten, dense(8, "silu"), dense(1)),
        lambda rng: rng.integers(0, 11, (ROWS, 3)).astype(np.int32),
        lambda rng: rng.normal(size=(ROWS, 1)),
        losses.MeanSquaredError,
        lambda: optimizers.Adam(1e-2, clipnorm=0.5),
    ),
    "regularised": Network(
        stack(
            dense(14, "softplus", kernel_regularizer="l2"),
            dense(15, "elu", kernel_regularizer="l1"),
            dense(6, bias_regularizer="l2"),
        ),
        columns(6),
        columns(6),
        losses.MeanSquaredError,
        lambda: optimizers.SGD(0.05, global_clipnorm=1.0),
    ),
    "recurrent": Network(
        Recurrent,
        lambda rng: rng.normal(size=(ROWS, 6, 3)),
        columns(2),
        losses.MeanSquaredError,
        lambda: optimizers.SGD(0.1, momentum=0.5),
    ),
    "attention": Network(
        Attention,
        lambda rng: rng.normal(size=(ROWS, 5, 6)),
        one_of(3),
        losses.CategoricalCrossentropy,
        lambda: optimizers.RMSprop(1e-3, momentum=0.5),
    ),
    "convolutional": Network(
        Convolutional,
        lambda rng: rng.normal(size=(ROWS, 10, 10, 1)),
        one_of(3),
        losses.CategoricalCrossentropy,
        lambda: optimizers.SGD(0.1),
    ),
}
