"""Planning a body: which kernels, in which order, on which memory."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..graph import CONSTANT, PLACEHOLDER, Tensor, constant_value, walk
from ..ops.contraction import letters
from ..ops.words import NUMPY
from .address import Address, Reference
from .fuse import Group, fuse
from .layout import Layout, Place, plain
from .memory import ALIGNMENT, arrange

__all__ = ["ARENA", "CONSTANTS", "STATUS", "Body", "Copy", "Nested", "Pool", "Row"]

# Slots of the pointer table that every program has.
ARENA, STATUS, CONSTANTS = 0, 1, 2


@dataclass
class Pool:
    """Slots of the pointer table, and the constants, shared by a program's bodies."""

    vector_bytes: int
    slots: int = 3
    constants: list[tuple[Any, int]] = field(default_factory=list)
    constant_bytes: int = 0
    known: dict[Tensor, Address] = field(default_factory=dict)

    def slot(self) -> Address:
        """Return the address of a new slot."""
        self.slots += 1
        return Address(self.slots - 1, 0)

    def constant(self, tensor: Tensor) -> Address:
        """Return the address of a constant, or of the numbers an iota counts."""
        if tensor not in self.known:
            array = constant_value(tensor)
            if array is None:
                array = tensor.node.op.evaluate(NUMPY, **tensor.node.attributes)
            self.known[tensor] = Address(CONSTANTS, self.constant_bytes)
            self.constants.append((array, self.constant_bytes))
            self.constant_bytes += -(-max(array.nbytes, 1) // ALIGNMENT) * ALIGNMENT
        return self.known[tensor]


class Copy(NamedTuple):
    """A tensor to be copied to an address."""

    source: Tensor
    target: Reference


class Row(NamedTuple):
    """A slot that points to the current row of a tensor: where it begins and moves each turn."""

    slot: Address
    tensor: Tensor
    first: int
    move: int


class Nested(NamedTuple):
    """A loop inside a body."""

    body: Body
    length: int
    starts: list[tuple[Tensor, Tensor]]
    rows: list[Row]


def _is_same(one: Place, other: Place) -> bool:
    return one.base is other.base and one.layout == other.layout


def whole(tensor: Tensor, address: Address) -> Reference:
    """Return a contiguous tensor at an address."""
    return Reference(address, plain(tensor).layout, tensor.dtype)


class Body:
    """A planned graph: kernels in order, and the address of everything they touch.

    Parameters
    ----------
    pool : Pool
        Shared by the whole program.
    inputs : mapping of Tensor to Place
        Where the inputs lie.
    addresses : mapping of Tensor to Address
        Addresses of bases that are known beforehand.
    outputs : sequence of Tensor
        What is computed.
    targets : sequence of Address or None
        Where each output has to be in the end.
    replaced : mapping of int to Tensor
        Outputs that are written over an input: the carries of a loop.
    parent : Body, optional
        Knows the addresses of what comes from outside.
    """

    def __init__(
        self,
        pool: Pool,
        inputs: Mapping[Tensor, Place],
        addresses: Mapping[Tensor, Address],
        outputs: Sequence[Tensor],
        targets: Sequence[Address | None],
        replaced: Mapping[int, Tensor] | None = None,
        parent: Body | None = None,
    ) -> None:
        self.pool, self.parent = pool, parent
        self.outputs = tuple(outputs)
        nodes = [node for node in walk(outputs, inputs) if node.op is not PLACEHOLDER]
        self.schedule = fuse(inputs, nodes, outputs)
        self.groups = self.schedule.groups
        self.places = self.schedule.places
        self.addresses: dict[Tensor, Address] = dict(addresses)
        self.part_of: dict[Tensor, tuple[Tensor, int]] = {}
        self.nested: dict[Group, Nested] = {}
        self.asides: list[tuple[Tensor, Tensor]] = []
        self.copies: list[Copy] = []
        self.extra: list[tuple[Any, int, int, int]] = []
        self.base = 0
        self._time()
        self._settle(outputs, targets, replaced or {})
        for group in self.groups:
            if group.kind == "scan":
                self.nested[group] = self._plan_loop(group)
        self._join_concatenations()
        self._arrange()

    # -- addresses
    def address(self, base: Tensor) -> Address:
        """Return where a base lies."""
        if base in self.part_of:
            joined, offset = self.part_of[base]
            whole_address = self.address(joined)
            return Address(whole_address.slot, whole_address.offset + offset)
        if base in self.addresses:
            found = self.addresses[base]
            return found._replace(offset=found.offset + self.base) if found.slot == ARENA else found
        if base.node.op is CONSTANT or base.node.op.name == "iota":
            return self.pool.constant(base)
        if self.parent is None:
            raise KeyError(f"no address for {base!r}")
        return self.parent.address(base)

    def reference(self, tensor: Tensor) -> Reference:
        """Return a tensor as a kernel sees it."""
        place = self.places[tensor]
        return Reference(self.address(place.base), place.layout, tensor.dtype)

    # -- who reads what, and when
    def _time(self) -> None:
        self.last: dict[Tensor, int] = {}
        for number, group in enumerate(self.groups):
            for tensor in self.schedule.reads(group):
                self.last[self.places[tensor].base] = number
        for group in self.groups:
            if group.kind == "scan":
                group.roots = list(group.nodes[0].outputs)
        self.made = {
            root: number for number, group in enumerate(self.groups) for root in group.roots
        }

    def _settle(
        self,
        outputs: Sequence[Tensor],
        targets: Sequence[Address | None],
        replaced: Mapping[int, Tensor],
    ) -> None:
        """Let outputs be written where they have to be, or plan copies at the end."""
        end = len(self.groups)
        carried = {self.places[tensor].base for tensor in replaced.values()}
        pending: list[tuple[Tensor, Address]] = []
        for number, (output, target) in enumerate(zip(outputs, targets, strict=True)):
            place = self.places[output]
            self.last[place.base] = end
            if target is not None:
                old = replaced.get(number)
                if old is None or not _is_same(place, self.places[old]):
                    pending.append((output, target))
        for number, (output, target) in enumerate(pending):
            place = self.places[output]
            others = [o for i, (o, _) in enumerate(pending) if i != number]
            if self._is_writable(output, target, replaced, outputs, others):
                self.addresses[place.base] = target
            elif place.base in carried:
                # Another copy may overwrite it before this one reads it: put it aside.
                aside = Tensor(output.node, output.index, output.spec)
                self.places[aside] = plain(aside)
                self.extra.append((aside, end, end, aside.spec.bytes))
                self.asides.append((output, aside))
                self.copies.append(Copy(aside, whole(output, target)))
            else:
                self.copies.append(Copy(output, whole(output, target)))

    def _is_writable(
        self,
        output: Tensor,
        target: Address,
        replaced: Mapping[int, Tensor],
        outputs: Sequence[Tensor],
        others: Sequence[Tensor],
    ) -> bool:
        """Whether a kernel can write an output straight to its target."""
        place = self.places[output]
        made = self.made.get(place.base)
        if made is None or place.base in self.addresses or not place.layout.is_plain:
            return False
        if place.base.size != output.size:
            return False
        old = [
            t
            for n, t in replaced.items()
            if self.places[t].base in self.addresses
            and self.addresses[self.places[t].base] == target
        ]
        if not old:
            return True
        base = self.places[old[0]].base
        if any(self.places[o].base is base for o in (*others, *outputs)):
            return False
        for number, group in enumerate(self.groups):
            for tensor in self.schedule.reads(group):
                if self.places[tensor].base is not base:
                    continue
                is_pointwise = (
                    number == made
                    and group.kind == "loop"
                    and group.axes is None
                    and self.places[tensor].layout.is_plain
                    and tensor.shape == group.shape
                )
                if number >= made and not is_pointwise:
                    return False
        return True

    def _join_concatenations(self) -> None:
        """Let the pieces of a concatenation be written where they will stand."""
        for number, group in enumerate(self.groups):
            if group.kind != "concatenate":
                continue
            node = group.nodes[0]
            joined, axis = node.outputs[0], node.attributes["axis"]
            if math.prod(joined.shape[:axis]) != 1 or joined not in self.made:
                continue
            is_target = joined in self.addresses and self.addresses[joined].slot != ARENA
            offset = 0
            for piece in node.inputs:
                place = self.places[piece]
                is_whole = place.layout.is_plain and place.base.size == piece.size
                is_new = place.base in self.made and place.base not in self.part_of
                if is_whole and is_new and place.base not in self.addresses and not is_target:
                    self.part_of[place.base] = (joined, offset)
                    self.made[joined] = min(self.made[joined], self.made[place.base])
                    last = max(self.last.get(joined, number), self.last.get(place.base, number))
                    self.last[joined] = last
                offset += piece.size * piece.dtype.itemsize

    # -- loops
    def _plan_loop(self, group: Group) -> Nested:
        node = group.nodes[0]
        settings = node.attributes
        body, n_consts, n_carries = settings["body"], settings["consts"], settings["carries"]
        length, is_reversed = settings["length"], settings["reverse"]
        inner_consts, inner_rest = body.inputs[:n_consts], body.inputs[n_consts:]
        inner_carry, inner_xs = inner_rest[:n_carries], inner_rest[n_carries:]
        outer_carry = node.inputs[n_consts : n_consts + n_carries]
        outer_xs = node.inputs[n_consts + n_carries :]
        places = {
            inner: self.places[outer]
            for inner, outer in zip(inner_consts, node.inputs[:n_consts], strict=True)
        }
        known: dict[Tensor, Address] = {}
        slots = [self.pool.slot() for _ in inner_carry]
        for inner, slot in zip(inner_carry, slots, strict=True):
            places[inner], known[inner] = plain(inner), slot
        rows = [
            Row(slot, output, 0, 0)
            for slot, output in zip(slots, node.outputs[:n_carries], strict=True)
        ]
        for inner, outer in zip(inner_xs, outer_xs, strict=True):
            layout, slot = self.places[outer].layout, self.pool.slot()
            places[inner] = Place(inner, Layout(inner.shape, layout.strides[1:], 0))
            known[inner] = slot
            rows.append(self._row(slot, outer, layout, length, is_reversed))
        stacked = []
        for output in node.outputs[n_carries:]:
            stacked.append(self.pool.slot())
            rows.append(self._row(stacked[-1], output, plain(output).layout, length, is_reversed))
        replaced = dict(enumerate(inner_carry))
        child = Body(self.pool, places, known, body.outputs, [*slots, *stacked], replaced, self)
        number = self.groups.index(group)
        self.extra.append((child, number, number, child.size))
        starts = list(zip(outer_carry, node.outputs, strict=False))
        return Nested(child, length, starts, rows)

    def _row(
        self, slot: Address, tensor: Tensor, layout: Layout, length: int, is_reversed: bool
    ) -> Row:
        step, size = layout.strides[0] if layout.strides else 0, tensor.dtype.itemsize
        first = layout.offset + (max(length - 1, 0) * step if is_reversed else 0)
        return Row(slot, tensor, first * size, (-step if is_reversed else step) * size)

    # -- memory
    def _arrange(self) -> None:
        """Place what has no address yet into this body's part of the arena."""
        needs: list[tuple[Any, int, int, int]] = list(self.extra)
        for number, group in enumerate(self.groups):
            for root in group.roots:
                if root not in self.addresses and root not in self.part_of:
                    last = max(self.last.get(root, number), number)
                    needs.append((root, self.made[root], last, root.spec.bytes))
            if group.kind == "contract":
                needs.append((group, number, number, self._scratch(group)))
        offsets, self.size = arrange(needs)
        self.scratch = {g: o for g, o in offsets.items() if isinstance(g, Group)}
        for key, offset in offsets.items():
            if isinstance(key, Tensor):
                self.addresses[key] = Address(ARENA, offset)
            elif isinstance(key, Body):
                key._shift = (self, offset)
        self._move(0)

    def _scratch(self, group: Group) -> int:
        """A panel's bytes: two vectors for each step over the letters that are summed."""
        node = group.nodes[0]
        first, _, out = letters(node.attributes["spec"])
        sizes = zip(first, node.inputs[0].shape, strict=True)
        steps = math.prod(size for letter, size in sizes if letter not in out)
        return max(1, steps) * 2 * self.pool.vector_bytes

    _shift: tuple[Body, int] | None = None

    def _move(self, base: int) -> None:
        """Settle where this body's part of the arena begins, and its loops' parts."""
        self.base = base
        for nested in self.nested.values():
            if nested.body._shift is not None:
                nested.body._move(base + nested.body._shift[1])
