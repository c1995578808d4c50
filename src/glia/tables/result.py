"""TableResult: a trained model with what the test said of it and of its rivals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..callbacks import History
from .bootstrap import Assessment, Interval
from .model import TableModel
from .verdict import Verdict

__all__ = ["TableResult"]


@dataclass(frozen=True, eq=False)
class TableResult:
    """What came of training on a table.

    Attributes
    ----------
    model : TableModel
        The trained model.
    assessment : Assessment
        Scores on the test rows, of the network and of the baselines.
    titles : dict of str to str
        What each baseline is called.
    verdict : Verdict or None
        Who wins; None without baselines.
    notices : list of str
        What the user should know.
    history : History
        The epochs.
    """

    model: TableModel
    assessment: Assessment
    titles: dict[str, str]
    verdict: Verdict | None
    notices: list[str]
    history: History

    @property
    def scores(self) -> dict[str, Interval]:
        """The network's scores on the test rows, the decisive one first."""
        return self.assessment.scores["network"]

    def scores_to_json(self) -> dict[str, Any]:
        """Return the scores and the verdict as plain data."""
        found = self.assessment
        test = {"rows": found.rows, **_flat(found.scores["network"])}
        baselines = {}
        for name, title in self.titles.items():
            difference = found.differences[name].to_json()
            baselines[name] = {
                "title": title,
                **_flat(found.scores[name]),
                "network_minus_this": difference,
            }
        verdict = self.verdict
        return {
            "test": test,
            "baselines": baselines,
            "verdict": None if verdict is None else verdict.sentence,
            "outcome": None if verdict is None else verdict.outcome,
            "rival": None if verdict is None else verdict.rival,
            "decided_by": next(iter(found.scores["network"])),
            "bootstrap_resamples": found.resamples,
        }

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data; the same run gives the same, to the last digit."""
        schema = self.model.schema
        return {
            "target": schema.target,
            "task": schema.task,
            "classes": list(schema.classes),
            **self.scores_to_json(),
            "columns": schema.describe(),
            "notices": self.notices,
            **{k: v for k, v in self.model.record.items() if k not in self.scores_to_json()},
        }


def _flat(scores: Mapping[str, Interval]) -> dict[str, Any]:
    """Write scores as numbers under their names, and the intervals beside them."""
    plain = {name: each.to_json() for name, each in scores.items()}
    return {
        **{name: each["value"] for name, each in plain.items()},
        "intervals": {name: [each["low"], each["high"]] for name, each in plain.items()},
    }
