"""Simplifying a graph: constants folded, identities dropped, equal loops merged.

Common subexpressions need no pass (nodes are hash-consed) and dead code none either (a graph is
what its outputs reach). Nothing here may change a value, a NaN or an infinity: ``x * 0`` stays.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..graph import Body, Node, Tensor, constant, constant_value, make_node, rewrite, walk
from ..ops import reshape, transpose
from ..ops.words import NUMPY

__all__ = ["simplify"]

# Results larger than this are cheaper computed than kept.
LARGEST_FOLDED = 64


def simplify(outputs: Sequence[Tensor]) -> list[Tensor]:
    """Return outputs of the same values from a graph with less to do."""
    return rewrite(_merge_scans(rewrite(outputs, None, _rule)), None, _in_bodies)


def _rule(node: Node, inputs: Sequence[Tensor]) -> Tensor | Sequence[Tensor] | None:
    folded = _fold(node, inputs)
    return folded if folded is not None else _identity(node, inputs)


def _fold(node: Node, inputs: Sequence[Tensor]) -> list[Tensor] | None:
    values = [constant_value(tensor) for tensor in inputs]
    if not inputs or node.op.name == "scan" or any(value is None for value in values):
        return None
    if any(output.size > LARGEST_FOLDED for output in node.outputs):
        return None
    with np.errstate(all="ignore"):
        result = node.op.evaluate(NUMPY, *values, **node.attributes)
    several = result if len(node.outputs) > 1 else [result]
    return [constant(np.asarray(value)) for value in several]


def _is_number(tensor: Tensor, number: float, is_positive: bool = False) -> bool:
    while tensor.node.op.name in ("broadcast_to", "reshape"):
        tensor = tensor.node.inputs[0]
    value = constant_value(tensor)
    if value is None or not value.size or (is_positive and np.signbit(value).any()):
        return False
    return bool(np.all(value == number))


def _identity(node: Node, inputs: Sequence[Tensor]) -> Tensor | None:
    name = node.op.name
    if name == "multiply":
        for one, other in (inputs, inputs[::-1]):
            if _is_number(one, 1):
                return other
    if name == "divide" and _is_number(inputs[1], 1):
        return inputs[0]
    if name == "subtract" and _is_number(inputs[1], 0, is_positive=True):
        return inputs[0]
    if not inputs or inputs[0].node.op.name != name:
        return None
    inner = inputs[0].node
    if name == "negative":
        return inner.inputs[0]
    if name == "reshape":
        joined: Tensor = reshape(inner.inputs[0], node.attributes["shape"])
        return joined
    if name == "transpose":
        first, second = inner.attributes["axes"], node.attributes["axes"]
        once: Tensor = transpose(inner.inputs[0], [first[axis] for axis in second])
        return once
    return None


def _in_bodies(node: Node, inputs: Sequence[Tensor]) -> Sequence[Tensor] | None:
    if node.op.name != "scan":
        return None
    body = node.attributes["body"]
    simpler = Body(body.inputs, simplify(body.outputs))
    if simpler == body:
        return None
    return make_node(node.op, inputs, {**node.attributes, "body": simpler}).outputs


def _merge_scans(outputs: Sequence[Tensor]) -> list[Tensor]:
    """Let a loop serve another that has the same inputs and computes a prefix of its outputs."""
    outputs = list(outputs)
    while True:
        groups: dict[object, list[Node]] = {}
        for node in walk(outputs):
            if node.op.name == "scan":
                given = tuple(map(id, node.inputs)), tuple(map(id, node.attributes["body"].inputs))
                loop = [node.attributes[k] for k in ("consts", "carries", "length", "reverse")]
                groups.setdefault((given, *loop), []).append(node)
        replaced: dict[Tensor, Tensor] = {}
        for same in groups.values():
            largest = max(same, key=lambda node: len(node.outputs))
            for node in same:
                if node is not largest and _is_prefix(node, largest):
                    replaced.update(zip(node.outputs, largest.outputs, strict=False))
        if not replaced:
            return outputs
        outputs = rewrite(outputs, replaced)


def _is_prefix(node: Node, larger: Node) -> bool:
    pairs = zip(node.attributes["body"].outputs, larger.attributes["body"].outputs, strict=False)
    return all(a is b for a, b in pairs)
