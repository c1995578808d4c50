"""Applying an op: arrays in, arrays out at once; symbols in, symbols out."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

import numpy as np

from ..dtypes import RANK, boolean, canonical, default_dtype, int32, is_float, to_array, uint8
from ..errors import DtypeError, GliaError, ShapeError
from ..graph import OPERATIONS, Array, Op, Recorded, Tensor, Variable, constant, make_node
from .words import NUMPY

__all__ = ["apply", "as_floats", "as_shape", "as_value", "broadcast_shapes", "promote", "public"]

P = ParamSpec("P")
R = TypeVar("R")


def public(function: Callable[P, R]) -> Callable[P, R]:
    """Register a public operation; called on a functional Symbol, it is recorded."""

    @functools.wraps(function)
    def call(*args: P.args, **options: P.kwargs) -> R:
        for argument in (*args, *options.values()):
            several = argument if isinstance(argument, (list, tuple)) else (argument,)
            for each in several:
                if isinstance(each, Recorded):
                    recorded: R = each.record(call, args, options)
                    return recorded
        return function(*args, **options)

    OPERATIONS[function.__name__.rstrip("_")] = call
    return call


def apply(op: Op, *inputs: Array, **attributes: Any) -> Array:
    """Apply an op to prepared inputs: evaluated at once on arrays, a new node on symbols.

    Returns
    -------
    array, Tensor, or a tuple of them
        One value for an op of one output, else a tuple.
    """
    if not any(isinstance(value, Tensor) for value in inputs):
        # As in the engines: infinities and NaN are values to be shown, not warnings.
        with np.errstate(all="ignore"):
            return op.evaluate(NUMPY, *inputs, **attributes)
    node = make_node(op, [constant(value) for value in inputs], attributes)
    return node.outputs[0] if len(node.outputs) == 1 else node.outputs


def as_value(x: Any) -> Array:
    """Return a Variable's value, a Tensor as it is, and anything else as an array."""
    if isinstance(x, Variable):
        return x.value
    return x if isinstance(x, Tensor) else to_array(x)


def as_floats(x: Array) -> Array:
    """Return a value in a float dtype: integers and booleans become the default float."""
    x = as_value(x)
    return x if is_float(x.dtype) else OPERATIONS["cast"](x, default_dtype())


def promote(*values: Any, is_arithmetic: bool = True) -> list[Array]:
    """Return values of one dtype.

    Python numbers and captured arrays are weak: they take the dtype of the symbols beside them.
    Integers never widen floats. Booleans that enter arithmetic count as int32.

    Raises
    ------
    DtypeError
        If a float32 symbol meets a float64 symbol.
    """
    given = [value.value if isinstance(value, Variable) else value for value in values]
    # np.float64 is a Python float too, but it has a dtype of its own to keep.
    given = [to_array(value) if isinstance(value, np.generic) else value for value in given]
    symbols = [value.dtype for value in given if isinstance(value, Tensor)]
    arrays = [to_array(v) for v in given if not isinstance(v, (Tensor, bool, int, float))]
    dtype = _common(symbols, [each.dtype for each in arrays], given)
    if is_arithmetic and dtype == boolean:
        dtype = int32
    return [_to(value, dtype) for value in given]


def _common(symbols: Sequence[Any], arrays: Sequence[Any], given: Sequence[Any]) -> Any:
    floats = sorted({str(dtype) for dtype in symbols if is_float(dtype)})
    if len(floats) > 1:
        raise DtypeError(
            f"got symbols of {' and '.join(floats)} in one operation; cast one of them, as in "
            f"glia.ops.cast(x, '{floats[0]}'), or train in one dtype by glia.set_dtype"
        )
    if floats:
        return np.dtype(floats[0])
    strong = [*symbols, *arrays]
    has_float = any(isinstance(value, float) for value in given)
    if symbols and any(map(is_float, arrays)):
        return default_dtype()
    if not strong:
        kinds = [int32 if type(value) is int else boolean for value in given]
        return default_dtype() if has_float else max(kinds, key=RANK.__getitem__)
    widest = max([d for d in strong if is_float(d)] or strong, key=RANK.__getitem__)
    if has_float and not is_float(widest):
        return default_dtype()
    if widest == boolean and any(type(value) is int for value in given):
        return int32
    if widest == uint8 and any(type(value) is int and not 0 <= value < 256 for value in given):
        return int32
    return widest


def _to(value: Any, dtype: Any) -> Array:
    if isinstance(value, Tensor):
        return value if value.dtype == dtype else OPERATIONS["cast"](value, dtype)
    if isinstance(value, int) and not is_float(dtype):
        try:
            return np.asarray(value, dtype)
        except OverflowError:
            raise DtypeError(
                f"the integer {value} does not fit into {dtype}; use a float, or an integer in "
                f"{np.iinfo(dtype).min}..{np.iinfo(dtype).max}"
            ) from None
    with np.errstate(over="ignore"):
        return np.asarray(value, dtype)


def as_shape(shape: int | Sequence[int], what: str) -> tuple[int, ...]:
    """Return a shape as a tuple of Python ints; one number is a shape of one axis.

    Raises
    ------
    ShapeError
        If a size is negative or not a whole number.
    """
    several = (shape,) if isinstance(shape, (int, np.integer)) else shape
    try:
        sizes = tuple(operator.index(size) for size in several)
    except TypeError as error:
        if isinstance(error, GliaError):
            raise
        raise ShapeError(f"{what}: got shape {shape!r}, expected whole numbers") from None
    if any(size < 0 for size in sizes):
        raise ShapeError(f"{what}: got shape {shape!r}; sizes cannot be negative")
    return sizes


def broadcast_shapes(what: str, *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that shapes broadcast to, by NumPy's rule.

    Raises
    ------
    ShapeError
        Naming the operation and every shape.
    """
    if len(set(shapes)) == 1:
        return shapes[0]
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        listed = " and ".join(map(str, shapes))
        raise ShapeError(
            f"{what}: shapes {listed} do not broadcast together; from the last axis backwards "
            "each pair of sizes must be equal or contain a 1. Reshape or transpose one of them"
        ) from None


def dtype_of(dtype: Any) -> Any:
    """Return one of glia's dtypes for what a user named."""
    try:
        return canonical(dtype)
    except TypeError as error:
        if isinstance(error, DtypeError):
            raise
        raise DtypeError(f"got {dtype!r}, expected a dtype such as 'float32' or 'int32'") from None
