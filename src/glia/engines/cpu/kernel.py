"""What every kernel shares: pointers from the table, loads, stores, and evaluating nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...dtypes import boolean
from ...graph import Node, Tensor
from ...plan.address import Address, Reference
from .formulas import LaneWords
from .ir import TYPES, FunctionWriter, ModuleWriter
from .lanes import Lanes

__all__ = ["WORDS", "Kernel", "memory_type"]

WORDS = LaneWords()


def memory_type(dtype: Any) -> str:
    """Return LLVM's type of an element in memory, where a boolean is a byte."""
    return "i8" if dtype == boolean else TYPES[dtype.name]


class Kernel:
    """One kernel being written: ``void name(ptr table)``."""

    def __init__(self, module: ModuleWriter, name: str, vector_bytes: int) -> None:
        self.code = FunctionWriter(module, name, "ptr noalias %table")
        self.name = name
        self.vector_bytes = vector_bytes
        self._pointers: dict[int, str] = {}

    def pointer(self, address: Address) -> str:
        """Return the pointer to an address; call it before any loop begins."""
        if address.slot not in self._pointers:
            entry = self.code.at("%table", address.slot, "ptr")
            self._pointers[address.slot] = self.code.value(f"load ptr, ptr {entry}, align 8")
        return self.code.at(self._pointers[address.slot], address.offset, "i8")

    def start(self, reference: Reference) -> str:
        """Return the pointer to the first element of a tensor in memory."""
        pointer = self.pointer(reference.address)
        return self.code.at(pointer, reference.layout.offset, memory_type(reference.dtype))

    def lanes_for(self, dtypes: Sequence[Any]) -> int:
        """Return how many lanes suit a kernel over these dtypes."""
        widest = max([4, *[int(dtype.itemsize) for dtype in dtypes]])
        return self.vector_bytes // widest

    def mask(self, width: int, active: int) -> str:
        """Return a constant mask whose first lanes are active."""
        return "<" + ", ".join(f"i1 {str(k < active).lower()}" for k in range(width)) + ">"

    def load(self, pointer: str, dtype: Any, width: int, stride: int, active: int) -> Lanes:
        """Load lanes ``stride`` elements apart; those beyond the active ones hold anything.

        They must not hold zeros: LLVM takes the quotient of two zeros for a zero.
        """
        code, kind = self.code, memory_type(dtype)
        vector = f"<{width} x {kind}>"
        size = 1 if dtype == boolean else dtype.itemsize
        if stride == 0:
            one = code.value(f"load {kind}, ptr {pointer}, align {size}")
            name = self.splat(one, kind, width)
        elif stride == 1 and active == width:
            name = code.value(f"load {vector}, ptr {pointer}, align {size}")
        elif stride == 1:
            suffix = f"v{width}{kind.replace('float', 'f32').replace('double', 'f64')}"
            full = f"llvm.masked.load.{suffix}.p0"
            code.module.declare(full, f"declare {vector} @{full}(ptr, <{width} x i1>, {vector})")
            name = code.value(
                f"call {vector} @{full}(ptr align {size} {pointer}, "
                f"<{width} x i1> {self.mask(width, active)}, {vector} poison)"
            )
        else:
            name = "poison"
            for k in range(active):
                one = code.value(
                    f"load {kind}, ptr {code.at(pointer, k * stride, kind)}, align {size}"
                )
                name = code.value(f"insertelement {vector} {name}, {kind} {one}, i64 {k}")
        if dtype == boolean:
            name = code.value(f"icmp ne {vector} {name}, zeroinitializer")
        return Lanes(code, name, dtype, width)

    def splat(self, scalar: str, kind: str, width: int) -> str:
        """Return a vector that holds one scalar in every lane."""
        vector, code = f"<{width} x {kind}>", self.code
        first = code.value(f"insertelement {vector} poison, {kind} {scalar}, i64 0")
        if width == 1:
            return first
        zeros = f"<{width} x i32> zeroinitializer"
        return code.value(f"shufflevector {vector} {first}, {vector} poison, {zeros}")

    def store(self, lanes: Lanes, pointer: str, active: int, stride: int = 1) -> None:
        """Store the active lanes, ``stride`` elements apart."""
        code, dtype, width = self.code, lanes.dtype, lanes.width
        if stride != 1 and active > 1:
            for k in range(active):
                order = f"<1 x i32> <i32 {k}>"
                one = lanes.like(
                    f"shufflevector {lanes.type} {lanes.name}, {lanes.type} poison, {order}"
                )
                place = code.at(pointer, k * stride, memory_type(dtype))
                self.store(Lanes(code, one.name, dtype, 1), place, 1)
            return
        kind, name = memory_type(dtype), lanes.name
        size = 1 if dtype == boolean else dtype.itemsize
        vector = f"<{width} x {kind}>"
        if dtype == boolean:
            name = code.value(f"zext {lanes.type} {name} to {vector}")
        if active == width:
            code.line(f"store {vector} {name}, ptr {pointer}, align {size}")
            return
        suffix = f"v{width}{kind.replace('float', 'f32').replace('double', 'f64')}"
        full = f"llvm.masked.store.{suffix}.p0"
        code.module.declare(full, f"declare void @{full}({vector}, ptr, <{width} x i1>)")
        code.line(
            f"call void @{full}({vector} {name}, ptr align {size} {pointer}, "
            f"<{width} x i1> {self.mask(width, active)})"
        )

    def evaluate(
        self,
        node: Node,
        read: Callable[[Tensor], Lanes],
        values: dict[Tensor, Lanes],
        number: Callable[[Tensor], Any],
        width: int,
    ) -> None:
        """Write one elementwise node; its value joins ``values``."""
        operands: list[Any] = []
        for tensor in node.inputs:
            if tensor in values:
                operands.append(values[tensor])
                continue
            fixed = number(tensor)
            operands.append(read(tensor) if fixed is None else self.fixed(fixed, tensor, width))
        result = node.op.evaluate(WORDS, *operands, **node.attributes)
        values[node.outputs[0]] = result

    def fixed(self, value: Any, tensor: Tensor, width: int) -> Lanes:
        """Return a constant number as lanes of a tensor's dtype."""
        return Lanes(self.code, "", tensor.dtype, width).constant(value)
