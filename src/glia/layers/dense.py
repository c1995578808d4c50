"""Dense: every output neuron sees every input."""

from __future__ import annotations

from typing import Any, Unpack

from .. import graph, initializers, ops, regularizers
from ..errors import ArgumentError, ShapeError
from ..graph import Array, Variable
from .activation import activation_of
from .checks import positive_int, same_features, single_shape
from .layer import Layer, LayerOptions

__all__ = ["Dense"]


class Dense(Layer):
    """A layer of neurons: ``a = activation(x @ kernel + bias)``.

    Each of the ``units`` neurons has one column of the kernel, of shape (features, units), and
    one number of the bias. Inputs of more than two axes are contracted along the last.

    Parameters
    ----------
    units : int
        Number of neurons, the size of the output's last axis.
    activation : str, callable, activation record or Layer, optional
        Applied to the sums; none unless given.
    use_bias : bool
        Whether a bias is added.
    kernel_initializer, bias_initializer : str, Initializer or callable
        What the weights start as.
    kernel_regularizer, bias_regularizer : str, Regularizer or callable, optional
        Penalties on the weights, added to the loss.
    **options
        As for :class:`Layer`.

    Raises
    ------
    ArgumentError
        If an option is out of its range; at build or call, ShapeError if an input does not fit.
    """

    takes_floats = True
    kernel: Variable
    bias: Variable | None = None

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.units = positive_int("Dense", "units", units, 32)
        if not isinstance(use_bias, bool):
            raise ArgumentError(
                f"Dense: use_bias got {use_bias!r}; expected True or False. "
                "Options after activation are best given by name"
            )
        self.activation = activation_of(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)

    def build(self, input_shape: Any) -> None:
        features = single_shape(self, input_shape, least_rank=2)[-1]
        if features is None:
            raise ShapeError(
                f"{self} needs a known number of features, and its input has shape "
                f"{input_shape}; give the last size of Input(shape=...)"
            )
        self.kernel = self.add_weight(
            (features, self.units),
            self.kernel_initializer,
            name="kernel",
            regularizer=self.kernel_regularizer,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,), self.bias_initializer, name="bias", regularizer=self.bias_regularizer
            )

    def check_input(self, input_shape: Any) -> None:
        shape = single_shape(self, input_shape, least_rank=2)
        same_features(self, -1, self.kernel.shape[0], shape)

    def call(self, inputs: Array) -> Array:
        outer = "abcdefgh"[: inputs.ndim - 1]
        z = ops.contract(inputs, self.kernel, f"{outer}x,xy->{outer}y")
        if self.bias is not None:
            z = z + self.bias
        graph.note(self, "z", z)
        return self.activation(z)
