"""Batch normalization: every feature centred and scaled over the rows of a batch."""

from __future__ import annotations

from typing import Any, Unpack

from .. import initializers, ops, regularizers
from ..config import checked_number
from ..errors import ArgumentError, ShapeError
from ..graph import Array, Variable
from .checks import axis_within, same_features, single_shape
from .layer import Layer, LayerOptions

__all__ = ["BatchNormalization"]


class BatchNormalization(Layer):
    """``gamma * (x - mean) / sqrt(variance + epsilon) + beta``, per feature.

    While training, mean and variance are those of the batch, over every axis but ``axis``, and
    moving averages of them are kept: ``moving = moving * momentum + batch * (1 - momentum)``.
    At prediction the moving averages are used (Ioffe and Szegedy, 2015). A frozen layer
    (``trainable = False``) predicts even while the model trains.

    As in Keras, the variance is the biased one (divided by n), also in the moving average, where
    PyTorch keeps the unbiased one; Keras' ``momentum`` of 0.99 is PyTorch's of 0.01.

    Parameters
    ----------
    axis : int
        The axis of the features.
    momentum : float
        How much of the moving averages one batch leaves, from 0 to 1.
    epsilon : float
        Keeps the division finite, above 0.
    center, scale : bool
        Whether there is a ``beta``, a ``gamma``.
    beta_initializer, gamma_initializer : str, Initializer or callable
        What the weights start as.
    moving_mean_initializer, moving_variance_initializer : str, Initializer or callable
        What the moving averages start as.
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
    moving_mean: Variable
    moving_variance: Variable

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        kind = "BatchNormalization"
        if type(axis) is not int:
            raise ArgumentError(f"{kind}: axis got {axis!r}; expected an int such as -1")
        self.axis = axis
        self.momentum = checked_number(kind, "momentum", momentum, example=0.99, high=1.0)
        self.epsilon = checked_number(kind, "epsilon", epsilon, example=1e-3, is_low_allowed=False)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)

    def build(self, input_shape: Any) -> None:
        shape = single_shape(self, input_shape, least_rank=2)
        axis = axis_within(self, self.axis, shape)
        features = shape[axis]
        if axis == 0 or features is None:
            raise ShapeError(
                f"{self} normalizes along axis {self.axis}, whose size is not known in {shape}; "
                "axis must be that of the features, not of the batch"
            )
        sizes = (features,)
        if self.scale:
            self.gamma = self.add_weight(
                sizes, self.gamma_initializer, "gamma", regularizer=self.gamma_regularizer
            )
        if self.center:
            self.beta = self.add_weight(
                sizes, self.beta_initializer, "beta", regularizer=self.beta_regularizer
            )
        self.moving_mean = self.add_weight(
            sizes, self.moving_mean_initializer, "moving_mean", trainable=False
        )
        self.moving_variance = self.add_weight(
            sizes, self.moving_variance_initializer, "moving_variance", trainable=False
        )

    def check_input(self, input_shape: Any) -> None:
        shape = single_shape(self, input_shape, least_rank=2)
        same_features(self, self.axis, self.moving_mean.shape[0], shape)

    def call(self, inputs: Array, training: bool = False) -> Array:
        axis = self.axis % inputs.ndim
        if training and self.trainable:
            others = tuple(each for each in range(inputs.ndim) if each != axis)
            mean = ops.mean(inputs, axis=others)
            variance = ops.variance(inputs, axis=others)
            keep = self.momentum
            self.moving_mean.assign(self.moving_mean * keep + mean * (1 - keep))
            self.moving_variance.assign(self.moving_variance * keep + variance * (1 - keep))
        else:
            mean, variance = self.moving_mean.value, self.moving_variance.value
        beside = [1] * inputs.ndim
        beside[axis] = -1
        y = (inputs - ops.reshape(mean, beside)) / ops.sqrt(
            ops.reshape(variance, beside) + self.epsilon
        )
        if self.gamma is not None:
            y = y * ops.reshape(self.gamma, beside)
        return y if self.beta is None else y + ops.reshape(self.beta, beside)
