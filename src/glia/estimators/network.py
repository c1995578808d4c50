"""The network inside an estimator: made from hidden sizes, a model, or a function."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import activations, layers, losses, metrics, optimizers, regularizers
from ..errors import ArgumentError, ShapeError
from ..models import Model, Sequential
from .rows import Moments

__all__ = ["FIDELITY", "Head", "Network", "make_network"]

# What training calls the loss without the L2 penalty. Stopping by the sum would reward weights
# for shrinking while the predictions get worse.
FIDELITY = "fidelity_loss"

# Activations that silence half of their inputs want weights sqrt(2) larger (He et al., 2015).
HALVING = ("relu", "leaky_relu", "elu", "gelu", "silu")


@dataclass(frozen=True)
class Head:
    """What the last layer has to give.

    Attributes
    ----------
    units : int
        Numbers for each row.
    activation : str or None
        ``"sigmoid"``, ``"softmax"`` or None for quantities.
    loss : object
        What fits it.
    pair_loss : object
        What fits a softmax of two units in place of a single sigmoid.
    """

    units: int
    activation: str | None
    loss: Any
    pair_loss: Any = None

    @property
    def averaged(self) -> int:
        """How many outputs the loss is a mean of: one softmax counts as one."""
        return 1 if self.activation == "softmax" else self.units


class Network:
    """A compiled model behind a layer that scales its inputs.

    Attributes
    ----------
    model : Sequential
        Scaling, if any, and the user's or the default layers.
    scaler : Normalization or None
        The layer holding the moments of the inputs.
    """

    def __init__(self, model: Model, scaler: layers.Normalization | None) -> None:
        self.model = model
        self.scaler = scaler

    def scale_by(self, moments: Moments) -> None:
        """Make the first layer standardise by these moments."""
        if self.scaler is not None:
            self.scaler.set_weights([moments.mean, moments.variance])


def make_network(
    shape: Sequence[int],
    head: Head,
    *,
    hidden: Any,
    model: Any,
    activation: Any,
    alpha: Any,
    optimizer: Any,
    learning_rate: float | None,
    is_scaled: bool,
) -> Network:
    """Return a new compiled network for rows of a shape.

    Raises
    ------
    ArgumentError, ShapeError
        For options out of range, or a model whose output does not fit the targets.
    """
    shape = tuple(shape)
    scaler = layers.Normalization() if is_scaled else None
    scaling = [scaler] if scaler is not None else []
    source = layers.Input(shape=shape)
    if model is None:
        stack = _default_layers(hidden, activation, alpha, head)
        given = None
    else:
        given = _copy_of(model, shape, head.units)
        stack = [given]
    whole = Sequential([source, *scaling, *stack])
    _check_output(whole, head)
    fitting = head.loss if whole.output_shape == (None, head.units) else head.pair_loss
    loss = fitting if given is None or given.loss is None else given.loss
    fidelity = metrics.get(losses.get(loss))
    fidelity.name = FIDELITY
    if getattr(losses.get(loss), "from_logits", False):
        raise ArgumentError(
            f"the model's loss is {loss!r} with from_logits=True, but an estimator needs "
            "probabilities; end the model in a sigmoid or softmax and leave from_logits out"
        )
    chosen = optimizer if given is None or given.optimizer is None else given.optimizer
    whole.compile(
        optimizer=_optimizer(chosen, learning_rate), loss=loss, weighted_metrics=[fidelity]
    )
    return Network(whole, scaler)


def _default_layers(hidden: Any, activation: Any, alpha: Any, head: Head) -> list[Any]:
    if not isinstance(alpha, (int, float)) or not 0 <= alpha < np.inf:
        raise ArgumentError(
            f"alpha got {alpha!r}; expected 'auto' or a number of at least 0, such as 1e-4"
        )
    penalty = regularizers.L2(alpha / 2) if alpha else None
    name = getattr(activations.get(activation), "name", "")
    initial = "he_uniform" if name in HALVING else "glorot_uniform"
    stack = [
        layers.Dense(
            units, activation=activation, kernel_initializer=initial, kernel_regularizer=penalty
        )
        for units in _sizes(hidden)
    ]
    return [
        *stack, layers.Dense(head.units, activation=head.activation, kernel_regularizer=penalty)
    ]  # fmt: skip


def _sizes(hidden: Any) -> list[int]:
    sizes = [hidden] if isinstance(hidden, (int, np.integer)) else hidden
    if isinstance(sizes, (list, tuple, np.ndarray)) and all(
        isinstance(size, (int, np.integer)) and not isinstance(size, bool) and size > 0
        for size in sizes
    ):
        return [int(size) for size in sizes]
    raise ArgumentError(
        f"hidden got {hidden!r}; expected the sizes of the hidden layers, such as (64, 32), or () "
        "for none. A model of your own goes to model="
    )


def _copy_of(model: Model | Callable[..., Model], shape: tuple[int, ...], units: int) -> Model:
    if isinstance(model, Model):
        return copy.deepcopy(model)
    if not callable(model):
        raise ArgumentError(
            f"model got {model!r}; expected a glia model, or a function such as "
            "def build(shape, units) that returns one"
        )
    built = model(shape, units)
    if not isinstance(built, Model):
        raise ArgumentError(
            f"model={getattr(model, '__name__', model)!r} returned a {type(built).__name__}; "
            "expected a glia model for inputs of the given shape and that many outputs"
        )
    return built


def _check_output(whole: Sequential, head: Head) -> None:
    got = whole.output_shape
    pair = (None, 2) if head.pair_loss is not None else None
    if got not in ((None, head.units), pair):
        ending = f", activation={head.activation!r}" if head.activation else ""
        raise ShapeError(
            f"the model's output has shape {got}, but these targets need (None, {head.units}); "
            f"let it end in Dense({head.units}{ending})"
        )


def _optimizer(optimizer: Any, learning_rate: float | None) -> Any:
    """Return a new optimizer like the one given, so that a parameter is never changed by fit."""
    found = optimizers.get(optimizer)
    config = found.get_config()
    if learning_rate is not None:
        config["learning_rate"] = learning_rate
    return type(found).from_config(config)
