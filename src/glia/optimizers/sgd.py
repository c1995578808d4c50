"""Gradient descent, with momentum and Nesterov's momentum."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..graph import Array
from .optimizer import Optimizer, Slots

__all__ = ["SGD"]


class SGD(Optimizer):
    """Gradient descent: a step against the gradient, optionally with momentum.

    Without momentum (Robbins and Monro, 1951)::

        w <- w - learning_rate * g

    With ``momentum`` (Polyak, 1964) the step is a velocity that remembers earlier ones::

        v <- momentum * v - learning_rate * g
        w <- w + v

    and with ``nesterov`` (Nesterov, 1983; in this form Sutskever et al., 2013)::

        v <- momentum * v - learning_rate * g
        w <- w + momentum * v - learning_rate * g

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule or callable
        Default 0.01.
    momentum : float
        Between 0 and 1; 0.9 is usual. Default 0: none, and no slot.
    nesterov : bool
        Whether the momentum is Nesterov's. Without momentum it changes nothing.
    weight_decay, clipnorm, clipvalue, global_clipnorm, name
        See :class:`Optimizer`.

    Raises
    ------
    ArgumentError
        If an option is out of its range.

    Notes
    -----
    The formulas are Keras 3's. PyTorch multiplies by the learning rate outside the velocity,
    ``b <- momentum * b + g; w <- w - learning_rate * b``: the same steps as long as the learning
    rate stays the same. Keras refuses ``momentum=1`` and ``momentum=0`` written as integers; glia
    takes them.

    References
    ----------
    Robbins and Monro, "A Stochastic Approximation Method", 1951. Polyak, "Some methods of
    speeding up the convergence of iteration methods", 1964. Nesterov, "A method for solving the
    convex programming problem with convergence rate O(1/k^2)", 1983. Sutskever, Martens, Dahl
    and Hinton, "On the importance of initialization and momentum in deep learning", 2013.
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, name)
        self.momentum = self._number("momentum", momentum, 0.9, high=1.0)
        self.nesterov = nesterov

    def slots(self, parameter: Any) -> Slots:
        return {"momentum": ops.zeros_like(parameter)} if self.momentum else {}

    def update(
        self,
        gradient: Array,
        parameter: Array,
        slots: Slots,
        iteration: Array,
        learning_rate: Array,
    ) -> tuple[Array, Slots]:
        if not self.momentum:
            return parameter - learning_rate * gradient, {}
        velocity = self.momentum * slots["momentum"] - learning_rate * gradient
        if self.nesterov:
            moved = parameter + (self.momentum * velocity - learning_rate * gradient)
        else:
            moved = parameter + velocity
        return moved, {"momentum": velocity}
