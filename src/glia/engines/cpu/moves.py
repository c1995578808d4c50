"""Kernels of their own: what is neither elementwise nor a reduction nor a contraction."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...graph import Tensor
from ...plan.address import Address, Reference
from ...plan.body import STATUS, Body
from ...plan.fuse import Group
from ...plan.layout import Layout
from .kernel import Kernel, memory_type
from .lanes import Lanes
from .loops import LoopWork, write_loop

__all__ = ["MOVES"]


def _dense(body: Body, tensor: Tensor) -> Reference:
    """Return an operand that its group was promised contiguous."""
    if body.places[tensor].layout.is_dense:
        return body.reference(tensor)
    return body.reference(body.schedule.copies[tensor])


def _copy_into(kernel: Kernel, source: Reference, target: Reference, tensor: Tensor) -> None:
    aim = Tensor(tensor.node, tensor.index, tensor.spec)
    write_loop(kernel, LoopWork(source.layout.shape, None, [], {tensor: source}, {aim: target}, {}))


def _concatenate(kernel: Kernel, body: Body, group: Group) -> None:
    node = group.nodes[0]
    joined, axis = node.outputs[0], node.attributes["axis"]
    whole, start = body.reference(joined), 0
    inner = whole.layout.strides[axis]
    offset = 0
    for piece in node.inputs:
        target = Layout(piece.shape, whole.layout.strides, whole.layout.offset + start * inner)
        base = body.places[piece].base
        if body.part_of.get(base) != (joined, offset):
            _copy_into(kernel, body.reference(piece), whole._replace(layout=target), piece)
        start += piece.shape[axis]
        offset += piece.size * piece.dtype.itemsize


def _fill_zero(kernel: Kernel, target: Reference) -> None:
    size = math.prod(target.layout.shape)
    if size:
        pointer = kernel.start(target)
        name = "llvm.memset.p0.i64"
        kernel.code.module.declare(name, f"declare void @{name}(ptr, i8, i64, i1)")
        total = size * target.dtype.itemsize
        kernel.code.line(f"call void @{name}(ptr {pointer}, i8 0, i64 {total}, i1 false)")


def _pad(kernel: Kernel, body: Body, group: Group) -> None:
    node = group.nodes[0]
    given, whole = node.inputs[0], body.reference(node.outputs[0])
    _fill_zero(kernel, whole)
    offset, strides = whole.layout.offset, []
    for (low, _, interior), step in zip(node.attributes["pads"], whole.layout.strides, strict=True):
        offset += low * step
        strides.append(step * (interior + 1))
    target = whole._replace(layout=Layout(given.shape, tuple(strides), offset))
    _copy_into(kernel, body.reference(given), target, given)


def _rows(kernel: Kernel, body: Body, group: Group, is_scatter: bool) -> None:
    """Gather or scatter rows by number; a number out of range sets the status and is skipped."""
    node, code = group.nodes[0], kernel.code
    axes = node.attributes["batch_axes"]
    if is_scatter:
        indices, moving = (_dense(body, t) for t in node.inputs)
        table = body.reference(node.outputs[0])
        _fill_zero(kernel, table)
    else:
        table, indices = (_dense(body, t) for t in node.inputs)
        moving = body.reference(node.outputs[0])
    count = table.layout.shape[axes]
    batch = math.prod(table.layout.shape[:axes])
    row = math.prod(table.layout.shape[axes + 1 :])
    picks = math.prod(indices.layout.shape[axes:])
    if not batch * row * picks:
        return
    kind = memory_type(table.dtype)
    tables, numbers, moved = (kernel.start(r) for r in (table, indices, moving))
    status = kernel.pointer(Address(STATUS, 0))
    width = kernel.lanes_for([table.dtype])

    def pick(b: Any, p: Any) -> None:
        at = code.add(code.mul(b, picks), p)
        index = code.value(f"load i32, ptr {code.at(numbers, at, 'i32')}, align 4")
        is_wrong = code.value(f"icmp uge i32 {index}, {count}")
        old = code.value(f"load i64, ptr {status}, align 8")
        number = code.value(f"sext i32 {index} to i64")
        told = code.value(f"add i64 {number}, 4611686018427387904")
        new = code.value(f"select i1 {is_wrong}, i64 {told}, i64 {old}")
        code.line(f"store i64 {new}, ptr {status}, align 8")
        size = code.at(status, 1, "i64")
        before = code.value(f"load i64, ptr {size}, align 8")
        seen = code.value(f"select i1 {is_wrong}, i64 {count}, i64 {before}")
        code.line(f"store i64 {seen}, ptr {size}, align 8")
        safe = code.value(f"select i1 {is_wrong}, i64 0, i64 {number}")
        here = code.at(tables, code.mul(code.add(code.mul(b, count), safe), row), kind)
        there = code.at(moved, code.mul(at, row), kind)

        def block(j: Any, lanes: int) -> None:
            source, target = (there, here) if is_scatter else (here, there)
            x = kernel.load(code.at(source, j, kind), table.dtype, width, 1, lanes)
            aim = code.at(target, j, kind)
            if is_scatter:
                x = x + kernel.load(aim, table.dtype, width, 1, lanes)
            kernel.store(x, aim, lanes)

        whole = row // width * width
        if whole:
            code.loop(whole, lambda j: block(j, width), width)
        if whole < row:
            block(whole, row - whole)

    code.loop(batch, lambda b: code.loop(picks, lambda p: pick(b, p)))


def _gather(kernel: Kernel, body: Body, group: Group) -> None:
    _rows(kernel, body, group, is_scatter=False)


def _scatter_add(kernel: Kernel, body: Body, group: Group) -> None:
    _rows(kernel, body, group, is_scatter=True)


def _split_axis(shape: tuple[int, ...], axis: int) -> tuple[int, int, int]:
    return math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])


def _argmax(kernel: Kernel, body: Body, group: Group) -> None:
    """One element after another; a NaN counts as the largest, the first one wins."""
    node, code = group.nodes[0], kernel.code
    source, target = _dense(body, node.inputs[0]), body.reference(node.outputs[0])
    before, size, after = _split_axis(source.layout.shape, node.attributes["axis"])
    if not before * after:
        return
    kind = memory_type(source.dtype)
    given, found = kernel.start(source), kernel.start(target)

    def one(i: Any, j: Any) -> None:
        base = code.at(given, code.add(code.mul(i, size * after), j), kind)
        first = kernel.load(base, source.dtype, 1, 0, 1)

        def look(k: Any, best: str, place: str) -> list[str]:
            x = kernel.load(code.at(base, code.mul(k, after), kind), source.dtype, 1, 0, 1)
            top = first.like_name(best)
            is_better = x > top
            if source.dtype.kind == "f":
                is_better = is_better | (~(x == x) & (top == top))
            spot = Lanes(code, place, group.nodes[0].outputs[0].dtype, 1)
            narrow = "0" if k == 0 else code.value(f"trunc i64 {k} to i32")
            here = code.value(f"insertelement <1 x i32> poison, i32 {narrow}, i64 0")
            return [
                is_better.select(x, top).name,
                is_better.select(spot.like_name(here), spot).name,
            ]

        start = [(first.type, first.name), ("<1 x i32>", "zeroinitializer")]
        _, place = code.loop(size, look, carries=start)
        result = Lanes(code, place, target.dtype, 1)
        kernel.store(result, code.at(found, code.add(code.mul(i, after), j), "i32"), 1)

    code.loop(before, lambda i: code.loop(after, lambda j: one(i, j)))


def _cumsum(kernel: Kernel, body: Body, group: Group) -> None:
    """One element after another along the axis."""
    node, code = group.nodes[0], kernel.code
    source, target = _dense(body, node.inputs[0]), body.reference(node.outputs[0])
    before, size, after = _split_axis(source.layout.shape, node.attributes["axis"])
    if not before * size * after:
        return
    kind = memory_type(source.dtype)
    given, found = kernel.start(source), kernel.start(target)

    def one(i: Any, j: Any) -> None:
        offset = code.add(code.mul(i, size * after), j)

        def add(k: Any, total: str) -> list[str]:
            at = code.add(offset, code.mul(k, after))
            x = kernel.load(code.at(given, at, kind), source.dtype, 1, 0, 1)
            total_now = x.like_name(total) + x
            kernel.store(total_now, code.at(found, at, kind), 1)
            return [total_now.name]

        blank = Lanes(code, "", source.dtype, 1)
        code.loop(size, add, carries=[(blank.type, blank.constant(0).name)])

    code.loop(before, lambda i: code.loop(after, lambda j: one(i, j)))


MOVES: dict[str, Callable[[Kernel, Body, Group], None]] = {
    "argmax": _argmax,
    "concatenate": _concatenate,
    "cumsum": _cumsum,
    "gather": _gather,
    "pad": _pad,
    "scatter_add": _scatter_add,
}
