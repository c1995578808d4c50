"""Reverse accumulation: the chain rule over a graph, giving a graph (Linnainmaa 1970)."""

from __future__ import annotations

from collections.abc import Sequence

from ..dtypes import is_float
from ..errors import TraceError
from ..graph import Tensor, walk

__all__ = ["accumulate_gradients"]


def accumulate_gradients(
    outputs: Sequence[Tensor], seeds: Sequence[Tensor | None], wrt: Sequence[Tensor]
) -> list[Tensor | None]:
    """Return the gradient of ``sum(output * seed)`` with respect to each tensor of ``wrt``.

    Parameters
    ----------
    outputs : sequence of Tensor
        What is differentiated.
    seeds : sequence of Tensor or None
        The cotangent of each output, of its shape; None where it does not count.
    wrt : sequence of Tensor
        With respect to what.

    Returns
    -------
    list of Tensor or None
        None for a tensor that the outputs do not depend on smoothly.
    """
    order = walk(outputs)
    active = set(map(id, wrt))
    for node in order:
        if any(id(tensor) in active for tensor in node.inputs):
            active.update(id(tensor) for tensor in node.outputs if is_float(tensor.dtype))
    gradients: dict[int, Tensor] = {}

    def add(tensor: Tensor, part: Tensor) -> None:
        before = gradients.get(id(tensor))
        gradients[id(tensor)] = part if before is None else before + part

    for output, seed in zip(outputs, seeds, strict=True):
        if seed is not None and is_float(output.dtype):
            add(output, seed)
    for node in reversed(order):
        cotangents = [gradients.get(id(tensor)) for tensor in node.outputs]
        is_needed = any(id(tensor) in active for tensor in node.inputs)
        if not is_needed or node.op.gradient is None or all(g is None for g in cotangents):
            continue
        parts = node.op.gradient(node, *cotangents)
        for tensor, part in zip(node.inputs, parts, strict=True):
            if part is None or id(tensor) not in active:
                continue
            if part.spec != tensor.spec:
                raise TraceError(
                    f"the gradient rule of {node.op.name} gave {part.spec} for an input of "
                    f"{tensor.spec}; a gradient has its input's shape and dtype"
                )
            add(tensor, part)
    return [gradients.get(id(tensor)) for tensor in wrt]
