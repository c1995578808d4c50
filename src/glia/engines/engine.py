"""The contract of an engine, and which one is in use."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from ..errors import unknown_name
from ..plan import Plan

__all__ = ["ENGINES", "Engine", "Run", "RunLoop", "current_engine", "set_engine"]

NumPyArray = np.ndarray[Any, Any]
RunLoop = Callable[[Sequence[NumPyArray], int, float | None], tuple[int, list[NumPyArray]]]


class Run(Protocol):
    """A compiled plan."""

    def __call__(self, inputs: Sequence[NumPyArray]) -> list[NumPyArray]:
        """Run on the inputs' arrays and return new arrays of the outputs."""

    def bind(self, inputs: Sequence[NumPyArray]) -> tuple[Callable[[], None], list[NumPyArray]]:
        """Return ``(run, outputs)`` for fixed arrays: each ``run()`` reads and fills them anew."""


class Engine(Protocol):
    """What runs plans."""

    name: str

    def compile(self, plan: Plan) -> Run:
        """Return ``run(inputs) -> outputs`` for a plan."""

    def compile_loop(self, plan: Plan) -> RunLoop:
        """Return ``run(inputs, first, deadline) -> (next, outputs)`` for a plan of one scan.

        The rows are the first of the inputs, and their number is that of the steps, whatever
        length the scan was recorded with. Steps run from ``first`` until the end, or until
        ``time.perf_counter()`` reaches the deadline after at least one step. Outputs are the
        carries after the last step and the stacked outputs of the steps that ran.
        """


ENGINES: dict[str, Engine] = {}
_chosen: str | None = None


def current_engine() -> Engine:
    """Return the engine that compiles from now on.

    Unless one was chosen it is ``"cpu"``, or ``"reference"`` where llvmlite is not installed,
    which is said once.
    """
    global _chosen
    if _chosen is None:
        _chosen = "cpu" if importlib.util.find_spec("llvmlite") else "reference"
        if _chosen == "reference":
            warnings.warn(
                "llvmlite is not installed, so glia computes with NumPy, op by op: right, but many "
                "times slower. Install it with: pip install llvmlite",
                stacklevel=2,
            )
    return ENGINES[_chosen]


def set_engine(name: str) -> None:
    """Choose the engine.

    Parameters
    ----------
    name : str
        ``"cpu"`` makes machine code for the whole training step; ``"reference"`` computes with
        NumPy, op by op, and defines what is right.

    Raises
    ------
    ArgumentError
        For a name that is no engine.
    """
    global _chosen
    if name not in ENGINES:
        raise unknown_name("engine", name, ENGINES)
    _chosen = name
