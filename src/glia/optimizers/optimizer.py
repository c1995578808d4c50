"""What all optimizers share: the learning rate, clipping, weight decay and their state.

An optimizer is two pure functions written in ops, ``slots`` and ``update``, on one vector that
holds all parameters of a model. The rest is here. ``step`` is pure as well and takes arrays or
symbols, so the arithmetic of the training graph can be followed by hand on NumPy arrays;
``build`` and ``apply`` connect it to the Variables of a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from .. import autodiff, ops
from ..config import Configurable, arguments_of, checked_number
from ..errors import ArgumentError, NotBuiltError
from ..graph import Array, Flat, Tensor, Variable
from . import schedules

__all__ = ["Optimizer", "Slots"]

# Vectors an optimizer keeps beside the parameters, such as the momentum, by name.
Slots = dict[str, Any]

_CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")


class Optimizer(Configurable):
    """A rule that turns gradients into new parameters; subclass it to write your own.

    One step, in this order, as in Keras 3:

    1. clip the gradient, by one of ``clipnorm``: each variable's gradient ``g`` becomes
       ``g * c / max(norm(g), c)``; ``global_clipnorm``: the same with the norm of all gradients
       together; ``clipvalue``: each element is moved into ``[-c, c]``;
    2. decay the weights, ``w <- w - w * weight_decay * learning_rate``: decoupled from the
       gradient (Loshchilov and Hutter, 2019) in every optimizer, as in Keras. PyTorch's
       ``weight_decay`` is so in AdamW only, and adds ``weight_decay * w`` to the gradient in its
       other optimizers;
    3. ``update``, the optimizer's own formula.

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule or callable
        A number, a schedule from :mod:`glia.schedules`, or a function of the update count. A
        number can be changed later, ``optimizer.learning_rate = 0.01``, also between epochs.
        (Keras calls a function without arguments.)
    weight_decay : float, optional
        Fraction of each weight taken away per step and unit of learning rate.
    clipnorm, clipvalue, global_clipnorm : float, optional
        The limit ``c`` above; at most one of the three. A norm that is not finite turns the
        gradient into NaN, so that divergence stays visible.
    name : str, optional
        A name for printing; by default the class name in lower case.

    Raises
    ------
    ArgumentError
        If an option is out of its range or two kinds of clipping are given.

    Examples
    --------
    >>> class SignDescent(Optimizer):
    ...     def update(self, gradient, parameter, slots, iteration, learning_rate):
    ...         return parameter - learning_rate * ops.sign(gradient), slots
    """

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        self.name = type(self).__name__.lower() if name is None else name
        self.weight_decay = self._optional(
            "weight_decay", weight_decay, 0.004, is_zero_allowed=True
        )
        self.clipnorm = self._optional("clipnorm", clipnorm, 1.0)
        self.clipvalue = self._optional("clipvalue", clipvalue, 0.5)
        self.global_clipnorm = self._optional("global_clipnorm", global_clipnorm, 1.0)
        given = [option for option in _CLIPPING if getattr(self, option) is not None]
        if len(given) > 1:
            settings = ", ".join(f"{option}={getattr(self, option)}" for option in given)
            raise ArgumentError(
                f"{type(self).__name__} got {settings}; only one of {', '.join(_CLIPPING)} may be "
                "set. Keep global_clipnorm to scale all gradients alike, clipnorm for each "
                "variable by itself, clipvalue for each element"
            )
        self.flat: Flat | None = None
        self._slots: dict[str, Variable] = {}
        self.iterations = Variable(np.int32(0), f"{self.name}/iterations", trainable=False)
        self._rate: Variable | schedules.LearningRateSchedule
        if isinstance(learning_rate, Real):
            # float64 whatever the model's dtype, so that what was set is what is read back.
            rate = schedules.checked_rate(type(self).__name__, "learning_rate", learning_rate)
            self._rate = Variable(np.float64(rate), f"{self.name}/learning_rate", trainable=False)
        else:
            self._rate = schedules.get(learning_rate)

    # The rule: pure functions of arrays or symbols.

    def slots(self, parameter: Any) -> Slots:
        """Return the initial slots, arrays shaped like the parameter array; none by default."""
        return {}

    def update(
        self,
        gradient: Array,
        parameter: Array,
        slots: Slots,
        iteration: Array,
        learning_rate: Array,
    ) -> tuple[Array, Slots]:
        """Return the new parameter and the new slots.

        Parameters
        ----------
        gradient, parameter : array or Tensor, of one shape and float dtype
            The gradient of the loss (clipped), and the parameter (decayed).
        slots : dict of str to array or Tensor
            The slots as ``slots`` or the last ``update`` returned them.
        iteration : int scalar
            Number of updates made before this one.
        learning_rate : float scalar
            The learning rate of this update.

        Returns
        -------
        tuple
            The new parameter and a dict with the same keys as ``slots``.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no update: write def update(self, gradient, parameter, "
            "slots, iteration, learning_rate) and return (new parameter, new slots)"
        )

    def clip(self, gradient: Array, sizes: Sequence[int] | None = None) -> Array:
        """Return the gradient with this optimizer's clipping applied.

        Parameters
        ----------
        gradient : array or Tensor
            All gradients; a vector if ``sizes`` is given.
        sizes : sequence of int, optional
            Lengths of the variables in it, for ``clipnorm``; one variable when not given.
        """
        if self.clipvalue is not None:
            return ops.clip(gradient, -self.clipvalue, self.clipvalue)
        if self.global_clipnorm is not None:
            return _limited(gradient, self.global_clipnorm)
        if self.clipnorm is None:
            return gradient
        if sizes is None or len(sizes) < 2:
            return _limited(gradient, self.clipnorm)
        pieces = ops.split(gradient, tuple(sizes), 0)
        return ops.concatenate([_limited(piece, self.clipnorm) for piece in pieces], 0)

    def rate(self, iteration: Array) -> Array:
        """Return the learning rate, a float64 scalar, after ``iteration`` updates."""
        if isinstance(self._rate, Variable):
            return self._rate.value
        return self._rate(iteration)

    def step(
        self,
        gradient: Array,
        parameter: Array,
        slots: Slots,
        iteration: Array,
        sizes: Sequence[int] | None = None,
    ) -> tuple[Array, Slots]:
        """Clip, decay and update: one whole step as a pure function.

        Parameters
        ----------
        gradient, parameter : array or Tensor, of one shape and float dtype
            The gradient as it comes from the loss, and the parameter.
        slots : dict of str to array or Tensor
            The slots, from ``slots(parameter)`` or the last step.
        iteration : int scalar
            Number of steps made before this one.
        sizes : sequence of int, optional
            Lengths of the variables in the vector, for ``clipnorm``.

        Returns
        -------
        tuple
            The new parameter and the new slots.
        """
        rate = ops.cast(self.rate(iteration), parameter.dtype)
        gradient = self.clip(gradient, sizes)
        if self.weight_decay is not None:
            parameter = parameter - parameter * (self.weight_decay * rate)
        return self.update(gradient, parameter, slots, iteration, rate)

    def gradients(
        self,
        loss: Tensor,
        y_true: Tensor | Sequence[Tensor],
        outputs: Tensor | Sequence[Tensor],
        flat: Flat,
    ) -> Tensor:
        """Return the gradient of the loss with respect to all parameters (in traced code).

        A rule that does not follow the gradient overrides this one.

        Parameters
        ----------
        loss : Tensor
            The scalar loss.
        y_true, outputs : Tensor, or one per output of the model
            Targets and predictions of the batch.
        flat : Flat
            The parameters.
        """
        gradient: Tensor = autodiff.gradients(loss, [flat])[0]
        return gradient

    # The state: Variables beside the parameters of one model.

    def build(self, flat: Flat) -> None:
        """Create the slots for a model's parameters.

        Building again for the same parameters keeps the slots.

        Parameters
        ----------
        flat : Flat
            All trainable variables of the model in one vector.

        Raises
        ------
        ArgumentError
            If the optimizer already belongs to other parameters.
        """
        if self.flat is not None:
            known, new = self.flat.members, flat.members
            if len(known) == len(new) and all(a is b for a, b in zip(known, new, strict=True)):
                self.flat = flat
                return
            raise ArgumentError(
                f"this {type(self).__name__} was built for {_described(self.flat)} and is now "
                f"asked to train {_described(flat)}; its slots fit one set of variables only. "
                "Make a new one: "
                f"glia.optimizers.{type(self).__name__}.from_config(optimizer.get_config())"
            )
        self._slots = {
            slot: Variable(np.array(value, flat.dtype), f"{self.name}/{slot}", trainable=False)
            for slot, value in self.slots(flat.array).items()
        }
        self.flat = flat

    def apply(self, gradient: Array) -> None:
        """Make one step on the model's parameters, slots and ``iterations``.

        Parameters
        ----------
        gradient : Tensor in traced code, else array; the shape of the flat parameter vector
            The gradient of the loss.

        Raises
        ------
        NotBuiltError
            If the optimizer has not been built.
        """
        if self.flat is None:
            raise NotBuiltError(
                f"{type(self).__name__} has no parameters to update yet; call model.compile, or "
                "optimizer.build(Flat(variables))"
            )
        iteration = self.iterations.value
        slots = {slot: variable.value for slot, variable in self._slots.items()}
        parameter, new = self.step(gradient, self.flat.value, slots, iteration, self.flat.sizes)
        self._check_slots(new)
        self.flat.assign(parameter)
        for slot, variable in self._slots.items():
            variable.assign(new[slot])
        self.iterations.assign(iteration + 1)

    @property
    def slot_variables(self) -> dict[str, Variable]:
        """The slots by name; empty before ``build``."""
        return dict(self._slots)

    @property
    def variables(self) -> list[Variable]:
        """Everything a saved optimizer needs: the counter, the learning rate, the slots."""
        rate = [self._rate] if isinstance(self._rate, Variable) else []
        return [self.iterations, *rate, *self._slots.values()]

    @property
    def schedule(self) -> schedules.LearningRateSchedule | None:
        """The learning-rate schedule, or None where the rate is a number."""
        return None if isinstance(self._rate, Variable) else self._rate

    @property
    def learning_rate(self) -> Any:
        """The learning rate: a Variable to read and set, or a schedule's value for the next step.

        Setting it raises ArgumentError where a schedule decides, or for a value that is not a
        finite number of at least 0.
        """
        if isinstance(self._rate, Variable):
            return self._rate
        return self._rate(self.iterations.value)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        owner = type(self).__name__
        if not isinstance(self._rate, Variable):
            raise ArgumentError(
                f"{owner}: learning_rate follows {self._rate!r} and cannot be set to {value!r}. "
                f"To set it by hand, make the optimizer with a number: {owner}(learning_rate=0.01)"
            )
        if callable(value):
            raise ArgumentError(
                f"{owner}: learning_rate got {value!r}, but the optimizer was made with a number. "
                f"Make a new one, {owner}(learning_rate=schedule), and compile again"
            )
        if isinstance(value, np.ndarray | Variable) and value.size == 1:
            value = float(np.asarray(value).reshape(()))
        self._rate.assign(np.float64(schedules.checked_rate(owner, "learning_rate", value)))

    def get_arguments(self) -> dict[str, Any]:
        return {**super().get_arguments(), "learning_rate": self._shown_rate}

    def __repr__(self) -> str:
        shown = {"learning_rate": self._shown_rate}
        for argument, parameter in arguments_of(type(self)).items():
            if argument not in ("learning_rate", "name"):
                value = getattr(self, argument)
                if value != parameter.default:
                    shown[argument] = value
        listed = ", ".join(f"{argument}={value!r}" for argument, value in shown.items())
        return f"{type(self).__name__}({listed})"

    @property
    def _shown_rate(self) -> float | schedules.LearningRateSchedule:
        return float(self._rate) if isinstance(self._rate, Variable) else self._rate

    def _optional(
        self, argument: str, value: object, example: float, is_zero_allowed: bool = False
    ) -> float | None:
        if value is None:
            return None
        return self._number(argument, value, example, is_low_allowed=is_zero_allowed)

    def _number(self, argument: str, value: object, example: float, **limits: Any) -> float:
        return checked_number(type(self).__name__, argument, value, example=example, **limits)

    def _check_slots(self, new: Slots) -> None:
        if set(new) != set(self._slots):
            raise ArgumentError(
                f"{type(self).__name__}.update returned the slots {sorted(new)}; expected those "
                f"that slots() made, {sorted(self._slots)}. Return one value for each of them"
            )


def _limited(gradient: Array, limit: float) -> Array:
    norm = ops.sqrt(ops.sum(ops.square(gradient)))
    # An infinite norm would give a gradient of zeros, which looks like convergence.
    is_finite = ops.less(norm, float("inf"))
    scale = ops.where(is_finite, limit / ops.maximum(norm, limit), float("nan"))
    return gradient * scale


def _described(flat: Flat) -> str:
    names = [member.name for member in flat.members]
    shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return f"{len(names)} variables with {flat.size:,} parameters ({shown})"
