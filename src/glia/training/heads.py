"""Do the last layer and the loss fit together? Answered from the graph, before training.

A softmax applied twice, or a cross-entropy fed with numbers that are no probabilities, trains
without an error in most libraries, and badly. The graph of the output shows what the last
activation is, however the layer was written, so the pair can be judged before the first step.
Only certain mistakes are errors; what merely looks odd is a warning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import losses, optimizers
from ..errors import ArgumentError
from ..graph import Tensor, constant_value
from .notices import note, warn

__all__ = ["CATEGORICAL", "Head", "check", "check_slope", "head_of", "kind_of"]

MOVEMENT = frozenset({"reshape", "transpose", "broadcast_to", "slice", "split", "flip"})
CATEGORICAL = ("categorical", "sparse")


@dataclass(frozen=True)
class Head:
    """What a model's output comes from.

    Attributes
    ----------
    kind : str
        ``"softmax"``, ``"log_softmax"``, ``"sigmoid"``, ``"tanh"``, ``"relu"``, ``"step"``,
        ``"linear"`` or ``"other"``.
    inner : str
        The kind of what the activation was applied to, ``"linear"`` in a usual layer.
    units : int
        Size of the last axis.
    layer : str
        What messages call it, such as ``layer 'dense_2'``.
    """

    kind: str
    inner: str
    units: int
    layer: str = "the last layer"


def kind_of(loss: Any) -> str:
    """Classify a loss: binary, categorical, sparse, regression or custom."""
    kinds = {
        "BinaryCrossentropy": "binary",
        "CategoricalCrossentropy": "categorical",
        "SparseCategoricalCrossentropy": "sparse",
        "MeanSquaredError": "regression",
        "MeanAbsoluteError": "regression",
        "Huber": "regression",
    }
    for name, kind in kinds.items():
        if isinstance(loss, getattr(losses, name)):
            return kind
    return "custom"


def head_of(output: Tensor, layer: str = "the last layer") -> Head:
    """Read the last activation, and the one before it, off a traced output."""
    kind, inside = _activation(output)
    inner = "other" if inside is None else _activation(inside)[0]
    return Head(kind, inner, output.shape[-1] if output.ndim > 1 else 1, layer)


def _strip(tensor: Tensor, extra: tuple[str, ...] = ()) -> Tensor:
    while tensor.node.op.name in MOVEMENT or tensor.node.op.name in extra:
        tensor = tensor.node.inputs[0]
    return tensor


def _activation(output: Tensor) -> tuple[str, Tensor | None]:
    """Return the kind of activation a tensor comes from, and what it was applied to."""
    tensor = _strip(output)
    node = tensor.node
    name, given = node.op.name, node.inputs
    if name in ("sigmoid", "tanh", "softplus"):
        return name, given[0]
    if name == "divide" and _is_sum_of(given[1], _strip(given[0])):
        return "softmax", _unshifted(_strip(given[0]).node.inputs[0])
    if name == "subtract" and _strip(given[1]).node.op.name == "log":
        total = _strip(given[1]).node.inputs[0]
        if _strip(total).node.op.name == "sum":
            return "log_softmax", _unshifted(given[0])
    if name == "cast" and given[0].node.op.name in ("less", "less_equal"):
        return "step", given[0].node.inputs[1]
    if name == "where" and given[0].node.op.name == "less_equal":
        zero = constant_value(_strip(given[1], ("cast",)))
        if zero is not None and not np.any(zero) and given[2] is given[0].node.inputs[0]:
            return "relu", given[2]
    if name in ("contract", "convolve"):
        return "linear", None
    if name in ("add", "subtract") and any(
        _strip(each).node.op.name in ("contract", "convolve") for each in given
    ):
        return "linear", None
    return "other", None


def _is_sum_of(total: Tensor, exponential: Tensor) -> bool:
    node = _strip(total).node
    if exponential.node.op.name != "exp" or node.op.name != "sum":
        return False
    return _strip(node.inputs[0]) is exponential


def _unshifted(tensor: Tensor) -> Tensor:
    """Look through ``x - max(x)``."""
    node = _strip(tensor).node
    if node.op.name == "subtract" and _strip(node.inputs[1]).node.op.name == "max":
        return node.inputs[0]
    return tensor


def check(head: Head, loss: Any) -> None:
    """Judge a head and a loss together.

    Parameters
    ----------
    head : Head
        From :func:`head_of`.
    loss : Loss
        The loss it is trained with.

    Raises
    ------
    ArgumentError
        For a pair that cannot learn what it is meant to.
    """
    _check_twice(head)
    kind, name = kind_of(loss), type(loss).__name__
    if head.kind == "step":
        return
    if kind in ("binary", *CATEGORICAL):
        if getattr(loss, "from_logits", False):
            _check_logits(head, name, kind)
        else:
            _check_probabilities(head, name, kind)
        _check_units(head, name, kind)
    elif kind == "regression" and head.kind == "softmax" and head.units > 1:
        note(
            f"{head.layer} is a softmax trained with {name}; categorical_crossentropy usually "
            "learns faster, since its gradient does not vanish where the softmax is sure"
        )
    if head.kind == "softmax" and head.units == 1:
        raise ArgumentError(
            f"{head.layer} is a softmax with one unit, which always answers 1 whatever the input. "
            "Use Dense(1, activation='sigmoid') with binary_crossentropy, or "
            "Dense(2, activation='softmax')"
        )


def check_slope(head: Head, optimizer: Any) -> None:
    """Refuse to train a threshold by gradients.

    Raises
    ------
    ArgumentError
        If the head is a step and the optimizer has no rule of its own for it.
    """
    # An optimizer with its own `gradients`, such as the perceptron rule, does not need a slope.
    if head.kind == "step" and type(optimizer).gradients is optimizers.Optimizer.gradients:
        raise ArgumentError(
            f"{head.layer} ends in a step, whose slope is 0 everywhere: every gradient through it "
            f"is 0 and {type(optimizer).__name__} cannot move a weight. Use activation='sigmoid', "
            "or the perceptron rule: optimizer=glia.optimizers.Perceptron()"
        )


def _check_twice(head: Head) -> None:
    if head.kind == head.inner and head.kind in ("softmax", "sigmoid"):
        raise ArgumentError(
            f"{head.layer}: {head.kind} is applied twice. The second one squeezes probabilities, "
            "which lie between 0 and 1, into nearly equal ones, and training stalls. Remove one "
            f"of the two: either the Softmax/Activation layer or activation={head.kind!r}"
        )
    if {head.kind, head.inner} == {"softmax", "sigmoid"}:
        warn(
            f"{head.layer}: {head.kind} is applied to a {head.inner}, whose values lie between 0 "
            f"and 1, so the answers can never be confident. Remove the {head.inner}"
        )


def _check_logits(head: Head, name: str, kind: str) -> None:
    if head.kind in ("softmax", "sigmoid"):
        raise ArgumentError(
            f"{name}(from_logits=True) expects raw scores and would apply the "
            f"{'sigmoid' if kind == 'binary' else 'softmax'} itself, but {head.layer} already ends "
            f"in a {head.kind}, so it would act twice. Drop from_logits=True (glia's losses are "
            "exact without it), or remove the activation"
        )
    if head.kind in ("relu", "tanh"):
        warn(
            f"{name}(from_logits=True) expects raw scores of any size, but {head.layer} ends in a "
            f"{head.kind}, which limits them. Remove the activation"
        )


def _check_probabilities(head: Head, name: str, kind: str) -> None:
    if head.kind in ("linear", "relu", "tanh", "log_softmax"):
        wanted = "sigmoid" if kind == "binary" else "softmax"
        ranges = {
            "linear": "has no activation, so it gives any number",
            "relu": "ends in a relu, which gives numbers from 0 to infinity",
            "tanh": "ends in a tanh, which gives numbers from -1 to 1",
            "log_softmax": "ends in a log_softmax, which gives negative numbers",
        }
        raise ArgumentError(
            f"{name} compares probabilities, but {head.layer} {ranges[head.kind]}. Give it "
            f"activation={wanted!r}, or, if it is meant to give raw scores, pass "
            f"loss=glia.losses.{name}(from_logits=True)"
        )


def _check_units(head: Head, name: str, kind: str) -> None:
    if kind not in CATEGORICAL:
        return
    if head.kind == "sigmoid" and head.units > 1:
        raise ArgumentError(
            f"{name} expects probabilities that sum to 1, but {head.layer} is a sigmoid with "
            f"{head.units} units, each on its own: answering 1 everywhere would cost nothing. For "
            f"one class out of {head.units} use Dense({head.units}, activation='softmax'); for "
            "several classes at once keep the sigmoid and use binary_crossentropy"
        )
    if head.units == 1:
        raise ArgumentError(
            f"{name} chooses among classes, one unit each, but {head.layer} has one unit. For two "
            "classes use Dense(1, activation='sigmoid') with binary_crossentropy, or "
            "Dense(2, activation='softmax')"
        )
