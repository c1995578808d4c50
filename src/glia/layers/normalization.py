"""Normalization: features brought to mean 0 and variance 1 by what the training rows show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np

from .. import initializers, ops
from ..dtypes import is_float, to_array
from ..errors import ArgumentError, DataError, ShapeError
from ..graph import Array, Variable
from .checks import axis_within, single_shape
from .layer import Layer, LayerOptions
from .symbol import Shape

__all__ = ["Normalization"]

# The smallest deviation divided by, as in Keras.
LEAST_DEVIATION = 1e-7


class Normalization(Layer):
    """``(x - mean) / sqrt(variance)`` per feature, a scaler that is part of the model.

    :meth:`adapt` takes mean and variance from data, which should be the training rows only; else
    give them. Before either the layer changes nothing, as in Keras. A feature that never varies
    is centred and not scaled, where Keras divides by 1e-7 and blows up any later change.

    Parameters
    ----------
    axis : int, sequence of int or None
        The axis, or axes, that keep statistics of their own; None for one mean of everything.
    mean, variance : array_like, optional
        The statistics, both or neither; broadcast to the sizes of ``axis``.
    invert : bool
        Whether to undo a normalization: ``mean + x * sqrt(variance)``.
    **options
        As for :class:`Layer`.

    Raises
    ------
    ArgumentError
        If only one of mean and variance is given, or a variance is negative.
    """

    takes_floats = True
    _mean: Variable
    _variance: Variable

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if (mean is None) != (variance is None):
            raise ArgumentError(
                f"Normalization got mean={mean!r} and variance={variance!r}; give both, or give "
                "neither and call adapt(X_train)"
            )
        if variance is not None and not np.all(np.asarray(variance) >= 0):
            raise ArgumentError(f"Normalization: variance got {variance!r}; expected numbers >= 0")
        self.axis = axis
        self.mean = mean
        self.variance = variance
        self.invert = invert

    def _kept(self, shape: Shape) -> tuple[int, ...]:
        if self.axis is None:
            return ()
        axes = (self.axis,) if isinstance(self.axis, int) else tuple(self.axis)
        return tuple(sorted({axis_within(self, each, shape) for each in axes}))

    def build(self, input_shape: Any) -> None:
        shape = single_shape(self, input_shape)
        kept = self._kept(shape)
        sizes = tuple(size for axis in kept if (size := shape[axis]) is not None)
        if len(sizes) < len(kept):
            raise ShapeError(
                f"{self} keeps statistics along axis {self.axis}, whose size is not known in "
                f"{shape}; axis must be that of the features, not of the batch"
            )
        given = [(self.mean, 0.0, "mean"), (self.variance, 1.0, "variance")]
        values = []
        for value, default, name in given:
            array = np.asarray(default if value is None else value, self.dtype)
            try:
                values.append(np.broadcast_to(array, sizes))
            except ValueError:
                raise ShapeError(
                    f"{self}: {name} has shape {array.shape} and the input {shape}, which needs "
                    f"{sizes} along axis {self.axis}"
                ) from None
        self._mean, self._variance = (
            self.add_weight(sizes, initializers.Constant(value), name, trainable=False)
            for value, (_, _, name) in zip(values, given, strict=True)
        )

    def adapt(self, data: Any) -> None:
        """Take mean and variance, the biased one, from data.

        Parameters
        ----------
        data : array_like
            Rows as the layer will see them, the batch first; a vector is one feature.

        Raises
        ------
        DataError
            If there are no rows, or a number is NaN or infinite.
        ShapeError
            If the layer was built for other sizes.
        """
        array = to_array(data)
        if array.ndim == 1:
            array = array[:, None]
        if not array.size:
            raise DataError(f"{self}: adapt got data of shape {array.shape}, without any number")
        if is_float(array.dtype) and not np.isfinite(array).all():
            where = tuple(map(int, np.argwhere(~np.isfinite(array))[0]))
            raise DataError(
                f"{self}: adapt got {array[where]} at {where} of data of shape {array.shape}; "
                "fill in or drop missing values first"
            )
        shape = (None, *array.shape[1:])
        if not self.built:
            self.build(shape)
        self.check_input(shape)
        kept = self._kept(array.shape)
        others = tuple(axis for axis in range(array.ndim) if axis not in kept)
        wide = array.astype(np.float64)
        # Rounding gives a constant feature a tiny variance; its range says exactly that it is one.
        is_constant = wide.max(axis=others) == wide.min(axis=others)
        self._mean.assign(wide.mean(axis=others))
        self._variance.assign(np.where(is_constant, 0.0, wide.var(axis=others)))

    def check_input(self, input_shape: Any) -> None:
        shape = single_shape(self, input_shape)
        got = tuple(shape[axis] for axis in self._kept(shape))
        if got != self._mean.shape:
            raise ShapeError(
                f"{self} has statistics for size {self._mean.shape} along axis {self.axis} and "
                f"got {got}: its input has shape {shape}. Give it the features it was adapted to"
            )

    def call(self, inputs: Array) -> Array:
        kept = self._kept(tuple(inputs.shape))
        beside = [size if axis in kept else 1 for axis, size in enumerate(inputs.shape)]
        mean = ops.reshape(self._mean, beside)
        variance = ops.reshape(self._variance, beside)
        deviation = ops.maximum(ops.sqrt(variance), LEAST_DEVIATION)
        deviation = ops.where(ops.equal(variance, 0), 1, deviation)
        return mean + inputs * deviation if self.invert else (inputs - mean) / deviation
