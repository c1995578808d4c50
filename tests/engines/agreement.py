"""Running one recorded graph on both engines, and how far apart their answers may lie."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tests.ops.numeric import error
from tests.ops.values import Array

from glia.dtypes import is_float
from glia.engines import Cpu, Reference
from glia.engines.cpu.link import LEVELS, host
from glia.function import Traced
from glia.graph import Spec

__all__ = ["HOST_LEVELS", "TOLERANCES", "agree", "answers", "compare", "traced"]

# The levels whose code this machine can run.
HOST_LEVELS = [level for level, (_, width) in LEVELS.items() if width <= host().vector_bytes]
TOLERANCES = {"float32": 1e-5, "float64": 1e-12}


def traced(f: Callable[..., Any], arrays: Sequence[Array], is_training: bool = False) -> Traced:
    """Record a function of arrays."""
    specs = [Spec(array.shape, array.dtype) for array in arrays]
    return Traced(lambda symbols: f(*symbols), specs, is_training)


def compare(found: Array, expected: Array, tolerance: float | None = None) -> None:
    """Check that two arrays agree: the same NaN and infinities, and numbers close by."""
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    if not is_float(expected.dtype):
        np.testing.assert_array_equal(found, expected)
        return
    limit = TOLERANCES[expected.dtype.name] if tolerance is None else tolerance
    is_number = np.isfinite(expected)
    np.testing.assert_array_equal(found[~is_number], expected[~is_number])
    assert error(found[is_number], expected[is_number]) <= limit


def answers(record: Traced, arrays: Sequence[Array], engine: Any, times: int = 1) -> list[Array]:
    """Run a recorded graph some times, the arena filled with NaN before each."""
    run = engine.compile(record.plan)
    inputs, outputs = [np.asarray(array) for array in record.inputs(arrays)], []
    for _ in range(times):
        if isinstance(engine, Cpu):
            run._memory.arena[:] = 0xFF
        outputs = run(inputs)
    return outputs


def agree(
    f: Callable[..., Any],
    *arrays: Array,
    levels: Sequence[str | None] = (None,),
    tolerance: float | None = None,
    is_training: bool = False,
) -> list[Array]:
    """Check that the engines agree on a function, and give the reference engine's answers."""
    record = traced(f, arrays, is_training)
    expected = answers(record, arrays, Reference())
    for level in levels:
        found = answers(record, arrays, Cpu(level), times=2)
        for one, other in zip(found, expected, strict=True):
            compare(one, other, tolerance)
    return expected
