"""The loop kernel: elementwise ops and reductions over one shape, in one nest of loops.

Axes that every layout walks through in one stride are merged first. The last axis runs in
lanes. Reduced axes run innermost, their sums held in registers; when the last axis is kept, its
lanes run outside them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...dtypes import is_float
from ...graph import Node, Tensor
from ...plan.address import Reference
from ...plan.layout import collapse
from .kernel import WORDS, Kernel, memory_type
from .lanes import Lanes

__all__ = ["LoopWork", "write_loop"]


@dataclass
class LoopWork:
    """What one loop kernel does.

    Attributes
    ----------
    shape : tuple of int
        What it runs over.
    axes : tuple of int or None
        The reduced axes.
    nodes : list of Node
        Elementwise nodes and reductions, in order.
    reads, writes : dict of Tensor to Reference
        What it loads and stores; a stored reduction has the kept axes only.
    numbers : dict of Tensor to number
        Operands that are one constant number.
    """

    shape: tuple[int, ...]
    axes: tuple[int, ...] | None
    nodes: Sequence[Node]
    reads: Mapping[Tensor, Reference]
    writes: Mapping[Tensor, Reference]
    numbers: Mapping[Tensor, Any]


@dataclass
class _Axis:
    size: int
    is_reduced: bool
    is_lanes: bool
    strides: dict[Tensor, int]


def write_loop(kernel: Kernel, work: LoopWork) -> None:
    """Write a loop kernel's whole body."""
    _Nest(kernel, work).write()


class _Nest:
    def __init__(self, kernel: Kernel, work: LoopWork) -> None:
        self.kernel, self.work, self.code = kernel, work, kernel.code
        self.reductions = [n for n in work.nodes if n.op.name in ("sum", "max")]
        self.elementwise = [n for n in work.nodes if n.op.name not in ("sum", "max")]
        reduced = set(work.axes or ()) if self.reductions else set()
        self.memory: dict[Tensor, Reference] = {**work.reads}
        self.memory.update({t: r for t, r in work.writes.items() if not self._is_reduction(t)})
        keys = list(self.memory)
        sums = [t for t in work.writes if self._is_reduction(t)]
        strides: list[Sequence[int]] = [self.memory[t].layout.strides for t in keys]
        strides += [self._spread(work.writes[t], reduced) for t in sums]
        kinds = [axis in reduced for axis in range(len(work.shape))]
        sizes, merged, kinds = collapse(work.shape, strides, kinds)
        names = [*keys, *sums]
        axes = [
            _Axis(size, bool(kind), False, {t: m[i] for t, m in zip(names, merged, strict=True)})
            for i, (size, kind) in enumerate(zip(sizes, kinds, strict=True))
        ]
        if axes:
            axes[-1].is_lanes = True
        lanes_axis = axes[-1:] if axes and not axes[-1].is_reduced else []
        rest = axes[:-1] if lanes_axis else axes
        self.axes = [a for a in rest if not a.is_reduced] + lanes_axis
        self.first_reduced = len(self.axes)
        self.axes += [a for a in rest if a.is_reduced]
        dtypes = [t.dtype for n in work.nodes for t in (*n.inputs, *n.outputs)]
        dtypes += [r.dtype for r in self.memory.values()]
        self.width = kernel.lanes_for(dtypes) if axes else 1
        if axes and axes[-1].size < self.width:
            self.width = max(1, 1 << (axes[-1].size - 1).bit_length())
        self.sums = sums
        self.is_empty = 0 in work.shape

    def _is_reduction(self, tensor: Tensor) -> bool:
        return tensor.node in self.reductions

    def _spread(self, reference: Reference, reduced: set[int]) -> list[int]:
        """Strides of a reduced result along every axis, 0 along the reduced ones."""
        kept = iter(reference.layout.strides)
        return [0 if axis in reduced else next(kept) for axis in range(len(self.work.shape))]

    def write(self) -> None:
        everything = {**self.memory, **{t: self.work.writes[t] for t in self.sums}}
        pointers = {t: self.kernel.start(r) for t, r in everything.items()}
        if self.is_empty and not self.sums:
            return
        self._level(0, pointers, {}, self.width, None)

    def _level(
        self,
        level: int,
        pointers: dict[Tensor, str],
        loaded: dict[Tensor, Lanes],
        active: int,
        sums: list[str] | None,
    ) -> list[str] | None:
        """Write the loops from an axis inwards; returns the sums carried through them."""
        loaded = dict(loaded)
        for tensor, reference in self.work.reads.items():
            if tensor not in loaded and self._depth(tensor) == level:
                loaded[tensor] = self._load(tensor, reference, pointers, active)
        if level == self.first_reduced and self.reductions and sums is None:
            start = [self._start(node) for node in self.reductions]
            if not self.is_empty:
                found = self._level(level, pointers, loaded, active, [s.name for s in start])
                start = [s.like_name(n) for s, n in zip(start, found or [], strict=True)]
            self._end(start, pointers, active)
            return None
        if level == len(self.axes):
            return self._body(pointers, loaded, active, sums)
        axis = self.axes[level]
        kinds = [self._start(node).type for node in self.reductions] if sums is not None else []

        def turn(lanes: int) -> Any:
            def body(index: Any, *carried: str) -> Sequence[str]:
                inner = dict(pointers)
                for tensor, stride in axis.strides.items():
                    if stride:
                        offset = self.code.mul(index, stride)
                        inner[tensor] = self.code.at(pointers[tensor], offset, self._kind(tensor))
                result = self._level(
                    level + 1, inner, loaded, lanes, list(carried) if sums is not None else None
                )
                return result or ()

            return body

        carried = sums or []
        if not axis.is_lanes:
            carried = self.code.loop(
                axis.size, turn(active), carries=list(zip(kinds, carried, strict=True))
            )
            return carried if sums is not None else None
        whole = axis.size // self.width * self.width
        if whole:
            carried = self.code.loop(
                whole, turn(self.width), self.width, list(zip(kinds, carried, strict=True))
            )
        if whole < axis.size:
            shifted = turn(axis.size - whole)
            carried = list(shifted(whole, *carried))
        return carried if sums is not None else None

    def _kind(self, tensor: Tensor) -> str:
        reference = self.memory.get(tensor) or self.work.writes[tensor]
        return memory_type(reference.dtype)

    def _depth(self, tensor: Tensor) -> int:
        """The number of loops that must be open before a tensor's element is known."""
        deepest = 0
        for number, axis in enumerate(self.axes):
            if axis.strides.get(tensor):
                deepest = number + 1
        return deepest

    def _load(
        self, tensor: Tensor, reference: Reference, pointers: Mapping[Tensor, str], active: int
    ) -> Lanes:
        lanes = [axis for axis in self.axes if axis.is_lanes]
        stride = lanes[0].strides.get(tensor, 0) if lanes else 1
        return self.kernel.load(pointers[tensor], reference.dtype, self.width, stride, active)

    @property
    def _is_across(self) -> bool:
        """Whether reductions combine the lanes of a register in the end."""
        return bool(self.axes) and self.axes[-1].is_lanes and self.axes[-1].is_reduced

    def _start(self, node: Node) -> Lanes:
        dtype = node.outputs[0].dtype
        blank = Lanes(self.code, "", dtype, self.width)
        if node.op.name == "sum":
            return blank.constant(0)
        return blank.constant(-math.inf if is_float(dtype) else np.iinfo(dtype).min)

    def _body(
        self,
        pointers: Mapping[Tensor, str],
        loaded: Mapping[Tensor, Lanes],
        active: int,
        sums: list[str] | None,
    ) -> list[str] | None:
        values: dict[Tensor, Lanes] = {}
        for node in self.elementwise:
            self.kernel.evaluate(
                node, loaded.__getitem__, values, self.work.numbers.get, self.width
            )
        if not self.elementwise and not self.reductions:
            (source,), (target,) = self.work.reads, self.work.writes
            values[target] = loaded[source]
        for tensor in self.work.writes:
            if not self._is_reduction(tensor):
                self._store(tensor, values[tensor], pointers, active)
        if sums is None:
            return None
        results = []
        for node, before in zip(self.reductions, sums, strict=True):
            operand = node.inputs[0]
            x = values.get(operand) or loaded.get(operand)
            if x is None:
                x = self.kernel.fixed(self.work.numbers[operand], operand, self.width)
            total = x.like_name(before)
            if self._is_across and active < self.width:
                x = self._only_active(x, self._start(node), active)
            results.append(self._combine(node, total, x).name)
        return results

    def _store(self, tensor: Tensor, x: Lanes, pointers: Mapping[Tensor, str], active: int) -> None:
        lanes = [axis for axis in self.axes if axis.is_lanes]
        stride = lanes[0].strides[tensor] if lanes else 1
        self.kernel.store(x, pointers[tensor], active if lanes else 1, stride)

    def _only_active(self, x: Lanes, neutral: Lanes, active: int) -> Lanes:
        mask = self.kernel.mask(self.width, active)
        return x.like(
            f"select <{self.width} x i1> {mask}, {x.type} {x.name}, {x.type} {neutral.name}"
        )

    def _combine(self, node: Node, total: Lanes, x: Lanes) -> Lanes:
        return total + x if node.op.name == "sum" else WORDS.maximum(total, x)

    def _end(self, sums: list[Lanes], pointers: Mapping[Tensor, str], active: int) -> None:
        """Store the reductions, first adding up the lanes if those were reduced."""
        is_across = self._is_across
        for node, total in zip(self.reductions, sums, strict=True):
            tensor = node.outputs[0]
            if tensor not in self.work.writes:
                continue
            result = self._across(node, total) if is_across else total
            if is_across:
                self.kernel.store(result, pointers[tensor], 1)
            else:
                self._store(tensor, result, pointers, active)

    def _across(self, node: Node, total: Lanes) -> Lanes:
        """Combine all lanes into the first, by halves."""
        step = self.width // 2
        while step:
            order = ", ".join(f"i32 {(k + step) % self.width}" for k in range(self.width))
            other = total.like(
                f"shufflevector {total.type} {total.name}, {total.type} poison, "
                f"<{self.width} x i32> <{order}>"
            )
            total = self._combine(node, total, other)
            step //= 2
        return total
