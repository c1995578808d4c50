"""Adam and AdamW: momentum, and steps divided by the gradient's running size."""

from __future__ import annotations

from typing import Any

from .. import dtypes, ops
from ..errors import ArgumentError
from ..graph import Array
from .optimizer import Optimizer, Slots

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    """Adaptive moments: an average gradient over the root of the average squared gradient.

    With ``t`` the number of this step, from 1::

        m <- m + (1 - beta_1) * (g - m)
        v <- v + (1 - beta_2) * (g**2 - v)
        rate = learning_rate * sqrt(1 - beta_2**t) / (1 - beta_1**t)      (bias correction)
        w <- w - rate * m / (sqrt(v) + epsilon)

    With ``amsgrad`` the largest ``v`` so far takes the place of ``v`` in the last line.

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule or callable
        Default 0.001.
    beta_1, beta_2 : float
        How much of the averages of ``g`` and ``g**2`` is kept at each step; at least 0 and below
        1. Defaults 0.9 and 0.999.
    epsilon : float
        Keeps the divisor above 0: "epsilon hat" of the paper. Default 1e-7.
    amsgrad : bool
        Whether the divisor may never fall (Reddi et al., 2018). Default False.
    weight_decay, clipnorm, clipvalue, global_clipnorm, name
        See :class:`Optimizer`.

    Raises
    ------
    ArgumentError
        If an option is out of its range.

    Notes
    -----
    The formulas are Keras 3's: the paper's remark before its section 2.1, with epsilon added
    before the bias is corrected. Algorithm 1 of the paper and PyTorch (epsilon 1e-8) add it
    after, ``learning_rate * m_hat / (sqrt(v_hat) + epsilon)``; the two agree where epsilon is
    negligible.

    References
    ----------
    Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015 (arXiv:1412.6980). Reddi,
    Kale and Kumar, "On the Convergence of Adam and Beyond", 2018.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, name)
        self.beta_1 = self._beta("beta_1", beta_1, 0.9)
        self.beta_2 = self._beta("beta_2", beta_2, 0.999)
        self.epsilon = self._number("epsilon", epsilon, 1e-7)
        self.amsgrad = amsgrad

    def slots(self, parameter: Any) -> Slots:
        names = ["momentum", "velocity"] + (["velocity_hat"] if self.amsgrad else [])
        return {name: ops.zeros_like(parameter) for name in names}

    def update(
        self,
        gradient: Array,
        parameter: Array,
        slots: Slots,
        iteration: Array,
        learning_rate: Array,
    ) -> tuple[Array, Slots]:
        # In float32 the correction of an early step would lose half of its digits.
        step = ops.cast(iteration + 1, dtypes.float64)
        correction = ops.sqrt(1.0 - ops.power(self.beta_2, step))
        correction = correction / (1.0 - ops.power(self.beta_1, step))
        rate = learning_rate * ops.cast(correction, parameter.dtype)
        momentum, velocity = slots["momentum"], slots["velocity"]
        momentum = momentum + (1.0 - self.beta_1) * (gradient - momentum)
        velocity = velocity + (1.0 - self.beta_2) * (ops.square(gradient) - velocity)
        new = {"momentum": momentum, "velocity": velocity}
        if self.amsgrad:
            velocity = new["velocity_hat"] = ops.maximum(slots["velocity_hat"], velocity)
        return parameter - rate * momentum / (ops.sqrt(velocity) + self.epsilon), new

    def _beta(self, argument: str, value: object, example: float) -> float:
        beta = self._number(argument, value, example, high=1.0)
        if beta == 1.0:
            raise ArgumentError(
                f"{type(self).__name__}: {argument} got 1, so the average would never move; "
                f"expected a number >= 0 and < 1. Write for example {argument}={example}"
            )
        return beta


class AdamW(Adam):
    """Adam with weight decay that does not pass through the averages.

    ::

        w <- w - w * weight_decay * learning_rate
        w <- Adam's step, with the gradient as it is

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule or callable
        Default 0.001.
    weight_decay : float
        Fraction of each weight taken away per step and unit of learning rate. Default 0.004, as
        in Keras; PyTorch's is 0.01.
    beta_1, beta_2, epsilon, amsgrad
        See :class:`Adam`.
    clipnorm, clipvalue, global_clipnorm, name
        See :class:`Optimizer`.

    Raises
    ------
    ArgumentError
        If an option is out of its range, or ``weight_decay`` is None.

    References
    ----------
    Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019 (arXiv:1711.05101).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            name,
        )
        if self.weight_decay is None:
            raise ArgumentError(
                "AdamW: weight_decay got None; expected a number >= 0, such as 0.004. "
                "For no weight decay use Adam"
            )
