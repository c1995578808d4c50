"""When the loss is no longer finite: put the last good weights back and say what to change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..errors import DivergenceError
from ..graph import Variable
from .data import Part

__all__ = ["Snapshot", "explain"]


class Snapshot:
    """Copies of everything training changes.

    Parameters
    ----------
    variables : iterable of Variable
        What to copy, and to put back.
    """

    def __init__(self, variables: Iterable[Variable]) -> None:
        self.saved = [(variable, variable.array.copy()) for variable in variables]

    def restore(self) -> None:
        """Put the copies back."""
        for variable, array in self.saved:
            variable.array[...] = array


def is_finite(variables: Iterable[Variable]) -> bool:
    """Return whether every float among the variables is finite."""
    return all(
        bool(np.isfinite(variable.array).all())
        for variable in variables
        if variable.dtype.kind == "f"
    )


def explain(
    epoch: int, step: int, steps: int, loss: float, optimizer: Any, part: Part, is_first: bool
) -> DivergenceError:
    """Build the error for a loss that is no longer finite.

    Parameters
    ----------
    epoch, step, steps : int
        Where it happened, both from 0, and the steps per epoch.
    loss : float
        The loss of that step; finite if only the weights are not.
    optimizer : Optimizer
        For its learning rate and clipping.
    part : Part
        The training rows, looked at for values far too large.
    is_first : bool
        Whether it was the first step of this fit, before any weight had moved.
    """
    rate = float(optimizer.learning_rate)
    what = f"the loss became {loss:g}" if not np.isfinite(loss) else "the weights became infinite"
    fixes = []
    largest = max(float(np.abs(array[part.rows]).max()) for array in part.inputs)
    if largest > 100:
        fixes.append(
            f"scale the inputs, which reach {largest:.3g} (start the model with "
            "glia.layers.Normalization, adapted to x)"
        )
    targets = [np.abs(y[part.rows]).max() for y in part.targets if y.dtype.kind == "f"]
    if targets and float(max(targets)) > 1000:
        fixes.append(f"scale the targets, which reach {float(max(targets)):.3g}")
    if not is_first:
        fixes.append(f"lower the learning rate from {rate:g}, to {rate / 10:g} say")
        limits = ("clipnorm", "clipvalue", "global_clipnorm")
        if all(getattr(optimizer, limit, None) is None for limit in limits):
            fixes.append("limit the gradients with clipnorm=1.0 in the optimizer")
    elif not fixes:
        fixes.append(
            "look at the initial weights and at a loss or layer of your own: log or division of "
            "zero, for example"
        )
    why = "before any weight had moved, so the learning rate is not to blame; " if is_first else ""
    return DivergenceError(
        f"training stopped: {what} in epoch {epoch + 1}, step {step + 1} of {steps}, with learning "
        f"rate {rate:g}; {why}expected a finite loss. The model has the weights of the last epoch "
        f"that was finite (or those it started with). Likely fix: {'; or '.join(fixes)}"
    )
