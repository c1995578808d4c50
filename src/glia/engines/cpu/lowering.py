"""Contractions that are no matrix products in earnest, as elementwise products and sums.

A product over an inner axis of size 1 multiplies each element of one operand with each of the
other; a matrix times a vector sums rows. Both are better as loops, which fuse with what is around.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...graph import Body, Node, Tensor, make_node, rewrite
from ...ops import broadcast_to, multiply, reshape, transpose
from ...ops import sum as sum_
from ...ops.contraction import letters

__all__ = ["lowered"]


def lowered(outputs: Sequence[Tensor]) -> list[Tensor]:
    """Return outputs of the same values without such contractions, in loops' bodies too."""
    return rewrite(outputs, None, _rule)


def _rule(node: Node, inputs: Sequence[Tensor]) -> Tensor | Sequence[Tensor] | None:
    if node.op.name == "scan":
        body = node.attributes["body"]
        simpler = Body(body.inputs, lowered(body.outputs))
        if simpler == body:
            return None
        return make_node(node.op, inputs, {**node.attributes, "body": simpler}).outputs
    if node.op.name != "contract":
        return None
    a, b = inputs
    first, second, out = letters(node.attributes["spec"])
    sizes = dict(zip(first + second, a.shape + b.shape, strict=True))
    inner = [x for x in first if x in second and x not in out]
    free_a = math.prod(sizes[x] for x in first if x not in second)
    free_b = math.prod(sizes[x] for x in second if x not in first)
    is_outer = math.prod(sizes[x] for x in inner) == 1
    # Rows of the larger operand are summed where they lie in memory.
    is_vector = (free_b == 1 and first[-1:] in inner) or (free_a == 1 and second[-1:] in inner)
    if not (is_outer or (is_vector and a.dtype.kind == "f")):
        return None
    order = [*out, *inner]
    product = multiply(_spread(a, first, order, sizes), _spread(b, second, order, sizes))
    if is_outer:
        whole: Tensor = reshape(product, [sizes[letter] for letter in out])
        return whole
    total: Tensor = sum_(product, tuple(range(len(out), len(order))))
    return total


def _spread(x: Tensor, names: str, order: Sequence[str], sizes: dict[str, int]) -> Tensor:
    """Return an operand with an axis for every letter, in order."""
    own = [letter for letter in order if letter in names]
    moved = transpose(x, [names.index(letter) for letter in own])
    kept = reshape(moved, [sizes[letter] if letter in names else 1 for letter in order])
    spread: Tensor = broadcast_to(kept, [sizes[letter] for letter in order])
    return spread
