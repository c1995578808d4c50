"""Imputation: missing numbers filled with the median of the training rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np

from .. import initializers, ops
from ..dtypes import is_float, to_array
from ..errors import ArgumentError, DataError, ShapeError
from ..graph import Array, Variable
from .layer import Layer, LayerOptions

__all__ = ["Imputation"]


class Imputation(Layer):
    """``where(missing, fill, values)`` per feature: no NaN has to enter the model.

    It takes two inputs of shape (rows, features), ``[values, missing]``: ``missing`` is 1 where
    a value is, and 0 elsewhere. Values under a 1 are never looked at. :meth:`adapt` takes each
    feature's median over the training rows; before it, or without ``fill``, zeros are filled in.

    Parameters
    ----------
    fill : array_like, optional
        What to fill in for each feature, or one number for all.
    indicators : bool or sequence of int
        Which columns of ``missing`` to append to the output, since that a number is missing may
        say something by itself: all of them, none, or those of these features.
    **options
        As for :class:`Layer`.

    Raises
    ------
    ArgumentError
        If indicators is neither, or fill is not finite.
    """

    takes_floats = True
    fill_values: Variable

    def __init__(
        self,
        fill: Any = None,
        indicators: bool | Sequence[int] = False,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if fill is not None and not np.isfinite(np.asarray(fill, np.float64)).all():
            raise ArgumentError(f"Imputation: fill got {fill!r}; expected finite numbers")
        if not isinstance(indicators, bool):
            indicators = [_feature_number(each) for each in indicators]
        self.fill = fill
        self.indicators = indicators

    def build(self, input_shape: Any) -> None:
        features = self._features(input_shape)
        fill = np.asarray(0.0 if self.fill is None else self.fill, self.dtype)
        try:
            start = np.broadcast_to(fill, (features,))
        except ValueError:
            raise ShapeError(
                f"{self}: fill has shape {fill.shape} and the input {features} features; give one "
                "number for each, or one for all"
            ) from None
        chosen = [] if isinstance(self.indicators, bool) else self.indicators
        if chosen and max(chosen) >= features:
            raise ShapeError(
                f"{self}: indicators names feature {max(chosen)}, and the input has {features}, "
                f"numbered from 0 to {features - 1}"
            )
        self.fill_values = self.add_weight(
            (features,), initializers.Constant(start), "fill", trainable=False
        )

    def _features(self, input_shape: Any) -> int:
        shapes = list(input_shape) if isinstance(input_shape, (list, tuple)) else [input_shape]
        is_pair = len(shapes) == 2 and all(isinstance(each, tuple) for each in shapes)
        if not is_pair or len(shapes[0]) != 2 or shapes[0][1] != shapes[1][-1]:
            raise ShapeError(
                f"{self} takes [values, missing], two inputs of one shape (rows, features), and "
                f"got {input_shape}; missing is 1 where a value is missing, else 0"
            )
        if shapes[0][1] is None:
            raise ShapeError(f"{self} needs a known number of features; its input is {shapes[0]}")
        return int(shapes[0][1])

    def adapt(self, data: Any) -> None:
        """Take each feature's median from the values that are there.

        A feature without any value is filled with 0.

        Parameters
        ----------
        data : list of two array_like
            ``[values, missing]`` of the training rows.

        Raises
        ------
        DataError
            If there are no rows, or a value that is there is NaN or infinite.
        ShapeError
            If the two do not fit together or the layer.
        """
        if not isinstance(data, (list, tuple)) or len(data) != 2:
            raise ShapeError(f"{self}: adapt takes [values, missing] and got {type(data).__name__}")
        values, missing = (to_array(each) for each in data)
        shapes = [(None, *values.shape[1:]), (None, *missing.shape[1:])]
        if values.shape != missing.shape or not len(values):
            raise DataError(
                f"{self}: adapt got values of shape {values.shape} and missing of shape "
                f"{missing.shape}; expected the same shape and at least one row"
            )
        if not self.built:
            self.build(shapes)
        self.check_input(shapes)
        is_there = missing <= 0.5
        wide = np.where(is_there, values.astype(np.float64), np.nan)
        if not np.isfinite(wide[is_there]).all():
            row, feature = np.argwhere(is_there & ~np.isfinite(wide))[0]
            raise DataError(
                f"{self}: adapt got {values[row, feature]} in row {row}, feature {feature}, which "
                "missing does not mark; mark it with 1 there"
            )
        has_any = is_there.any(axis=0)
        medians = np.zeros(values.shape[1])
        if has_any.any():
            medians[has_any] = np.nanmedian(wide[:, has_any], axis=0)
        self.fill_values.assign(medians)

    def check_input(self, input_shape: Any) -> None:
        features = self._features(input_shape)
        if features != self.fill_values.shape[0]:
            raise ShapeError(
                f"{self} was built for {self.fill_values.shape[0]} features and got {features}; "
                "give it the features it was adapted to"
            )

    def call(self, inputs: Sequence[Array]) -> Array:
        values, missing = inputs
        values = values if is_float(values.dtype) else ops.cast(values, self.dtype)
        is_missing = ops.greater(missing, 0.5)
        filled = ops.where(is_missing, self.fill_values, values)
        if self.indicators is False or self.indicators == []:
            return filled
        flags = ops.cast(is_missing, filled.dtype)
        if self.indicators is not True:
            places = np.array(self.indicators, np.int32)
            flags = ops.transpose(ops.gather(ops.transpose(flags), places))
        return ops.concatenate([filled, flags], axis=1)


def _feature_number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
        raise ArgumentError(
            f"Imputation: indicators got {value!r}; expected True, False or feature numbers >= 0"
        )
    return int(value)
