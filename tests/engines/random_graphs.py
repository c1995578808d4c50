"""Random graphs: small programs of every kind of op, drawn choice by choice."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from glia import ops
from glia.graph import Variable

__all__ = ["Program", "Sizes"]

# Draws a whole number from 0 to below its argument.
Pick = Callable[[int], int]
Sizes = (1, 2, 3, 4, 5, 7, 8, 13, 16, 17)
LARGEST = 4000


class Program:
    """A program that draws what it does; traced with the same draws it is the same program."""

    def __init__(self, pick: Pick, variables: list[Variable]) -> None:
        self.pick = pick
        self.variables = variables

    def one_of(self, things: Any) -> Any:
        return things[self.pick(len(things))]

    def run(self, values: list[Any], steps: int, depth: int = 0) -> list[Any]:
        """Take so many steps; values are what later steps may use."""
        values = list(values)
        for _ in range(steps):
            if self.variables and self.pick(3) == 0:
                values.append(self.one_of(self.variables).value)
            x = self.one_of(values)
            made = self.one_of(STEPS)(self, x, values, depth)
            for each in made if isinstance(made, (list, tuple)) else [made]:
                if 0 < each.size <= LARGEST and each.ndim <= 5:
                    values.append(each)
            if self.variables and self.pick(4) == 0:
                self.assign(values)
        return values

    def assign(self, values: list[Any]) -> None:
        variable = self.one_of(self.variables)
        fitting = [v for v in values if v.shape == variable.shape]
        fitting += [v.value for v in self.variables if v.shape == variable.shape]
        variable.assign(self.one_of(fitting))

    # -- steps
    def unary(self, x: Any, values: list[Any], depth: int) -> Any:
        return self.one_of(UNARY)(x)

    def binary(self, x: Any, values: list[Any], depth: int) -> Any:
        fitting = []
        for y in values:
            pairs = zip(x.shape[::-1], y.shape[::-1], strict=False)
            if all(a == b or 1 in (a, b) for a, b in pairs):
                fitting.append(y)
        return self.one_of(BINARY)(x, self.one_of(fitting or [x]))

    def axes(self, x: Any) -> tuple[int, ...]:
        return tuple(a for a in range(x.ndim) if self.pick(2))

    def reduce(self, x: Any, values: list[Any], depth: int) -> Any:
        reduction = self.one_of([ops.sum, ops.mean, ops.max, ops.min, ops.variance])
        return ops.tanh(reduction(x, self.axes(x) or None, bool(self.pick(2))))

    def softmax(self, x: Any, values: list[Any], depth: int) -> Any:
        if not x.ndim:
            return x
        e = ops.exp(x - ops.max(x, -1, True))
        return e / ops.sum(e, -1, True)

    def transpose(self, x: Any, values: list[Any], depth: int) -> Any:
        return ops.transpose(x, self.order(x.ndim))

    def order(self, count: int) -> list[int]:
        left = list(range(count))
        return [left.pop(self.pick(len(left))) for _ in range(count)]

    def slice(self, x: Any, values: list[Any], depth: int) -> Any:
        index = []
        for size in x.shape:
            start, stop = self.pick(size), self.pick(size)
            step = 1 + self.pick(3)
            index.append(
                slice(start, max(start, stop) + 1, step)
                if self.pick(2)
                else slice(max(start, stop), None if self.pick(2) else start - 1 or None, -step)
            )
        return ops.index(x, tuple(index)) if index else x

    def reshape(self, x: Any, values: list[Any], depth: int) -> Any:
        rest, shape = x.size, []
        while rest > 1 and len(shape) < 3:
            divisors = [d for d in range(1, rest + 1) if rest % d == 0]
            shape.append(self.one_of(divisors))
            rest //= shape[-1]
        return ops.reshape(x, (*shape, rest))

    def broadcast(self, x: Any, values: list[Any], depth: int) -> Any:
        inner = [self.one_of(Sizes) if size == 1 and self.pick(2) else size for size in x.shape]
        shape = (*[self.one_of((2, 3)) for _ in range(self.pick(2))], *inner)
        return ops.broadcast_to(x, shape) if math.prod(shape) <= LARGEST else x

    def concatenate(self, x: Any, values: list[Any], depth: int) -> Any:
        if not x.ndim:
            return ops.stack([x, x * 0.5])
        axis = self.pick(x.ndim)
        around = x.shape[:axis] + x.shape[axis + 1 :]
        fitting = [
            y for y in values if y.ndim == x.ndim and y.shape[:axis] + y.shape[axis + 1 :] == around
        ]
        return ops.concatenate([self.one_of(fitting) for _ in range(2 + self.pick(2))], axis)

    def split(self, x: Any, values: list[Any], depth: int) -> Any:
        if not x.ndim:
            return x
        axis = self.pick(x.ndim)
        first = self.pick(x.shape[axis] + 1)
        return list(ops.split(x, (first, x.shape[axis] - first), axis))

    def flip(self, x: Any, values: list[Any], depth: int) -> Any:
        return ops.flip(x, self.pick(x.ndim)) if x.ndim else x

    def pad(self, x: Any, values: list[Any], depth: int) -> Any:
        return ops.pad(x, [tuple(self.pick(3) for _ in range(3)) for _ in x.shape])

    def contract(self, x: Any, values: list[Any], depth: int) -> Any:
        y = self.one_of(values)
        names = iter("abcdefghijklmnop")
        first = [next(names) for _ in x.shape]
        second, free = [], list(range(x.ndim))
        for size in y.shape:
            same = [a for a in free if x.shape[a] == size]
            if same and self.pick(4):
                axis = self.one_of(same)
                free.remove(axis)
                second.append(first[axis])
            else:
                second.append(next(names))
        both = [n for n in second if n in first]
        summed = [n for n in both if self.pick(3)]
        kept = [n for n in dict.fromkeys([*first, *second]) if n not in summed]
        sizes = dict(zip([*first, *second], [*x.shape, *y.shape], strict=True))
        if math.prod(sizes[n] for n in kept) > LARGEST or len(kept) > 5:
            return x
        out = [kept[i] for i in self.order(len(kept))]
        spec = f"{''.join(first)},{''.join(second)}->{''.join(out)}"
        z = ops.contract(x, y, spec) / math.sqrt(math.prod(sizes[n] for n in summed))
        return self.one_of(UNARY)(z) if self.pick(2) else z

    def whole_numbers(self, x: Any, size: int) -> Any:
        """Numbers below a size that do not depend on the last digits of x."""
        if self.pick(2):
            return np.asarray([self.pick(size) for _ in range(self.one_of(Sizes))], np.int32)
        return ops.cast(ops.reshape(x, (-1,)) > 0.123, "int32") * (size - 1)

    def gather(self, x: Any, values: list[Any], depth: int) -> Any:
        if not x.ndim:
            return x
        return ops.gather(x, self.whole_numbers(self.one_of(values), x.shape[0]))

    def scatter(self, x: Any, values: list[Any], depth: int) -> Any:
        if not x.ndim:
            return x
        size = self.one_of(Sizes)
        numbers = np.asarray([self.pick(size) for _ in range(x.shape[0])], np.int32)
        return ops.tanh(ops.scatter_add(numbers, x, size))

    def order_of(self, x: Any, values: list[Any], depth: int) -> Any:
        if not x.ndim:
            return x
        axis = self.pick(x.ndim)
        if self.pick(2):
            return ops.cumsum(x, axis) / x.shape[axis]
        # Equal elements are told apart by a slope that no rounding error reaches.
        slope = ops.reshape(ops.cast(ops.iota(x.size), "float64"), x.shape) / x.size
        found = (ops.argsort if self.pick(2) else ops.argmax)(ops.floor(x * 4 + 0.3) + slope, axis)
        return ops.cast(found, "float64") / x.size

    def scan(self, x: Any, values: list[Any], depth: int) -> Any:
        if depth > 1:
            return x
        rows = [v for v in values if v.ndim and v.shape[0] <= 5]
        carries = [self.one_of(values) for _ in range(1 + self.pick(3))]
        xs = self.one_of(rows) if rows and self.pick(4) else None
        length = None if xs is not None else 1 + self.pick(4)

        def body(state: list[Any], row: Any) -> tuple[list[Any], list[Any]]:
            inner = [*state, *([] if row is None else [row]), self.one_of(values)]
            found = self.run(inner, 1 + self.pick(5), depth + 1)
            new = []
            for old in state:
                fitting = [v for v in found if v.shape == old.shape]
                chosen = self.one_of(fitting)
                new.append(ops.tanh(chosen) if self.pick(2) else chosen)
            return new, [self.one_of(found) for _ in range(self.pick(3))]

        last, stacked = ops.scan(body, carries, xs, length=length, reverse=bool(self.pick(2)))
        return [*last, *stacked]

    def window(self, x: Any, values: list[Any], depth: int) -> Any:
        """What no machine code is written for: it runs by the reference rule in between."""
        if x.ndim < 2 or x.shape[-2] < 2:
            return x
        wide = ops.reshape(x, (-1, *x.shape[-2:]))
        if self.pick(2):
            return ops.max_pool(wide + 0.0, (2,), (1,))[0]
        kernel = ops.sin(ops.cast(ops.iota(2 * x.shape[-1] * 2), "float64"))
        return ops.convolve(wide, ops.reshape(kernel, (2, x.shape[-1], 2))) / x.shape[-1]


UNARY = [
    ops.tanh,
    ops.sigmoid,
    ops.sin,
    ops.softplus,
    ops.negative,
    ops.absolute,
    lambda x: x * 0.5,
    lambda x: 1.0 - x,
    lambda x: ops.exp(-x * x),
    lambda x: ops.tanh(x * x + x),
    lambda x: ops.where(x <= 0.0123, 0.0, x),
    lambda x: ops.log(1.0 + x * x),
    ops.erf,
    lambda x: ops.cast(x > 0.0123, "float64"),
    lambda x: ops.clip(x, -0.7, 0.9),
]
BINARY = [
    ops.add,
    ops.subtract,
    lambda x, y: ops.tanh(x * y),
    ops.maximum,
    ops.minimum,
    lambda x, y: x / (1.0 + y * y),
    lambda x, y: ops.where(ops.logical_and(x > 0.0123, y < 0.321), y, -x),
]
STEPS = [
    Program.unary,
    Program.unary,
    Program.binary,
    Program.binary,
    Program.binary,
    Program.reduce,
    Program.reduce,
    Program.softmax,
    Program.transpose,
    Program.slice,
    Program.reshape,
    Program.broadcast,
    Program.concatenate,
    Program.split,
    Program.flip,
    Program.pad,
    Program.contract,
    Program.contract,
    Program.contract,
    Program.gather,
    Program.scatter,
    Program.order_of,
    Program.scan,
    Program.scan,
    Program.window,
]
