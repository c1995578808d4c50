"""Lanes: registers of equal values, with the operators and words that ops are written in.

An op's ``evaluate(words, ...)``, called on lanes, writes machine code instead of computing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...dtypes import boolean, float64, int32, is_float
from .ir import TYPES, FunctionWriter, literal

__all__ = ["Lanes"]


class Lanes:
    """``width`` values of one dtype in a register."""

    __slots__ = ("code", "dtype", "name", "width")
    __array_ufunc__ = None

    def __init__(self, code: FunctionWriter, name: str, dtype: Any, width: int) -> None:
        self.code, self.name, self.dtype, self.width = code, name, np.dtype(dtype), width

    @property
    def type(self) -> str:
        """LLVM's name for its type."""
        return f"<{self.width} x {TYPES[self.dtype.name]}>"

    @property
    def suffix(self) -> str:
        """The end of an intrinsic's name for its type."""
        bits = {"f": "f", "i": "i", "u": "i"}[self.dtype.kind] + str(8 * self.dtype.itemsize)
        return f"v{self.width}{bits}"

    def like(self, text: str, dtype: Any = None) -> Lanes:
        """Write an instruction whose result has this width."""
        return Lanes(self.code, self.code.value(text), dtype or self.dtype, self.width)

    def like_name(self, name: str) -> Lanes:
        """Return another register of this width and dtype."""
        return Lanes(self.code, name, self.dtype, self.width)

    def constant(self, number: Any) -> Lanes:
        """Return lanes that all hold a number, in this dtype."""
        kind = TYPES[self.dtype.name]
        text = f"splat ({kind} {literal(number, self.dtype)})"
        return Lanes(self.code, text, self.dtype, self.width)

    def lift(self, other: Any) -> Lanes:
        """Return another operand as lanes of this dtype."""
        return other if isinstance(other, Lanes) else self.constant(other)

    def binary(self, other: Any, on_floats: str, on_integers: str, swapped: bool = False) -> Lanes:
        """Write a two-operand instruction."""
        x, y = self, self.lift(other)
        if swapped:
            x, y = y, x
        name = on_floats if is_float(self.dtype) else on_integers
        return self.like(f"{name} {self.type} {x.name}, {y.name}")

    def compare(self, other: Any, relation: str, swapped: bool = False) -> Lanes:
        """Write a comparison, false wherever a NaN takes part."""
        x, y = self, self.lift(other)
        if swapped:
            x, y = y, x
        if is_float(self.dtype):
            text = f"fcmp o{relation} {self.type} {x.name}, {y.name}"
        else:
            sign = "" if relation == "eq" else "s" if self.dtype.kind == "i" else "u"
            text = f"icmp {sign}{relation} {self.type} {x.name}, {y.name}"
        return self.like(text, boolean)

    def call(self, intrinsic: str, *others: Lanes) -> Lanes:
        """Call an LLVM intrinsic on operands of this type."""
        name = f"llvm.{intrinsic}.{self.suffix}"
        operands = (self, *others)
        kinds = ", ".join(each.type for each in operands)
        self.code.module.declare(name, f"declare {self.type} @{name}({kinds})")
        given = ", ".join(f"{each.type} {each.name}" for each in operands)
        return self.like(f"call {self.type} @{name}({given})")

    def fma(self, y: Any, z: Any) -> Lanes:
        """Return ``self * y + z`` rounded once."""
        return self.call("fma", self.lift(y), self.lift(z))

    @property
    def bits_dtype(self) -> Any:
        """The signed integer dtype of this dtype's size."""
        return np.dtype(np.int64) if self.dtype == float64 else int32

    def bits(self) -> Lanes:
        """Return the same bits as signed integers."""
        dtype = self.bits_dtype
        to = f"<{self.width} x {TYPES[dtype.name]}>"
        return self.like(f"bitcast {self.type} {self.name} to {to}", dtype)

    def as_float(self, dtype: Any) -> Lanes:
        """Return integer bits as floats."""
        to = f"<{self.width} x {TYPES[dtype.name]}>"
        return self.like(f"bitcast {self.type} {self.name} to {to}", dtype)

    def __add__(self, other: Any) -> Lanes:
        return self.binary(other, "fadd", "add")

    def __sub__(self, other: Any) -> Lanes:
        return self.binary(other, "fsub", "sub")

    def __rsub__(self, other: Any) -> Lanes:
        return self.binary(other, "fsub", "sub", swapped=True)

    def __mul__(self, other: Any) -> Lanes:
        return self.binary(other, "fmul", "mul")

    def __truediv__(self, other: Any) -> Lanes:
        return self.binary(other, "fdiv", "sdiv")

    def __rtruediv__(self, other: Any) -> Lanes:
        return self.binary(other, "fdiv", "sdiv", swapped=True)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Lanes:
        if is_float(self.dtype):
            return self.like(f"fneg {self.type} {self.name}")
        return self.constant(0) - self

    def __and__(self, other: Any) -> Lanes:
        return self.binary(other, "and", "and")

    def __or__(self, other: Any) -> Lanes:
        return self.binary(other, "or", "or")

    def __xor__(self, other: Any) -> Lanes:
        return self.binary(other, "xor", "xor")

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> Lanes:
        return self.binary(self.constant(1 if self.dtype == boolean else -1), "xor", "xor")

    def __lshift__(self, other: Any) -> Lanes:
        return self.binary(other, "shl", "shl")

    def __rshift__(self, other: Any) -> Lanes:
        name = "ashr" if self.dtype.kind == "i" else "lshr"
        return self.binary(other, name, name)

    def __lt__(self, other: Any) -> Lanes:
        return self.compare(other, "lt")

    def __le__(self, other: Any) -> Lanes:
        return self.compare(other, "le")

    def __gt__(self, other: Any) -> Lanes:
        return self.compare(other, "gt")

    def __ge__(self, other: Any) -> Lanes:
        return self.compare(other, "ge")

    def __eq__(self, other: object) -> Any:
        return self.compare(other, "eq")

    __hash__ = None  # type: ignore[assignment]

    def select(self, x: Any, y: Any) -> Lanes:
        """Return ``x`` where these booleans hold, else ``y``."""
        first: Lanes = x if isinstance(x, Lanes) else y.constant(x)
        second = first.lift(y)
        return first.like(
            f"select {self.type} {self.name}, {first.type} {first.name}, "
            f"{second.type} {second.name}"
        )
