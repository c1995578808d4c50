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
        self._loss = _continued(self._loss, loss, batch)
        for index, part in enumerate(parts):
            self._parts[index] = _continued(self._parts[index], part, batch)
        for index, measure in enumerate(self.measures):
            self._sums[index] = measure.metric.fold(statistics[index], self._sums[index])
        is_bad = ~np.isfinite(loss)
        return before + int(is_bad.argmax()) if is_bad.any() else None

    def get_state(self) -> dict[str, Any]:
        """Return all that has been added up, for a pass to be gone on with later."""
        return {
            "rows": self.rows,
            "steps": self.steps,
            "loss": self._loss,
            "parts": self._parts,
            "sums": self._sums,
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`get_state` returned."""
        self.rows, self.steps = state["rows"], state["steps"]
        self._loss, self._parts, self._sums = state["loss"], state["parts"], state["sums"]

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


def _continued(total: float, values: Any, batch: int) -> float:
    """Return the sum after some more values, added from left to right."""
    each = np.asarray(values, np.float64) * batch
    return float(np.add.accumulate(np.concatenate([[total], each]))[-1])
