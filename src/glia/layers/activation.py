"""Activation functions as layers of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Unpack

from .. import activations
from ..config import checked_number
from ..errors import ArgumentError
from ..graph import Array
from .layer import Layer, LayerOptions, get

__all__ = ["Activation", "LeakyReLU", "ReLU", "Softmax", "activation_of"]


def activation_of(identifier: Any) -> Callable[[Any], Any]:
    """Return the function an ``activation=`` argument stands for, as a record or a layer.

    Parameters
    ----------
    identifier : str, callable, activation record, Layer or None
        What :func:`glia.activations.get` takes, or a layer, its class or its config.
    """
    is_layer_class = isinstance(identifier, type) and issubclass(identifier, Layer)
    if is_layer_class or isinstance(identifier, (Layer, Mapping)):
        return get(identifier)
    return activations.get(identifier)


class Activation(Layer):
    """An activation function as a layer of its own, after a normalization say.

    Parameters
    ----------
    activation : str, callable or activation record
        What to apply, as for :class:`Dense`.
    **options
        As for :class:`Layer`.
    """

    takes_floats = True

    def __init__(self, activation: Any, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.activation = activation_of(activation)

    def call(self, inputs: Array) -> Array:
        return self.activation(inputs)


class ReLU(Layer):
    """``x`` above a threshold, else ``negative_slope * (x - threshold)``, at most ``max_value``.

    Parameters
    ----------
    max_value : float, optional
        The largest output; without limit unless given.
    negative_slope : float
        The slope below the threshold, at least 0.
    threshold : float
        Where the ramp begins, at least 0.
    **options
        As for :class:`Layer`.
    """

    takes_floats = True

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if max_value is not None:
            max_value = checked_number("ReLU", "max_value", max_value, example=6.0)
        self.max_value = max_value
        self.negative_slope = checked_number("ReLU", "negative_slope", negative_slope, example=0.1)
        self.threshold = checked_number("ReLU", "threshold", threshold, example=0.0)

    def call(self, inputs: Array) -> Array:
        return activations.relu(
            inputs,
            negative_slope=self.negative_slope,
            max_value=self.max_value,
            threshold=self.threshold,
        )


class LeakyReLU(Layer):
    """``x`` where positive, else ``negative_slope * x``.

    Parameters
    ----------
    negative_slope : float
        The slope below 0, at least 0. Keras' layer has 0.3, its function 0.2, and so has glia.
    **options
        As for :class:`Layer`.
    """

    takes_floats = True

    def __init__(self, negative_slope: float = 0.3, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.negative_slope = checked_number(
            "LeakyReLU", "negative_slope", negative_slope, example=0.1
        )

    def call(self, inputs: Array) -> Array:
        return activations.leaky_relu(inputs, negative_slope=self.negative_slope)


class Softmax(Layer):
    """Exponentials normalised to sum to one along an axis.

    Parameters
    ----------
    axis : int
        The axis of the classes.
    **options
        As for :class:`Layer`.
    """

    takes_floats = True

    def __init__(self, axis: int = -1, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        if type(axis) is not int:
            raise ArgumentError(f"Softmax: axis got {axis!r}; expected an int such as -1")
        self.axis = axis

    def call(self, inputs: Array) -> Array:
        return activations.softmax(inputs, axis=self.axis)
