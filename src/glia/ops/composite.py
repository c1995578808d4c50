"""Public operations made of primitives: they need no rules of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import default_dtype, int32
from ..errors import ShapeError
from ..graph import Array, Op, Spec, Tensor, constant, current_trace, make_node
from .apply import apply, as_floats, as_shape, as_value, dtype_of, promote, public
from .convolution import make_window
from .elementwise import (
    absolute,
    cast,
    divide,
    equal,
    exp,
    less,
    less_equal,
    log,
    logical_and,
    logical_not,
    maximum,
    minimum,
    where,
)
from .movement import as_axis, broadcast_to, concatenate, index, reshape
from .reduction import max as max_
from .reduction import sum as sum_

__all__ = [
    "average_pool",
    "clip",
    "expand_dims",
    "full",
    "greater",
    "greater_equal",
    "iota",
    "log_sum_exp",
    "logical_or",
    "not_equal",
    "one_hot",
    "ones",
    "ones_like",
    "square",
    "squeeze",
    "stack",
    "x_log_y",
    "zeros",
    "zeros_like",
]

IOTA = Op(
    "iota",
    "structure",
    lambda size: Spec((size,), int32),
    lambda xp, size: xp.arange(size, dtype=int32),
)


@public
def iota(size: int) -> Array:
    """Return the integers ``0..size-1``, int32."""
    (size,) = as_shape(size, "iota")
    if current_trace() is None:
        return apply(IOTA, size=size)
    return make_node(IOTA, (), {"size": size}).outputs[0]


@public
def full(shape: int | Sequence[int], value: float, dtype: Any = None) -> Array:
    """Return one number repeated over a shape."""
    scalar = np.asarray(value, default_dtype() if dtype is None else dtype_of(dtype))
    return broadcast_to(scalar if current_trace() is None else constant(scalar), shape)


@public
def zeros(shape: int | Sequence[int], dtype: Any = None) -> Array:
    """Return zeros of a shape."""
    return full(shape, 0, dtype)


@public
def ones(shape: int | Sequence[int], dtype: Any = None) -> Array:
    """Return ones of a shape."""
    return full(shape, 1, dtype)


@public
def zeros_like(x: Array) -> Array:
    """Return zeros of another value's shape and dtype."""
    return _like(x, 0)


@public
def ones_like(x: Array) -> Array:
    """Return ones of another value's shape and dtype."""
    return _like(x, 1)


def _like(x: Array, number: int) -> Array:
    x = as_value(x)
    scalar = np.asarray(number, x.dtype)
    return broadcast_to(constant(scalar) if isinstance(x, Tensor) else scalar, x.shape)


@public
def square(x: Array) -> Array:
    """Elementwise square."""
    x = promote(x)[0]
    return x * x


@public
def greater(x: Array, y: Array) -> Array:
    """Elementwise ``x > y``."""
    return less(y, x)


@public
def greater_equal(x: Array, y: Array) -> Array:
    """Elementwise ``x >= y``."""
    return less_equal(y, x)


@public
def not_equal(x: Array, y: Array) -> Array:
    """Elementwise inequality."""
    return logical_not(equal(x, y))


@public
def logical_or(x: Array, y: Array) -> Array:
    """Elementwise disjunction of booleans."""
    return logical_not(logical_and(logical_not(x), logical_not(y)))


@public
def clip(x: Array, low: float, high: float) -> Array:
    """Limit values to ``low..high``; NaN stays NaN."""
    return minimum(maximum(x, low), high)


@public
def expand_dims(x: Array, axis: int) -> Array:
    """Insert an axis of size 1."""
    x = as_value(x)
    place = as_axis(axis, x.ndim + 1, "expand_dims")
    return reshape(x, (*x.shape[:place], 1, *x.shape[place:]))


@public
def squeeze(x: Array, axis: int) -> Array:
    """Remove an axis of size 1."""
    x = as_value(x)
    place = as_axis(axis, x.ndim, "squeeze")
    if x.shape[place] != 1:
        raise ShapeError(f"squeeze: axis {axis} of {x.shape} has size {x.shape[place]}, expected 1")
    return reshape(x, (*x.shape[:place], *x.shape[place + 1 :]))


@public
def stack(xs: Sequence[Array], axis: int = 0) -> Array:
    """Join values of equal shapes along a new axis."""
    return concatenate([expand_dims(x, axis) for x in xs], axis)


@public
def one_hot(indices: Array, depth: int, dtype: Any = None) -> Array:
    """Return 1 at each index and 0 elsewhere along a new last axis of length ``depth``."""
    hit = equal(expand_dims(indices, as_value(indices).ndim), iota(depth))
    return cast(hit, default_dtype() if dtype is None else dtype)


@public
def x_log_y(x: Array, y: Array) -> Array:
    """``x * log(y)``, and 0 wherever ``x`` is 0, also where ``y`` is 0."""
    x, y = (as_floats(value) for value in promote(x, y))
    return x * log(where(equal(x, 0.0), 1.0, y))


@public
def log_sum_exp(x: Array, axis: int = -1, keepdims: bool = False) -> Array:
    """``log(sum(exp(x)))`` along an axis, without overflow."""
    x = as_floats(x)
    top = max_(x, axis, True)
    # An infinite top would give inf - inf; shift such rows by nothing.
    top = where(equal(absolute(top), math.inf), 0.0, top)
    total = log(sum_(exp(x - top), axis, True)) + top
    return total if keepdims else squeeze(total, axis)


@public
def average_pool(
    x: Array,
    kernel: Sequence[int],
    strides: int | Sequence[int],
    dilations: int | Sequence[int] = 1,
) -> Array:
    """Mean of each window: a sum of strided slices.

    Parameters
    ----------
    x : (batch, *space, channels)
        Input.
    kernel, strides, dilations : int or sequence of int
        The window.
    """
    x = as_floats(x)
    window = make_window("average_pool", x.shape[1:-1], kernel, strides, dilations)
    total: Array = None
    for _, place in window.places():
        piece = index(x, place)
        total = piece if total is None else total + piece
    return divide(total, float(math.prod(window.kernel)))
