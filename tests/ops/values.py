"""What a sample call is, and the values samples are made of."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Sample:
    """A call of a public operation on arrays; float arrays are what it is differentiated by."""

    name: str
    label: str
    call: Callable[..., Any]
    arrays: tuple[Array, ...]
    step: float = 1e-5

    def __str__(self) -> str:
        return f"{self.name}-{self.label}"


def generator(*words: object) -> np.random.Generator:
    """A generator that depends on nothing but its words, so that samples never change."""
    return np.random.default_rng(zlib.crc32(repr(words).encode()))


def apart(shape: tuple[int, ...], seed: object = 0) -> Array:
    """Values of both signs, at least 0.1 from each other and 0.05 from whole numbers."""
    size = int(np.prod(shape))
    values = generator(shape, seed).permutation(size) * 0.5 + 0.2 - size // 4
    return np.asarray(values, np.float64).reshape(shape)


def positive(shape: tuple[int, ...], seed: object = 0) -> Array:
    """Values from 0.5 to 2."""
    return generator(shape, seed).uniform(0.5, 2.0, shape)


def anywhere(shape: tuple[int, ...], seed: object = 0) -> Array:
    """Normal values."""
    return np.asarray(generator(shape, seed).normal(size=shape))


def words(shape: tuple[int, ...], seed: object = 0) -> Array:
    """Random uint32."""
    return generator(shape, seed).integers(0, 2**32, shape, np.uint32)


def truths(shape: tuple[int, ...], seed: object = 0) -> Array:
    """Random booleans."""
    return generator(shape, seed).random(shape) < 0.5


def transposed(x: Array) -> Array:
    """The same values with the strides of a transpose."""
    return np.ascontiguousarray(x.T).T


def strided(x: Array) -> Array:
    """The same values, every second element of a larger array, backwards."""
    wide = np.repeat(x[..., ::-1], 2, axis=-1)
    return wide[..., ::-2]
