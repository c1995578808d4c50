"""Odd shapes around tiles and vectors, empty ones, and dtypes that are no floats."""

import itertools
from typing import Any

import numpy as np
import pytest
from tests.engines.agreement import HOST_LEVELS, agree

from glia import ops
from glia.graph import Variable

SIZES = [1, 2, 3, 5, 7, 13, 14, 15, 16, 17, 31, 32, 33, 63, 64, 65]
SPECS = [
    "ij,jk->ik",
    "ji,jk->ik",
    "ij,kj->ik",
    "ij,jk->ki",
    "ji,kj->ki",
    "bij,bjk->bik",
    "ijb,jkb->ikb",
    "bij,kjb->kbi",
    "bij,ijk->bk",
    "bij,kij->bk",
    "ijb,jik->bk",
    "ij,ij->i",
    "ij,ij->",
    "i,j->ji",
    "ij,i->j",
]


def normal(*shape: int, dtype: str = "float32") -> Any:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(dtype)


def operands(spec: str, sizes: dict[str, int], dtype: str) -> list[Any]:
    given, out = spec.split("->")
    shapes = [[sizes[x] for x in part] for part in (*given.split(","), out)]
    return [normal(*shape, dtype=dtype) for shape in shapes]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("spec", SPECS)
def test_contractions(spec: str, dtype: str) -> None:
    """Products with what follows them: a row, a column, a whole tensor, an activation."""
    rng = np.random.default_rng(0)
    for turn in range(8):
        sizes = {x: int(rng.choice(SIZES)) for x in "ijk"} | {"b": int(rng.choice([1, 2, 3, 5]))}
        a, b, other = operands(spec, sizes, dtype)

        def product(a: Any, b: Any, other: Any) -> Any:
            z = ops.contract(a, b, spec)
            if not z.ndim:
                return z, z * other
            row, column = other[(0,) * (z.ndim - 1)], other[..., :1]
            return z, ops.tanh(z * 0.1 + row) * column, ops.where(z > 0, z, other) - row

        agree(product, a, b, other, levels=[HOST_LEVELS[turn % len(HOST_LEVELS)]])


@pytest.mark.parametrize("spec", SPECS)
def test_contractions_of_nothing(spec: str) -> None:
    for empty in "ijk":
        if empty in spec:
            sizes = {"i": 3, "j": 4, "k": 5, "b": 2, empty: 0}
            a, b, other = operands(spec, sizes, "float32")
            agree(lambda a, b, o: ops.contract(a, b, spec) + o, a, b, other)


def test_contractions_over_several_letters() -> None:
    """More steps than any one axis has: the packed panel needs room for all of them."""
    a, b = normal(40, 30, 30), normal(30, 30, 90)
    for level in HOST_LEVELS:
        agree(lambda a, b: ops.contract(a, b, "bij,ijo->bo"), a, b, levels=[level])
        agree(
            lambda a, b: ops.contract(a, ops.transpose(b, (2, 0, 1)), "bij,oij->bo"),
            a,
            b,
            levels=[level],
        )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "shape", [(1, 1), (13, 17), (16, 33), (65, 3), (3, 65), (2, 3, 31), (31, 3, 2), (5, 1, 7, 1, 3)]
)
def test_reductions(shape: tuple[int, ...], dtype: str) -> None:
    x = normal(*shape, dtype=dtype)
    places = range(len(shape))
    every = [c for r in places for c in itertools.combinations(places, r + 1)]

    def reduced(x: Any) -> list[Any]:
        found = []
        for axes in every:
            found += [ops.sum(x, axes), ops.max(x * 2.0, axes), ops.variance(x, axes, True)]
            found += [ops.min(ops.transpose(x), axes), ops.mean(x[::-1], axes)]
        return found

    for level in HOST_LEVELS:
        agree(reduced, x, levels=[level])


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 3, 4), (3, 0, 4), (3, 4, 0), (0, 0)])
def test_reductions_of_nothing(shape: tuple[int, ...]) -> None:
    def reduced(x: Any) -> list[Any]:
        places = range(x.ndim)
        every = [c for r in places for c in itertools.combinations(places, r + 1)]
        found = [ops.sum(x * 2.0, axes) for axes in every]
        found += [ops.max(x, axis) for axis in places if shape[axis]]
        return [*found, ops.cumsum(x, 0), ops.transpose(x), ops.concatenate([x, x], 1)]

    agree(reduced, normal(*shape))


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 7, 15, 16, 17, 31, 33, 127, 128, 129])
def test_remainder_batches(rows: int) -> None:
    w, v = Variable(normal(20, 33)), Variable(normal(33, 3))

    def predict(x: Any) -> Any:
        z = ops.maximum(x @ w, 0.0) @ v * 0.05
        e = ops.exp(z - ops.max(z, -1, True))
        return e / ops.sum(e, -1, True), ops.sum(e, 0), ops.argmax(z, 1)

    agree(predict, normal(rows, 20))


WHOLE = {
    "int32": np.random.default_rng(0).integers(-(2**31), 2**31, 50).astype(np.int32),
    "uint32": np.random.default_rng(0).integers(0, 2**32, 50).astype(np.uint32),
    "uint8": np.random.default_rng(0).integers(0, 256, 50).astype(np.uint8),
    "bool": np.random.default_rng(0).random(50) < 0.5,
}
TWO = ["add", "subtract", "multiply", "maximum", "minimum", "less", "less_equal", "equal"]
TWO += ["greater", "not_equal", "logical_and", "logical_or", "divide"]
ONE = ["negative", "absolute", "sign", "square", "sum", "max", "min", "argmax", "argmin", "cumsum"]
ONE += ["argsort", "logical_not", "zeros_like", "ones_like"]


@pytest.mark.parametrize("dtype", WHOLE)
def test_whole_numbers_wrap_around_alike(dtype: str) -> None:
    x = WHOLE[dtype]
    y = x[::-1].copy()
    y[:5] = x[:5]

    def every(x: Any, y: Any) -> list[Any]:
        found = [getattr(ops, name)(x, y) for name in TWO]
        found += [getattr(ops, name)(x) for name in ONE]
        square, other = ops.reshape(x, (5, 10)), ops.reshape(y, (10, 5))
        found += [ops.contract(square, other, "ij,jk->ik"), ops.contract(x, y, "i,i->")]
        found += [ops.where(x > y, x, y), ops.concatenate([x, y[::-1], x])]
        found += [ops.scatter_add(np.arange(50, dtype=np.int32) % 7, x, 7)]
        found += [ops.pad(square, [(1, 0, 2), (0, 3)]), square[::-2, 1::3], square[:, 3]]
        return found

    for level in HOST_LEVELS:
        agree(every, x, y, levels=[level])


EDGES = [np.nan, np.inf, -np.inf, 1e30, -1e30, 3e9, -3e9, 2.0**31, -(2.0**31) - 1, 2.5, -2.5, -0.5]
EDGES += [255.5, 256, 300, -1, 4294967040, 4294967296, 0.0, -0.0, 1e-30]


@pytest.mark.parametrize("to", ["bool", "uint8", "int32", "uint32", "float32", "float64"])
def test_casts(to: str) -> None:
    """Floats beyond an integer become its nearest end, NaN becomes 0; integers wrap around."""
    given = [np.asarray(EDGES, "float32"), np.asarray(EDGES, "float64"), *WHOLE.values()]
    for level in HOST_LEVELS:
        agree(lambda *xs: [ops.cast(x, to) for x in xs], *given, levels=[level])
    whole = np.iinfo(to) if to in WHOLE and to != "bool" else None
    if whole is not None:
        found = ops.cast(np.array([np.nan, np.inf, -np.inf, 1e30]), to)
        assert found.tolist() == [0, whole.max, whole.min, whole.max]
