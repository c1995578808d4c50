"""Learning-rate schedules: the rate as a pure function of the number of updates made so far.

A schedule is given to an optimizer in place of a number, ``Adam(CosineDecay(0.01, 1000))``, and
becomes a few scalar operations of the training graph. ``schedule(0)`` is the rate of the first
update. Every schedule computes in float64 whatever the model's dtype; the optimizer rounds the
result once, to the dtype of the parameters.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence

from .. import dtypes, ops
from ..config import Configurable, checked_number, instance
from ..errors import ArgumentError
from ..graph import Array

__all__ = [
    "SCHEDULES",
    "Constant",
    "CosineDecay",
    "ExponentialDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "StepDecay",
    "Written",
    "checked_rate",
    "get",
]


def checked_rate(owner: str, argument: str, value: object) -> float:
    """Return a learning rate as a float, or raise an ArgumentError: it is finite and >= 0."""
    return checked_number(owner, argument, value, example=0.01)


def _checked_count(owner: str, argument: str, value: object) -> float:
    count = checked_number(owner, argument, value, example=1000, is_low_allowed=False)
    return int(count) if count.is_integer() else count


def _checked_factor(owner: str, argument: str, value: object) -> float:
    return checked_number(owner, argument, value, example=0.5, is_low_allowed=False)


class LearningRateSchedule(Configurable):
    """The rate as a function of the update count; subclass it and write ``__call__`` in ops.

    Examples
    --------
    >>> class Hyperbolic(LearningRateSchedule):
    ...     def __init__(self, initial_learning_rate):
    ...         self.initial_learning_rate = initial_learning_rate
    ...     def __call__(self, iteration):
    ...         return self.initial_learning_rate / (iteration + 1)
    """

    def __call__(self, iteration: Array) -> Array:
        """Return the rate (scalar float) of the update after ``iteration`` (scalar int) updates."""
        raise NotImplementedError(
            f"{type(self).__name__} has no __call__: write def __call__(self, iteration) "
            "and return the learning rate, using glia.ops"
        )


class Constant(LearningRateSchedule):
    """The same rate for every update: ``rate(t) = learning_rate``.

    Parameters
    ----------
    learning_rate : float
        The rate.

    Raises
    ------
    ArgumentError
        If the rate is not a finite number of at least 0.
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = checked_rate("Constant", "learning_rate", learning_rate)

    def __call__(self, iteration: Array) -> Array:
        return 0.0 * ops.cast(iteration, dtypes.float64) + self.learning_rate


class StepDecay(LearningRateSchedule):
    """The rate multiplied by a factor every so many updates.

    ``rate(t) = initial_learning_rate * drop ** floor(t / decay_steps)``, PyTorch's ``StepLR``
    counted in updates. Keras spells it ``ExponentialDecay(..., staircase=True)``.

    Parameters
    ----------
    initial_learning_rate : float
        The rate of the first ``decay_steps`` updates.
    decay_steps : int
        Updates between two drops.
    drop : float
        The factor of each drop, above 0.

    Raises
    ------
    ArgumentError
        If a value is out of its range.
    """

    def __init__(self, initial_learning_rate: float, decay_steps: float, drop: float = 0.5) -> None:
        self.initial_learning_rate = checked_rate(
            "StepDecay", "initial_learning_rate", initial_learning_rate
        )
        self.decay_steps = _checked_count("StepDecay", "decay_steps", decay_steps)
        self.drop = _checked_factor("StepDecay", "drop", drop)

    def __call__(self, iteration: Array) -> Array:
        drops = ops.floor(ops.cast(iteration, dtypes.float64) / self.decay_steps)
        return self.initial_learning_rate * ops.power(self.drop, drops)


class ExponentialDecay(LearningRateSchedule):
    """The rate multiplied by ``decay_rate`` over every ``decay_steps`` updates, smoothly.

    ``rate(t) = initial_learning_rate * decay_rate ** (t / decay_steps)``; with ``staircase`` the
    exponent is rounded down, so that the rate falls in steps. The formula is Keras 3's.

    Parameters
    ----------
    initial_learning_rate : float
        The rate of the first update.
    decay_steps : int
        Updates over which the rate is multiplied by ``decay_rate`` once.
    decay_rate : float
        The factor, above 0.
    staircase : bool
        Whether the rate falls in steps.
    name : str
        A name for printing.

    Raises
    ------
    ArgumentError
        If a value is out of its range.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = checked_rate(
            "ExponentialDecay", "initial_learning_rate", initial_learning_rate
        )
        self.decay_steps = _checked_count("ExponentialDecay", "decay_steps", decay_steps)
        self.decay_rate = _checked_factor("ExponentialDecay", "decay_rate", decay_rate)
        self.staircase = staircase
        self.name = name

    def __call__(self, iteration: Array) -> Array:
        exponent = ops.cast(iteration, dtypes.float64) / self.decay_steps
        if self.staircase:
            exponent = ops.floor(exponent)
        return self.initial_learning_rate * ops.power(self.decay_rate, exponent)


class PiecewiseConstantDecay(LearningRateSchedule):
    """A table of rates: ``values[i]`` holds up to and including update count ``boundaries[i]``.

    ``rate(t) = values[0]`` for ``t <= boundaries[0]``, ``values[1]`` for
    ``boundaries[0] < t <= boundaries[1]``, and so on to ``values[-1]``. As in Keras 3, except
    that a boundary need not be whole: Keras truncates it to an integer first.

    Parameters
    ----------
    boundaries : sequence of numbers
        Strictly increasing update counts.
    values : sequence of float
        One rate more than there are boundaries.
    name : str
        A name for printing.

    Raises
    ------
    ArgumentError
        If the lengths do not fit, the boundaries do not increase or a rate is out of range.
    """

    def __init__(
        self,
        boundaries: Sequence[float],
        values: Sequence[float],
        name: str = "PiecewiseConstant",
    ) -> None:
        self.boundaries = list(boundaries)
        self.values = [checked_rate("PiecewiseConstantDecay", "values", value) for value in values]
        self.name = name
        if len(self.values) != len(self.boundaries) + 1:
            raise ArgumentError(
                f"PiecewiseConstantDecay got {len(self.boundaries)} boundaries and "
                f"{len(self.values)} values; expected one value more than boundaries: "
                "the rate before the first, between each two, and after the last"
            )
        if any(
            low >= high for low, high in zip(self.boundaries, self.boundaries[1:], strict=False)
        ):
            raise ArgumentError(
                f"PiecewiseConstantDecay got boundaries {self.boundaries}; "
                "expected strictly increasing update counts. Sort them and drop repeats"
            )

    def __call__(self, iteration: Array) -> Array:
        count = ops.cast(iteration, dtypes.float64)
        rate = 0.0 * count + self.values[-1]
        for boundary, value in zip(reversed(self.boundaries), self.values[-2::-1], strict=True):
            rate = ops.where(ops.less_equal(count, boundary), value, rate)
        return rate


class CosineDecay(LearningRateSchedule):
    """Half a cosine wave from the peak rate down, after an optional straight warm-up.

    Without warm-up the peak is ``initial_learning_rate`` and::

        rate(t) = peak * ((1 - alpha) * (1 + cos(pi * min(t, decay_steps) / decay_steps)) / 2
                          + alpha)

    With ``warmup_target`` the rate first rises (or falls) on a straight line from
    ``initial_learning_rate`` to ``warmup_target`` over ``warmup_steps`` updates, and the cosine
    starts there: ``peak = warmup_target`` and ``t`` is counted from the end of the warm-up. The
    formulas are Keras 3's.

    Parameters
    ----------
    initial_learning_rate : float
        The rate of the first update.
    decay_steps : int
        Updates the cosine takes, warm-up not included.
    alpha : float
        What is left at the end, as a fraction of the peak.
    name : str
        A name for printing.
    warmup_target : float or None
        The rate at the end of the warm-up; None means no warm-up.
    warmup_steps : int
        Updates the warm-up takes.

    Raises
    ------
    ArgumentError
        If a value is out of its range, or ``warmup_steps`` is given without ``warmup_target``
        (Keras ignores it in silence).

    References
    ----------
    Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017
    (arXiv:1608.03983). Goyal et al., "Accurate, Large Minibatch SGD", 2017 (arXiv:1706.02677),
    for the warm-up.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ) -> None:
        self.initial_learning_rate = checked_rate(
            "CosineDecay", "initial_learning_rate", initial_learning_rate
        )
        self.decay_steps = _checked_count("CosineDecay", "decay_steps", decay_steps)
        self.alpha = checked_rate("CosineDecay", "alpha", alpha)
        self.name = name
        self.warmup_target = (
            None
            if warmup_target is None
            else checked_rate("CosineDecay", "warmup_target", warmup_target)
        )
        if warmup_steps != 0:
            warmup_steps = _checked_count("CosineDecay", "warmup_steps", warmup_steps)
            if warmup_target is None:
                raise ArgumentError(
                    f"CosineDecay got warmup_steps={warmup_steps} without warmup_target, "
                    "so it would not warm up. Set initial_learning_rate to where the warm-up "
                    "starts (often 0) and warmup_target to the peak rate"
                )
        self.warmup_steps = warmup_steps

    def __call__(self, iteration: Array) -> Array:
        count = ops.cast(iteration, dtypes.float64)
        start, target = self.initial_learning_rate, self.warmup_target
        peak = start if target is None else target
        decayed = ops.clip(count - self.warmup_steps, 0.0, float(self.decay_steps))
        wave = 0.5 * (1.0 + ops.cos(math.pi * (decayed / self.decay_steps)))
        rate = peak * ((1.0 - self.alpha) * wave + self.alpha)
        if self.warmup_steps == 0:
            return rate
        line = (peak - start) * (count / self.warmup_steps) + start
        return ops.where(ops.less(count, self.warmup_steps), line, rate)


class Written(LearningRateSchedule):
    """A schedule out of a function of one's own.

    Parameters
    ----------
    function : callable
        ``function(iteration)``, written in ops. (Keras calls such a function without arguments;
        recorded once, that rate could never change.)

    Raises
    ------
    ArgumentError
        If the function cannot be called with one argument.
    """

    def __init__(self, function: Callable[[Array], Array]) -> None:
        try:
            inspect.signature(function).bind(0)
        except ValueError:
            pass  # some builtins have no signature to look at; calling them will tell
        except TypeError:
            raise ArgumentError(
                f"learning rate got the function {function!r}, which cannot be called with one "
                "argument; expected a function of the update count, such as "
                "lambda iteration: 0.1 / (1 + iteration)"
            ) from None
        self.function = function

    def __call__(self, iteration: Array) -> Array:
        return self.function(iteration)


SCHEDULES: dict[str, type[LearningRateSchedule]] = {
    kind.__name__: kind
    for kind in (Constant, CosineDecay, ExponentialDecay, PiecewiseConstantDecay, StepDecay)
}


def get(identifier: object) -> LearningRateSchedule:
    """Return the schedule something stands for.

    Parameters
    ----------
    identifier : LearningRateSchedule, number, callable or config dict
        A schedule is returned as it is, a number becomes :class:`Constant`, and a function of
        the update count, written in ops, becomes a schedule.

    Returns
    -------
    LearningRateSchedule
        The schedule.

    Raises
    ------
    ArgumentError
        For a name or class (a schedule needs its arguments), an unknown name, a function that
        takes no update count, or anything else.
    """
    is_text_of_number = isinstance(identifier, str) and identifier.lstrip(" +-.")[:1].isdigit()
    if not is_text_of_number:
        schedule = instance("learning-rate schedule", identifier, LearningRateSchedule, SCHEDULES)
        if schedule is not None:
            return schedule
    if callable(identifier):
        return Written(identifier)
    return Constant(checked_rate("learning-rate schedule", "learning_rate", identifier))
