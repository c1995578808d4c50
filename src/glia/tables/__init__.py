"""Tables in, trained and honestly tested networks out: what ``glia train`` is made of."""

from .bootstrap import Assessment, Interval
from .effects import Effect, RowExplanation, explain_row
from .learning import Prepared, assess, learn, prepare, train_table
from .model import TableModel
from .result import TableResult
from .scores import SCORES, Score
from .settings import Settings
from .verdict import Verdict, verdict_of

__all__ = [
    "SCORES",
    "Assessment",
    "Effect",
    "Interval",
    "Prepared",
    "RowExplanation",
    "Score",
    "Settings",
    "TableModel",
    "TableResult",
    "Verdict",
    "assess",
    "explain_row",
    "learn",
    "prepare",
    "train_table",
    "verdict_of",
]
