"""Walking graphs in order of computation, and rebuilding them with parts replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from .build import make_node
from .tensor import Node, Tensor

__all__ = ["rewrite", "walk"]

Rule = Callable[[Node, Sequence[Tensor]], Tensor | Sequence[Tensor] | None]


def walk(outputs: Iterable[Tensor | None], stop: Iterable[Tensor] = ()) -> list[Node]:
    """Return every node that ``outputs`` need, inputs before users, not looking above ``stop``."""
    seen: set[Node] = set()
    ends = set(map(id, stop))
    order: list[Node] = []
    stack = [(tensor, False) for tensor in outputs if tensor is not None][::-1]
    while stack:
        tensor, is_done = stack.pop()
        node = tensor.node
        if is_done:
            order.append(node)
        elif node not in seen and id(tensor) not in ends:
            seen.add(node)
            stack.append((tensor, True))
            stack += [(given, False) for given in reversed(node.inputs)]
    return order


def rewrite(
    outputs: Sequence[Tensor],
    replaced: Mapping[Tensor, Tensor] | None = None,
    rule: Rule | None = None,
) -> list[Tensor]:
    """Rebuild a graph from its inputs upwards.

    Parameters
    ----------
    outputs : sequence of Tensor
        What to rebuild.
    replaced : mapping of Tensor to Tensor, optional
        Tensors to put in place of others; nothing above them is looked at.
    rule : callable, optional
        ``rule(node, inputs)`` with the rebuilt inputs returns the replacement of the node's
        output (or outputs), or None to keep the node.

    Returns
    -------
    list of Tensor
        The rebuilt outputs.
    """
    new = {id(old): tensor for old, tensor in (replaced or {}).items()}
    for node in walk(outputs, replaced or ()):
        inputs = [new.get(id(tensor), tensor) for tensor in node.inputs]
        made = rule(node, inputs) if rule else None
        if made is None:
            is_same = all(a is b for a, b in zip(inputs, node.inputs, strict=True))
            made = node.outputs if is_same else make_node(node.op, inputs, node.attributes).outputs
        made = (made,) if isinstance(made, Tensor) else made
        for old, tensor in zip(node.outputs, made, strict=True):
            new.setdefault(id(old), tensor)
    return [new.get(id(tensor), tensor) for tensor in outputs]
