"""Variables: named, mutable arrays that traced code reads and assigns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glia.dtypes import DType, default_dtype, is_float, to_array
from glia.errors import ShapeError, TraceError

from .op import OPERATIONS, Array
from .trace import current_trace

__all__ = ["Flat", "Variable"]


class Variable:
    """A named array that training changes in place: a weight, a moving average, a counter.

    Parameters
    ----------
    value : array_like
        Initial value; Python floats get the default dtype.
    name : str
        Shown in errors, summaries and files.
    trainable : bool
        Whether optimizers may change it.

    Raises
    ------
    TraceError
        If made inside traced code, where it would be made anew at each recording.
    """

    __array_ufunc__ = None

    def __init__(self, value: Any, name: str = "", trainable: bool = True) -> None:
        if current_trace() is not None:
            raise TraceError(
                f"the variable {name!r} was made inside traced code; make it in __init__ or in "
                "build(), which run once and outside the trace"
            )
        array = np.array(to_array(value))
        if not isinstance(value, (np.ndarray, np.generic, Variable)) and is_float(array.dtype):
            array = array.astype(default_dtype())
        self.array: np.ndarray[Any, Any] = np.ascontiguousarray(array).reshape(array.shape)
        self.name = name
        self.trainable = trainable
        self.owner: tuple[Flat, int] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape, which never changes."""
        shape: tuple[int, ...] = self.array.shape
        return shape

    @property
    def dtype(self) -> DType:
        """Its dtype, which never changes."""
        dtype: DType = self.array.dtype
        return dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.array.ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.array.size

    @property
    def value(self) -> Array:
        """A symbol of the present value in traced code, the array itself elsewhere."""
        trace = current_trace()
        return self.array if trace is None else trace.read(self)

    def assign(self, value: Any) -> None:
        """Set the value, at once or, in traced code, when the graph runs.

        Raises
        ------
        ShapeError
            If the shape differs.
        """
        trace = current_trace()
        if trace is not None:
            trace.assign(self, value.value if isinstance(value, Variable) else value)
            return
        new = value.array if isinstance(value, Variable) else np.asarray(value)
        if new.shape != self.shape:
            raise ShapeError(
                f"variable {self.name!r} has shape {self.shape} and was assigned a value of "
                f"shape {new.shape}; a variable keeps its shape"
            )
        self.array[...] = new

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return a copy of the array."""
        return self.array.copy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        if current_trace() is not None:
            raise TraceError(
                f"NumPy cannot read the variable {self.name!r} in traced code; "
                "use glia.ops, or variable.value"
            )
        return np.array(self.array, dtype)

    def __float__(self) -> float:
        return float(self.array)

    def __int__(self) -> int:
        return int(self.array)

    def __repr__(self) -> str:
        kind = "" if self.trainable else ", trainable=False"
        return f"Variable({self.name!r}, shape={self.shape}, dtype={self.dtype}{kind})"

    def __add__(self, other: Array) -> Array:
        return OPERATIONS["add"](self, other)

    def __radd__(self, other: Array) -> Array:
        return OPERATIONS["add"](other, self)

    def __sub__(self, other: Array) -> Array:
        return OPERATIONS["subtract"](self, other)

    def __rsub__(self, other: Array) -> Array:
        return OPERATIONS["subtract"](other, self)

    def __mul__(self, other: Array) -> Array:
        return OPERATIONS["multiply"](self, other)

    def __rmul__(self, other: Array) -> Array:
        return OPERATIONS["multiply"](other, self)

    def __truediv__(self, other: Array) -> Array:
        return OPERATIONS["divide"](self, other)

    def __rtruediv__(self, other: Array) -> Array:
        return OPERATIONS["divide"](other, self)

    def __pow__(self, other: Array) -> Array:
        return OPERATIONS["power"](self, other)

    def __matmul__(self, other: Array) -> Array:
        return OPERATIONS["matmul"](self, other)

    def __rmatmul__(self, other: Array) -> Array:
        return OPERATIONS["matmul"](other, self)

    def __neg__(self) -> Array:
        return OPERATIONS["negative"](self)

    def __getitem__(self, index: Any) -> Array:
        return OPERATIONS["index"](self, index)


class Flat(Variable):
    """One contiguous vector that owns the storage of its members.

    Each member's ``array`` becomes a view of it, so that one loop updates every weight and one
    reduction gives the norm of every gradient.

    Parameters
    ----------
    members : sequence of Variable
        Variables of one float dtype.
    name : str
        Its name.
    """

    def __init__(self, members: Sequence[Variable], name: str = "flat") -> None:
        dtype = members[0].dtype if members else default_dtype()
        pieces = [member.array.ravel() for member in members]
        super().__init__(np.concatenate([np.empty(0, dtype), *pieces]).astype(dtype), name)
        self.members = tuple(members)
        self.sizes = tuple(member.size for member in members)
        start = 0
        for position, member in enumerate(members):
            view = self.array[start : start + member.size].reshape(member.shape)
            member.array, member.owner = view, (self, position)
            start += member.size
