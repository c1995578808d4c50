"""Layers that put several inputs together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np

from .. import ops
from ..errors import ArgumentError, ShapeError
from ..graph import Array
from .layer import Layer, LayerOptions
from .symbol import Shape

__all__ = ["Add", "Concatenate"]


class Add(Layer):
    """The sum of two or more inputs, the way around of a residual connection.

    Inputs of fewer axes get axes of size 1 after the batch, and axes of size 1 are repeated, as
    in Keras.

    Parameters
    ----------
    **options
        As for :class:`Layer`.
    """

    def __init__(self, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)

    def check_input(self, input_shape: Any) -> None:
        shapes = _several(self, input_shape, least=2)
        rank = max(map(len, shapes))
        rows = [(*[1] * (rank - len(each)), *[size or 1 for size in each[1:]]) for each in shapes]
        try:
            np.broadcast_shapes(*rows)
        except ValueError:
            raise ShapeError(
                f"{self} cannot add inputs of shapes {' and '.join(map(str, shapes))}; apart "
                "from axes of size 1 they must agree. A Dense layer can bring one to the other's "
                "size"
            ) from None

    def call(self, inputs: Sequence[Array]) -> Array:
        rank = max(each.ndim for each in inputs)
        total, *others = (
            each
            if each.ndim == rank
            else ops.reshape(each, (each.shape[0], *[1] * (rank - each.ndim), *each.shape[1:]))
            for each in inputs
        )
        for each in others:
            total = total + each
        return total


class Concatenate(Layer):
    """Inputs side by side along an axis.

    Parameters
    ----------
    axis : int
        The axis along which sizes add up; the others must agree.
    **options
        As for :class:`Layer`.
    """

    def __init__(self, axis: int = -1, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        if type(axis) is not int:
            raise ArgumentError(f"Concatenate: axis got {axis!r}; expected an int such as -1")
        self.axis = axis

    def check_input(self, input_shape: Any) -> None:
        shapes = _several(self, input_shape, least=1)
        rank = len(shapes[0])
        if -rank <= self.axis < rank:
            axis = self.axis % rank
            rows = {(*each[:axis], 0, *each[axis + 1 :]) for each in shapes}
            if all(len(each) == rank for each in shapes) and len(rows) == 1:
                return
        raise ShapeError(
            f"{self} cannot join inputs of shapes {' and '.join(map(str, shapes))} along axis "
            f"{self.axis}; every other axis must have the same size in all of them"
        )

    def call(self, inputs: Sequence[Array]) -> Array:
        return ops.concatenate(list(inputs), self.axis)


def _several(layer: Layer, input_shape: Any, least: int) -> list[Shape]:
    """Return the shapes of a layer's inputs, or raise if it did not get a list of them."""
    is_list = isinstance(input_shape, (list, tuple)) and all(
        isinstance(each, tuple) for each in input_shape
    )
    if not is_list or len(input_shape) < least:
        raise ShapeError(
            f"{layer} takes a list of at least {least} inputs, as in {type(layer).__name__}()"
            f"([a, b]), and got {f'{len(input_shape)} of them' if is_list else 'a single input'}"
        )
    return list(input_shape)
