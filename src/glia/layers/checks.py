"""Checks that layers make of their arguments and inputs."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, ShapeError
from .owning import Owning
from .symbol import Shape

__all__ = ["axis_within", "positive_int", "same_features", "single_shape"]


def positive_int(owner: str, argument: str, value: object, example: int) -> int:
    """Return an option that must be an int above 0.

    Raises
    ------
    ArgumentError
        If it is anything else.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value.__index__()) < 1:
        raise ArgumentError(
            f"{owner}: {argument} got {value!r}; expected a whole number >= 1. "
            f"Write for example {argument}={example}"
        )
    return int(value.__index__())


def single_shape(layer: Owning, input_shape: Any, least_rank: int = 1) -> Shape:
    """Return the shape of a layer's one input.

    Raises
    ------
    ShapeError
        If there are several inputs, or too few axes.
    """
    if not isinstance(input_shape, tuple) or any(isinstance(each, tuple) for each in input_shape):
        raise ShapeError(
            f"{layer} takes one input and got several; put them together first, as in "
            "Concatenate()([a, b])"
        )
    if len(input_shape) < least_rank:
        raise ShapeError(
            f"{layer} expects inputs of {least_rank} axes or more, the batch first, and got "
            f"{len(input_shape)}. One row is x[None, :], one feature of many rows x[:, None]"
        )
    return input_shape


def axis_within(layer: Owning, axis: int, shape: Shape) -> int:
    """Return an axis counted from the front.

    Raises
    ------
    ShapeError
        If the shape has no such axis.
    """
    if not -len(shape) <= axis < len(shape):
        raise ShapeError(f"{layer} works along axis {axis}, and its input has {len(shape)} axes")
    return axis % len(shape)


def same_features(layer: Owning, axis: int, expected: int, shape: Shape) -> None:
    """Refuse an input whose size along an axis is not the one the layer was built for.

    Raises
    ------
    ShapeError
        Naming the layer and both sizes.
    """
    got = shape[axis_within(layer, axis, shape)]
    if got != expected:
        raise ShapeError(
            f"{layer} was built for {expected} features but got {got}: its input has shape "
            f"{shape}, expected {expected} along axis {axis}. Give it the features it was built "
            "with, or make a new layer"
        )
