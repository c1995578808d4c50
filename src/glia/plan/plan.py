"""Plans: a simplified, verified graph in order of computation, which an engine runs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from ..graph import Body, Node, Tensor, show, verify, walk
from ..ops import Window
from ..ops.contraction import letters
from .report import report
from .simplify import simplify
from .stable_forms import stabilise

__all__ = ["Plan"]

MOVEMENT = {"broadcast_to", "reshape", "transpose", "slice", "pad", "flip", "concatenate", "split"}
FREE = {"constant", "placeholder", "iota", *MOVEMENT}


class Plan:
    """What an engine runs: ``print(plan)`` shows its ops, arithmetic and memory.

    Parameters
    ----------
    inputs, outputs : sequence of Tensor
        The graph as it was traced.

    Attributes
    ----------
    inputs, outputs : tuple of Tensor
        The graph after stable forms and simplification; verified after each.
    nodes : list of Node
        In order of computation.
    """

    def __init__(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
        self.inputs = tuple(inputs)
        verify(self.inputs, outputs)
        stable = stabilise(outputs)
        verify(self.inputs, stable)
        self.outputs = tuple(simplify(stable))
        verify(self.inputs, self.outputs)
        self.nodes = [node for node in walk(self.outputs) if node.op.name != "placeholder"]

    @property
    def flops(self) -> int:
        """Floating-point operations of one run (an exp counts as one)."""
        return sum(map(_flops, self.nodes))

    @property
    def bytes(self) -> int:
        """Bytes of every value made in one run, a loop's body counted once."""
        return sum(output.spec.bytes for node in self.nodes for output in node.outputs)

    def show(self) -> str:
        """Return the graph, one line per node."""
        return show(self.inputs, self.outputs)

    def __str__(self) -> str:
        counts = Counter(_all_ops(self.nodes))
        ops = ", ".join(f"{name} x{count}" for name, count in counts.most_common())
        return (
            f"plan: {len(self.inputs)} inputs, {len(self.outputs)} outputs, "
            f"{sum(counts.values())} ops, {self.flops:,} flops, {self.bytes:,} bytes\n"
            f"ops: {ops}\n{report(self.inputs, self.outputs)}\n{self.show()}"
        )


def _all_ops(nodes: Sequence[Node]) -> list[str]:
    names = [node.op.name for node in nodes if node.op.name not in ("constant", "placeholder")]
    for node in nodes:
        for body in (value for value in node.attributes.values() if isinstance(value, Body)):
            names += _all_ops(walk(body.outputs))
    return names


def _flops(node: Node) -> int:
    name, size = node.op.name, node.outputs[0].size if node.outputs else 0
    if name in FREE:
        return 0
    if name == "contract":
        first, second, _ = letters(node.attributes["spec"])
        sizes = dict(zip(first + second, node.inputs[0].shape + node.inputs[1].shape, strict=True))
        return 2 * math.prod(sizes.values())
    if name == "convolve":
        window: Window = node.attributes["window"]
        roles = dict(
            zip([r for r in "xwy" if r != node.attributes["out"]], node.inputs, strict=True)
        )
        roles[node.attributes["out"]] = node.outputs[0]
        rows = roles["y"].shape[0] * math.prod(window.out)
        channels, filters = roles["w"].shape[-2], roles["w"].shape[-1]
        return 2 * rows * math.prod(window.kernel) * channels * filters
    if name == "scan":
        body = walk(node.attributes["body"].outputs)
        return int(node.attributes["length"]) * sum(map(_flops, body))
    if name in ("sum", "max", "argmax"):
        return node.inputs[0].size
    return size
