"""Random numbers from counters: the same seed gives the same bits on every engine and machine."""

from __future__ import annotations

import contextlib
import math
import secrets
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from .dtypes import default_dtype, float64, uint32
from .errors import ArgumentError, TraceError
from .graph import Array, Variable, current_trace, eager
from .ops import cast, concatenate, cos, iota, log, random_bits, reshape, right_shift, sqrt

__all__ = [
    "Generator",
    "drawing_from",
    "generator",
    "normal",
    "permutation",
    "seed",
    "uniform",
]


class Generator:
    """A stream of random numbers; its whole state is one Variable of three words.

    Draw number ``n`` of a stream with a given seed is always the same, in traced code and
    outside it.

    Parameters
    ----------
    seed : int, optional
        Any whole number below 2**64; drawn from the operating system when not given.

    References
    ----------
    Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011.
    """

    def __init__(self, seed: int | None = None) -> None:
        with eager():
            self.state = Variable(np.zeros(3, uint32), "random", trainable=False)
            self.seed(secrets.randbits(32) if seed is None else seed)

    def seed(self, seed: int) -> None:
        """Restart the stream of a seed.

        Raises
        ------
        ArgumentError
            If the seed is not a whole number from 0 to 2**64 - 1.
        TraceError
            In traced code, where it would happen only once.
        """
        _refuse_trace("seed")
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            raise ArgumentError(f"seed got {seed!r}, expected a whole number")
        if not 0 <= seed < 2**64:
            raise ArgumentError(f"seed got {seed}, expected a number from 0 to 2**64 - 1")
        self.state.array[...] = [int(seed) % 2**32, int(seed) >> 32, 0]

    def bits(self, shape: Sequence[int]) -> Array:
        """Return 32 random bits per element, uint32."""
        shape = tuple(shape)
        size = math.prod(shape)
        state = self.state.value
        drawn = random_bits(state[0:1], state[1:2], cast(iota(size), uint32), state[2:3])
        following = state[2:3] + np.array([1], uint32)
        self.state.assign(concatenate([state[0:2], following]))
        return reshape(drawn, shape)

    def uniform(
        self, shape: Sequence[int], low: float = 0.0, high: float = 1.0, dtype: Any = None
    ) -> Array:
        """Return numbers spread evenly over ``[low, high)``, in steps of 2**-24 of its width.

        Rounding may give ``high`` itself where ``low`` is not 0.
        """
        # 24 bits are what a float32 holds exactly, so both dtypes give the same numbers.
        fraction = cast(right_shift(self.bits(shape), 8), dtype or default_dtype()) * 2.0**-24
        return fraction * (high - low) + low

    def normal(
        self, shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None
    ) -> Array:
        """Return normally distributed numbers (Box and Muller 1958)."""
        dtype = dtype or default_dtype()
        # 1 - u lies in (0, 1], whose logarithm is finite.
        radius = sqrt(-2.0 * log(1.0 - self.uniform(shape, dtype=dtype)))
        angle = self.uniform(shape, dtype=dtype) * (2 * math.pi)
        return radius * cos(angle) * stddev + mean

    def truncated_normal(
        self, shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None
    ) -> np.ndarray[Any, Any]:
        """Return normal numbers, those beyond two deviations drawn again; arrays only."""
        _refuse_trace("truncated_normal")
        with eager():
            values = np.asarray(self.normal(shape, dtype=float64)).copy()
            wrong = np.abs(values) > 2
            while wrong.any():
                values[wrong] = self.normal((int(wrong.sum()),), dtype=float64)
                wrong = np.abs(values) > 2
        return np.asarray(values * stddev + mean, dtype or default_dtype())

    def permutation(self, size: int) -> np.ndarray[Any, Any]:
        """Return ``0..size-1`` in random order, int32; drawn on the host, outside graphs.

        Its bits are those of Philox-4x64, another counter-based generator of the same paper, which
        NumPy computes faster than it can Threefry's.
        """
        _refuse_trace("permutation")
        low, high, draw = map(int, self.state.array)
        self.state.array[2] = (draw + 1) % 2**32
        stream = np.random.Philox(key=low | high << 32, counter=[0, 0, 0, draw])
        # Random high bits decide the order, the number itself breaks ties and is read off.
        mask = np.uint64((1 << max(1, (size - 1).bit_length())) - 1)
        words = np.asarray(stream.random_raw(size), np.uint64)
        words = words & ~mask | np.arange(size, dtype=np.uint64)
        words.sort()
        return (words & mask).astype(np.int32)


def _refuse_trace(what: str) -> None:
    if current_trace() is not None:
        raise TraceError(
            f"random.{what} in traced code would act once, when the graph is recorded; call it "
            "outside and pass the result in"
        )


_global: Generator | None = None
_within: ContextVar[Generator | None] = ContextVar("generator", default=None)


@contextlib.contextmanager
def drawing_from(source: Generator) -> Iterator[None]:
    """Let a generator stand for the global one inside a ``with`` block, in this thread only."""
    token = _within.set(source)
    try:
        yield
    finally:
        _within.reset(token)


def generator() -> Generator:
    """Return the global generator that layers and initializers draw from."""
    global _global
    own = _within.get()
    if own is not None:
        return own
    if _global is None:
        _global = Generator()
    return _global


def seed(number: int) -> None:
    """Seed everything glia draws: initial weights, shuffles, dropout masks.

    Parameters
    ----------
    number : int
        Any whole number from 0 to 2**64 - 1. The same seed gives the same bits.
    """
    generator().seed(number)


def uniform(shape: Sequence[int], low: float = 0.0, high: float = 1.0, dtype: Any = None) -> Array:
    """Return uniform numbers of the global generator; see :meth:`Generator.uniform`."""
    return generator().uniform(shape, low, high, dtype)


def normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None
) -> Array:
    """Return normal numbers of the global generator; see :meth:`Generator.normal`."""
    return generator().normal(shape, mean, stddev, dtype)


def permutation(size: int) -> np.ndarray[Any, Any]:
    """Return a random order of the global generator; see :meth:`Generator.permutation`."""
    return generator().permutation(size)
