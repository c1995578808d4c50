"""Rescaling: inputs multiplied and shifted by fixed numbers."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from ..errors import ArgumentError
from ..graph import Array
from .layer import Layer, LayerOptions

__all__ = ["Rescaling"]


class Rescaling(Layer):
    """``x * scale + offset``, as ``Rescaling(1 / 255)`` brings pixels to the range from 0 to 1.

    Parameters
    ----------
    scale : float or array_like
        The factor.
    offset : float or array_like
        The shift.
    **options
        As for :class:`Layer`.

    Raises
    ------
    ArgumentError
        If one of them is not made of finite numbers.
    """

    takes_floats = True

    def __init__(self, scale: Any, offset: Any = 0.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        for name, value in (("scale", scale), ("offset", offset)):
            array = np.asarray(value)
            if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
                raise ArgumentError(f"Rescaling: {name} got {value!r}; expected finite numbers")
        self.scale = scale
        self.offset = offset

    def call(self, inputs: Array) -> Array:
        scale, offset = (np.asarray(each, self.dtype) for each in (self.scale, self.offset))
        return inputs * scale + offset
