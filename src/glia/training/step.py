"""One training step as one graph: forward, loss, gradients, update and metric statistics.

The same class describes evaluation, which is a step without an optimizer. Nothing here computes:
it records, and a :class:`~glia.function.Loop` runs the recording over an epoch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import ops
from ..graph import Flat, Tensor
from ..optimizers import Optimizer
from .arrays import Structure
from .objectives import Objective

__all__ = ["Layout", "Step", "outputs_of"]


@dataclass(frozen=True)
class Layout:
    """Where each array lies in a step's data: inputs, targets, then perhaps weights.

    Attributes
    ----------
    inputs : Structure
        How the model wants its inputs.
    targets : int
        Number of targets, one per output.
    has_weights : bool
        Whether one weight per row follows.
    """

    inputs: Structure
    targets: int
    has_weights: bool


def outputs_of(result: Any) -> tuple[list[Tensor], list[str] | None]:
    """List a model's outputs, with their names where it returns a dict."""
    if isinstance(result, Mapping):
        return list(result.values()), [str(key) for key in result]
    if isinstance(result, (list, tuple)):
        return list(result), None
    return [result], None


class Step:
    """What happens to one batch.

    With optimizer, in this order: the batch is gathered, the model called, each output's loss is
    the mean over rows of weight times value (Keras' ``sum_over_batch_size``), regularisation is
    added, gradients are taken, the optimizer moves the weights, and metrics are summed from the
    outputs before the move.

    Parameters
    ----------
    model : callable
        With ``regularization()``.
    objectives : sequence of Objective
        One per output.
    layout : Layout
        What the data tuple holds.
    optimizer, flat : Optimizer and Flat, or None
        Who moves which weights.
    """

    def __init__(
        self,
        model: Any,
        objectives: Sequence[Objective],
        layout: Layout,
        optimizer: Optimizer | None = None,
        flat: Flat | None = None,
    ) -> None:
        self.model = model
        self.objectives = objectives
        self.layout = layout
        self.optimizer = optimizer
        self.flat = flat

    def __call__(self, row: Tensor, data: tuple[Tensor, ...]) -> tuple[Any, ...]:
        """Record the step for the rows numbered ``row``, an int32 tensor ``(batch,)``.

        Returns
        -------
        loss : scalar Tensor
            What is minimised.
        parts : tuple of scalar Tensor
            Each output's own loss.
        statistics : tuple of tuple of Tensor
            Each metric's additive statistics.
        """
        layout = self.layout
        batch = [ops.gather(array, row) for array in data]
        count = layout.inputs.count
        x = layout.inputs.pack(batch[:count])
        targets = batch[count : count + layout.targets]
        weight = batch[-1] if layout.has_weights else None
        outputs, _ = outputs_of(self.model(x))
        parts = [
            objective.loss(y, output, weight)
            for objective, y, output in zip(self.objectives, targets, outputs, strict=True)
        ]
        loss = _total(self.objectives, parts, self.model.regularization())
        if self.optimizer is not None and self.flat is not None:
            is_one = len(outputs) == 1
            gradient = self.optimizer.gradients(
                loss,
                targets[0] if is_one else targets,
                outputs[0] if is_one else outputs,
                self.flat,
            )
            self.optimizer.apply(gradient)
        statistics = tuple(
            tuple(measure.metric.statistics(y, output, weight if measure.is_weighted else None))
            for objective, y, output in zip(self.objectives, targets, outputs, strict=True)
            for measure in objective.measures
        )
        return loss, tuple(parts), statistics


def _total(
    objectives: Sequence[Objective], parts: Sequence[Tensor], penalties: Sequence[Tensor]
) -> Tensor:
    total: Any = None
    for objective, part in zip(objectives, parts, strict=True):
        weighted = part if objective.weight == 1 else part * objective.weight
        total = weighted if total is None else total + weighted
    for penalty in penalties:
        total = total + penalty
    return total  # type: ignore[no-any-return]
