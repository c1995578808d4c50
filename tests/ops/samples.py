"""One table of calls: every public operation on odd shapes, read by every test of operations."""

from collections.abc import Callable, Iterator

import numpy as np
from tests.ops.values import (
    Array,
    Sample,
    anywhere,
    apart,
    positive,
    strided,
    transposed,
    truths,
    words,
)

from glia import ops

UNARY_SHAPES: list[tuple[int, ...]] = [(), (1,), (7,), (0, 3), (3, 1, 2)]
BINARY_SHAPES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((), (3,)),
    ((1,), (1,)),
    ((3, 1), (1, 5)),
    ((0, 3), (1, 3)),
    ((5,), (2, 1, 5)),
    ((7,), (7,)),
]
UNARY: dict[str, Callable[..., Array]] = {
    **dict.fromkeys(["exp", "tanh", "sigmoid", "softplus", "erf", "sin", "cos"], anywhere),
    **dict.fromkeys(["negative", "square", "ones_like", "zeros_like"], anywhere),
    **dict.fromkeys(["absolute", "sign", "floor"], apart),
    **dict.fromkeys(["log", "sqrt"], positive),
    "logical_not": truths,
}
BINARY: dict[str, tuple[Callable[..., Array], Callable[..., Array]]] = {
    **dict.fromkeys(["add", "subtract", "multiply"], (anywhere, anywhere)),
    **dict.fromkeys(["maximum", "minimum", "less", "less_equal"], (anywhere, apart)),
    **dict.fromkeys(["greater", "greater_equal", "equal", "not_equal"], (anywhere, apart)),
    **dict.fromkeys(["logical_and", "logical_or"], (truths, truths)),
    "divide": (anywhere, positive),
    "power": (positive, anywhere),
    "x_log_y": (apart, positive),
    "right_shift": (words, lambda shape, seed: words(shape, seed) % 32),
}


def elementwise() -> Iterator[Sample]:
    """Each elementwise operation over shapes, broadcasts and layouts."""
    for name, domain in UNARY.items():
        call = getattr(ops, name)
        for shape in UNARY_SHAPES:
            yield Sample(name, f"{shape}", call, (domain(shape, name),))
        yield Sample(name, "transposed", call, (transposed(domain((3, 5), name)),))
        yield Sample(name, "strided", call, (strided(domain((2, 3), name)),))
    for name, (first, second) in BINARY.items():
        call = getattr(ops, name)
        for one, other in BINARY_SHAPES:
            yield Sample(name, f"{one}{other}", call, (first(one, name), second(other, name)))
        arrays = transposed(first((3, 5), name)), strided(second((3, 5), name))
        yield Sample(name, "layouts", call, arrays)
    for exponent in (0.5, 1, 2, 3, 2.5, -1):
        yield Sample("power", f"x**{exponent}", lambda x, e=exponent: x**e, (positive((5,)),))
    yield Sample("power", "(-x)**4", lambda x: ops.power(x, 4), (-positive((5,)),))
    yield Sample("power", "0.7**x", lambda x: ops.power(0.7, x), (anywhere((5,)),))
    yield Sample(
        "where", "broadcast", ops.where, (truths((3, 1)), anywhere((1, 5)), anywhere((3, 5), 1))
    )
    yield Sample("where", "empty", ops.where, (truths((0, 1)), anywhere((3,)), anywhere(())))
    yield Sample("clip", "both sides", lambda x: ops.clip(x, -1.0, 0.6), (apart((11,)),))
    short = np.round(anywhere((2, 3)) * 64) / 64
    yield Sample(
        "cast",
        "float32 and back",
        lambda x: ops.cast(ops.cast(x, "float32"), "float64"),
        (short,),
        step=2**-6,
    )
    yield Sample("cast", "bool", lambda x: ops.cast(x, "float64"), (truths((3, 2)),))
    yield Sample("cast", "int", lambda x: ops.cast(x, "int32"), (apart((5,)),))
    keys = words((1,), 1), words((1,), 2), words((7,), 3), words((3, 1), 4)
    yield Sample("random_bits", "broadcast", ops.random_bits, keys)
    yield Sample("random_bits", "scalar", ops.random_bits, tuple(words((), i) for i in range(4)))


def movement() -> Iterator[Sample]:
    """Each operation that moves elements, or makes arrays."""
    x, empty, odd = anywhere((2, 3, 5)), anywhere((0, 3)), transposed(anywhere((3, 7)))
    for name, label, call, given in [
        ("broadcast_to", "new axes", lambda x: ops.broadcast_to(x, (4, 3, 2)), anywhere((3, 1))),
        ("broadcast_to", "to nothing", lambda x: ops.broadcast_to(x, (0, 3)), anywhere((1, 3))),
        ("reshape", "joined", lambda x: ops.reshape(x, (-1,)), odd),
        ("reshape", "empty", lambda x: ops.reshape(x, (3, 0)), empty),
        ("transpose", "reversed", ops.transpose, odd),
        ("transpose", "negative", lambda x: ops.transpose(x, (0, -1, 1)), x),
        ("pad", "inside too", lambda x: ops.pad(x, [(1, 2), (0, 0), (2, 0, 1)]), x),
        ("pad", "empty", lambda x: ops.pad(x, [(1, 0, 2), (0, 1)]), empty),
        ("flip", "middle", lambda x: ops.flip(x, -2), x),
        ("split", "with nothing", lambda x: ops.split(x, (2, 0, 3), -1), x),
        ("split", "one piece", lambda x: ops.split(x, (3,), 1), x),
        ("index", "backwards", lambda x: ops.index(x, (1, slice(None, None, -2), None)), x),
        ("index", "strides", lambda x: x[..., 1::3], x),
        ("index", "nothing", lambda x: x[:, 2:1], x),
        ("index", "negative", lambda x: x[-1, ..., -2:], strided(x)),
        ("index", "beyond", lambda x: x[:, -9:99:2], odd),
        ("index", "rows", lambda x: ops.index(x, np.array([2, 0, 2])), odd),
        ("expand_dims", "last", lambda x: ops.expand_dims(x, -1), x),
        ("squeeze", "middle", lambda x: ops.squeeze(x, -2), anywhere((3, 1, 2))),
    ]:
        yield Sample(name, label, call, (given,))
    arrays = x, anywhere((2, 0, 5)), transposed(anywhere((2, 1, 5), 1))
    yield Sample("concatenate", "with nothing", lambda *x: ops.concatenate(x, -2), arrays)
    yield Sample("concatenate", "one", lambda x: ops.concatenate([x], 1), (odd,))
    pair = odd, strided(anywhere((3, 7), 1))
    yield Sample("stack", "last", lambda *x: ops.stack(x, -1), pair)
    yield Sample("stack", "empty", lambda *x: ops.stack(x), (empty, empty))
    yield Sample("full", "like data", lambda x: x * ops.full((3, 7), 2.5, "float64"), (odd,))
    yield Sample("zeros", "added", lambda x: x + ops.zeros((3, 1), "float64"), (odd,))
    yield Sample("ones", "added", lambda x: x + ops.ones((), "float64"), (odd,))
    yield Sample("iota", "multiplied", lambda x: x * ops.iota(7), (odd,))


def reductions() -> Iterator[Sample]:
    """Each reduction over all, some, one and no elements, and what orders elements."""
    x, empty, odd = apart((2, 3, 5)), anywhere((0, 3)), transposed(apart((3, 7)))
    for name in ("sum", "mean", "variance", "max", "min"):
        call = getattr(ops, name)
        yield Sample(name, "all", call, (x,))
        yield Sample(name, "scalar", call, (apart(()),))
        yield Sample(name, "pair", lambda x, f=call: f(x, (0, -1)), (x,))
        yield Sample(name, "kept", lambda x, f=call: f(x, -1, True), (odd,))
        yield Sample(name, "empty", lambda x, f=call: f(x, 1), (empty,))
        yield Sample(name, "strided", lambda x, f=call: f(x, 0), (strided(odd),))
    yield Sample("sum", "nothing", lambda x: ops.sum(x, 0), (empty,))
    for name in ("argmax", "argmin", "argsort", "cumsum"):
        call = getattr(ops, name)
        yield Sample(name, "last", call, (odd,))
        yield Sample(name, "first", lambda x, f=call: f(x, 0), (x,))
        yield Sample(name, "empty", lambda x, f=call: f(x, 1), (empty,))
    yield Sample("log_sum_exp", "kept", lambda x: ops.log_sum_exp(x, 1, True), (odd,))
    yield Sample("log_sum_exp", "dropped", ops.log_sum_exp, (strided(x),))


def indexing() -> Iterator[Sample]:
    """Gather, scatter and one-hot, with and without batch axes."""
    x = anywhere((5, 2, 3))
    rows, batch = np.array([[4, 0], [4, 1]], np.int32), np.array([[0, 1, 1], [0, 0, 0]], np.int32)
    none = np.zeros((0,), np.int32)
    yield Sample("gather", "rows twice", ops.gather, (x, rows))
    yield Sample("gather", "scalar", ops.gather, (x, np.array(3, np.int32)))
    yield Sample("gather", "nothing", ops.gather, (x, none))
    table = transposed(anywhere((2, 3, 5)))
    yield Sample("gather", "batch", lambda x, i: ops.gather(x, i, 1), (anywhere((2, 2, 3)), batch))
    labels = np.array([[1, 0, 4], [2, 2, 3]], np.uint8)
    yield Sample("gather", "labels", lambda x, i: ops.gather(x, i, 2), (table, labels))
    updates = anywhere((2, 2, 3))
    yield Sample("scatter_add", "rows", lambda u, i: ops.scatter_add(i, u, 5), (updates, rows))
    yield Sample(
        "scatter_add",
        "batch",
        lambda u, i: ops.scatter_add(i, u, 2, 1),
        (strided(anywhere((2, 3))), batch),
    )
    yield Sample(
        "scatter_add", "nothing", lambda u, i: ops.scatter_add(i, u, 4), (anywhere((0, 2)), none)
    )
    yield Sample("one_hot", "batch", lambda i: ops.one_hot(i, 4), (rows,))
    yield Sample(
        "one_hot",
        "used",
        lambda x, i: x * ops.one_hot(i, 3, "float64"),
        (anywhere((4, 3)), np.array([1, 0, 2, 2], np.int32)),
    )


def products() -> Iterator[Sample]:
    """Contractions, convolutions and pooling."""
    for spec, one, other in [
        ("bi,io->bo", (3, 5), (5, 2)),
        ("bi,io->bo", (0, 5), (5, 2)),
        ("bi,io->bo", (3, 0), (0, 2)),
        ("bqhd,bkhd->bhqk", (2, 3, 2, 1), (2, 5, 2, 1)),
        ("ij,jk->ki", (1, 7), (7, 1)),
        ("i,j->ji", (3,), (2,)),
        ("ab,ab->ab", (2, 3), (2, 3)),
        ("ab,ba->", (2, 3), (3, 2)),
    ]:

        def call(a, b, s=spec):
            return ops.contract(a, b, s)

        yield Sample("contract", f"{spec} {one}", call, (anywhere(one), anywhere(other, 1)))
    layouts = transposed(anywhere((3, 5))), strided(anywhere((5, 2)))
    yield Sample("contract", "layouts", lambda a, b: ops.contract(a, b, "bi,io->bo"), layouts)
    for one, other in [
        ((3, 5), (5, 2)),
        ((5,), (5,)),
        ((5,), (5, 2)),
        ((3, 5), (5,)),
        ((2, 3, 5), (5, 2)),
        ((3, 5), (2, 5, 1)),
        ((2, 7, 3, 5), (7, 5, 2)),
        ((0, 5), (5, 1)),
    ]:
        yield Sample("matmul", f"{one}{other}", ops.matmul, (anywhere(one), anywhere(other, 1)))
    for label, shape, kernel, options in [
        ("plain", (2, 5, 4, 3), (3, 2, 3, 2), {}),
        ("strided, dilated", (1, 7, 6, 1), (2, 3, 1, 3), {"strides": (3, 2), "dilations": (3, 1)}),
        ("groups", (1, 3, 4, 4), (2, 2, 2, 6), {"groups": 2}),
        ("one axis", (2, 7, 2), (3, 2, 1), {"strides": 2}),
        ("no rows", (0, 3, 3, 1), (2, 2, 1, 1), {}),
        ("three axes", (1, 3, 2, 3, 1), (2, 1, 2, 1, 2), {}),
    ]:
        x, w = transposed(anywhere(shape)), anywhere(kernel, 1)

        def call(x, w, o=options):
            return ops.convolve(x, w, **o)

        yield Sample("convolve", label, call, (x, w))
        y, size = anywhere(call(x, w).shape, 2), shape[1:-1]

        def back(y, w, o=options, s=size):
            return ops.transposed_convolve(y, w, s, **o)

        yield Sample("transposed_convolve", label, back, (y, w))
    for label, shape, kernel, strides in [
        ("halves", (2, 4, 6, 3), (2, 2), (2, 2)),
        ("overlapping", (1, 5, 5, 2), (3, 2), (1, 2)),
        ("one axis", (2, 7, 1), (3,), (2,)),
        ("no rows", (0, 4, 4, 1), (2, 2), 2),
    ]:
        x = apart(shape)
        yield Sample("max_pool", label, lambda x, k=kernel, s=strides: ops.max_pool(x, k, s), (x,))

        def mean(x, k=kernel, s=strides):
            return ops.average_pool(x, k, s)

        yield Sample("average_pool", label, mean, (strided(x),))
        values, winners = ops.max_pool(x, kernel, strides)
        both = (strides,) * len(kernel) if isinstance(strides, int) else strides
        window = ops.Window(shape[1:-1], kernel, both, (1,) * len(kernel))
        g = anywhere(values.shape)
        yield Sample("unpool", label, lambda g, i, w=window: ops.unpool(g, i, w), (g, winners))
        yield Sample("repool", label, lambda x, i, w=window: ops.repool(x, i, w), (x, winners))


def cell(h: Array, v: Array, w: Array) -> Array:
    """One step of a plain recurrent network."""
    return ops.tanh(v + ops.matmul(h, w))


def loops() -> Iterator[Sample]:
    """Scans with constants, carries and rows; reversed, empty, without rows, nested."""
    h, x, w = anywhere((2, 3)), anywhere((5, 2, 3)), anywhere((3, 3), 1)

    def recurrent(h: Array, x: Array, w: Array, **options: bool) -> tuple[Array, Array]:
        return ops.scan(lambda h, v: (cell(h, v, w), h * v), h, x, **options)

    def nested(h: Array, x: Array, w: Array) -> tuple[Array, Array]:
        def outer(h: Array, row: Array) -> tuple[Array, Array]:
            inner, ys = ops.scan(lambda k, v: (cell(k, v, w), k), h, ops.stack([row, h * row]))
            return inner, ops.sum(ys, 0)

        return ops.scan(outer, h, x)

    yield Sample("scan", "recurrent", recurrent, (h, x, w))
    yield Sample("scan", "reversed", lambda *a: recurrent(*a, reverse=True), (h, transposed(x), w))
    yield Sample("scan", "one step", recurrent, (h, x[:1], w))
    yield Sample("scan", "no steps", recurrent, (h, x[:0], w))
    yield Sample(
        "scan",
        "no rows",
        lambda h, w: ops.scan(lambda h, _: (cell(h, 0.1, w), h), h, length=3),
        (h, w),
    )
    yield Sample(
        "scan", "only rows", lambda x: ops.scan(lambda _, v: ([], ops.exp(v)), [], x)[1], (x,)
    )
    yield Sample("scan", "nested", nested, (h, x[:2], w))


SAMPLES = [*elementwise(), *movement(), *reductions(), *indexing(), *products(), *loops()]
