"""Fusing: from nodes to groups, each of which becomes one kernel.

Groups run in the order of this list. A node joins the earliest group in which all its inputs are
at hand: those of the same shape may come from that very group, all others from earlier ones.
Movement ops join nothing; they become layouts of memory that exists anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..graph import CONSTANT, Node, Tensor, constant_value
from .layout import Place, moved, plain

__all__ = ["Group", "Schedule", "fuse"]

MOVEMENT = {"broadcast_to", "reshape", "transpose", "slice", "flip", "split"}
REDUCTIONS = {"sum", "max"}
LARGEST_GROUP = 48
LARGEST_EPILOGUE = 8
# A product's epilogue is written once for each register of the tile: long ones get their own loop.
LONG = {"cos", "erf", "exp", "log", "power", "random_bits", "sigmoid", "sin", "softplus", "tanh"}
# These kernels read operands of any strides; the others get contiguous ones.
TAKES_ANY_LAYOUT = {"contract", "scan", "concatenate", "pad"}


@dataclass(eq=False)
class Group:
    """Nodes that run as one kernel over one iteration shape.

    Attributes
    ----------
    kind : str
        "loop" (elementwise ops and reductions), "contract" (a product with elementwise ops on
        its result), "copy" (a tensor made contiguous), or the name of a single op.
    shape : tuple of int
        What it runs over.
    nodes : list of Node
        In order.
    axes : tuple of int or None
        The axes its reductions sum over, if it has any.
    roots : list of Tensor
        What it has to store, filled in at the end.
    """

    kind: str
    shape: tuple[int, ...]
    nodes: list[Node] = field(default_factory=list)
    axes: tuple[int, ...] | None = None
    roots: list[Tensor] = field(default_factory=list)
    source: Tensor | None = None


class Schedule:
    """Groups in order, and where every tensor lies.

    Attributes
    ----------
    groups : list of Group
        The kernels to be.
    places : dict of Tensor to Place
        Every tensor as a layout of a base tensor; bases are inputs, constants and roots.
    """

    def __init__(self, inputs: Mapping[Tensor, Place], nodes: Sequence[Node]) -> None:
        self.groups: list[Group] = []
        self.places: dict[Tensor, Place] = dict(inputs)
        # What a loop's body reads from outside may lie in memory the body knows nothing else of.
        outside = [place.base for place in inputs.values()]
        self.made_in: dict[Tensor, int] = dict.fromkeys([*inputs, *outside], -1)
        self.copies: dict[Tensor, Tensor] = {}
        for node in nodes:
            self._add(node)

    def _add(self, node: Node) -> None:
        name = node.op.name
        if node.op is CONSTANT or name == "iota":
            for output in node.outputs:
                self.places[output], self.made_in[output] = plain(output), -1
            return
        if name in MOVEMENT:
            self._move(node)
            return
        if node.op.is_elementwise:
            self._join(node, node.outputs[0].shape, None)
        elif name in REDUCTIONS:
            self._join(node, node.inputs[0].shape, node.attributes["axes"])
        else:
            if name not in TAKES_ANY_LAYOUT:
                for tensor in node.inputs:
                    if not self.places[tensor].layout.is_dense:
                        self._contiguous(tensor)
            self.groups.append(Group(name, node.outputs[0].shape, [node]))
            self._made(node, len(self.groups) - 1)

    def _made(self, node: Node, group: int) -> None:
        for output in node.outputs:
            self.places[output], self.made_in[output] = plain(output), group

    def _move(self, node: Node) -> None:
        given = node.inputs[0]
        places = moved(node, self.places[given])
        if places is None:
            # Contiguous memory can be looked at in any shape.
            places = moved(node, self.places[self._contiguous(given)]) or []
        for output, place in zip(node.outputs, places, strict=True):
            self.places[output] = place
            self.made_in[output] = self.made_in[place.base]

    def _contiguous(self, tensor: Tensor) -> Tensor:
        """Return a tensor of the same elements that is its own base."""
        if tensor not in self.copies:
            copy = Tensor(tensor.node, tensor.index, tensor.spec)
            self.copies[tensor] = copy
            group = Group("copy", tensor.shape, [], None, [copy], tensor)
            self.groups.append(group)
            self.places[copy], self.made_in[copy] = plain(copy), len(self.groups) - 1
        return self.copies[tensor]

    def is_own(self, tensor: Tensor) -> bool:
        """Whether a tensor is a base, and not a look at another one's memory."""
        return self.places[tensor].base is tensor

    def _join(self, node: Node, shape: tuple[int, ...], axes: tuple[int, ...] | None) -> None:
        earliest = 0
        sources: set[int] = set()
        for tensor in node.inputs:
            made = self.made_in[tensor]
            is_direct = made >= 0 and self.is_own(tensor) and tensor.shape == shape
            is_inside = is_direct and tensor.node.op.name not in REDUCTIONS
            if is_inside and self._is_open(self.groups[made], node, shape, axes):
                earliest = max(earliest, made)
                sources.add(made)
            else:
                earliest = max(earliest, made + 1)
        for number in range(earliest, len(self.groups)):
            group = self.groups[number]
            is_related = number in sources or (not sources and group.kind == "loop")
            if is_related and self._is_open(group, node, shape, axes):
                break
        else:
            number = len(self.groups)
            self.groups.append(Group("loop", shape))
        group = self.groups[number]
        group.nodes.append(node)
        if axes is not None:
            group.axes = axes
        self._made(node, number)

    def _is_open(
        self, group: Group, node: Node, shape: tuple[int, ...], axes: tuple[int, ...] | None
    ) -> bool:
        if group.shape != shape or len(group.nodes) >= LARGEST_GROUP:
            return False
        if group.kind == "contract":
            is_short = node.op.name not in LONG and len(group.nodes) < LARGEST_EPILOGUE
            return axes is None and is_short
        return group.kind == "loop" and (axes is None or group.axes in (None, axes))

    def reads(self, group: Group) -> list[Tensor]:
        """Return the tensors a group reads from memory, in order."""
        own = {output for node in group.nodes for output in node.outputs}
        if group.source is not None:
            return [group.source]
        if group.kind not in ("loop", "contract"):
            return [
                self.copies.get(t, t) if self._is_copied(group, t) else t
                for t in group.nodes[0].inputs
            ]
        seen: dict[Tensor, None] = {}
        for node in group.nodes:
            for tensor in node.inputs:
                if tensor not in own and not self.is_number(tensor):
                    seen.setdefault(tensor)
        return list(seen)

    def _is_copied(self, group: Group, tensor: Tensor) -> bool:
        is_dense = self.places[tensor].layout.is_dense
        return group.kind not in TAKES_ANY_LAYOUT and not is_dense

    def is_number(self, tensor: Tensor) -> bool:
        """Whether a tensor is one constant number, perhaps broadcast."""
        value = constant_value(self.places[tensor].base)
        return value is not None and value.size == 1

    def finish(self, outputs: Sequence[Tensor]) -> None:
        """Decide what each group stores: what another group reads, or what is an output."""
        needed: dict[Tensor, None] = {}
        for group in self.groups:
            for tensor in self.reads(group):
                needed.setdefault(self.places[tensor].base)
        for tensor in outputs:
            needed.setdefault(self.places[tensor].base)
        for group in self.groups:
            if group.source is not None:
                continue
            made = [output for node in group.nodes for output in node.outputs]
            group.roots = [tensor for tensor in made if tensor in needed]


def fuse(
    inputs: Mapping[Tensor, Place], nodes: Sequence[Node], outputs: Sequence[Tensor]
) -> Schedule:
    """Return the schedule of a graph."""
    schedule = Schedule(inputs, nodes)
    schedule.finish(outputs)
    return schedule
