"""Running one pass over the rows: a compiled loop that comes up for air about every 50 ms."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..function import Loop
from .batches import Batches
from .data import Part
from .interrupts import DeferredInterrupt
from .tally import Tally

__all__ = ["PIECE", "run_pass"]

# Seconds of steps between two looks at progress, callbacks and Ctrl-C.
PIECE = 0.05

# Called before each stretch of steps with the first step's number, and after it with the number
# of the last, the losses and the first step whose loss is not finite; True ends the pass.
Before = Callable[[int], None]
After = Callable[[int, Any, int | None], bool]


def run_pass(
    loop: Loop,
    part: Part,
    batches: Batches,
    tally: Tally,
    interrupt: DeferredInterrupt,
    before: Before,
    after: After,
    is_stepwise: bool = False,
    done: int = 0,
) -> None:
    """Run a loop over all batches, or until told to stop.

    Parameters
    ----------
    loop : Loop
        The recorded step.
    part : Part
        The data.
    batches : Batches
        The rows of each step.
    tally : Tally
        What adds the results up.
    interrupt : DeferredInterrupt
        Keeps Ctrl-C away from steps.
    before, after : callable
        What to do when the loop is about to run and has come back.
    is_stepwise : bool
        One step per run, for callbacks that want to see each.
    done : int
        Steps of the pass that have been made already.
    """
    start = 0
    for block in batches.blocks:
        first = min(max(done - start, 0), len(block))
        while first < len(block):
            before(start + first)
            rows = block[first : first + 1] if is_stepwise else block
            deadline = None if is_stepwise else time.perf_counter() + PIECE
            with interrupt.hold():
                following, outputs = loop.run(
                    rows, part.arrays, first=0 if is_stepwise else first, deadline=deadline
                )
                first = first + 1 if is_stepwise else following
                bad = tally.add(outputs, block.shape[1])
            if after(start + first - 1, outputs[0], bad):
                return
        start += len(block)
