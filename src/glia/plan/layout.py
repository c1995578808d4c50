"""Layouts: where the elements of a tensor lie within another tensor's memory.

Movement ops cost nothing when their result is only another way to look at the same memory.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..graph import Node, Tensor

__all__ = ["Layout", "Place", "moved", "row_major"]


def row_major(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the strides, in elements, of an array whose last axis is contiguous."""
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))


class Layout(NamedTuple):
    """Element ``(i, j, ...)`` lies at ``offset + i * strides[0] + j * strides[1] + ...``."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int

    @property
    def is_plain(self) -> bool:
        """Whether it is the whole of a contiguous array from its start."""
        return self.offset == 0 and self.is_dense

    @property
    def is_dense(self) -> bool:
        """Whether its elements lie in a row without gaps."""
        wanted = row_major(self.shape)
        pairs = zip(self.shape, self.strides, wanted, strict=True)
        return all(size == 1 or stride == step for size, stride, step in pairs)


class Place(NamedTuple):
    """A tensor as a layout of a base tensor that has memory of its own."""

    base: Tensor
    layout: Layout


def plain(tensor: Tensor) -> Place:
    """Return the place of a tensor that is its own base."""
    return Place(tensor, Layout(tensor.shape, row_major(tensor.shape), 0))


def moved(node: Node, place: Place) -> list[Place] | None:
    """Return the places of a movement op's outputs within its input's memory, or None."""
    name, attributes, layout = node.op.name, node.attributes, place.layout
    if name == "broadcast_to":
        layouts = [_broadcast(layout, attributes["shape"])]
    elif name == "reshape":
        reshaped = _reshape(layout, attributes["shape"])
        if reshaped is None:
            return None
        layouts = [reshaped]
    elif name == "transpose":
        axes = attributes["axes"]
        shape = tuple(layout.shape[a] for a in axes)
        layouts = [Layout(shape, tuple(layout.strides[a] for a in axes), layout.offset)]
    elif name == "slice":
        layouts = [_slice(layout, attributes["spans"])]
    elif name == "flip":
        axis, strides = attributes["axis"], list(layout.strides)
        offset = layout.offset + max(layout.shape[axis] - 1, 0) * strides[axis]
        strides[axis] = -strides[axis]
        layouts = [Layout(layout.shape, tuple(strides), offset)]
    elif name == "split":
        layouts = _split(layout, attributes["sizes"], attributes["axis"])
    else:
        return None
    return [Place(place.base, each) for each in layouts]


def _broadcast(layout: Layout, shape: tuple[int, ...]) -> Layout:
    lead = len(shape) - len(layout.shape)
    strides = [0] * lead
    for size, stride, wanted in zip(layout.shape, layout.strides, shape[lead:], strict=True):
        strides.append(0 if size == 1 and wanted != 1 else stride)
    return Layout(shape, tuple(strides), layout.offset)


def _slice(layout: Layout, spans: Sequence[tuple[int, int, int]]) -> Layout:
    offset = layout.offset + sum(s[0] * d for s, d in zip(spans, layout.strides, strict=True))
    shape = tuple(len(range(*span)) for span in spans)
    strides = tuple(span[2] * step for span, step in zip(spans, layout.strides, strict=True))
    return Layout(shape, strides, offset)


def _split(layout: Layout, sizes: Sequence[int], axis: int) -> list[Layout]:
    result, start = [], 0
    for size in sizes:
        shape = (*layout.shape[:axis], size, *layout.shape[axis + 1 :])
        offset = layout.offset + start * layout.strides[axis]
        result.append(Layout(shape, layout.strides, offset))
        start += size
    return result


def _reshape(layout: Layout, shape: tuple[int, ...]) -> Layout | None:
    """Return another shape over the same memory, or None where that needs a copy."""
    if math.prod(shape) == 0:
        return Layout(shape, row_major(shape), layout.offset)
    old = [(n, s) for n, s in zip(layout.shape, layout.strides, strict=True) if n != 1]
    strides: list[int] = []
    pending = list(old)
    for size in shape:
        if size == 1:
            strides.append(0)
            continue
        # Merge old axes until they hold this size, then cut what is too much.
        total, step = pending.pop(0)
        while total < size:
            more, inner = pending.pop(0)
            if step != more * inner:
                return None
            total, step = total * more, inner
        if total % size:
            merged = _merge_all(total, step, pending, size)
            if merged is None:
                return None
            total, step, pending = merged
        rest = total // size
        strides.append(step * rest)
        if rest > 1:
            pending.insert(0, (rest, step))
    return Layout(shape, tuple(strides), layout.offset)


def _merge_all(
    total: int, step: int, pending: list[tuple[int, int]], size: int
) -> tuple[int, int, list[tuple[int, int]]] | None:
    while total % size and pending:
        more, inner = pending.pop(0)
        if step != more * inner:
            return None
        total, step = total * more, inner
    return None if total % size else (total, step, pending)


def collapse(
    shape: Sequence[int], strides: Sequence[Sequence[int]], kinds: Sequence[Any]
) -> tuple[list[int], list[list[int]], list[Any]]:
    """Merge neighbouring axes of one kind that every layout walks through in one stride.

    Returns
    -------
    sizes, strides, kinds
        Of the remaining axes; axes of size 1 are gone.
    """
    sizes: list[int] = []
    merged: list[list[int]] = [[] for _ in strides]
    kept: list[Any] = []
    for axis, size in enumerate(shape):
        if size == 1:
            continue
        steps = [each[axis] for each in strides]
        fits = sizes and kept[-1] == kinds[axis]
        if fits and all(m[-1] == step * size for m, step in zip(merged, steps, strict=True)):
            sizes[-1] *= size
            for m, step in zip(merged, steps, strict=True):
                m[-1] = step
        else:
            sizes.append(size)
            kept.append(kinds[axis])
            for m, step in zip(merged, steps, strict=True):
                m.append(step)
    return sizes, merged, kept
