"""Why activations exist: without them, any number of Dense layers is one matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import activations
from ..errors import ArgumentError, NotBuiltError
from ..layers import Dense
from ..layers.layer import Layer
from .dag import Dag

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
        if not layer.built:
            raise NotBuiltError(f"collapse: {layer} has no weights yet; build the model first")
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
    if dag is None:
        if hasattr(layer, "layers") and type(layer).__name__ == "Sequential":
            return [inner for each in layer.layers for inner in _chain(each)]
        return [layer]
    found: list[Layer] = []
    reached = dag.sources
    for call in dag.calls:
        is_next = call.inputs == [] or [id(each) for each in call.inputs] == [
            id(each) for each in reached
        ]
        if not is_next or len(reached) != 1 or not isinstance(call.function, Layer):
            raise ArgumentError(
                f"collapse: {layer} is not a plain chain of layers; expected each to take only "
                "what the one before it gives"
            )
        found += _chain(call.function)
        reached = call.outputs
    return found
