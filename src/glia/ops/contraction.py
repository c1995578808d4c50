"""Contraction: two-operand products summed over shared letters; gradients permute the letters."""

from __future__ import annotations

import functools
import math
from typing import Any

from ..errors import ArgumentError, ShapeError
from ..graph import Array, Node, Op, Spec, Tensor
from .apply import apply, promote, public
from .movement import reshape

__all__ = ["contract", "letters", "matmul"]


@functools.lru_cache(maxsize=1024)
def letters(spec: str) -> tuple[str, str, str]:
    """Return the letters of ``a``, ``b`` and the output of a spec such as ``"bi,io->bo"``.

    Raises
    ------
    ArgumentError
        If a letter is in one place only, or twice in one place.
    """
    try:
        given, out = spec.split("->")
        a, b = given.split(",")
    except ValueError:
        raise ArgumentError(f"contract: got {spec!r}, expected the form 'bi,io->bo'") from None
    for part in (a, b, out):
        if len(set(part)) != len(part):
            raise ArgumentError(f"contract {spec!r}: a letter stands twice in {part!r}")
    for letter in sorted({*a, *b, *out}):
        if (letter in a) + (letter in b) + (letter in out) < 2:
            raise ArgumentError(
                f"contract {spec!r}: {letter!r} stands in one place only; sum over that axis first"
            )
    return a, b, out


def _infer(a: Spec, b: Spec, spec: str) -> Spec:
    first, second, out = letters(spec)
    sizes: dict[str, int] = {}
    for part, shape in ((first, a.shape), (second, b.shape)):
        if len(part) != len(shape):
            raise ShapeError(f"contract {spec!r}: {part!r} does not name the axes of {shape}")
        for letter, size in zip(part, shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise ShapeError(
                    f"contract {spec!r}: axis {letter!r} has size {sizes[letter]} in {a.shape} and "
                    f"{size} in {b.shape}; the two must be equal"
                )
    return Spec(tuple(sizes[letter] for letter in out), a.dtype)


def _evaluate(xp: Any, a: Any, b: Any, spec: str) -> Any:
    """As a batched matrix product: (batch, rows, inner) @ (batch, inner, columns)."""
    first, second, out = letters(spec)
    batch = "".join(x for x in first if x in second and x in out)
    inner = "".join(x for x in first if x in second and x not in out)
    rows = "".join(x for x in first if x not in second)
    columns = "".join(x for x in second if x not in first)
    sizes = {**dict(zip(first, a.shape, strict=True)), **dict(zip(second, b.shape, strict=True))}

    def arranged(x: Any, order: str, *groups: str) -> Any:
        moved = xp.transpose(x, [order.index(letter) for letter in "".join(groups)])
        return xp.reshape(moved, [math.prod(sizes[i] for i in group) for group in groups])

    left, right = arranged(a, first, batch, rows, inner), arranged(b, second, batch, inner, columns)
    made = batch + rows + columns
    product = xp.reshape(xp.matmul(left, right), [sizes[letter] for letter in made])
    return xp.transpose(product, [made.index(letter) for letter in out])


def _gradient(node: Node, g: Tensor) -> tuple[Array, Array]:
    (a, b), (first, second, out) = node.inputs, letters(node.attributes["spec"])
    return contract(g, b, f"{out},{second}->{first}"), contract(a, g, f"{first},{out}->{second}")


CONTRACT = Op("contract", "contraction", _infer, _evaluate, _gradient)


@public
def contract(a: Array, b: Array, spec: str) -> Array:
    """Multiply and sum over the letters missing from the output, as in ``"bi,io->bo"``.

    Parameters
    ----------
    a, b : Tensor or array
        The operands.
    spec : str
        A letter for each axis; every letter must stand in at least two of the three places.

    Raises
    ------
    ShapeError
        If a letter has two sizes, or the letters do not name the axes.
    """
    a, b = promote(a, b)
    _infer(Spec(a.shape, a.dtype), Spec(b.shape, b.dtype), spec)
    return apply(CONTRACT, a, b, spec=spec)


@public
def matmul(a: Array, b: Array) -> Array:
    """Matrix product over the last two axes; leading axes must be equal or absent in one operand.

    Raises
    ------
    ShapeError
        If the inner sizes differ, or an operand has no axes.
    """
    a, b = promote(a, b)
    if not a.ndim or not b.ndim:
        raise ShapeError(f"matmul: got shapes {a.shape} and {b.shape}; scalars have no axis to sum")
    inner_of_b = b.shape[-2] if b.ndim > 1 else b.shape[0]
    if a.shape[-1] != inner_of_b:
        raise ShapeError(
            f"matmul: {a.shape} @ {b.shape} needs the last axis of the first ({a.shape[-1]}) to "
            f"equal the {'second to last' if b.ndim > 1 else 'only'} axis of the second "
            f"({inner_of_b})"
        )
    if a.ndim == 1:
        row = matmul(reshape(a, (1, -1)), b)
        return reshape(row, row.shape[:-2] + row.shape[-1:] if b.ndim > 1 else ())
    if b.ndim == 1:
        column = matmul(a, reshape(b, (-1, 1)))
        return reshape(column, column.shape[:-1])
    names = "abcdefgh"[: max(a.ndim, b.ndim) - 2]
    batch_a, batch_b = names[len(names) - a.ndim + 2 :], names[len(names) - b.ndim + 2 :]
    return contract(a, b, f"{batch_a}mk,{batch_b}kn->{names}mn")
