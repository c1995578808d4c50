"""The cpu engine: one native call for a plan, or for a run of an epoch's steps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...plan import Plan
from ...plan.body import Row
from ..engine import ENGINES, NumPyArray, Run, RunLoop
from ..reference import Reference
from .link import host
from .memory import Memory
from .program import Program

__all__ = ["Cpu"]


class Cpu:
    """Compiles plans to machine code with LLVM.

    Parameters
    ----------
    level : str, optional
        Make code for at most this level of the processor: "sse2", "avx2" or "avx512".
    """

    name = "cpu"

    def __init__(self, level: str | None = None) -> None:
        self.level = level

    def compile(self, plan: Plan) -> Run:
        """Return a function of the inputs' arrays that gives the outputs' arrays."""
        return _Straight(plan, self.level)

    def compile_loop(self, plan: Plan) -> RunLoop:
        """Return a function that runs some steps of a plan whose outputs are one scan's."""
        scan = plan.outputs[0].node
        first, carries = scan.attributes["consts"], scan.attributes["carries"]
        given = set(plan.inputs)
        is_own = all(each in given for each in _carried(scan, first, carries))
        has_all = {output.index for output in plan.outputs} == set(range(len(scan.outputs)))
        if not (is_own and has_all):
            return Reference().compile_loop(plan)
        return _Epoch(plan, self.level)


def _carried(scan: Any, first: int, carries: int) -> Sequence[Any]:
    return tuple(scan.inputs[first : first + carries])


class _Straight:
    """A compiled plan that runs once per call."""

    def __init__(self, plan: Plan, level: str | None) -> None:
        self.program = Program(plan, host(level))
        self._specs = [tensor.spec for tensor in plan.outputs]
        self._memory = Memory(self.program)
        self._lock = threading.Lock()

    def __call__(self, inputs: Sequence[NumPyArray]) -> list[NumPyArray]:
        kept = [_contiguous(array) for array in inputs]
        with self._lock:
            outputs = self._point(self._memory, kept)
            self._memory.run()
        return outputs

    def bind(self, inputs: Sequence[NumPyArray]) -> tuple[Callable[[], None], list[NumPyArray]]:
        memory = Memory(self.program)
        return memory.plain_run(), self._point(memory, inputs)

    def _point(self, memory: Memory, inputs: Sequence[NumPyArray]) -> list[NumPyArray]:
        """Let a table point to the inputs and to new outputs."""
        outputs = [np.empty(spec.shape, spec.dtype) for spec in self._specs]
        for slot, array in zip(self.program.input_slots, inputs, strict=True):
            memory.point(slot, array)
        for slot, array in zip(self.program.output_slots, outputs, strict=True):
            memory.point(slot, array)
        return outputs


class _Epoch:
    """A compiled epoch: the steps run in place on the Variables, some at a time."""

    def __init__(self, plan: Plan, level: str | None) -> None:
        self.program = Program(plan, host(level), is_epoch=True)
        self._memory = Memory(self.program)
        self.scan = plan.outputs[0].node
        self._order = [output.index for output in plan.outputs]
        self._carries: int = self.scan.attributes["carries"]
        first = self.scan.attributes["consts"]
        places = {tensor: number for number, tensor in enumerate(plan.inputs)}
        self._variables = [places[t] for t in _carried(self.scan, first, self._carries)]
        self._others = sorted({*places.values()} - {*self._variables})
        self._rows = [self._row(row) for row in self.program.epoch.rows]
        self._pace = 0.0
        self._lock = threading.Lock()

    def _row(self, row: Row) -> tuple[int, int, int, int]:
        """Return a row's slot, the slot it is found from, and how far it begins and moves."""
        body = self.program.body
        address = body.address(body.places[row.tensor].base)
        return row.slot.slot, address.slot, address.offset + row.first, row.move

    def __call__(
        self, inputs: Sequence[NumPyArray], first: int, deadline: float | None
    ) -> tuple[int, list[NumPyArray]]:
        kept = self._apart([_contiguous(array) for array in inputs])
        with self._lock:
            outputs = self._point(kept, first)
            step = self._steps(first, len(kept[0]), deadline)
        found = [
            output if place < self._carries else output[first:step]
            for place, output in enumerate(outputs)
        ]
        return step, [found[place] for place in self._order]

    def _apart(self, inputs: list[NumPyArray]) -> list[NumPyArray]:
        """Copy what lies in a Variable's memory, which the steps write over, but only is read."""
        spans = [_span(array) for array in inputs]
        written = [spans[place] for place in self._variables]
        for place in self._others:
            start, end = spans[place]
            if any(start < after and before < end for before, after in written):
                inputs[place] = inputs[place].copy()
        return inputs

    def _point(self, inputs: Sequence[NumPyArray], first: int) -> list[NumPyArray]:
        """Let the table point to the inputs, the results and the rows of the first step."""
        program, memory = self.program, self._memory
        for slot, array in zip(program.input_slots, inputs, strict=True):
            memory.point(slot, array)
        outputs = [inputs[place] for place in self._variables]
        for output in self.scan.outputs[self._carries :]:
            outputs.append(np.empty((len(inputs[0]), *output.shape[1:]), output.dtype))
            memory.point(program.output_slots[output.index], outputs[-1])
        for own, base, offset, move in self._rows:
            memory.table[own] = int(memory.table[base]) + offset + first * move
        return outputs

    def _steps(self, first: int, length: int, deadline: float | None) -> int:
        """Run steps in native calls that end by the deadline, judged by the pace so far."""
        step = first
        while step < length:
            began = time.perf_counter()
            count = length - step
            if deadline is not None:
                fits = int((deadline - began) / self._pace) if self._pace else 1
                count = max(1, min(count, fits))
            self._memory.run(count)
            self._pace = (time.perf_counter() - began) / count
            step += count
            if deadline is not None and time.perf_counter() >= deadline:
                break
        return step


def _span(array: NumPyArray) -> tuple[int, int]:
    """Return where a contiguous array begins and ends."""
    start = int(array.__array_interface__["data"][0])
    return start, start + array.nbytes


def _contiguous(array: NumPyArray) -> NumPyArray:
    return array if array.flags.c_contiguous else array.copy()


ENGINES["cpu"] = Cpu()
