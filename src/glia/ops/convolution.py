"""Convolution as one trilinear form, and max pooling that remembers its winners.

``T(x, w, y) = sum x[n, o*s + k*d, c] w[k, c, f] y[n, o, f]``: a convolution is its derivative by
``y``, the weight gradient by ``w``, the input gradient (transposed convolution) by ``x``. The op
is therefore closed under differentiation. Layout: (batch, *space, channels), weights
(*kernel, channels / groups, filters).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..dtypes import int32, uint8
from ..errors import ArgumentError, ShapeError
from ..graph import Array, Node, Op, Spec, Tensor
from .apply import apply, as_floats, as_value, promote, public

__all__ = ["Window", "convolve", "max_pool", "repool", "transposed_convolve", "unpool"]


class Window(NamedTuple):
    """How a kernel slides: sizes along each axis of space, no padding (that is its own op)."""

    size: tuple[int, ...]
    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]

    @property
    def out(self) -> tuple[int, ...]:
        """Number of places the kernel is put to, along each axis."""
        return tuple(
            (n - (k - 1) * d - 1) // s + 1
            for n, k, s, d in zip(self.size, self.kernel, self.strides, self.dilations, strict=True)
        )

    def places(self) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
        """Each kernel element, with the index of the inputs it meets."""
        for element in np.ndindex(*self.kernel):
            spans = zip(element, self.dilations, self.strides, self.out, strict=True)
            yield (
                element,
                (
                    slice(None),
                    *[slice(k * d, k * d + (o - 1) * s + 1, s) for k, d, s, o in spans],
                ),
            )


def make_window(
    what: str,
    size: Sequence[int],
    kernel: Sequence[int],
    strides: int | Sequence[int],
    dilations: int | Sequence[int] = 1,
) -> Window:
    """Return a checked window; an int stands for that number along each axis."""
    rank = len(size)

    def each(value: int | Sequence[int], name: str) -> tuple[int, ...]:
        full = (value,) * rank if isinstance(value, int) else tuple(map(int, value))
        if len(full) != rank or any(v < 1 for v in full):
            raise ArgumentError(f"{what}: got {name}={value}; expected {rank} whole numbers >= 1")
        return full

    window = Window(
        tuple(map(int, size)),
        each(kernel, "kernel"),
        each(strides, "strides"),
        each(dilations, "dilations"),
    )
    if any(out < 1 for out in window.out):
        raise ShapeError(
            f"{what}: a kernel of {window.kernel} (dilations {window.dilations}) does not fit into "
            f"an input of {window.size}; pad it, or use a smaller kernel"
        )
    return window


def _infer_convolve(p: Spec, q: Spec, window: Window, groups: int, out: str) -> Spec:
    if out == "y":
        return Spec((p.shape[0], *window.out, q.shape[-1]), p.dtype)
    if out == "w":
        return Spec((*window.kernel, p.shape[-1] // groups, q.shape[-1]), p.dtype)
    return Spec((q.shape[0], *window.size, p.shape[-2] * groups), p.dtype)


def _evaluate_convolve(xp: Any, p: Any, q: Any, window: Window, groups: int, out: str) -> Any:
    """Sum over kernel elements of grouped matrix products; operands are x, w, y less ``out``."""

    def rows(t: Any) -> Any:  # (n, *space, g*c) -> (g, n*space, c)
        split = xp.reshape(t, (math.prod(t.shape[:-1]), groups, t.shape[-1] // groups))
        return xp.transpose(split, (1, 0, 2))

    def filters(w: Any) -> Any:  # (c, g*f) -> (g, c, f)
        return xp.transpose(xp.reshape(w, (w.shape[0], groups, w.shape[1] // groups)), (1, 0, 2))

    def joined(t: Any, shape: Any) -> Any:  # (g, rows, c) -> shape ending in g*c
        return xp.reshape(xp.transpose(t, (1, 0, 2)), shape)

    if out == "y":
        shape = (p.shape[0], *window.out, q.shape[-1])
        total = xp.zeros(shape, p.dtype)
        for element, place in window.places():
            total = total + joined(xp.matmul(rows(p[place]), filters(q[element])), shape)
        return total
    if out == "w":
        shape, dy = (p.shape[-1] // groups, q.shape[-1]), rows(q)
        pieces = [
            joined(xp.matmul(xp.swapaxes(rows(p[place]), 1, 2), dy), shape)
            for _, place in window.places()
        ]
        return xp.reshape(xp.stack(pieces), (*window.kernel, *shape))
    channels = p.shape[-2] * groups
    total, dy = xp.zeros((q.shape[0], *window.size, channels), q.dtype), rows(q)
    for element, place in window.places():
        part = joined(
            xp.matmul(dy, xp.swapaxes(filters(p[element]), 1, 2)), (*q.shape[:-1], channels)
        )
        total = xp.add_at(total, place, part)
    return total


def _convolve_gradient(node: Node, g: Tensor) -> list[Array]:
    out = node.attributes["out"]
    names = [role for role in "xwy" if role != out]
    have = {**dict(zip(names, node.inputs, strict=True)), out: g}
    return [
        apply(
            CONVOLVE,
            *[have[role] for role in "xwy" if role != wanted],
            **{**node.attributes, "out": wanted},
        )
        for wanted in names
    ]


CONVOLVE = Op("convolve", "convolution", _infer_convolve, _evaluate_convolve, _convolve_gradient)


def _pooled(s: Spec, window: Window) -> tuple[int, ...]:
    return (s.shape[0], *window.out, s.shape[-1])


def _winner_dtype(window: Window) -> Any:
    return uint8 if math.prod(window.kernel) <= 256 else int32


def _windows(xp: Any, x: Any, window: Window) -> Any:
    return xp.stack([x[place] for _, place in window.places()])


def _evaluate_max_pool(xp: Any, x: Any, window: Window) -> tuple[Any, Any]:
    seen = _windows(xp, x, window)
    return xp.max(seen, axis=0), xp.astype(xp.argmax(seen, axis=0), _winner_dtype(window))


def _evaluate_unpool(xp: Any, g: Any, winners: Any, window: Window) -> Any:
    total = xp.zeros((g.shape[0], *window.size, g.shape[-1]), g.dtype)
    for number, (_, place) in enumerate(window.places()):
        total = xp.add_at(total, place, xp.where(winners == number, g, xp.zeros((), g.dtype)))
    return total


def _evaluate_repool(xp: Any, x: Any, winners: Any, window: Window) -> Any:
    zero = xp.zeros((), x.dtype)
    seen = [
        xp.where(winners == number, x[place], zero)
        for number, (_, place) in enumerate(window.places())
    ]
    return xp.sum(xp.stack(seen), axis=0)


MAX_POOL = Op(
    "max_pool",
    "convolution",
    lambda s, window: [
        Spec(_pooled(s, window), s.dtype),
        Spec(_pooled(s, window), _winner_dtype(window)),
    ],
    _evaluate_max_pool,
    lambda node, g, _: (apply(UNPOOL, g, node.outputs[1], **node.attributes),),
)
UNPOOL: Op = Op(
    "unpool",
    "convolution",
    lambda g, winners, window: Spec((g.shape[0], *window.size, g.shape[-1]), g.dtype),
    _evaluate_unpool,
    lambda node, g: (apply(REPOOL, g, node.inputs[1], **node.attributes), None),
)
REPOOL: Op = Op(
    "repool",
    "convolution",
    lambda x, winners, window: Spec(winners.shape, x.dtype),
    _evaluate_repool,
    lambda node, g: (apply(UNPOOL, g, node.inputs[1], **node.attributes), None),
)


@public
def convolve(
    x: Array,
    w: Array,
    strides: int | Sequence[int] = 1,
    dilations: int | Sequence[int] = 1,
    groups: int = 1,
) -> Array:
    """Slide a kernel over space without padding (cross-correlation, as the field calls it).

    Parameters
    ----------
    x : (batch, *space, channels)
        Input.
    w : (*kernel, channels // groups, filters)
        Kernel.
    strides, dilations : int or sequence of int
        Steps between places, and between kernel elements.
    groups : int
        Parts that channels and filters are divided into.

    Returns
    -------
    (batch, *out, filters)
        The output.

    Raises
    ------
    ShapeError
        If channels and kernel do not fit, or the kernel is larger than the input.
    """
    x, w = promote(x, w)
    if x.ndim < 3 or w.ndim != x.ndim:
        raise ShapeError(
            f"convolve: got input {x.shape} and kernel {w.shape}; expected (batch, *space, "
            "channels) and (*kernel, channels, filters) of as many axes"
        )
    if x.shape[-1] != w.shape[-2] * groups or w.shape[-1] % groups:
        raise ShapeError(
            f"convolve: the input {x.shape} has {x.shape[-1]} channels and the kernel {w.shape} "
            f"takes {w.shape[-2]} in each of {groups} groups; {w.shape[-1]} filters must divide "
            "by the groups too"
        )
    window = make_window("convolve", x.shape[1:-1], w.shape[:-2], strides, dilations)
    return apply(CONVOLVE, x, w, window=window, groups=int(groups), out="y")


@public
def transposed_convolve(
    y: Array,
    w: Array,
    size: Sequence[int],
    strides: int | Sequence[int] = 1,
    dilations: int | Sequence[int] = 1,
    groups: int = 1,
) -> Array:
    """Transpose of :func:`convolve`: from its output's shape back to an input of given size.

    Parameters
    ----------
    y : (batch, *out, filters)
        What a convolution with this kernel would give out.
    w : (*kernel, channels // groups, filters)
        Kernel, laid out as for the convolution it transposes.
    size : sequence of int
        The space to return to.

    Returns
    -------
    (batch, *size, channels)
        The output.

    Raises
    ------
    ShapeError
        If ``size`` does not lead to ``y``'s space.
    """
    y, w = promote(y, w)
    window = make_window("transposed_convolve", size, w.shape[:-2], strides, dilations)
    if y.shape[1:-1] != window.out or y.shape[-1] != w.shape[-1]:
        raise ShapeError(
            f"transposed_convolve: a convolution from {tuple(size)} with kernel {w.shape} gives "
            f"{(*window.out, w.shape[-1])}, but the input is {y.shape}"
        )
    return apply(CONVOLVE, w, y, window=window, groups=int(groups), out="x")


@public
def max_pool(
    x: Array,
    kernel: Sequence[int],
    strides: int | Sequence[int],
    dilations: int | Sequence[int] = 1,
) -> tuple[Array, Array]:
    """Maximum of each window, and which element of the window it was.

    Parameters
    ----------
    x : (batch, *space, channels)
        Input.
    kernel, strides, dilations : int or sequence of int
        The window.

    Returns
    -------
    values, winners : (batch, *out, channels)
        The maxima, and the position of the first of them within its window.
    """
    x = as_floats(x)
    if x.ndim < 3:
        raise ShapeError(f"max_pool: got {x.shape}, expected (batch, *space, channels)")
    window = make_window("max_pool", x.shape[1:-1], kernel, strides, dilations)
    values, winners = apply(MAX_POOL, x, window=window)
    return values, winners


@public
def unpool(g: Array, winners: Array, window: Window) -> Array:
    """Put each value back to the place its window's maximum came from, adding where they meet."""
    return apply(UNPOOL, as_floats(g), as_value(winners), window=window)


@public
def repool(x: Array, winners: Array, window: Window) -> Array:
    """Read from each window the element that an earlier :func:`max_pool` found largest."""
    return apply(REPOOL, as_floats(x), as_value(winners), window=window)
