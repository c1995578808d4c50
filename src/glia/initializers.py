"""Initial weights: constants, and random draws scaled so that signals keep their size.

An initializer is called with a shape and returns a NumPy array. Random ones draw from glia's
counter-based generator, so that a seed gives the same weights on every machine.
"""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from . import random
from .config import Configurable, checked_number, instance
from .dtypes import DType, default_dtype
from .errors import ArgumentError, ShapeError
from .graph import Array, eager

__all__ = [
    "INITIALIZERS",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "Ones",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "fans",
    "get",
]

Weights = npt.NDArray[Any]
Shape = tuple[int, ...]

# The standard deviation of a standard normal cut off at two standard deviations.
TRUNCATED_STDDEV = 0.87962566103423978


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """Return how many inputs reach one output, and how many outputs one input reaches.

    The last two axes of a weight are (inputs, outputs); axes before them are the window of a
    convolution, whose every position counts. A vector's one axis is both.
    """
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    window = math.prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window


class Initializer(Configurable):
    """How a weight starts: subclass it and return an array of the asked shape from ``fill``."""

    def __call__(
        self,
        shape: Sequence[int],
        dtype: npt.DTypeLike | None = None,
        generator: random.Generator | None = None,
    ) -> Weights:
        """Return the initial values.

        Parameters
        ----------
        shape : sequence of int
            The shape of the weight.
        dtype : dtype, optional
            ``glia.dtypes.default_dtype()`` unless given.
        generator : glia.random.Generator, optional
            Where an initializer without a seed of its own draws from; the global one unless given.

        Returns
        -------
        ndarray
            A new array of that shape and dtype.
        """
        kind = np.dtype(dtype or default_dtype())
        with eager():
            return np.array(self.fill(tuple(shape), kind, generator or random.generator()), kind)

    def fill(self, shape: Shape, dtype: DType, generator: random.Generator) -> Array:
        """Return values of a shape and dtype, drawing what is random from the generator."""
        raise NotImplementedError(
            f"{type(self).__name__} has no fill: write def fill(self, shape, dtype, generator) "
            "and return an array of that shape"
        )


class Zeros(Initializer):
    """All zeros: right for biases; as a kernel it leaves all neurons of a layer equal for ever."""

    def fill(self, shape: Shape, dtype: DType, _: random.Generator) -> Array:
        return np.zeros(shape, dtype)


class Ones(Initializer):
    """All ones: right for the scale of a normalisation."""

    def fill(self, shape: Shape, dtype: DType, _: random.Generator) -> Array:
        return np.ones(shape, dtype)


class Constant(Initializer):
    """One number everywhere, or the values of a given array.

    Parameters
    ----------
    value : float or array_like
        The number, or an array of exactly the weight's shape.

    Raises
    ------
    ShapeError
        When called for a weight of another shape than the array's.
    """

    def __init__(self, value: npt.ArrayLike = 0.0) -> None:
        self.value = value

    def fill(self, shape: Shape, dtype: DType, _: random.Generator) -> Array:
        value = np.asarray(self.value, dtype)
        if value.ndim and value.shape != shape:
            raise ShapeError(
                f"initializer Constant holds an array of shape {value.shape} and was asked for a "
                f"weight of shape {shape}; give an array of that shape, or one number"
            )
        return np.broadcast_to(value, shape)


class _Random(Initializer):
    """What random initializers share: a seed, checked, and where to draw from."""

    seed: int | None

    def _set_seed(self, seed: object) -> None:
        self.seed = None
        if seed is None:
            return
        if isinstance(seed, bool) or not isinstance(seed, numbers.Integral) or seed < 0:
            raise ArgumentError(
                f"{type(self).__name__}: seed got {seed!r}; expected a whole number from 0, which "
                "gives the same weights at every call, or None to draw from the global generator"
            )
        self.seed = int(seed)

    def _source(self, generator: random.Generator) -> random.Generator:
        return generator if self.seed is None else random.Generator(self.seed)


class RandomNormal(_Random):
    """Draws from a normal distribution.

    Parameters
    ----------
    mean, stddev : float
        Of the distribution.
    seed : int, optional
        With one, every call gives the same values; without, each call draws new ones (Keras
        repeats the first ones of each object).
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        name = type(self).__name__
        self.mean = checked_number(name, "mean", mean, low=-math.inf, example=0.0)
        self.stddev = checked_number(name, "stddev", stddev, example=0.05)
        self._set_seed(seed)

    def fill(self, shape: Shape, dtype: DType, generator: random.Generator) -> Array:
        return self._source(generator).normal(shape, self.mean, self.stddev, dtype=dtype)


class TruncatedNormal(RandomNormal):
    """Draws from a normal distribution without what lies two standard deviations off its mean.

    Parameters
    ----------
    mean, stddev : float
        Of the distribution before truncation; what is left has 0.88 times the deviation.
    seed : int, optional
        As in :class:`RandomNormal`.
    """

    def fill(self, shape: Shape, dtype: DType, generator: random.Generator) -> Array:
        return self._source(generator).truncated_normal(shape, self.mean, self.stddev, dtype=dtype)


class RandomUniform(_Random):
    """Draws evenly from an interval.

    Parameters
    ----------
    minval, maxval : float
        The interval; ``maxval`` is above ``minval``.
    seed : int, optional
        As in :class:`RandomNormal`.
    """

    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None
    ) -> None:
        self.minval = checked_number(
            "RandomUniform", "minval", minval, low=-math.inf, example=-0.05
        )
        self.maxval = checked_number("RandomUniform", "maxval", maxval, low=minval, example=0.05)
        self._set_seed(seed)

    def fill(self, shape: Shape, dtype: DType, generator: random.Generator) -> Array:
        return self._source(generator).uniform(shape, self.minval, self.maxval, dtype=dtype)


class VarianceScaling(_Random):
    """Draws with variance ``scale / n``, where n counts inputs, outputs, or the mean of both.

    Parameters
    ----------
    scale : float
        The factor, above 0.
    mode : {"fan_in", "fan_out", "fan_avg"}
        What n is.
    distribution : {"truncated_normal", "untruncated_normal", "uniform"}
        The shape of the distribution; all have the same variance.
    seed : int, optional
        As in :class:`RandomNormal`.

    Raises
    ------
    ArgumentError
        For any other mode or distribution, or a scale not above 0.
    """

    MODES = ("fan_in", "fan_out", "fan_avg")
    DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
    ) -> None:
        owner = "VarianceScaling"
        self.scale = checked_number(owner, "scale", scale, is_low_allowed=False, example=1.0)
        for argument, value, known in [
            ("mode", mode, self.MODES),
            ("distribution", distribution, self.DISTRIBUTIONS),
        ]:
            if value not in known:
                raise ArgumentError(f"{owner}: {argument} got {value!r}; expected one of {known}")
        self.mode = mode
        self.distribution = distribution
        self._set_seed(seed)

    def fill(self, shape: Shape, dtype: DType, generator: random.Generator) -> Array:
        fan_in, fan_out = fans(shape)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        stddev = math.sqrt(self.scale / max(1.0, n))
        source = self._source(generator)
        if self.distribution == "uniform":
            limit = math.sqrt(3) * stddev
            return source.uniform(shape, -limit, limit, dtype=dtype)
        if self.distribution == "untruncated_normal":
            return source.normal(shape, 0.0, stddev, dtype=dtype)
        widened = stddev / TRUNCATED_STDDEV
        return source.truncated_normal(shape, 0.0, widened, dtype=dtype)


class GlorotUniform(VarianceScaling):
    """Uniform in ``±sqrt(6 / (inputs + outputs))``, for tanh, sigmoid and linear layers.

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    2010; also called Xavier. Keras' default, and so glia's.
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(1.0, "fan_avg", "uniform", seed)


class GlorotNormal(VarianceScaling):
    """Truncated normal of deviation ``sqrt(2 / (inputs + outputs))`` (Glorot and Bengio, 2010)."""

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(1.0, "fan_avg", "truncated_normal", seed)


class HeUniform(VarianceScaling):
    """Uniform in ``±sqrt(6 / inputs)``, for ReLU layers (He et al., 2015)."""

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(2.0, "fan_in", "uniform", seed)


class HeNormal(VarianceScaling):
    """Truncated normal of deviation ``sqrt(2 / inputs)``, for ReLU layers.

    He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015. Truncated at two deviations as in
    Keras; PyTorch's ``kaiming_normal_`` is not truncated.
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(2.0, "fan_in", "truncated_normal", seed)


class Written(Initializer):
    """A user's own function of the shape."""

    def __init__(self, function: Callable[..., npt.ArrayLike]) -> None:
        self.function = function

    def fill(self, shape: Shape, dtype: DType, _: random.Generator) -> Array:
        try:
            takes_dtype = "dtype" in inspect.signature(self.function).parameters
        except ValueError:  # a function of C code that does not tell
            takes_dtype = False
        values = self.function(shape, dtype=dtype) if takes_dtype else self.function(shape)
        array = np.asarray(values)
        if array.shape != shape:
            name = getattr(self.function, "__name__", repr(self.function))
            raise ShapeError(
                f"initializer {name} returned shape {array.shape} for a weight of shape {shape}; "
                "return an array of the shape it is called with"
            )
        return array


INITIALIZERS: dict[str, type[Initializer]] = {
    "constant": Constant,
    "glorot_normal": GlorotNormal,
    "glorot_uniform": GlorotUniform,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "ones": Ones,
    "random_normal": RandomNormal,
    "random_uniform": RandomUniform,
    "truncated_normal": TruncatedNormal,
    "variance_scaling": VarianceScaling,
    "zeros": Zeros,
}
ALIASES = {
    "kaiming_normal": "he_normal",
    "kaiming_uniform": "he_uniform",
    "normal": "random_normal",
    "one": "ones",
    "uniform": "random_uniform",
    "xavier_normal": "glorot_normal",
    "xavier_uniform": "glorot_uniform",
    "zero": "zeros",
}


def get(identifier: object) -> Initializer:
    """Return the initializer something stands for.

    Parameters
    ----------
    identifier : str, Initializer, class, number, array or callable
        A name (``"he_normal"`` or ``"HeNormal"``), an object, a number or array to start from, or
        a function ``f(shape)`` or ``f(shape, dtype=...)`` returning an array.

    Returns
    -------
    Initializer
        The initializer.

    Raises
    ------
    ArgumentError
        For an unknown name, with the nearest known one, or anything else.
    """
    found = instance("initializer", identifier, Initializer, INITIALIZERS, ALIASES)
    if found is not None:
        return found
    is_number = isinstance(identifier, numbers.Real) and not isinstance(identifier, bool)
    if is_number or isinstance(identifier, np.ndarray):
        return Constant(identifier)  # type: ignore[arg-type]
    if callable(identifier):
        return Written(identifier)
    raise ArgumentError(
        f"initializer got {identifier!r}; expected a name such as 'he_normal', an object such as "
        "glia.initializers.HeNormal(seed=1), an array, or a function of the shape"
    )
