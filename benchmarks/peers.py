"""One training step of each dense workload, written for each library as its users would.

Every function returns ``run(epochs)``, which trains a network that is ready and warm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Run = Callable[[int], None]


@dataclass(frozen=True)
class Workload:
    """A network and its data."""

    name: str
    sizes: tuple[int, ...]
    batch: int
    rows: int

    @property
    def is_binary(self) -> bool:
        """Whether the head is one sigmoid."""
        return self.sizes[-1] == 1

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Return random rows and labels."""
        rng = np.random.default_rng(0)
        x = rng.normal(size=(self.rows, self.sizes[0])).astype(np.float32)
        return x, rng.integers(0, max(2, self.sizes[-1]), self.rows).astype(np.int32)


WORKLOADS = {
    each.name: each
    for each in (
        Workload("churn", (20, 32, 16, 1), 32, 4000),
        Workload("mlp784", (784, 256, 128, 10), 128, 12800),
        Workload("mlpbig", (784, 1024, 1024, 10), 256, 5120),
    )
}


def with_glia(work: Workload, threads: int) -> Run:
    """glia: an epoch is one native call."""
    del threads  # glia uses one
    import glia
    from glia import layers

    hidden = [layers.Dense(n, activation="relu") for n in work.sizes[1:-1]]
    head = layers.Dense(work.sizes[-1], activation="sigmoid" if work.is_binary else "softmax")
    model = glia.Sequential([layers.Input((work.sizes[0],)), *hidden, head])
    loss = "binary_crossentropy" if work.is_binary else "sparse_categorical_crossentropy"
    model.compile(optimizer="adam", loss=loss)
    x, y = work.data()

    def run(epochs: int) -> None:
        model.fit(x, y, batch_size=work.batch, epochs=epochs, verbose=0)

    return run


def with_pytorch(work: Workload, threads: int) -> Run:
    """PyTorch, eager: the training loop of its tutorials."""
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    stack: list[nn.Module] = []
    for before, after in zip(work.sizes, work.sizes[1:], strict=False):
        stack += [nn.Linear(before, after), nn.ReLU()]
    model = nn.Sequential(*stack[:-1])
    loss_of = nn.BCEWithLogitsLoss() if work.is_binary else nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters())
    rows, labels = work.data()
    x = torch.from_numpy(rows)
    y = torch.from_numpy(labels.astype(np.float32)[:, None] if work.is_binary else labels).to(
        torch.float32 if work.is_binary else torch.int64
    )

    def run(epochs: int) -> None:
        for _ in range(epochs):
            order = torch.randperm(work.rows)
            for start in range(0, work.rows, work.batch):
                batch = order[start : start + work.batch]
                optimizer.zero_grad()
                loss_of(model(x[batch]), y[batch]).backward()
                optimizer.step()

    return run


def with_jax(work: Workload, threads: int) -> Run:
    """JAX: the epoch compiled as one lax.scan over shuffled batches."""
    del threads  # set by the environment before JAX starts
    import jax
    import jax.numpy as jnp

    rng = np.random.default_rng(0)
    weights = [
        (
            jnp.asarray(rng.normal(size=(a, b)).astype(np.float32) * (2 / a) ** 0.5),
            jnp.zeros(b, jnp.float32),
        )
        for a, b in zip(work.sizes, work.sizes[1:], strict=False)
    ]
    rows, labels = work.data()
    x, y = jnp.asarray(rows), jnp.asarray(labels)

    def loss(weights, x, y):
        for w, b in weights[:-1]:
            x = jax.nn.relu(x @ w + b)
        z = x @ weights[-1][0] + weights[-1][1]
        if work.is_binary:
            z = z[:, 0]
            return jnp.mean(jax.nn.softplus(z) - y * z)
        return -jnp.mean(jax.nn.log_softmax(z)[jnp.arange(len(y)), y])

    def step(state, batch):
        weights, m, v, t = state
        value, g = jax.value_and_grad(loss)(weights, x[batch], y[batch])
        t = t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        move = lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7)  # noqa: E731
        return (jax.tree.map(move, weights, m, v), m, v, t), value

    @jax.jit
    def epoch(state, key):
        order = jax.random.permutation(key, work.rows).reshape(-1, work.batch)
        return jax.lax.scan(step, state, order)

    zeros = jax.tree.map(jnp.zeros_like, weights)
    box = [(weights, zeros, zeros, jnp.float32(0))]

    def run(epochs: int) -> None:
        for number in range(epochs):
            box[0], losses = epoch(box[0], jax.random.PRNGKey(number))
            losses.block_until_ready()

    return run


def with_scikit_learn(work: Workload, threads: int) -> Run:
    """scikit-learn: MLPClassifier.partial_fit, one pass over the data each."""
    del threads
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(work.sizes[1:-1], batch_size=work.batch, learning_rate_init=1e-3, alpha=0)
    x, y = work.data()
    classes = np.unique(y)

    def run(epochs: int) -> None:
        for _ in range(epochs):
            model.partial_fit(x, y, classes=classes)

    return run


PEERS: dict[str, Callable[[Workload, int], Run]] = {
    "glia": with_glia,
    "pytorch": with_pytorch,
    "jax": with_jax,
    "scikit-learn": with_scikit_learn,
}
