"""Dropout: silence random inputs while training, so that no neuron relies on one other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from .. import ops, random
from ..config import checked_number
from ..errors import ArgumentError
from ..graph import Array
from .layer import Layer, LayerOptions

__all__ = ["Dropout"]


class Dropout(Layer):
    """Set inputs to 0 with probability ``rate`` while training; scale the others up.

    What stays is multiplied by ``1 / (1 - rate)``, so that sums keep their mean and nothing
    changes at prediction (Srivastava et al., 2014, in the "inverted" form).

    Parameters
    ----------
    rate : float
        Probability of silencing, from 0 to 1.
    noise_shape : sequence of int or None, optional
        Shape of the mask, None for an axis of the input's size and 1 to share it along an axis.
    seed : int, optional
        For masks of its own; else they come from the generator :func:`glia.seed` sets.
    **options
        As for :class:`Layer`.

    Raises
    ------
    ArgumentError
        If the rate is not within 0 and 1.
    """

    takes_floats = True

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.rate = checked_number("Dropout", "rate", rate, example=0.2, high=1.0)
        if noise_shape is not None and not isinstance(noise_shape, (list, tuple)):
            raise ArgumentError(
                f"Dropout: noise_shape got {noise_shape!r}; expected a tuple such as (None, 1, 8)"
            )
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        self.seed = seed
        self._generator = None if seed is None else random.Generator(seed)

    def call(self, inputs: Array, training: bool = False) -> Array:
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return ops.zeros_like(inputs)
        generator = self._generator or random.generator()
        is_silent = ops.less(generator.uniform(self._mask_shape(inputs)), self.rate)
        return ops.where(is_silent, 0, inputs * (1 / (1 - self.rate)))

    def _mask_shape(self, inputs: Array) -> tuple[int, ...]:
        if self.noise_shape is None:
            return tuple(inputs.shape)
        if len(self.noise_shape) != inputs.ndim:
            raise ArgumentError(
                f"{self}: noise_shape {self.noise_shape} has {len(self.noise_shape)} axes and the "
                f"input {inputs.ndim}, of shape {inputs.shape}; give one entry per axis"
            )
        sizes = zip(self.noise_shape, inputs.shape, strict=True)
        return tuple(size if mask is None else mask for mask, size in sizes)
