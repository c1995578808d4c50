"""The register tile: every contraction is a loop over small blocks of results held in registers.

``R`` rows by ``V`` vectors of accumulators; each turn of the inner loop broadcasts one element of
``a`` per row and loads ``V`` vectors of ``b``. Elementwise ops that follow run on the accumulators
before they are stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...graph import Node, Tensor
from ...plan.address import Address, Reference
from ...plan.layout import collapse
from .kernel import Kernel, memory_type
from .lanes import Lanes

__all__ = ["ContractWork", "write_contraction"]

# Wider panels of b than this many bytes per step are copied into a contiguous scratch panel.
PACKED_ROWS = 24


@dataclass
class ContractWork:
    """What one contraction kernel does.

    Attributes
    ----------
    spec : tuple of str
        The letters of a, b and the result.
    a, b : Reference
        The operands.
    product : Tensor
        The result, before the nodes that follow.
    nodes : list of Node
        Elementwise nodes on the result.
    reads, writes : dict of Tensor to Reference
        What those nodes load besides, and what is stored.
    numbers : dict of Tensor to number
        Operands that are one constant number.
    scratch : Address
        Memory for a packed panel.
    """

    spec: tuple[str, str, str]
    a: Reference
    b: Reference
    product: Tensor
    nodes: Sequence[Node]
    reads: Mapping[Tensor, Reference]
    writes: Mapping[Tensor, Reference]
    numbers: Mapping[Tensor, Any]
    scratch: Address


class _Axes:
    """The letters of a contraction sorted into outer, row, column and inner axes.

    Each axis has a size and a stride in ``a``, in ``b`` and in every tensor of the result's shape.
    """

    def __init__(self, work: ContractWork) -> None:
        (first, second, out), a, b = work.spec, work.a.layout, work.b.layout
        sizes = _named(first, a.shape) | _named(second, b.shape)
        step_a, step_b = _named(first, a.strides), _named(second, b.strides)
        others = {**work.reads, **work.writes}
        self.others = list(others)
        steps = {t: _named(out, r.layout.strides) for t, r in others.items()}
        last = next(
            (x for x in reversed(out) if sizes[x] > 1 and not (x in first and x in second)), None
        )
        # Columns are the axes of whichever operand owns the result's last axis.
        self.is_swapped = last is not None and last in first
        if self.is_swapped:
            first, second, step_a, step_b = second, first, step_b, step_a

        def merged(letters: Sequence[str]) -> list[tuple[int, list[int]]]:
            strides = [[d.get(x, 0) for x in letters] for d in (step_a, step_b, *steps.values())]
            shape, found, _ = collapse([sizes[x] for x in letters], strides, [0] * len(letters))
            return [(n, [f[i] for f in found]) for i, n in enumerate(shape)]

        outer = merged([x for x in out if x in first and x in second])
        rows = merged([x for x in out if x in first and x not in second])
        columns = merged([x for x in out if x in second and x not in first])
        self.inner = merged([x for x in first if x in second and x not in out])
        nothing = [0] * (2 + len(steps))
        self.rows = rows.pop() if rows else (1, nothing)
        self.columns = columns.pop() if columns else (1, [0, 1, *[1] * len(steps)])
        self.outer = [*outer, *rows, *columns]


def _named(letters: str, numbers: Sequence[int]) -> dict[str, int]:
    return dict(zip(letters, numbers, strict=True))


def write_contraction(kernel: Kernel, work: ContractWork, registers: int) -> None:
    """Write a contraction kernel's whole body."""
    _Contraction(kernel, work, registers).write()


class _Contraction:
    def __init__(self, kernel: Kernel, work: ContractWork, registers: int) -> None:
        self.kernel, self.work, self.code = kernel, work, kernel.code
        self.axes = _Axes(work)
        self.dtype = work.a.dtype
        self.kind = memory_type(self.dtype)
        dtypes = [t.dtype for node in work.nodes for t in (*node.inputs, *node.outputs)]
        self.width = kernel.lanes_for([self.dtype, *dtypes])
        while self.width > 1 and self.width // 2 >= self.axes.columns[0]:
            self.width //= 2
        self.left, self.right = (work.b, work.a) if self.axes.is_swapped else (work.a, work.b)
        self.vectors = 1 if self.axes.columns[0] <= self.width else 2
        most = (registers - 1 - self.vectors) // self.vectors
        self.most_rows = max(1, min(most, 14 if self.vectors == 2 else 24))
        self.is_packed = self._wants_packing()

    def _wants_packing(self) -> bool:
        rows, (columns, strides) = self.axes.rows[0], self.axes.columns
        if len(self.axes.inner) != 1:
            return False
        if strides[1] != 1:
            return rows >= 2
        return rows > PACKED_ROWS and columns > 4 * self.width and self.axes.inner[0][0] >= 16

    def write(self) -> None:
        work = self.work
        names = self.axes.others
        references = {**work.reads, **work.writes}
        pointers = [self.kernel.start(self.left), self.kernel.start(self.right)]
        pointers += [self.kernel.start(references[t]) for t in names]
        self.scratch = self.kernel.pointer(work.scratch) if self.is_packed else ""
        kinds = [self.kind, self.kind, *[memory_type(references[t].dtype) for t in names]]
        self.kinds = kinds
        sizes = [self.axes.rows[0], self.axes.columns[0], *[n for n, _ in self.axes.outer]]
        if 0 in sizes:
            return
        self._outer(0, pointers)

    def _step(self, pointers: Sequence[str], index: Any, strides: Sequence[int]) -> list[str]:
        return [
            self.code.at(p, self.code.mul(index, stride), kind) if stride else p
            for p, stride, kind in zip(pointers, strides, self.kinds, strict=True)
        ]

    def _outer(self, level: int, pointers: list[str]) -> None:
        if level == len(self.axes.outer):
            self._panels(pointers)
            return
        size, strides = self.axes.outer[level]
        self.code.loop(size, lambda i: self._outer(level + 1, self._step(pointers, i, strides)))

    def _panels(self, pointers: list[str]) -> None:
        """Walk over columns, a panel of whole vectors at a time, then the rest."""
        size, strides = self.axes.columns
        panel = self.vectors * self.width
        whole = size // panel * panel

        def write(start: Any, vectors: int, active: int) -> None:
            at = self._step(pointers, start, strides)
            stride = strides[1]
            if self.is_packed:
                self._pack(at[1], vectors, active)
                at[1], stride = self.scratch, 1
            self._rows(at, vectors, active, stride)

        if whole:
            self.code.loop(whole, lambda i: write(i, self.vectors, self.width), panel)
        rest = size - whole
        if rest:
            vectors = -(-rest // self.width)
            write(whole, vectors, rest - (vectors - 1) * self.width)

    def _pack(self, pointer: str, vectors: int, active: int) -> None:
        """Copy a panel of b into scratch memory: each step's vectors next to each other."""
        (size, strides), stride = self.axes.inner[0], self.axes.columns[1][1]
        if stride != 1 and strides[1] == 1:
            self._pack_transposed(pointer, vectors, active, stride, size)
            return

        def body(k: Any) -> None:
            source = self.code.at(pointer, self.code.mul(k, strides[1]), self.kind)
            target = self.code.at(self.scratch, self.code.mul(k, vectors * self.width), self.kind)
            for v in range(vectors):
                lanes = active if v == vectors - 1 else self.width
                here = self.code.at(source, v * self.width * stride, self.kind)
                x = self.kernel.load(here, self.dtype, self.width, stride, lanes)
                self.kernel.store(x, self.code.at(target, v * self.width, self.kind), self.width)

        self.code.loop(size, body)

    def _pack_transposed(
        self, pointer: str, vectors: int, active: int, stride: int, size: int
    ) -> None:
        """Pack columns that lie along memory, by transposing square blocks in registers."""
        width = self.width

        def block(k: Any, count: int) -> None:
            for v in range(vectors):
                lanes = active if v == vectors - 1 else width
                rows = []
                for j in range(width):
                    if j >= lanes:
                        rows.append(Lanes(self.code, "zeroinitializer", self.dtype, width))
                        continue
                    here = self.code.at(pointer, (v * width + j) * stride, self.kind)
                    here = self.code.at(here, k, self.kind)
                    rows.append(self.kernel.load(here, self.dtype, width, 1, count))
                for j, row in enumerate(self._transpose(rows)[:count]):
                    place = self.code.mul(self.code.add(k, j), vectors * width)
                    place = self.code.add(place, v * width)
                    self.kernel.store(row, self.code.at(self.scratch, place, self.kind), width)

        whole = size // width * width
        if whole:
            self.code.loop(whole, lambda k: block(k, width), width)
        if whole < size:
            block(whole, size - whole)

    def _transpose(self, rows: list[Lanes]) -> list[Lanes]:
        """Transpose a square of registers by exchanging ever larger halves."""
        width, step = self.width, 1
        while step < width:
            low = [j if not j & step else width + (j ^ step) for j in range(width)]
            high = [j ^ step if not j & step else width + j for j in range(width)]
            new = list(rows)
            for r in range(width):
                if not r & step:
                    new[r] = self._shuffle(rows[r], rows[r | step], low)
                    new[r | step] = self._shuffle(rows[r], rows[r | step], high)
            rows, step = new, step * 2
        return rows

    def _shuffle(self, x: Lanes, y: Lanes, order: Sequence[int]) -> Lanes:
        places = ", ".join(f"i32 {j}" for j in order)
        return x.like(
            f"shufflevector {x.type} {x.name}, {x.type} {y.name}, <{self.width} x i32> <{places}>"
        )

    def _rows(self, pointers: list[str], vectors: int, active: int, stride: int) -> None:
        """Walk over rows in tiles of nearly equal height."""
        size, strides = self.axes.rows
        most = self.most_rows if vectors == self.vectors else min(self.most_rows, 14)
        count = -(-size // most)
        height = -(-size // count)
        whole = size // height * height

        def write(start: Any, rows: int) -> None:
            _Tile(self, self._step(pointers, start, strides), rows, vectors, active, stride).write()

        if whole:
            self.code.loop(whole, lambda i: write(i, height), height)
        if whole < size:
            write(whole, size - whole)


class _Tile:
    """One block of results: its inner loop and what follows it."""

    def __init__(
        self,
        owner: _Contraction,
        pointers: list[str],
        rows: int,
        vectors: int,
        active: int,
        stride: int,
    ) -> None:
        self.owner, self.code, self.kernel = owner, owner.code, owner.kernel
        self.pointers, self.rows, self.vectors = pointers, rows, vectors
        self.active, self.stride = active, stride

    def lanes(self, v: int) -> int:
        """Return how many lanes of a vector are results."""
        return self.active if v == self.vectors - 1 else self.owner.width

    def write(self) -> None:
        owner = self.owner
        blank = Lanes(self.code, "zeroinitializer", owner.dtype, owner.width)
        start = [blank.constant(0).name] * (self.rows * self.vectors)
        found = self._inner(0, self.pointers[0], self.pointers[1], start)
        self._follow([blank.like_name(name) for name in found])

    def _inner(self, level: int, a: str, b: str, sums: list[str]) -> list[str]:
        """Write the inner loops from one axis inwards."""
        owner, axes = self.owner, self.owner.axes
        if level == len(axes.inner):
            return self._multiply(a, b, sums)
        size, strides = axes.inner[level]
        if size == 0:
            return sums
        packed = self.vectors * owner.width if owner.is_packed else strides[1]
        kind = f"<{owner.width} x {owner.kind}>"

        def body(k: Any, *carried: str) -> list[str]:
            here_a = self.code.at(a, self.code.mul(k, strides[0]), owner.kind)
            here_b = self.code.at(b, self.code.mul(k, packed), owner.kind)
            return self._inner(level + 1, here_a, here_b, list(carried))

        return self.code.loop(size, body, carries=[(kind, name) for name in sums])

    def _multiply(self, a: str, b: str, sums: list[str]) -> list[str]:
        owner, step = self.owner, self.owner.axes.rows[1][0]
        columns = []
        for v in range(self.vectors):
            here = self.code.at(b, v * owner.width * self.stride, owner.kind)
            lanes = owner.width if owner.is_packed else self.lanes(v)
            columns.append(self.kernel.load(here, owner.dtype, owner.width, self.stride, lanes))
        result = []
        for r in range(self.rows):
            here = self.code.at(a, r * step, owner.kind)
            x = self.kernel.load(here, owner.dtype, owner.width, 0, owner.width)
            for v in range(self.vectors):
                total = x.like_name(sums[r * self.vectors + v])
                is_float = owner.dtype.kind == "f"
                new = x.fma(columns[v], total) if is_float else x * columns[v] + total
                result.append(new.name)
        return result

    def _follow(self, sums: list[Lanes]) -> None:
        """Run the elementwise nodes on each vector of results, and store."""
        owner, work = self.owner, self.owner.work
        references = {**work.reads, **work.writes}
        kept: dict[Any, Lanes] = {}
        row_steps, column_steps = owner.axes.rows[1], owner.axes.columns[1]
        place = {t: k + 2 for k, t in enumerate(owner.axes.others)}

        for r in range(self.rows):
            for v in range(self.vectors):
                lanes = self.lanes(v)
                values = {work.product: sums[r * self.vectors + v]}

                def at(tensor: Tensor, r: int = r, v: int = v) -> str:
                    k = place[tensor]
                    move = r * row_steps[k] + v * owner.width * column_steps[k]
                    return self.code.at(self.pointers[k], move, owner.kinds[k])

                def read(tensor: Tensor, r: int = r, v: int = v, lanes: int = lanes) -> Lanes:
                    k = place[tensor]
                    key = tensor, r if row_steps[k] else 0, v if column_steps[k] else 0
                    if key not in kept:
                        dtype, stride = references[tensor].dtype, column_steps[k]
                        kept[key] = self.kernel.load(
                            at(tensor, r, v), dtype, owner.width, stride, lanes
                        )
                    return kept[key]

                for node in work.nodes:
                    self.kernel.evaluate(node, read, values, work.numbers.get, owner.width)
                for tensor in work.writes:
                    self.kernel.store(
                        values[tensor], at(tensor), lanes, column_steps[place[tensor]]
                    )
