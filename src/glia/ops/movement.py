"""Movement: the same elements in other places. The only summing gradient is broadcast_to's."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import IndexingError, ShapeError, TraceError
from ..graph import OPERATIONS, Array, Node, Op, Spec, Tensor
from .apply import apply, as_shape, as_value, promote, public

__all__ = [
    "as_axis",
    "broadcast_to",
    "concatenate",
    "flip",
    "index",
    "pad",
    "reshape",
    "split",
    "transpose",
]

_INDICES = (
    "indexing a symbol takes integers, slices, None, one Ellipsis, or one array of integers alone; "
    "a boolean mask would give a shape that depends on values: use glia.ops.where, or weights"
)

Spans = tuple[tuple[int, int, int], ...]


def _sum_to(g: Tensor, shape: tuple[int, ...]) -> Array:
    lead = g.ndim - len(shape)
    axes = [*range(lead)]
    axes += [lead + i for i, d in enumerate(shape) if d == 1 and g.shape[lead + i] != 1]
    return reshape(OPERATIONS["sum"](g, tuple(axes)), shape) if axes else g


BROADCAST_TO = Op(
    "broadcast_to",
    "movement",
    lambda s, shape: Spec(shape, s.dtype),
    lambda xp, x, shape: xp.broadcast_to(x, shape),
    lambda node, g: (_sum_to(g, node.inputs[0].shape),),
)


def _reshape_gradient(node: Node, g: Tensor) -> tuple[Array]:
    return (reshape(g, node.inputs[0].shape),)


def _transpose_gradient(node: Node, g: Tensor) -> tuple[Array]:
    return (transpose(g, [int(axis) for axis in np.argsort(node.attributes["axes"])]),)


RESHAPE = Op(
    "reshape",
    "movement",
    lambda s, shape: Spec(shape, s.dtype),
    lambda xp, x, shape: xp.reshape(x, shape),
    _reshape_gradient,
)
TRANSPOSE = Op(
    "transpose",
    "movement",
    lambda s, axes: Spec(tuple(s.shape[a] for a in axes), s.dtype),
    lambda xp, x, axes: xp.transpose(x, axes),
    _transpose_gradient,
)


def _slice_gradient(node: Node, g: Tensor) -> tuple[Array]:
    pads = tuple(
        (start, size - (start + (count - 1) * step + 1), step - 1) if count else (0, size, 0)
        for (start, _, step), size, count in zip(
            node.attributes["spans"], node.inputs[0].shape, g.shape, strict=True
        )
    )
    return (pad(g, pads),)


SLICE = Op(
    "slice",
    "movement",
    lambda s, spans: Spec(tuple(len(range(*span)) for span in spans), s.dtype),
    lambda xp, x, spans: x[tuple(slice(*span) for span in spans)],
    _slice_gradient,
)


def _padded(size: int, low: int, high: int, interior: int) -> int:
    return low + high + size + max(size - 1, 0) * interior


def _pad_spans(shape: tuple[int, ...], pads: Spans) -> Spans:
    """Where the elements of a padded tensor are found again."""
    return tuple(
        (low, low + max(size - 1, 0) * (interior + 1) + (size > 0), interior + 1)
        for (low, _, interior), size in zip(pads, shape, strict=True)
    )


def _evaluate_pad(xp: Any, x: Any, pads: Spans) -> Any:
    shape = tuple(_padded(size, *each) for each, size in zip(pads, x.shape, strict=True))
    place = tuple(slice(*span) for span in _pad_spans(x.shape, pads))
    return xp.add_at(xp.zeros(shape, x.dtype), place, x)


PAD = Op(
    "pad",
    "movement",
    lambda s, pads: Spec(
        tuple(_padded(size, *each) for each, size in zip(pads, s.shape, strict=True)), s.dtype
    ),
    _evaluate_pad,
    lambda node, g: (
        apply(SLICE, g, spans=_pad_spans(node.inputs[0].shape, node.attributes["pads"])),
    ),
)
FLIP: Op = Op(
    "flip",
    "movement",
    lambda s, axis: s,
    lambda xp, x, axis: xp.flip(x, axis),
    lambda node, g: (apply(FLIP, g, axis=node.attributes["axis"]),),
)


def _infer_concatenate(*specs: Spec, axis: int) -> Spec:
    first = specs[0].shape
    if any(s.shape[:axis] + s.shape[axis + 1 :] != first[:axis] + first[axis + 1 :] for s in specs):
        raise ShapeError(
            f"concatenate along axis {axis}: got shapes {[s.shape for s in specs]}; "
            "every other axis must have equal sizes"
        )
    total = sum(s.shape[axis] for s in specs)
    return Spec((*first[:axis], total, *first[axis + 1 :]), specs[0].dtype)


def _concatenate_gradient(node: Node, g: Tensor) -> tuple[Array, ...]:
    axis = node.attributes["axis"]
    return split(g, [x.shape[axis] for x in node.inputs], axis)


CONCATENATE = Op(
    "concatenate",
    "movement",
    _infer_concatenate,
    lambda xp, *x, axis: xp.concatenate(x, axis),
    _concatenate_gradient,
)


def _split_gradient(node: Node, *gs: Tensor | None) -> tuple[Array]:
    zeros = OPERATIONS["zeros_like"]
    parts = [zeros(t) if g is None else g for g, t in zip(gs, node.outputs, strict=True)]
    return (concatenate(parts, node.attributes["axis"]),)


SPLIT = Op(
    "split",
    "movement",
    lambda s, sizes, axis: [
        Spec((*s.shape[:axis], size, *s.shape[axis + 1 :]), s.dtype) for size in sizes
    ],
    lambda xp, x, sizes, axis: xp.split(x, [int(i) for i in np.cumsum(sizes)[:-1]], axis),
    _split_gradient,
)


def as_axis(axis: int, ndim: int, what: str) -> int:
    """Return an axis counted from the front, refusing one that is not there."""
    axis = int(axis)
    if not -ndim <= axis < ndim:
        raise ShapeError(f"{what}: got axis {axis} for {ndim} axes; expected {-ndim}..{ndim - 1}")
    return axis % ndim


@public
def broadcast_to(x: Array, shape: int | Sequence[int]) -> Array:
    """Repeat a value along new or size-1 axes until it has a shape.

    Raises
    ------
    ShapeError
        If the shape cannot be reached by NumPy's rule.
    """
    x, shape = as_value(x), as_shape(shape, "broadcast_to")
    if x.shape == shape:
        return x
    tail = shape[len(shape) - x.ndim :] if x.ndim <= len(shape) else None
    if tail is None or any(a not in (1, b) for a, b in zip(x.shape, tail, strict=True)):
        raise ShapeError(f"broadcast_to: a value of shape {x.shape} does not reach {shape}")
    return apply(BROADCAST_TO, x, shape=shape)


@public
def reshape(x: Array, shape: int | Sequence[int]) -> Array:
    """Return the elements in the same order under another shape; one size may be -1.

    Raises
    ------
    ShapeError
        If the number of elements differs.
    """
    x = as_value(x)
    wanted = (shape,) if isinstance(shape, (int, np.integer)) else tuple(map(int, shape))
    known = math.prod(size for size in wanted if size != -1)
    if wanted.count(-1) == 1 and known:
        wanted = tuple(x.size // known if size == -1 else size for size in wanted)
    if any(size < 0 for size in wanted) or math.prod(wanted) != x.size:
        raise ShapeError(
            f"reshape: a value of shape {x.shape} has {x.size} elements, which do not fit {shape}"
        )
    return x if x.shape == wanted else apply(RESHAPE, x, shape=wanted)


@public
def transpose(x: Array, axes: Sequence[int] | None = None) -> Array:
    """Permute axes; without ``axes`` reverse them."""
    x = as_value(x)
    given = range(x.ndim)[::-1] if axes is None else axes
    order = tuple(as_axis(axis, x.ndim, "transpose") for axis in given)
    if sorted(order) != list(range(x.ndim)):
        raise ShapeError(f"transpose: axes {axes} are not a permutation of {x.ndim} axes")
    return x if order == tuple(range(x.ndim)) else apply(TRANSPOSE, x, axes=order)


@public
def pad(x: Array, pads: Sequence[Sequence[int]]) -> Array:
    """Surround with zeros: ``(low, high)`` or ``(low, high, interior)`` for each axis.

    ``interior`` zeros are put between neighbours, as in dilation.
    """
    x = as_value(x)
    full = tuple((int(p[0]), int(p[1]), int(p[2]) if len(p) > 2 else 0) for p in pads)
    if len(full) != x.ndim or any(size < 0 for each in full for size in each):
        raise ShapeError(f"pad: got {pads} for shape {x.shape}; one (low, high) >= 0 for each axis")
    return apply(PAD, x, pads=full) if any(map(any, full)) else x


@public
def flip(x: Array, axis: int) -> Array:
    """Reverse the order of elements along an axis."""
    x = as_value(x)
    return apply(FLIP, x, axis=as_axis(axis, x.ndim, "flip"))


@public
def concatenate(xs: Sequence[Array], axis: int = 0) -> Array:
    """Join values along an existing axis."""
    if not len(xs):
        raise ShapeError("concatenate: got no values, expected at least one")
    values = promote(*xs, is_arithmetic=False)
    if len({value.ndim for value in values}) != 1:
        raise ShapeError(
            f"concatenate: got shapes {[value.shape for value in values]}; expected as many axes "
            "in each"
        )
    axis = as_axis(axis, values[0].ndim, "concatenate")
    _infer_concatenate(*[Spec(value.shape, value.dtype) for value in values], axis=axis)
    return values[0] if len(values) == 1 else apply(CONCATENATE, *values, axis=axis)


@public
def split(x: Array, sizes: Sequence[int], axis: int = 0) -> tuple[Array, ...]:
    """Cut a value along an axis into pieces of given sizes."""
    x = as_value(x)
    axis, sizes = as_axis(axis, x.ndim, "split"), tuple(map(int, sizes))
    if sum(sizes) != x.shape[axis] or min(sizes, default=0) < 0:
        raise ShapeError(
            f"split: sizes {sizes} add up to {sum(sizes)}, but axis {axis} of {x.shape} has "
            f"{x.shape[axis]}"
        )
    if len(sizes) < 2:
        return (x,) * len(sizes)
    return tuple(apply(SPLIT, x, sizes=sizes, axis=axis))


@public
def index(x: Array, where: Any) -> Array:
    """Index with integers, slices, None, Ellipsis, or one array of integers (``x[...]``)."""
    x = as_value(x)
    parts = where if isinstance(where, tuple) else (where,)
    if any(isinstance(part, (Tensor, np.ndarray, list)) for part in parts):
        return _gather_index(x, parts)
    if Ellipsis in parts:
        at = parts.index(Ellipsis)
        missing = x.ndim - sum(part is not None for part in parts) + 1
        parts = (*parts[:at], *[slice(None)] * missing, *parts[at + 1 :])
    spans: list[tuple[int, int, int]] = []
    shape: list[int] = []
    reversed_axes: list[int] = []
    for part in parts:
        if part is None:
            shape.append(1)
            continue
        if len(spans) == x.ndim:
            raise ShapeError(f"index: {len(parts)} indices for a value of shape {x.shape}")
        size = x.shape[len(spans)]
        if isinstance(part, slice):
            start, stop, step = part.indices(size)
            count = len(range(start, stop, step))
            if step < 0:
                reversed_axes.append(len(spans))
                start, step = start + (count - 1) * step, -step
            spans.append((start, start + (count - 1) * step + 1 if count else start, step))
            shape.append(count)
        else:
            place = _whole(part)
            if not -size <= place < size:
                raise IndexingError(
                    f"index {place} is outside axis {len(spans)} of size {size} of {x.shape}"
                )
            spans.append((place % size, place % size + 1, 1))
    shape += x.shape[len(spans) :]
    spans += [(0, size, 1) for size in x.shape[len(spans) :]]
    if any(span != (0, size, 1) for span, size in zip(spans, x.shape, strict=True)):
        x = apply(SLICE, x, spans=tuple(spans))
    for axis in reversed_axes:
        x = flip(x, axis)
    return reshape(x, shape)


def _whole(part: Any) -> int:
    if isinstance(part, (bool, np.bool_)) or not hasattr(part, "__index__"):
        raise TraceError(f"index: got {part!r}; {_INDICES}")
    return operator.index(part)


def _gather_index(x: Array, parts: tuple[Any, ...]) -> Array:
    indices = as_value(parts[0])
    if len(parts) == 1 and indices.dtype.kind in "iu":
        return OPERATIONS["gather"](x, indices)
    raise TraceError(f"index: got {indices.dtype} indices of shape {indices.shape}; {_INDICES}")
