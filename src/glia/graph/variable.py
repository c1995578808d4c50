"""Variables: named, mutable arrays that traced code reads and assigns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from ..dtypes import DType, default_dtype, is_float, to_array
from ..errors import ArgumentError, DtypeError, ShapeError, TraceError
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

    # How often any Variable's storage moved: what keeps addresses looks whether to look again.
    moves: ClassVar[int] = 0

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
        DtypeError
            If floats are assigned to a variable of integers or booleans.
        """
        trace = current_trace()
        if trace is not None:
            trace.assign(self, value.value if isinstance(value, Variable) else value)
            return
        new = value.array if isinstance(value, Variable) else to_array(value)
        if new.shape != self.shape:
            raise ShapeError(
                f"variable {self.name!r} has shape {self.shape} and was assigned a value of "
                f"shape {new.shape}; a variable keeps its shape"
            )
        if is_float(new.dtype) and not is_float(self.dtype):
            raise DtypeError(
                f"variable {self.name!r} is {self.dtype} and was assigned {new.dtype}; "
                f"use glia.ops.cast(value, '{self.dtype}')"
            )
        self.array[...] = new

    def __getstate__(self) -> dict[str, Any]:
        # A copy owns its array: training groups it anew. A Flat's members come with the Flat.
        return self.__dict__ | {"owner": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        # Worker processes may map what they are sent read-only; a Variable changes in place.
        if not self.array.flags.writeable:
            self.array = np.array(self.array)
            Variable.moves += 1

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

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **options: Any) -> Any:
        values = [each.value if isinstance(each, Variable) else each for each in args]
        return getattr(ufunc, method)(*values, **options)

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

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

    def __rpow__(self, other: Array) -> Array:
        return OPERATIONS["power"](other, self)

    def __matmul__(self, other: Array) -> Array:
        return OPERATIONS["matmul"](self, other)

    def __rmatmul__(self, other: Array) -> Array:
        return OPERATIONS["matmul"](other, self)

    def __neg__(self) -> Array:
        return OPERATIONS["negative"](self)

    def __abs__(self) -> Array:
        return OPERATIONS["absolute"](self)

    def __lt__(self, other: Array) -> Array:
        return OPERATIONS["less"](self, other)

    def __le__(self, other: Array) -> Array:
        return OPERATIONS["less_equal"](self, other)

    def __gt__(self, other: Array) -> Array:
        return OPERATIONS["greater"](self, other)

    def __ge__(self, other: Array) -> Array:
        return OPERATIONS["greater_equal"](self, other)

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

    Raises
    ------
    DtypeError
        If the members differ in dtype.
    ArgumentError
        If a member is given twice.
    """

    def __init__(self, members: Sequence[Variable], name: str = "flat") -> None:
        dtype = members[0].dtype if members else default_dtype()
        if any(member.dtype != dtype for member in members):
            listed = ", ".join(f"{member.name!r} {member.dtype}" for member in members)
            raise DtypeError(f"the members of one flat vector need one dtype; got {listed}")
        if len(set(members)) != len(members):
            raise ArgumentError("a variable was given twice to one flat vector; list each once")
        pieces = [member.array.ravel() for member in members]
        super().__init__(np.concatenate([np.empty(0, dtype), *pieces]), name)
        self.members = tuple(members)
        self.sizes = tuple(member.size for member in members)
        for former in {member.owner[0] for member in members if member.owner is not None}:
            former._release()
        Variable.moves += 1
        start = 0
        for position, member in enumerate(members):
            view = self.array[start : start + member.size].reshape(member.shape)
            member.array, member.owner = view, (self, position)
            start += member.size

    @property
    def is_current(self) -> bool:
        """Whether it still owns its members' storage; a later Flat of any of them takes over."""
        owner = self.members[0].owner if self.members else None
        return not self.members or (owner is not None and owner[0] is self)

    def _release(self) -> None:
        """Let every member stand alone again, in the storage it has."""
        for member in self.members:
            member.owner = None
