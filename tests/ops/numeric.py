"""Central differences, and the error every comparison is made by."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tests.ops.values import Array


def error(got: Array, expected: Array) -> float:
    """max|a - b| / max|b|; 0 for equal arrays, also where both are 0, empty or not finite."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape, f"shapes {got.shape} and {expected.shape}"
    if got.size == 0 or np.array_equal(got, expected, equal_nan=True):
        return 0.0
    scale = np.max(np.abs(expected))
    return float(np.max(np.abs(got - expected)) / (scale if scale else 1.0))


def central_differences(
    f: Callable[..., Any], arrays: Sequence[Array], place: int, step: float = 1e-5
) -> Array:
    """The slope of a scalar function by each element of one of its arrays."""
    slopes = np.zeros(arrays[place].shape)
    for element in np.ndindex(slopes.shape):
        sides = []
        for distance in (step, -step):
            moved = np.array(arrays[place])
            moved[element] += distance
            sides.append(float(f(*arrays[:place], moved, *arrays[place + 1 :])))
        slopes[element] = (sides[0] - sides[1]) / (2 * step)
    return slopes
