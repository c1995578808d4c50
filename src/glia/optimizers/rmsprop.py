"""RMSprop: steps divided by a running average of the gradient's size."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..graph import Array
from .optimizer import Optimizer, Slots

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """Steps divided by the root of a moving average of squared gradients.

    ::

        v <- rho * v + (1 - rho) * g**2
        d <- learning_rate * g / sqrt(v + epsilon)
        w <- w - d

    With ``centered`` the average gradient is taken out (Graves, 2013), so that the divisor is an
    estimate of the gradient's standard deviation::

        m <- rho * m + (1 - rho) * g
        d <- learning_rate * g / sqrt(max(v - m**2, 0) + epsilon)

    and with ``momentum`` (plain, not Nesterov's)::

        b <- momentum * b + d
        w <- w - b

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule or callable
        Default 0.001.
    rho : float
        How much of the average is kept at each step, between 0 and 1. Default 0.9.
    momentum : float
        Between 0 and 1. Default 0: none, and no slot.
    epsilon : float
        Keeps the divisor above 0. Default 1e-7.
    centered : bool
        Whether to take out the average gradient. Default False.
    weight_decay, clipnorm, clipvalue, global_clipnorm, name
        See :class:`Optimizer`.

    Raises
    ------
    ArgumentError
        If an option is out of its range.

    Notes
    -----
    The formulas are Keras 3's, but for the ``max`` with 0: under a steady gradient, rounding can
    make ``v - m**2`` negative, which gives NaN weights in Keras. PyTorch adds epsilon outside
    the root, ``sqrt(v) + epsilon`` with 1e-8, calls rho alpha with 0.99, and multiplies by the
    learning rate outside the momentum.

    References
    ----------
    Tieleman and Hinton, "Lecture 6.5: RMSprop", Coursera: Neural Networks for Machine Learning,
    2012. Graves, "Generating Sequences With Recurrent Neural Networks", 2013 (arXiv:1308.0850).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, name)
        self.rho = self._number("rho", rho, 0.9, high=1.0)
        self.momentum = self._number("momentum", momentum, 0.9, high=1.0)
        self.epsilon = self._number("epsilon", epsilon, 1e-7)
        self.centered = centered

    def slots(self, parameter: Any) -> Slots:
        names = ["velocity"]
        names += ["average_gradient"] if self.centered else []
        names += ["momentum"] if self.momentum else []
        return {name: ops.zeros_like(parameter) for name in names}

    def update(
        self,
        gradient: Array,
        parameter: Array,
        slots: Slots,
        iteration: Array,
        learning_rate: Array,
    ) -> tuple[Array, Slots]:
        velocity = self.rho * slots["velocity"] + (1.0 - self.rho) * ops.square(gradient)
        new = {"velocity": velocity}
        if self.centered:
            average = self.rho * slots["average_gradient"] + (1.0 - self.rho) * gradient
            new["average_gradient"] = average
            velocity = ops.maximum(velocity - ops.square(average), 0.0)
        change = learning_rate * gradient / ops.sqrt(velocity + self.epsilon)
        if self.momentum:
            change = new["momentum"] = self.momentum * slots["momentum"] + change
        return parameter - change, new
