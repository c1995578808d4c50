"""Gradients of Python functions, as functions."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .autodiff import gradients
from .dtypes import is_float
from .errors import ShapeError
from .function import Function, as_symbol
from .graph import (
    Array,
    Tensor,
    constant,
    current_trace,
    flatten,
    placeholder,
    rewrite,
)

__all__ = ["grad", "value_and_grad"]


def value_and_grad(f: Callable[..., Array], argnums: int | Sequence[int] = 0) -> Function:
    """Return a function giving ``f``'s value and its gradient.

    Parameters
    ----------
    f : callable
        Of arrays or symbols, with a scalar result.
    argnums : int or sequence of int
        The arguments to differentiate by; each may be a tree of arrays.

    Returns
    -------
    Function
        ``(value, gradient)``; the gradient has the form of its argument, or is a tuple of such
        for several ``argnums``.

    Raises
    ------
    ShapeError
        If ``f`` does not return a scalar.
    """
    places = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    def both(*args: Any, **options: Any) -> tuple[Array, Any]:
        given, rebuild = flatten([args[place] for place in places])
        points, constants = _points(given, flatten((args, options))[0])
        chosen = rebuild(points)
        filled = list(args)
        for place, tree in zip(places, chosen, strict=True):
            filled[place] = tree
        value = _scalar(f(*filled, **options), f)
        found = [value, *gradients(value, points, missing="zeros")]
        # Numbers differentiated by in traced code were stood for by symbols of their own.
        value, *slopes = rewrite(found, constants) if constants else found
        each = rebuild(slopes)
        return value, each[0] if isinstance(argnums, int) else tuple(each)

    return Function(functools.wraps(f)(both) if hasattr(f, "__name__") else both)


def grad(f: Callable[..., Array], argnums: int | Sequence[int] = 0) -> Function:
    """Return a function giving the gradient of ``f``; see :func:`value_and_grad`.

    Examples
    --------
    >>> glia.grad(lambda x: x ** 3)(2.0)
    array(12., dtype=float32)
    """
    both = value_and_grad(f, argnums)
    return Function(lambda *args, **options: both(*args, **options)[1])


def _points(given: Sequence[Any], beside: Sequence[Any]) -> tuple[list[Tensor], dict[Any, Tensor]]:
    """What to differentiate by: symbols, and in traced code stand-ins for numbers and arrays.

    Returns the points, and the constant each stand-in must be replaced by in the end. Floats take
    the dtype of the symbols beside them, as everywhere.
    """
    floats = [t.dtype for t in beside if isinstance(t, Tensor) and is_float(t.dtype)]
    trace, points, constants = current_trace(), [], {}
    for leaf in given:
        point = leaf
        if not isinstance(leaf, Tensor):
            value = as_symbol(leaf)
            if floats and is_float(value.dtype):
                value = constant(np.asarray(leaf, floats[0]))
            point = placeholder(value.spec, trace.level if trace else 1)
            constants[point] = value
        points.append(point)
    return points, constants


def _scalar(value: Any, f: Callable[..., Any]) -> Tensor:
    shape = getattr(value, "shape", ())
    if value is None or isinstance(value, (tuple, list, dict)) or shape != ():
        got = type(value).__name__ if shape == () else f"shape {shape}"
        raise ShapeError(
            f"grad: {getattr(f, '__name__', 'the function')} returned {got}, expected a scalar; "
            "sum or average it"
        )
    return as_symbol(value)
