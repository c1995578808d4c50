"""Stable forms: logarithms that would lose digits or overflow, rewritten before they can.

Numerical stability is the compiler's job: losses are written as their definition says, and
``log(sigmoid(x))``, ``log(softmax(x))``, ``log(1 - sigmoid(x))`` and ``log(1 + exp(x))`` become
``-softplus(-x)``, ``x - log(sum(exp(x)))``, ``-softplus(x)`` and ``softplus(x)`` here. It must
happen before differentiation: the gradient of the naive form is already NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..graph import Array, Body, Node, Tensor, constant_value, make_node, rewrite
from ..ops import flip, log, negative, sigmoid, softplus, subtract, where

__all__ = ["stabilise"]

# Ops that only move elements, so that a logarithm can be taken before them.
MOVES = {"reshape", "transpose", "broadcast_to", "slice", "flip", "gather"}


def stabilise(outputs: Sequence[Tensor], opaque: Sequence[Tensor] = ()) -> list[Tensor]:
    """Rewrite unstable logarithms of a graph.

    Parameters
    ----------
    outputs : sequence of Tensor
        The graph.
    opaque : sequence of Tensor
        Tensors whose definition must not be looked through, because the graph will be
        differentiated with respect to them.

    Returns
    -------
    list of Tensor
        The rewritten outputs.
    """
    kept = {tensor: tensor for tensor in opaque}

    def rule(node: Node, inputs: Sequence[Tensor]) -> Tensor | Sequence[Tensor] | None:
        if node.op.name == "log":
            return _stable_log(inputs[0], kept, is_needed=True)
        if node.op.name == "subtract" and _is_one(inputs[0]):
            return _one_minus(inputs[1], kept)
        if node.op.name == "scan":
            body = node.attributes["body"]
            stable = Body(body.inputs, stabilise(body.outputs))
            if stable != body:
                return make_node(node.op, inputs, {**node.attributes, "body": stable}).outputs
        return None

    return rewrite(outputs, kept, rule)


def _moved(node: Node, x: Tensor) -> Tensor:
    return make_node(node.op, (x, *node.inputs[1:]), node.attributes).outputs[0]


def _is_one(tensor: Tensor) -> bool:
    while tensor.node.op.name in ("broadcast_to", "reshape"):
        tensor = tensor.node.inputs[0]
    value = constant_value(tensor)
    return value is not None and bool(np.all(value == 1))


def _stable_log(x: Tensor, opaque: Mapping[Tensor, Tensor], is_needed: bool) -> Array | None:
    """Return a stable ``log(x)``; without one, plain ``log(x)`` if needed, else None."""
    better = None if x in opaque else _better_log(x, opaque, is_needed)
    return log(x) if better is None and is_needed else better


def _better_log(x: Tensor, opaque: Mapping[Tensor, Tensor], is_needed: bool) -> Array | None:
    node, name = x.node, x.node.op.name
    if name == "sigmoid":
        return negative(softplus(negative(node.inputs[0])))
    if name == "exp":
        return node.inputs[0]
    if name == "add":
        for one, other in (node.inputs, node.inputs[::-1]):
            exponent = _exponent(other, opaque) if _is_one(one) else None
            if exponent is not None:
                return softplus(exponent)
    if name == "divide":
        parts = [_stable_log(part, opaque, is_needed=False) for part in node.inputs]
        if any(part is not None for part in parts):
            # The stable part is positive, so the other has the sign of the quotient.
            pairs = zip(parts, node.inputs, strict=True)
            upper, lower = (_stable_log(x, opaque, True) if s is None else s for s, x in pairs)
            return subtract(upper, lower)
    if name == "where":
        return _log_of_choice(node, opaque)
    if name in MOVES:
        # A forced logarithm is cheaper before a broadcast than after it.
        inner = _stable_log(node.inputs[0], opaque, is_needed and name == "broadcast_to")
        if inner is not None:
            return _moved(node, inner)
    return None


def _log_of_choice(node: Node, opaque: Mapping[Tensor, Tensor]) -> Array | None:
    """Return ``log(where(c, x, y))`` as a choice of logarithms, if either of them gains."""
    condition, x, y = node.inputs
    stable = _stable_log(x, opaque, False), _stable_log(y, opaque, False)
    if stable[0] is None and stable[1] is None:
        return None
    # What is not chosen may be 0, and the gradient of its logarithm would be 0 / 0.
    first = log(where(condition, x, 1.0)) if stable[0] is None else stable[0]
    second = log(where(condition, 1.0, y)) if stable[1] is None else stable[1]
    return where(condition, first, second)


def _exponent(x: Tensor, opaque: Mapping[Tensor, Tensor]) -> Tensor | None:
    """Return z where x is a moved ``exp(z)``, else None."""
    if x in opaque:
        return None
    if x.node.op.name == "exp":
        return x.node.inputs[0]
    if x.node.op.name in MOVES:
        inner = _exponent(x.node.inputs[0], opaque)
        return None if inner is None else _moved(x.node, inner)
    return None


def _one_minus(x: Tensor, opaque: Mapping[Tensor, Tensor]) -> Array | None:
    """Return ``1 - x`` for a moved ``sigmoid(z)``, ``sigmoid(-z)``, or two-way softmax, flipped."""
    if x in opaque:
        return None
    if x.node.op.name == "sigmoid":
        return sigmoid(negative(x.node.inputs[0]))
    axis = _two_way_axis(x.node)
    if axis is not None:
        return flip(x, axis)
    if x.node.op.name in MOVES:
        inner = _one_minus(x.node.inputs[0], opaque)
        return None if inner is None else _moved(x.node, inner)
    return None


def _two_way_axis(node: Node) -> int | None:
    """Return the axis of size 2 over which a node is ``exp(z) / sum(exp(z))``, else None."""
    if node.op.name != "divide":
        return None
    top, below = node.inputs[0], node.inputs[1].node
    while below.op.name in ("broadcast_to", "reshape"):
        below = below.inputs[0].node
    if top.node.op.name != "exp" or below.op.name != "sum" or below.inputs[0] is not top:
        return None
    axes: tuple[int, ...] = below.attributes["axes"]
    return axes[0] if len(axes) == 1 and top.shape[axes[0]] == 2 else None
