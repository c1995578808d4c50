"""Running a graph node by node in an engine's words: what a graph means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..graph import CONSTANT, PLACEHOLDER, Tensor, walk
from .words import Words

__all__ = ["interpreter"]


def interpreter(
    inputs: Sequence[Tensor], outputs: Sequence[Tensor], words: Words
) -> Callable[..., list[Any]]:
    """Return a function of the inputs' values that gives the outputs' values.

    Every value is dropped after its last use. Constants are made once.
    """
    nodes = [node for node in walk(outputs, inputs) if node.op is not PLACEHOLDER]
    slots: dict[int, int] = {id(tensor): place for place, tensor in enumerate(inputs)}
    fixed: list[Any] = [None] * len(inputs)
    steps: list[list[Any]] = []
    last: dict[int, int] = {}
    for node in nodes:
        for output in node.outputs:
            slots.setdefault(id(output), len(slots))
            fixed += [None] * (len(slots) - len(fixed))
        if node.op is CONSTANT:
            fixed[slots[id(node.outputs[0])]] = node.op.evaluate(words, **node.attributes)
            continue
        reads = [slots[id(tensor)] for tensor in node.inputs]
        writes = [slots[id(tensor)] for tensor in node.outputs]
        for place in (*reads, *writes):
            last[place] = len(steps)
        steps.append([node.op.evaluate, reads, writes, node.attributes, []])
    returned = [slots[id(tensor)] for tensor in outputs]
    for place, step in last.items():
        if place not in returned:
            steps[step][4].append(place)
    count = len(inputs)

    def run(*arrays: Any) -> list[Any]:
        values = list(fixed)
        values[:count] = arrays
        for evaluate, reads, writes, attributes, dead in steps:
            result = evaluate(words, *[values[place] for place in reads], **attributes)
            if len(writes) == 1:
                values[writes[0]] = result
            else:
                for place, each in zip(writes, result, strict=True):
                    values[place] = each
            for place in dead:
                values[place] = None
        return [values[place] for place in returned]

    return run
