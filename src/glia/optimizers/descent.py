"""Minimising a function of a few numbers, every step on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..derivatives import value_and_grad
from ..errors import ArgumentError
from .registry import get

__all__ = ["Descent", "minimize"]


class Descent(NamedTuple):
    """Where an optimizer went.

    Attributes
    ----------
    path : array (steps + 1, ...)
        The points, the start first.
    losses : array (steps + 1,)
        The function's value at each of them.
    """

    path: np.ndarray[Any, Any]
    losses: np.ndarray[Any, Any]


def minimize(
    function: Callable[[Any], Any], start: Any, optimizer: object = "sgd", steps: int = 100
) -> Descent:
    """Minimise a function of an array, and return every point on the way.

    Parameters
    ----------
    function : callable
        ``function(point)`` returning a scalar, written in arithmetic and ops.
    start : array_like
        The first point, any shape; the computation is in float64.
    optimizer : Optimizer or str
        What makes the steps. Its own state is neither read nor changed.
    steps : int
        How many steps to make.

    Returns
    -------
    Descent
        ``path``, shape ``(steps + 1, *start.shape)``, and ``losses``, shape ``(steps + 1,)``;
        both begin with the start.

    Raises
    ------
    ArgumentError
        For an unknown optimizer or a number of steps below 0.
    """
    rule = get(optimizer)
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
        raise ArgumentError(f"minimize: steps got {steps!r}; expected a whole number >= 0")
    point = np.array(start, np.float64)
    value_and_gradient = value_and_grad(function)
    slots = rule.slots(point)
    path, losses = [point], []
    for iteration in range(steps):
        value, gradient = value_and_gradient(point)
        point, slots = rule.step(gradient, point, slots, iteration)
        path.append(point)
        losses.append(value)
    losses.append(function(point))
    return Descent(np.stack(path), np.array(losses, np.float64))
