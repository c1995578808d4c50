"""The memory one run of a program works in: its table of pointers, its arena, its status."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import DataError
from ...plan.address import Address, Reference
from ...plan.body import ARENA, CONSTANTS, STATUS

if TYPE_CHECKING:
    from .program import Program

__all__ = ["Memory", "aligned"]

# Below so many flops a call keeps Python's global lock: giving it up would cost more.
QUICK = 200_000


def aligned(size: int) -> Any:
    """Return zeroed bytes that begin at a cache line."""
    memory = np.zeros(size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size]


class Memory:
    """A table, an arena and a status, for one caller at a time.

    Parameters
    ----------
    program : Program
        The machine code that runs on them.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.arena = aligned(program.body.size)
        self.status = np.zeros(8, np.int64)
        self.table = np.zeros(program.pool.slots, np.uint64)
        self.table[ARENA] = self.arena.ctypes.data
        self.table[STATUS] = self.status.ctypes.data
        self.table[CONSTANTS] = program.constants.ctypes.data
        self._pointer = self.table.ctypes.data
        self._pointed: dict[int, Any] = {}
        is_quick = program.plan.flops < QUICK
        self._call = program.linked.quick if is_quick else program.linked.call

    def point(self, slot: Address, array: Any) -> None:
        """Let a slot point to an array; it is kept alive until another takes its place."""
        if self._pointed.get(slot.slot) is not array:
            self._pointed[slot.slot] = array
            self.table[slot.slot] = array.__array_interface__["data"][0]

    def plain_run(self) -> Callable[[], None]:
        """Return what runs the machine code once, without checks where nothing can fail."""
        program = self.program
        kinds = {group.kind for group in program.body.groups}
        if program.fallbacks or kinds & {"gather", "scatter_add", "scan"}:
            return self.run
        call, pointer = self._call, self._pointer

        def run(owner: Memory = self) -> None:  # noqa: ARG001 - keeps the memory alive
            call(pointer, 1)

        return run

    def run(self, count: int = 1) -> None:
        """Run the machine code.

        Raises
        ------
        DataError
            If a row number was outside the table it looks into.
        """
        program = self.program
        if program.fallbacks:
            with program.lock:
                program.memory = self
                self._call(self._pointer, count)
                failure, program.memory, program.failure = program.failure, None, None
            if failure is not None:
                raise failure
        else:
            self._call(self._pointer, count)
        if self.status[0]:
            wrong = int(self.status[0]) - (1 << 62)
            self.status[0] = 0
            raise DataError(
                f"the index {wrong} is outside 0..{int(self.status[1]) - 1}, the axis it looks into"
            )

    def view(self, reference: Reference) -> Any:
        """Return the array at an address, as things stand."""
        start = int(self.table[reference.address.slot]) + reference.address.offset
        layout, size = reference.layout, reference.dtype.itemsize
        start += layout.offset * size
        if 0 in layout.shape:
            return np.empty(layout.shape, reference.dtype)
        spans = zip(layout.shape, layout.strides, strict=True)
        count = 1 + sum((n - 1) * abs(step) for n, step in spans)
        memory = (ctypes.c_char * (count * size)).from_address(start)
        flat = np.frombuffer(memory, reference.dtype)
        strides = [s * size for s in layout.strides]
        return np.lib.stride_tricks.as_strided(flat, layout.shape, strides)
