"""The reference engine: NumPy, one op after another; the definition of what a plan means."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..ops.interpret import interpreter
from ..ops.words import NUMPY
from ..plan import Plan
from .engine import ENGINES, NumPyArray, Run, RunLoop

__all__ = ["Reference"]


class _Straight:
    """A plan interpreted once per call."""

    def __init__(self, plan: Plan) -> None:
        self._run = interpreter(plan.inputs, plan.outputs, NUMPY)

    def __call__(self, inputs: Sequence[NumPyArray]) -> list[NumPyArray]:
        # Infinities and NaN are values to be shown, not warnings to be printed.
        with np.errstate(all="ignore"):
            return _owned(self._run(*inputs), inputs)

    def bind(self, inputs: Sequence[NumPyArray]) -> tuple[Callable[[], None], list[NumPyArray]]:
        outputs = self(inputs)

        def run() -> None:
            for output, new in zip(outputs, self(inputs), strict=True):
                output[...] = new

        return run, outputs


class Reference:
    """Runs each op's own ``evaluate`` with NumPy."""

    name = "reference"

    def compile(self, plan: Plan) -> Run:
        """Return a function of the inputs' arrays that gives the outputs' arrays."""
        return _Straight(plan)

    def compile_loop(self, plan: Plan) -> RunLoop:
        """Return a function that runs some steps of a plan whose outputs are one scan's."""
        scan = plan.outputs[0].node
        body, first_carry = scan.attributes["body"], scan.attributes["consts"]
        carries = scan.attributes["carries"]
        prepare = interpreter(plan.inputs, scan.inputs, NUMPY)
        run_step = interpreter(body.inputs, body.outputs, NUMPY)
        order = [output.index for output in plan.outputs]

        def execute(
            inputs: Sequence[NumPyArray], first: int, deadline: float | None
        ) -> tuple[int, list[NumPyArray]]:
            with np.errstate(all="ignore"):
                given = prepare(*inputs)
                fixed, carry = given[:first_carry], given[first_carry : first_carry + carries]
                xs, ys, step = given[first_carry + carries :], [], first
                while step < len(inputs[0]):
                    out = run_step(*fixed, *carry, *[x[step] for x in xs])
                    carry = out[:carries]
                    ys.append(out[carries:])
                    step += 1
                    if deadline is not None and time.perf_counter() >= deadline:
                        break
            stacks: list[Any] = [np.stack(rows) for rows in zip(*ys, strict=True)]
            found = [*carry, *stacks]
            return step, _owned([found[place] for place in order], inputs)

        return execute


def _owned(values: Sequence[Any], inputs: Sequence[NumPyArray]) -> list[NumPyArray]:
    """Return arrays that share no memory with the inputs or each other and can be written to."""
    taken = set(map(id, inputs))
    owned = []
    for value in values:
        array = np.asarray(value)
        is_own = array.flags.owndata and array.flags.writeable and id(array) not in taken
        owned.append(array if is_own else array.copy())
        taken.add(id(owned[-1]))
    return owned


ENGINES["reference"] = Reference()
