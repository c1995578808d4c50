"""From a plan to machine code: every group a kernel, every body a list of calls."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from ...graph import Tensor, constant_value
from ...ops.contraction import letters
from ...ops.words import NUMPY
from ...plan import Plan
from ...plan.address import Address, Reference
from ...plan.body import ARENA, Body, Nested, Pool
from ...plan.fuse import Group
from ...plan.layout import plain
from .ir import FunctionWriter, ModuleWriter
from .kernel import Kernel
from .link import Host, link
from .loops import LoopWork, write_loop
from .lowering import lowered
from .memory import Memory, aligned
from .moves import MOVES
from .tile import ContractWork, write_contraction

__all__ = ["Program"]


class Program:
    """A compiled plan.

    Parameters
    ----------
    plan : Plan
        What to compile.
    target : Host
        The processor.
    is_epoch : bool
        Whether the plan is one scan to be run in pieces.
    """

    def __init__(self, plan: Plan, target: Host, is_epoch: bool = False) -> None:
        self.plan, self.target, self.is_epoch = plan, target, is_epoch
        self.outputs = lowered(plan.outputs)
        self.pool = Pool(target.vector_bytes)
        self.input_slots = [self.pool.slot() for _ in plan.inputs]
        self.fallbacks: list[str] = []
        self._callbacks: list[Any] = []
        # What a call back into Python works on, and what it raised; one caller at a time.
        self.lock = threading.Lock()
        self.memory: Memory | None = None
        self.failure: BaseException | None = None
        self.module = ModuleWriter()
        self._count = 0
        inputs = {tensor: plain(tensor) for tensor in plan.inputs}
        known = dict(zip(plan.inputs, self.input_slots, strict=True))
        self.output_slots: list[Address] = []
        if is_epoch:
            self._plan_epoch(inputs, known)
        else:
            self.output_slots = [self.pool.slot() for _ in self.outputs]
            self.body = Body(self.pool, inputs, known, self.outputs, self.output_slots)
        self._write()
        self._load()

    def _plan_epoch(self, inputs: Any, known: Any) -> None:
        """Plan the outer graph up to the scan's operands, and the scan over the Variables."""
        scan = self.outputs[0].node
        first, count = scan.attributes["consts"], scan.attributes["carries"]
        for output in scan.outputs:
            if output.index < count:
                variable = scan.inputs[first + output.index]
                self.output_slots.append(known[variable])
            else:
                self.output_slots.append(self.pool.slot())
        known = {**known, **dict(zip(scan.outputs, self.output_slots, strict=True))}
        targets = [None] * len(scan.outputs)
        self.body = Body(self.pool, inputs, known, scan.outputs, targets)

    @property
    def epoch(self) -> Nested:
        """The one loop of an epoch's plan."""
        scan = self.outputs[0].node
        found = [n for g, n in self.body.nested.items() if g.nodes[0] is scan]
        return found[0]

    # -- writing
    def _write(self) -> None:
        entry = FunctionWriter(self.module, "entry", "ptr %table, i64 %count", is_internal=False)
        mode = self._flush_denormals(entry)
        scan = self.outputs[0].node if self.is_epoch else None
        for group in self.body.groups:
            if scan is None or not group.nodes or group.nodes[0] is not scan:
                self._call(entry, self.body, group)
        if scan is not None:
            self._turns(entry, self.body, self.epoch, "%count")
        self._finish_body(entry, self.body)
        self._restore_denormals(entry, mode)
        entry.finish()

    def _flush_denormals(self, entry: FunctionWriter) -> str | None:
        if not self.target.is_x86:
            return None
        self.module.declare("stmxcsr", "declare void @llvm.x86.sse.stmxcsr(ptr)")
        self.module.declare("ldmxcsr", "declare void @llvm.x86.sse.ldmxcsr(ptr)")
        before, inside = entry.value("alloca i32"), entry.value("alloca i32")
        entry.line(f"call void @llvm.x86.sse.stmxcsr(ptr {before})")
        word = entry.value(f"load i32, ptr {before}")
        entry.line(f"store i32 {entry.value(f'or i32 {word}, 32832')}, ptr {inside}")
        entry.line(f"call void @llvm.x86.sse.ldmxcsr(ptr {inside})")
        return before

    def _restore_denormals(self, entry: FunctionWriter, mode: str | None) -> None:
        if mode is not None:
            entry.line(f"call void @llvm.x86.sse.ldmxcsr(ptr {mode})")

    def _finish_body(self, code: FunctionWriter, body: Body) -> None:
        moves = [(source, body.reference(aside)) for source, aside in body.asides]
        moves += [(copy.source, copy.target) for copy in body.copies]
        for source, target in moves:
            reference = body.reference(source)
            if reference != target:
                self._kernel(code, _copy, reference, source, target)

    def _kernel(self, code: FunctionWriter, write: Callable[..., None], *given: Any) -> None:
        """Write a kernel of its own by ``write(kernel, *given)`` and call it."""
        self._count += 1
        kernel = Kernel(self.module, f"kernel{self._count}", self.target.vector_bytes)
        write(kernel, *given)
        kernel.code.finish()
        code.line(f"call void @{kernel.name}(ptr %table)")

    def _call(self, code: FunctionWriter, body: Body, group: Group) -> None:
        """Write a group's kernel and call it."""
        if group.kind == "scan":
            self._loop(code, body, group)
        elif group.source is not None:
            source, target = group.source, body.reference(group.roots[0])
            self._kernel(code, _copy, body.reference(source), source, target)
        elif group.kind == "loop":
            self._kernel(code, write_loop, self._loop_work(body, group))
        elif group.kind == "contract":
            work = self._contract_work(body, group)
            self._kernel(code, write_contraction, work, self.target.registers)
        elif group.kind in MOVES:
            self._kernel(code, MOVES[group.kind], body, group)
        else:
            self._fall_back(code, body, group)

    def _operands(
        self, body: Body, group: Group
    ) -> tuple[dict[Tensor, Reference], dict[Tensor, Any]]:
        own = {output for node in group.nodes for output in node.outputs}
        reads, numbers = {}, {}
        for node in group.nodes:
            for tensor in node.inputs:
                if tensor in own:
                    continue
                value = constant_value(body.places[tensor].base)
                if value is not None and value.size == 1:
                    numbers[tensor] = value.reshape(()).item()
                else:
                    reads[tensor] = body.reference(tensor)
        return reads, numbers

    def _loop_work(self, body: Body, group: Group) -> LoopWork:
        reads, numbers = self._operands(body, group)
        writes = {root: body.reference(root) for root in group.roots}
        return LoopWork(group.shape, group.axes, group.nodes, reads, writes, numbers)

    def _contract_work(self, body: Body, group: Group) -> ContractWork:
        node, *rest = group.nodes
        reads, numbers = self._operands(body, group)
        own = {tensor for each in rest for tensor in each.inputs}
        a, b = (body.reference(tensor) for tensor in node.inputs)
        kept = {t: r for t, r in reads.items() if t in own}
        return ContractWork(
            letters(node.attributes["spec"]),
            a,
            b,
            node.outputs[0],
            rest,
            kept,
            {root: body.reference(root) for root in group.roots},
            numbers,
            Address(ARENA, body.base + body.scratch[group]),
        )

    def _loop(self, code: FunctionWriter, body: Body, group: Group) -> None:
        """Write a loop inside a body."""
        nested = body.nested[group]
        for source, final in nested.starts:
            begin, carried = body.reference(source), body.reference(final)
            if begin != carried:
                self._kernel(code, _copy, begin, source, carried)
        if nested.length == 0:
            return
        for row in nested.rows:
            place = body.places[row.tensor]
            self._set_pointer(code, row.slot, body.address(place.base), row.first)
        self._turns(code, body, nested, nested.length)

    def _set_pointer(
        self, code: FunctionWriter, slot: Address, address: Address, offset: int
    ) -> None:
        source = code.at("%table", address.slot, "ptr")
        pointer = code.value(f"load ptr, ptr {source}, align 8")
        pointer = code.at(pointer, address.offset + offset, "i8")
        code.line(f"store ptr {pointer}, ptr {code.at('%table', slot.slot, 'ptr')}, align 8")

    def _turns(self, code: FunctionWriter, body: Body, nested: Nested, count: Any) -> None:
        """Write the turns of a loop: the inner body, then every row pointer moved on."""

        def turn(_: Any) -> None:
            for group in nested.body.groups:
                self._call(code, nested.body, group)
            self._finish_body(code, nested.body)
            for row in nested.rows:
                if row.move:
                    slot = code.at("%table", row.slot.slot, "ptr")
                    pointer = code.value(f"load ptr, ptr {slot}, align 8")
                    code.line(f"store ptr {code.at(pointer, row.move, 'i8')}, ptr {slot}, align 8")

        code.loop(count, turn)

    def _fall_back(self, code: FunctionWriter, body: Body, group: Group) -> None:
        """Let the reference rule compute a node: the machine code calls back into Python."""
        node = group.nodes[0]
        self.fallbacks.append(node.op.name)
        inputs = [body.reference(tensor) for tensor in body.schedule.reads(group)]
        stored = dict.fromkeys(group.roots)  # == between tensors is an op, so no list
        outputs = [(k, body.reference(t)) for k, t in enumerate(node.outputs) if t in stored]

        def run() -> None:
            memory = self.memory
            if memory is None:
                return
            try:
                with np.errstate(all="ignore"):
                    given = [memory.view(reference) for reference in inputs]
                    result = node.op.evaluate(NUMPY, *given, **node.attributes)
                several = result if len(node.outputs) > 1 else [result]
                for k, reference in outputs:
                    memory.view(reference)[...] = several[k]
            except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - raised by Memory.run
                self.failure = error

        callback = ctypes.CFUNCTYPE(None)(run)
        self._callbacks.append(callback)
        pointer = ctypes.cast(callback, ctypes.c_void_p).value
        code.line(f"call void inttoptr (i64 {pointer} to ptr)()")

    def _load(self) -> None:
        """Compile the module and put the constants where the code expects them."""
        self.constants = aligned(self.pool.constant_bytes)
        for array, offset in self.pool.constants:
            self.constants[offset : offset + array.nbytes] = np.frombuffer(
                np.ascontiguousarray(array).tobytes(), np.uint8
            )
        self.linked = link(self.module, "entry", self.target)


def _copy(kernel: Kernel, source: Reference, tensor: Tensor, target: Reference) -> None:
    aim = Tensor(tensor.node, tensor.index, tensor.spec)
    write_loop(kernel, LoopWork(tensor.shape, None, [], {tensor: source}, {aim: target}, {}))
