"""Flatten and Reshape: the same numbers, another shape per row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np

from .. import ops
from ..errors import ArgumentError, ShapeError
from ..graph import Array
from .checks import single_shape
from .layer import Layer, LayerOptions

__all__ = ["Flatten", "Reshape"]


class Flatten(Layer):
    """Every row as one vector, as 28 x 28 pixels become 784 numbers.

    Parameters
    ----------
    **options
        As for :class:`Layer`.
    """

    def __init__(self, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)

    def check_input(self, input_shape: Any) -> None:
        single_shape(self, input_shape)

    def call(self, inputs: Array) -> Array:
        return ops.reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))


class Reshape(Layer):
    """Every row in another shape, its numbers in the same order.

    Parameters
    ----------
    target_shape : sequence of int
        The shape of a row, without the batch; one -1 stands for what is left.
    **options
        As for :class:`Layer`.

    Raises
    ------
    ArgumentError
        If the target is not a sequence of sizes; at call, ShapeError if the numbers do not fit.
    """

    def __init__(self, target_shape: Sequence[int], **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        if (
            not isinstance(target_shape, (list, tuple))
            or not all(isinstance(size, (int, np.integer)) for size in target_shape)
            or any(size < 1 and size != -1 for size in target_shape)
            or list(target_shape).count(-1) > 1
        ):
            raise ArgumentError(
                f"Reshape: target_shape got {target_shape!r}; expected sizes of a row without "
                "the batch, at most one of them -1, such as (28, 28, 1)"
            )
        self.target_shape = tuple(int(size) for size in target_shape)

    def check_input(self, input_shape: Any) -> None:
        row = single_shape(self, input_shape)[1:]
        known = [size for size in row if size is not None]
        if len(known) < len(row):
            return
        size, given = math.prod(known), math.prod(s for s in self.target_shape if s != -1)
        if size != given if -1 not in self.target_shape else size % given:
            raise ShapeError(
                f"{self} cannot put a row of shape {row}, {size} numbers, into "
                f"{self.target_shape}; the products of the sizes must agree"
            )

    def call(self, inputs: Array) -> Array:
        rest = math.prod(inputs.shape[1:]) // math.prod(s for s in self.target_shape if s != -1)
        row = [rest if size == -1 else size for size in self.target_shape]
        return ops.reshape(inputs, (inputs.shape[0], *row))
