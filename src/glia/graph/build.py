"""Building nodes: hash-consing, constants, placeholders and closed bodies.

Nodes are hash-consed: the same op on the same inputs with the same attributes is the same node,
so common subexpressions are shared as they are written.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from .op import Op, Spec
from .tensor import Node, Tensor

__all__ = [
    "CONSTANT",
    "PLACEHOLDER",
    "Body",
    "canonical_placeholder",
    "constant",
    "constant_value",
    "make_node",
    "placeholder",
]


class Body:
    """A closed graph: ``outputs`` reach nothing but ``inputs`` (placeholders) and constants."""

    __slots__ = ("__weakref__", "inputs", "key", "outputs")

    def __init__(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
        self.inputs, self.outputs = tuple(inputs), tuple(outputs)
        self.key = tuple(map(id, self.inputs)), tuple(map(id, self.outputs))

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Body) and self.key == other.key

    def __repr__(self) -> str:
        return f"Body({len(self.inputs)} inputs, {len(self.outputs)} outputs)"


_nodes: weakref.WeakValueDictionary[Any, Node] = weakref.WeakValueDictionary()
# Threads that trace at once share constants and the placeholders of bodies.
_lock = threading.Lock()


def _tagged(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_tagged, value))
    return type(value), value


def make_node(op: Op, inputs: Sequence[Tensor], attributes: dict[str, Any]) -> Node:
    """Return the node of an op on tensors, the existing one if there is one."""
    # Attributes are tagged by type, since 1, 1.0 and True are equal and mean different things.
    key = (
        op.name,
        tuple((id(tensor.node), tensor.index) for tensor in inputs),
        tuple((name, _tagged(attributes[name])) for name in sorted(attributes)),
    )
    with _lock:
        node = _nodes.get(key)
        if node is None:
            specs = op.infer(*[tensor.spec for tensor in inputs], **attributes)
            specs = [specs] if isinstance(specs, Spec) else specs
            level = max((tensor.level for tensor in inputs), default=0)
            node = Node(op, tuple(inputs), attributes, specs, level)
            _nodes[key] = node
    return node


class Payload:
    """The array of a constant, hashable: small arrays by their bytes, large ones by identity."""

    __slots__ = ("array", "key")

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.array = array
        self.key = array.dtype.str, array.shape, array.tobytes() if array.size <= 64 else id(array)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Payload) and self.key == other.key

    def __repr__(self) -> str:
        return str(self.array.tolist()) if self.array.size == 1 else f"array{self.array.shape}"


CONSTANT = Op(
    "constant",
    "structure",
    lambda value: Spec(value.array.shape, value.array.dtype),
    lambda words, value: words.asarray(value.array),
)
PLACEHOLDER = Op("placeholder", "structure", lambda: None, lambda _: None)


def constant(array: Any) -> Tensor:
    """Return a tensor for an array's present value; the array is copied."""
    if isinstance(array, Tensor):
        return array
    copy = np.array(array)
    copy.flags.writeable = False
    return make_node(CONSTANT, (), {"value": Payload(copy)}).outputs[0]


def constant_value(tensor: Tensor) -> np.ndarray[Any, Any] | None:
    """Return the array of a constant tensor, or None for any other tensor."""
    if tensor.node.op is not CONSTANT:
        return None
    array: np.ndarray[Any, Any] = tensor.node.attributes["value"].array
    return array


def placeholder(spec: Spec, level: int) -> Tensor:
    """Return a new input symbol of a trace or loop body."""
    return Node(PLACEHOLDER, (), {}, [Spec(tuple(spec.shape), spec.dtype)], level).outputs[0]


_canonical: dict[tuple[int, int, Spec], Tensor] = {}


def canonical_placeholder(level: int, position: int, spec: Spec) -> Tensor:
    """Return the one placeholder of a closed body's input, so that equal bodies are one object."""
    key = level, position, spec
    found = _canonical.get(key)
    return _canonical.setdefault(key, placeholder(spec, level)) if found is None else found
