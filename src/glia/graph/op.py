"""What an operation is: the record every primitive of :mod:`glia.ops` fills in."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..dtypes import DType

__all__ = ["OPERATIONS", "OPS", "Array", "Op", "Spec"]

# A tensor, an array or a number: what the public operations take and return.
Array = Any

# Public operations by name, filled by glia.ops; Tensor's operators and NumPy's ufuncs look here.
OPERATIONS: dict[str, Callable[..., Any]] = {}


class Spec(NamedTuple):
    """The shape and dtype of a tensor."""

    shape: tuple[int, ...]
    dtype: DType

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Number of bytes."""
        return self.size * self.dtype.itemsize


@dataclass(frozen=True, eq=False)
class Op:
    """One primitive operation, defined in one place.

    Attributes
    ----------
    name : str
        Its name in printed graphs.
    family : str
        Which file of :mod:`glia.ops` it belongs to.
    infer : callable
        ``infer(*specs, **attributes)`` gives the output spec, or a list of them.
    evaluate : callable
        ``evaluate(words, *arrays, **attributes)``, the meaning, written in an engine's words.
    gradient : callable or None
        ``gradient(node, *cotangents)`` gives one tensor or None per input, written in ops.
    is_elementwise : bool
        Whether each output element depends on the same element of equally shaped inputs only.
    """

    name: str
    family: str
    infer: Callable[..., Any]
    evaluate: Callable[..., Any]
    gradient: Callable[..., Any] | None = None
    is_elementwise: bool = False

    def __post_init__(self) -> None:
        OPS[self.name] = self

    def __repr__(self) -> str:
        return f"Op({self.name})"


OPS: dict[str, Op] = {}
