"""The contract of an engine, and which one is in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from glia.errors import unknown_name
from glia.plan import Plan

__all__ = ["ENGINES", "Engine", "Run", "RunLoop", "current_engine", "set_engine"]

NumPyArray = np.ndarray[Any, Any]
Run = Callable[[Sequence[NumPyArray]], list[NumPyArray]]
RunLoop = Callable[[Sequence[NumPyArray], int, float | None], tuple[int, list[NumPyArray]]]


class Engine(Protocol):
    """What runs plans."""

    name: str

    def compile(self, plan: Plan) -> Run:
        """Return ``run(inputs) -> outputs`` for a plan."""

    def compile_loop(self, plan: Plan) -> RunLoop:
        """Return ``run(inputs, first, deadline) -> (next, outputs)`` for a plan of one scan.

        It runs steps from ``first`` until the end, or until ``time.perf_counter()`` reaches the
        deadline after at least one step. Outputs are the carries after the last step and the
        stacked outputs of the steps that ran.
        """


ENGINES: dict[str, Engine] = {}
_chosen = "reference"


def current_engine() -> Engine:
    """Return the engine that compiles from now on."""
    return ENGINES[_chosen]


def set_engine(name: str) -> None:
    """Choose the engine: ``"reference"`` computes with NumPy, op by op.

    Raises
    ------
    ArgumentError
        For a name that is no engine.
    """
    global _chosen
    if name not in ENGINES:
        raise unknown_name("engine", name, ENGINES)
    _chosen = name
