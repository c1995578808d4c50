"""Layer normalization: every row centred and scaled by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from .. import initializers, ops, regularizers
from ..config import checked_number
from ..errors import ArgumentError, ShapeError
from ..graph import Array, Variable
from .checks import axis_within, single_shape
from .layer import Layer, LayerOptions
from .symbol import Shape

__all__ = ["LayerNormalization"]


class LayerNormalization(Layer):
    """``gamma * (x - mean) / sqrt(variance + epsilon) + beta``, mean and variance per row.

    They are taken over ``axis``, in training and prediction alike, and the variance is the biased
    one (Ba, Kiros and Hinton, 2016). The default ``epsilon`` is Keras' 1e-3; PyTorch's is 1e-5.

    Parameters
    ----------
    axis : int or sequence of int
        The axis, or axes, normalized together; ``gamma`` and ``beta`` have their shape.
    epsilon : float
        Keeps the division finite, above 0.
    center, scale : bool
        Whether there is a ``beta``, a ``gamma``.
    beta_initializer, gamma_initializer : str, Initializer or callable
        What the weights start as.
    beta_regularizer, gamma_regularizer : str, Regularizer or callable, optional
        Penalties on the weights, added to the loss.
    **options
        As for :class:`Layer`.

    Raises
    ------
    ArgumentError
        If an option is out of its range; at build or call, ShapeError if an input does not fit.
    """

    takes_floats = True
    gamma: Variable | None = None
    beta: Variable | None = None
    _sizes: tuple[int, ...]

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        kind = "LayerNormalization"
        axes = (axis,) if isinstance(axis, int) else axis
        if not isinstance(axes, (list, tuple)) or not all(type(each) is int for each in axes):
            raise ArgumentError(f"{kind}: axis got {axis!r}; expected an int or a tuple of ints")
        self.axis = axis
        self.epsilon = checked_number(kind, "epsilon", epsilon, example=1e-3, is_low_allowed=False)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)

    @property
    def has_neurons(self) -> bool:
        return False

    def _axes(self, shape: Shape) -> tuple[int, ...]:
        axes = (self.axis,) if isinstance(self.axis, int) else tuple(self.axis)
        return tuple(sorted({axis_within(self, each, shape) for each in axes}))

    def build(self, input_shape: Any) -> None:
        shape = single_shape(self, input_shape)
        sizes = [size for axis in self._axes(shape) if (size := shape[axis]) is not None]
        if len(sizes) < len(self._axes(shape)):
            raise ShapeError(
                f"{self} normalizes along axis {self.axis}, whose size is not known in {shape}; "
                "axis must be that of the features, not of the batch"
            )
        self._sizes = tuple(sizes)
        if self.scale:
            self.gamma = self.add_weight(
                sizes, self.gamma_initializer, "gamma", regularizer=self.gamma_regularizer
            )
        if self.center:
            self.beta = self.add_weight(
                sizes, self.beta_initializer, "beta", regularizer=self.beta_regularizer
            )

    def check_input(self, input_shape: Any) -> None:
        shape = single_shape(self, input_shape)
        got = tuple(shape[axis] for axis in self._axes(shape))
        if got != self._sizes:
            raise ShapeError(
                f"{self} was built for size {self._sizes} along axis {self.axis} and got {got}: "
                f"its input has shape {shape}. Give it the features it was built with, or make "
                "a new layer"
            )

    def call(self, inputs: Array) -> Array:
        axes = self._axes(tuple(inputs.shape))
        mean = ops.mean(inputs, axis=axes, keepdims=True)
        variance = ops.variance(inputs, axis=axes, keepdims=True)
        y = (inputs - mean) / ops.sqrt(variance + self.epsilon)
        beside = [size if axis in axes else 1 for axis, size in enumerate(inputs.shape)]
        if self.gamma is not None:
            y = y * ops.reshape(self.gamma, beside)
        return y if self.beta is None else y + ops.reshape(self.beta, beside)
