"""Reductions, and what puts elements in order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..dtypes import int32, is_float
from ..errors import ArgumentError, ShapeError
from ..graph import Array, Node, Op, Spec, Tensor
from .apply import apply, as_floats, as_value, promote, public
from .elementwise import cast, divide, equal, negative, subtract
from .movement import broadcast_to, reshape

__all__ = ["argmax", "argmin", "argsort", "cumsum", "max", "mean", "min", "sum", "variance"]

Axes = int | Sequence[int] | None


def _infer(s: Spec, axes: tuple[int, ...]) -> Spec:
    return Spec(tuple(size for axis, size in enumerate(s.shape) if axis not in axes), s.dtype)


def _unreduce(t: Tensor, node: Node) -> Array:
    shape, axes = node.inputs[0].shape, node.attributes["axes"]
    kept = [1 if axis in axes else size for axis, size in enumerate(shape)]
    return broadcast_to(reshape(t, kept), shape)


def _max_gradient(node: Node, g: Tensor) -> tuple[Array]:
    hit = cast(equal(node.inputs[0], _unreduce(node.outputs[0], node)), g.dtype)
    return (_unreduce(g / sum(hit, node.attributes["axes"]), node) * hit,)


def _cumsum_gradient(node: Node, g: Tensor) -> tuple[Array]:
    axis = node.attributes["axis"]
    backwards = tuple(slice(None, None, -1) if a == axis else slice(None) for a in range(g.ndim))
    return (apply(CUMSUM, g[backwards], axis=axis)[backwards],)


SUM = Op(
    "sum",
    "reduction",
    _infer,
    lambda xp, x, axes: xp.sum(x, axis=axes, dtype=x.dtype),
    lambda node, g: (_unreduce(g, node),),
)
MAX = Op("max", "reduction", _infer, lambda xp, x, axes: xp.max(x, axis=axes), _max_gradient)
ARGMAX = Op(
    "argmax",
    "reduction",
    lambda s, axis: Spec(_infer(s, (axis,)).shape, int32),
    lambda xp, x, axis: xp.astype(xp.argmax(x, axis=axis), int32),
)
ARGSORT = Op(
    "argsort",
    "reduction",
    lambda s, axis: Spec(s.shape, int32),
    lambda xp, x, axis: xp.astype(xp.argsort(x, axis=axis, stable=True), int32),
)
CUMSUM = Op(
    "cumsum",
    "reduction",
    lambda s, axis: s,
    lambda xp, x, axis: xp.cumsum(x, axis=axis, dtype=x.dtype),
    _cumsum_gradient,
)


def _axes(x: Array, axis: Axes, what: str) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(x.ndim))
    given = (int(axis),) if isinstance(axis, (int, np.integer)) else tuple(map(int, axis))
    if any(not -x.ndim <= a < x.ndim for a in given):
        raise ShapeError(f"{what}: got axis {axis} for a value of shape {x.shape}")
    axes = tuple(sorted(a % x.ndim for a in given))
    if len(set(axes)) != len(axes):
        raise ArgumentError(f"{what}: axis {axis} names an axis twice")
    return axes


def _reduce(op: Op, x: Array, axis: Axes, keepdims: bool) -> Array:
    axes = _axes(x, axis, op.name)
    y = apply(op, x, axes=axes) if axes else x
    kept = [1 if a in axes else size for a, size in enumerate(x.shape)]
    return reshape(y, kept) if keepdims else y


def _reversed(x: Array) -> Array:
    """Return the values in reversed order of size; done twice, it gives them back."""
    # -1 - x cannot overflow; in unsigned integers it counts down from the largest.
    return negative(x) if is_float(x.dtype) else subtract(np.asarray(~x.dtype.type(0)), x)


@public
def sum(x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
    """Sum over axes (all when ``axis`` is None); booleans and bytes are counted in int32."""
    value = promote(x)[0]
    value = cast(value, int32) if value.dtype.itemsize == 1 else value
    return _reduce(SUM, value, axis, keepdims)


@public
def max(x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
    """Maximum over axes; its gradient is shared equally by ties.

    Raises
    ------
    ShapeError
        If there is nothing to take the maximum of.
    """
    value = promote(x)[0]
    if any(value.shape[a] == 0 for a in _axes(value, axis, "max")):
        raise ShapeError(f"max over axis {axis} of shape {value.shape}: there are no elements")
    return _reduce(MAX, value, axis, keepdims)


@public
def min(x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
    """Minimum over axes; its gradient is shared equally by ties.

    Raises
    ------
    ShapeError
        If there is nothing to take the minimum of.
    """
    return _reversed(max(_reversed(promote(x)[0]), axis, keepdims))


@public
def mean(x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
    """Arithmetic mean over axes, in a float dtype."""
    value = as_floats(x)
    total = sum(value, axis, keepdims)
    count = 1
    for a in _axes(value, axis, "mean"):
        count *= value.shape[a]
    return divide(total, float(count))


@public
def variance(x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
    """Mean squared distance from the mean over axes (biased: divided by the count)."""
    value = as_floats(x)
    distance = value - mean(value, axis, True)
    return mean(distance * distance, axis, keepdims)


@public
def argmax(x: Array, axis: int = -1) -> Array:
    """Position of the first maximum along an axis, int32."""
    value = promote(x)[0]
    (place,) = _axes(value, int(axis), "argmax")
    if value.shape[place] == 0:
        raise ShapeError(f"argmax over axis {axis} of shape {value.shape}: there are no elements")
    return apply(ARGMAX, value, axis=place)


@public
def argmin(x: Array, axis: int = -1) -> Array:
    """Position of the first minimum along an axis, int32."""
    return argmax(_reversed(promote(x)[0]), axis)


@public
def argsort(x: Array, axis: int = -1) -> Array:
    """Stable ascending order along an axis, int32."""
    value = as_value(x)
    return apply(ARGSORT, value, axis=_axes(value, axis, "argsort")[0])


@public
def cumsum(x: Array, axis: int = -1) -> Array:
    """Running sum along an axis."""
    value = promote(x)[0]
    return apply(CUMSUM, value, axis=_axes(value, axis, "cumsum")[0])
