"""Why activations exist: without them, any number of Dense layers is one matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import activations
from ..errors import ArgumentError, NotBuiltError
from ..layers import Dense
from ..layers.layer import Layer
from .dag import Dag
from .model import Model

__all__ = ["collapse"]


def collapse(model: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the one kernel and bias that a stack of Dense layers without activations equals.

    ``(x W1 + b1) W2 + b2 = x (W1 W2) + (b1 W2 + b2)``, and so on for every further layer.

    Parameters
    ----------
    model : Model
        Built, of Dense layers one after another, none with an activation.

    Returns
    -------
    kernel : (features, units) array
        The product of the kernels, multiplied in float64, in the model's dtype.
    bias : (units,) array
        The bias carried through to the end.

    Raises
    ------
    ArgumentError
        Naming the layer that keeps the stack from being one matrix.
    NotBuiltError
        If the weights do not exist yet.
    """
    kernel: Any = None
    bias: Any = 0.0
    dtype = model.dtype
    for layer in _chain(model):
        if not isinstance(layer, Dense):
            raise ArgumentError(
                f"collapse: {layer} is not a Dense layer; only Dense layers without activations "
                "are one matrix"
            )
        if layer.activation is not activations.get("linear"):
            name = getattr(layer.activation, "name", layer.activation)
            raise ArgumentError(
                f"collapse: {layer} has the activation {name!r}, which no matrix can replace: "
                "that is what makes depth worthwhile. Only layers without activations collapse"
            )
        dtype = layer.kernel.dtype
        own = layer.kernel.array.astype(np.float64)
        kernel = own if kernel is None else kernel @ own
        bias = bias @ own if isinstance(bias, np.ndarray) else np.zeros(layer.units)
        if layer.bias is not None:
            bias = bias + layer.bias.array
    if kernel is None:
        raise ArgumentError(f"collapse: {model} has no layers; expected at least one Dense layer")
    return kernel.astype(dtype), bias.astype(dtype)


def _chain(layer: Any) -> list[Layer]:
    """Return the layers of a chain in order, inner models taken apart."""
    dag: Dag | None = getattr(layer, "dag", None)
    if dag is None and isinstance(layer, Model):
        raise NotBuiltError(
            f"collapse: {layer} has no recorded calls to follow; build it first by calling it, or "
            "make it by Sequential or Model(inputs, outputs)"
        )
    if dag is None:
        return [layer]
    found: list[Layer] = []
    reached = dag.sources
    for call in dag.calls:
        is_next = list(map(id, call.inputs)) == list(map(id, reached))
        if not is_next or len(reached) != 1 or not isinstance(call.function, Layer):
            raise ArgumentError(
                f"collapse: {layer} is not a plain chain of layers; expected each to take only "
                "what the one before it gives"
            )
        found += _chain(call.function)
        reached = call.outputs
    return found
