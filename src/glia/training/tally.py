"""Adding up on the host, in float64, what the steps of a pass return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .objectives import Objective

__all__ = ["Tally"]


class Tally:
    """Running means of a pass: losses weighted by rows, and metrics from their statistics.

    Parameters
    ----------
    objectives : sequence of Objective
        One per output.
    """

    def __init__(self, objectives: Sequence[Objective]) -> None:
        self.objectives = objectives
        self.measures = [measure for each in objectives for measure in each.measures]
        self.rows = 0
        self.steps = 0
        self._loss = 0.0
        self._parts = [0.0] * len(objectives)
        self._sums: list[Any] = [None] * len(self.measures)

    def add(self, outputs: Any, batch: int) -> int | None:
        """Add the stacked outputs of some steps of ``batch`` rows each.

        Returns
        -------
        int or None
            The first of these steps whose loss is not finite, counted from the start of the pass.
        """
        loss, parts, statistics = outputs
        before = self.steps
        self.steps += len(loss)
        self.rows += len(loss) * batch
        self._loss += float(loss.sum(dtype=np.float64)) * batch
        for index, part in enumerate(parts):
            self._parts[index] += float(part.sum(dtype=np.float64)) * batch
        for index, measure in enumerate(self.measures):
            batch_sums = measure.metric.fold(statistics[index])
            so_far = self._sums[index]
            self._sums[index] = (
                batch_sums if so_far is None else measure.metric.join([so_far, batch_sums])
            )
        is_bad = ~np.isfinite(loss)
        return before + int(is_bad.argmax()) if is_bad.any() else None

    def results(self, with_scores: bool = True) -> dict[str, Any]:
        """Return loss, per-output losses and metrics by name.

        Parameters
        ----------
        with_scores : bool
            Whether to compute metrics that sort every score, too slow for a progress line.
        """
        rows = max(self.rows, 1)
        logs: dict[str, Any] = {"loss": self._loss / rows}
        if len(self.objectives) > 1:
            for objective, part in zip(self.objectives, self._parts, strict=True):
                logs[f"{objective.name}_loss"] = part / rows
        for measure, sums in zip(self.measures, self._sums, strict=True):
            if with_scores or not measure.metric.keeps_scores:
                logs[measure.name] = measure.metric.result(sums)
        return logs
