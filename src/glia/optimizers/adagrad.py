"""Adagrad: a rate for each parameter that falls with the gradients it has seen."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..graph import Array
from .optimizer import Optimizer, Slots

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients so far.

    ::

        a <- a + g**2                                       (a starts at initial_accumulator_value)
        w <- w - learning_rate * g / sqrt(a + epsilon)

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule or callable
        Default 0.001, as in Keras; the paper's experiments and PyTorch use larger ones (0.01).
    initial_accumulator_value : float
        Where the sum starts, at least 0. Default 0.1.
    epsilon : float
        Keeps the divisor above 0. Default 1e-7.
    weight_decay, clipnorm, clipvalue, global_clipnorm, name
        See :class:`Optimizer`.

    Raises
    ------
    ArgumentError
        If an option is out of its range.

    Notes
    -----
    The formula is Keras 3's. PyTorch adds epsilon outside the root, ``sqrt(a) + epsilon`` with
    1e-10, and starts the sum at 0.

    References
    ----------
    Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization", JMLR 12, 2011.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, name)
        self.initial_accumulator_value = self._number(
            "initial_accumulator_value", initial_accumulator_value, 0.1
        )
        self.epsilon = self._number("epsilon", epsilon, 1e-7)

    def slots(self, parameter: Any) -> Slots:
        return {"accumulator": ops.zeros_like(parameter) + self.initial_accumulator_value}

    def update(
        self,
        gradient: Array,
        parameter: Array,
        slots: Slots,
        iteration: Array,
        learning_rate: Array,
    ) -> tuple[Array, Slots]:
        accumulator = slots["accumulator"] + ops.square(gradient)
        change = learning_rate * gradient / ops.sqrt(accumulator + self.epsilon)
        return parameter - change, {"accumulator": accumulator}
