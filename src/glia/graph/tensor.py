"""Nodes and tensors: the graph every part of glia reads.

A :class:`Node` applies one primitive :class:`~glia.graph.Op` to tensors; each of its outputs is a
:class:`Tensor`, a symbol with a shape and a dtype and no value yet.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import numpy as np

from ..errors import DtypeError, TraceError
from .op import OPERATIONS, Array, Op, Spec

__all__ = ["Node", "Tensor"]


class Node:
    """An op applied to tensors; ``level`` is the depth of the innermost loop it depends on."""

    __slots__ = ("__weakref__", "attributes", "inputs", "level", "op", "outputs")

    def __init__(
        self,
        op: Op,
        inputs: tuple[Tensor, ...],
        attributes: dict[str, Any],
        specs: Sequence[Spec],
        level: int,
    ) -> None:
        self.op = op
        self.inputs = inputs
        self.attributes = attributes
        self.level = level
        self.outputs = tuple(Tensor(self, index, spec) for index, spec in enumerate(specs))

    def __repr__(self) -> str:
        return f"{self.op.name}{[output.shape for output in self.outputs]}"


def _no_value(symbol: Tensor, *_: object, **__: object) -> NoReturn:
    raise TraceError(
        f"{symbol!r} is a symbol: it has no value while Python records the graph, so if, while, "
        "and, or, float(), int() and NumPy cannot look at it. Use glia.ops.where to choose "
        "between values, glia.ops.scan to loop, or pass a Python bool as an argument"
    )


class Tensor:
    """A symbol: output ``index`` of a node, with a shape and a dtype and no value yet."""

    __slots__ = ("__weakref__", "dtype", "index", "node", "shape")
    __array_priority__ = 1000

    def __init__(self, node: Node, index: int, spec: Spec) -> None:
        self.node = node
        self.index = index
        self.shape, self.dtype = spec

    @property
    def spec(self) -> Spec:
        """Shape and dtype together."""
        return Spec(self.shape, self.dtype)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def level(self) -> int:
        """Depth of the innermost loop the tensor depends on."""
        return self.node.level

    @property
    def T(self) -> Tensor:  # noqa: N802 - NumPy's name
        """The tensor with its axes reversed."""
        return _do("transpose", self)

    def __repr__(self) -> str:
        return f"Tensor({self.node.op.name}, shape={self.shape}, dtype={self.dtype})"

    __bool__ = __float__ = __int__ = __index__ = __array__ = _no_value

    def __len__(self) -> int:
        if not self.shape:
            raise TraceError(f"{self!r} has no axes, so it has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return iter([self[row] for row in range(len(self))])

    def __hash__(self) -> int:
        return id(self)

    def __setitem__(self, index: object, value: object) -> NoReturn:
        raise TraceError(
            "tensors cannot be written into; use glia.ops.where to replace elements, "
            "or glia.ops.concatenate to put pieces together"
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **options: Any) -> Any:
        name = ufunc.__name__
        if name in _LOGIC and method == "__call__" and not options:
            return _logic(_LOGIC[name], *args)
        function = OPERATIONS.get(_UFUNC_NAMES.get(name, name))
        if method != "__call__" or options or function is None:
            raise TraceError(
                f"glia cannot trace np.{name} on a symbol; "
                f"use the operations of glia.ops instead: {', '.join(sorted(OPERATIONS))}"
            )
        return function(*args)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> NoReturn:
        name = function.__name__
        known = _UFUNC_NAMES.get(name, name)
        fix = f"use glia.ops.{known}" if known in OPERATIONS else "use the operations of glia.ops"
        raise TraceError(f"glia cannot trace np.{name} on a symbol; {fix} instead")

    def __add__(self, other: Array) -> Tensor:
        return _do("add", self, other)

    def __radd__(self, other: Array) -> Tensor:
        return _do("add", other, self)

    def __sub__(self, other: Array) -> Tensor:
        return _do("subtract", self, other)

    def __rsub__(self, other: Array) -> Tensor:
        return _do("subtract", other, self)

    def __mul__(self, other: Array) -> Tensor:
        return _do("multiply", self, other)

    def __rmul__(self, other: Array) -> Tensor:
        return _do("multiply", other, self)

    def __truediv__(self, other: Array) -> Tensor:
        return _do("divide", self, other)

    def __rtruediv__(self, other: Array) -> Tensor:
        return _do("divide", other, self)

    def __pow__(self, other: Array) -> Tensor:
        return _do("power", self, other)

    def __rpow__(self, other: Array) -> Tensor:
        return _do("power", other, self)

    def __matmul__(self, other: Array) -> Tensor:
        return _do("matmul", self, other)

    def __rmatmul__(self, other: Array) -> Tensor:
        return _do("matmul", other, self)

    def __neg__(self) -> Tensor:
        return _do("negative", self)

    def __abs__(self) -> Tensor:
        return _do("absolute", self)

    def __invert__(self) -> Tensor:
        return _logic("logical_not", self)

    def __and__(self, other: Array) -> Tensor:
        return _logic("logical_and", self, other)

    def __or__(self, other: Array) -> Tensor:
        return _logic("logical_or", self, other)

    __rand__, __ror__ = __and__, __or__

    def __lt__(self, other: Array) -> Tensor:
        return _do("less", self, other)

    def __le__(self, other: Array) -> Tensor:
        return _do("less_equal", self, other)

    def __gt__(self, other: Array) -> Tensor:
        return _do("greater", self, other)

    def __ge__(self, other: Array) -> Tensor:
        return _do("greater_equal", self, other)

    def __eq__(self, other: object) -> Any:
        return _do("equal", self, other)

    def __ne__(self, other: object) -> Any:
        return _do("not_equal", self, other)

    def __getitem__(self, index: Any) -> Tensor:
        return _do("index", self, index)

    def reshape(self, *shape: Any) -> Tensor:
        """Return the elements in the same order under another shape."""
        return _do("reshape", self, shape[0] if len(shape) == 1 else shape)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """Return the sum over axes."""
        return _do("sum", self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """Return the mean over axes."""
        return _do("mean", self, axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """Return the maximum over axes."""
        return _do("max", self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """Return the minimum over axes."""
        return _do("min", self, axis, keepdims)

    def astype(self, dtype: Any) -> Tensor:
        """Return the tensor with another dtype."""
        return _do("cast", self, dtype)


_UFUNC_NAMES = {
    "true_divide": "divide",
    "abs": "absolute",
    "amax": "max",
    "amin": "min",
    "var": "variance",
}


_LOGIC = {"bitwise_and": "logical_and", "bitwise_or": "logical_or", "invert": "logical_not"}


def _do(name: str, *args: Any) -> Tensor:
    result: Tensor = OPERATIONS[name](*args)
    return result


def _logic(name: str, *args: Any) -> Tensor:
    """Apply &, | or ~, which NumPy gives another meaning on integers."""
    for each in args:
        dtype = each.dtype if hasattr(each, "dtype") else np.asarray(each).dtype
        if dtype != np.bool_:
            raise DtypeError(
                f"&, | and ~ on symbols take booleans, got {dtype}; compare first, as in "
                "(x > 0) & (y > 0), or use glia.ops.logical_and, logical_or, logical_not"
            )
    return _do(name, *args)
