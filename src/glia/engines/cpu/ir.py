"""Writing LLVM IR as text: one module, its functions, structured loops."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = ["TYPES", "FunctionWriter", "ModuleWriter", "literal"]

# LLVM's type in a register, by NumPy dtype; booleans take a byte in memory.
TYPES = {
    "float32": "float",
    "float64": "double",
    "int32": "i32",
    "uint32": "i32",
    "uint8": "i8",
    "bool": "i1",
    "int64": "i64",
}


def literal(value: Any, dtype: Any) -> str:
    """Return a number as LLVM text; floats are written bit for bit."""
    if dtype.kind == "f":
        exact = float(np.asarray(value, dtype))
        return f"0x{struct.unpack('<Q', struct.pack('<d', exact))[0]:016X}"
    if dtype.kind == "b":
        return "true" if value else "false"
    bits = 8 * dtype.itemsize
    whole = int(value) % 2**bits
    return str(whole - 2**bits if whole >= 2 ** (bits - 1) else whole)


class ModuleWriter:
    """The text of one LLVM module."""

    def __init__(self) -> None:
        self.declarations: dict[str, str] = {}
        self.functions: list[str] = []

    def declare(self, name: str, text: str) -> None:
        """Declare an external function or intrinsic once."""
        self.declarations.setdefault(name, text)

    def text(self, triple: str, layout: str, attributes: str) -> str:
        """Return the whole module."""
        head = [f'target triple = "{triple}"', f'target datalayout = "{layout}"']
        tail = [f"attributes #0 = {{ {attributes} }}"]
        return "\n".join([*head, *self.declarations.values(), *self.functions, *tail])


class FunctionWriter:
    """One function being written: values are SSA names, loops are structured."""

    def __init__(self, module: ModuleWriter, name: str, arguments: str, is_internal: bool = True):
        self.module = module
        self.name = name
        self._head = f"define {'internal ' * is_internal}void @{name}({arguments}) #0 {{"
        self._lines = ["entry:"]
        self._block = "entry"
        self._count = 0
        self._constants: dict[str, str] = {}

    def fresh(self, stem: str = "v") -> str:
        """Return a new name."""
        self._count += 1
        return f"{stem}{self._count}"

    def line(self, text: str) -> None:
        """Write an instruction without a result."""
        self._lines.append("  " + text)

    def value(self, text: str) -> str:
        """Write an instruction and return the name of its result."""
        name = "%" + self.fresh()
        self._lines.append(f"  {name} = {text}")
        return name

    def label(self, name: str) -> None:
        """Begin a block."""
        self._lines.append(f"{name}:")
        self._block = name

    def finish(self) -> None:
        """End the function and hand it to the module."""
        self.line("ret void")
        self.module.functions.append("\n".join([self._head, *self._lines, "}"]))

    # -- integers; an int stays an int as long as possible
    def add(self, a: Any, b: Any) -> Any:
        """Return ``a + b`` of 64-bit integers, numbers or names."""
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        if a == 0:
            return b
        return a if b == 0 else self.value(f"add nsw i64 {a}, {b}")

    def mul(self, a: Any, b: Any) -> Any:
        """Return ``a * b`` of 64-bit integers, numbers or names."""
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        if a == 1 or b == 1:
            return b if a == 1 else a
        return 0 if a == 0 or b == 0 else self.value(f"mul nsw i64 {a}, {b}")

    def at(self, pointer: str, index: Any, memory_type: str) -> str:
        """Return the address of an element."""
        if index == 0:
            return pointer
        return self.value(f"getelementptr inbounds {memory_type}, ptr {pointer}, i64 {index}")

    def loop(
        self,
        count: Any,
        body: Callable[..., Sequence[str] | None],
        step: int = 1,
        carries: Sequence[tuple[str, str]] = (),
    ) -> list[str]:
        """Write ``for i in range(0, count, step)``; a count that is a name must be positive.

        Parameters
        ----------
        body : callable
            ``body(i, *carried)`` writes the body and returns the new carried names.
        carries : sequence of (type, initial value)
            What goes from one turn to the next.

        Returns
        -------
        list of str
            The carried names after the last turn.
        """
        if count == 0:
            return [start for _, start in carries]
        if isinstance(count, int) and count <= step:
            return list(body(0, *[start for _, start in carries]) or ())
        head, end = self.fresh("loop"), self.fresh("done")
        before, index, following = self._block, "%" + self.fresh("i"), "%" + self.fresh("n")
        names = ["%" + self.fresh("c") for _ in carries]
        self.line(f"br label %{head}")
        self.label(head)
        place = len(self._lines)
        self._lines += [""] * (1 + len(carries))
        results = list(body(index, *names) or ())
        last = self._block
        self.line(f"{following} = add nuw nsw i64 {index}, {step}")
        test = self.value(f"icmp slt i64 {following}, {count}")
        self.line(f"br i1 {test}, label %{head}, label %{end}")
        self._lines[place] = f"  {index} = phi i64 [0, %{before}], [{following}, %{last}]"
        for k, ((kind, start), name, new) in enumerate(zip(carries, names, results, strict=True)):
            self._lines[place + 1 + k] = (
                f"  {name} = phi {kind} [{start}, %{before}], [{new}, %{last}]"
            )
        self.label(end)
        return results
