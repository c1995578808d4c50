"""Settings: everything that decides how a table is trained on, apart from the table itself."""

from __future__ import annotations

import dataclasses
import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import ArgumentError, unknown_name

__all__ = ["Settings"]

TASKS = ("classification", "binary", "multi-class", "regression")
KINDS = ("numeric", "category", "boolean", "date", "drop")
ORDERS = ("stratified", "random", "tail")
MOST_UNITS, MOST_LAYERS = 100_000, 50


@dataclass(frozen=True)
class Settings:
    """How to train; the same settings on the same table give the same numbers.

    Attributes
    ----------
    target : str
        The column to predict.
    task : str, optional
        ``"classification"``, ``"binary"``, ``"multi-class"`` or ``"regression"``; told from the
        column if not given.
    hidden : tuple of int
        Units of each hidden layer; empty for a linear model.
    epochs : int
        The most epochs there will be; early stopping usually ends sooner.
    seed : int
        Of the split, the initial weights, the order of the rows, dropout and the bootstrap.
    batch_size : int, optional
        Rows per step; chosen by the number of rows if not given.
    learning_rate : float
        Adam's.
    dropout : float
        Share of each hidden layer's outputs left out in training.
    weight_decay : float
        How much of each weight a step takes away, as a multiple of the learning rate.
    patience : int
        Epochs without a better loss on the validation rows before training stops.
    test_share, validation_share : float
        Shares of all rows held back for the test and for early stopping. With a test table of
        its own, ``test_share`` has no meaning.
    order : str
        ``"stratified"`` (classes keep their shares), ``"random"``, or ``"tail"``: the last rows
        are tested on, which is right for time series.
    kinds : dict of str to str
        What columns are where the guess is wrong: ``"numeric"``, ``"category"``, ``"boolean"``,
        ``"date"`` or ``"drop"``.
    has_baselines : bool
        Whether the network is compared with other methods.

    Raises
    ------
    ArgumentError
        For a value out of its range.
    """

    target: str
    task: str | None = None
    hidden: tuple[int, ...] = (64, 32)
    epochs: int = 200
    seed: int = 0
    batch_size: int | None = None
    learning_rate: float = 0.001
    dropout: float = 0.2
    weight_decay: float = 0.3
    patience: int = 20
    test_share: float = 0.2
    validation_share: float = 0.15
    order: str = "stratified"
    kinds: dict[str, str] = field(default_factory=dict)
    has_baselines: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(self.hidden))
        object.__setattr__(self, "kinds", dict(self.kinds))
        if self.task is not None and self.task not in TASKS:
            raise unknown_name("task", self.task, TASKS)
        if self.order not in ORDERS:
            raise unknown_name("order", self.order, ORDERS)
        for kind in self.kinds.values():
            if kind not in KINDS:
                raise unknown_name("kind of column", kind, KINDS)
        if len(self.hidden) > MOST_LAYERS:
            raise ArgumentError(
                f"hidden got {len(self.hidden)} layers; expected at most {MOST_LAYERS}"
            )
        for units in self.hidden:
            _whole("hidden", units, 1, MOST_UNITS)
        _whole("epochs", self.epochs, 1)
        _whole("seed", self.seed, 0, 2**64 - 1)
        _whole("patience", self.patience, 1)
        if self.batch_size is not None:
            _whole("batch_size", self.batch_size, 1)
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise ArgumentError(f"learning_rate got {self.learning_rate!r}; expected more than 0")
        if not 0 <= self.dropout < 1:
            raise ArgumentError(f"dropout got {self.dropout!r}; expected from 0 to below 1")
        if not (math.isfinite(self.weight_decay) and self.weight_decay >= 0):
            raise ArgumentError(f"weight_decay got {self.weight_decay!r}; expected at least 0")
        for name in ("test_share", "validation_share"):
            if not 0 < getattr(self, name) < 1:
                raise ArgumentError(f"{name} got {getattr(self, name)!r}; expected between 0 and 1")
        if self.test_share + self.validation_share >= 1:
            raise ArgumentError(
                f"test_share {self.test_share} and validation_share {self.validation_share} leave "
                "no rows to train on; together they must be below 1"
            )

    def to_config(self) -> dict[str, Any]:
        """Return plain JSON."""
        return dataclasses.asdict(self) | {"hidden": list(self.hidden)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Settings:
        """Return the settings :meth:`to_config` wrote.

        Raises
        ------
        ArgumentError
            For a name that is no setting, or a value out of its range.
        """
        known = [each.name for each in dataclasses.fields(cls)]
        for name in config:
            if name not in known:
                raise unknown_name("setting", name, known)
        return cls(**config)

    def command(self, source: str, test: str | None = None) -> str:
        """Return the command line that trains with these settings, defaults left out."""
        words = ["glia", "train", source, "--target", self.target]
        if test is not None:
            words += ["--test", test]
        for each in dataclasses.fields(self):
            value = getattr(self, each.name)
            is_default = value == each.default or (each.name == "kinds" and not value)
            if each.name == "target" or (is_default and each.name != "seed"):
                continue
            if each.name == "kinds":
                for column, kind in value.items():
                    words += ["--kind", f"{column}={kind}"]
            elif each.name == "has_baselines":
                words.append("--no-baselines")
            elif each.name == "hidden":
                words += ["--hidden", ",".join(map(str, value)) or "none"]
            else:
                words += [f"--{each.name.replace('_', '-')}", str(value)]
        return shlex.join(words)


def _whole(name: str, value: object, least: int, most: int | None = None) -> None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or value < least or (most is not None and value > most):  # type: ignore[operator]
        limit = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise ArgumentError(f"{name} got {value!r}; expected a whole number {limit}")
