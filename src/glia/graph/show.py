"""Graphs as text: one line per node, loop bodies indented."""

from __future__ import annotations

from collections.abc import Sequence

from .build import CONSTANT, PLACEHOLDER, Body
from .tensor import Node, Tensor
from .walk import walk

__all__ = ["show"]


def show(inputs: Sequence[Tensor], outputs: Sequence[Tensor], indent: str = "") -> str:
    """Return a graph as text, one line per node in order of computation.

    Parameters
    ----------
    inputs, outputs : sequence of Tensor
        The graph.
    indent : str
        Put before each line.
    """
    names: dict[int, str] = {id(tensor): f"in{i}" for i, tensor in enumerate(inputs)}
    lines = [f"{names[id(t)]:>6} : {t.dtype} {t.shape}" for t in inputs]
    for node in walk(outputs):
        if node.op is PLACEHOLDER:
            names.setdefault(id(node.outputs[0]), "outer")
            continue
        for output in node.outputs:
            names[id(output)] = f"%{len(names)}"
        lines.append(_line(node, names))
        for body in (v for v in node.attributes.values() if isinstance(v, Body)):
            lines += show(body.inputs, body.outputs, "        ").splitlines()
    lines.append("return " + ", ".join(names[id(tensor)] for tensor in outputs))
    return "\n".join(indent + line for line in lines)


def _line(node: Node, names: dict[int, str]) -> str:
    left = ", ".join(names[id(output)] for output in node.outputs)
    types = ", ".join(f"{output.dtype} {output.shape}" for output in node.outputs)
    if node.op is CONSTANT:
        return f"{left:>6} = {node.attributes['value']} : {types}"
    given = [names[id(tensor)] for tensor in node.inputs]
    given += [f"{k}={v}" for k, v in node.attributes.items() if not isinstance(v, Body)]
    return f"{left:>6} = {node.op.name}({', '.join(given)}) : {types}"
