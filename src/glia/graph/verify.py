"""Checking that a graph is well formed; run after every pass that rewrites one."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import TraceError
from .build import PLACEHOLDER, Body
from .op import OPS, Spec
from .tensor import Node, Tensor
from .walk import walk

__all__ = ["verify"]


def verify(inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
    """Refuse a graph that is not closed, or whose specs or levels are not what its ops infer.

    Parameters
    ----------
    inputs, outputs : sequence of Tensor
        The graph; every placeholder that ``outputs`` reach must be among ``inputs``.

    Raises
    ------
    TraceError
        Naming the node and what is wrong with it. It always means a mistake inside glia or in
        an op of one's own, never one in the data.
    """
    mine = set(map(id, inputs))
    for node in walk(outputs):
        if node.op is PLACEHOLDER:
            if id(node.outputs[0]) not in mine:
                raise TraceError(f"verify: {node.outputs[0]!r} is not an input of the graph")
            continue
        _verify_node(node)
        for body in (each for each in node.attributes.values() if isinstance(each, Body)):
            verify(body.inputs, body.outputs)


def _verify_node(node: Node) -> None:
    if OPS.get(node.op.name) is not node.op:
        raise TraceError(f"verify: {node!r} uses an op that is not in the registry")
    inferred = node.op.infer(*[tensor.spec for tensor in node.inputs], **node.attributes)
    specs = [inferred] if isinstance(inferred, Spec) else list(inferred)
    if specs != [output.spec for output in node.outputs]:
        raise TraceError(f"verify: {node!r} has outputs {node.outputs}, but its op infers {specs}")
    level = max((tensor.level for tensor in node.inputs), default=0)
    if node.level != level:
        raise TraceError(f"verify: {node!r} is at level {node.level}, its inputs at {level}")
