"""Activation functions, each with a record of what it is good for.

The functions (``glia.activations.relu(x)``) are written in ops, so they work on arrays and on
symbols alike and need no gradient rule of their own. :data:`ACTIVATIONS` holds one record per
function: formula, range, derivative, use and drawback.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import ops
from .config import Named, find
from .dtypes import default_dtype, is_float
from .errors import ArgumentError
from .graph import Array, Recorded

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "elu",
    "gelu",
    "get",
    "leaky_relu",
    "linear",
    "log_softmax",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "step",
    "tanh",
]

Function = Callable[..., Array]


@dataclass(frozen=True, repr=False)
class Activation(Named):
    """What is known about an activation function; calling the record calls the function.

    Attributes
    ----------
    name : str
        Its name, as in ``Dense(8, activation="relu")``.
    function : callable
        ``function(x)``, written in ops; the shape and dtype of ``x`` are kept.
    formula, range, derivative : str
        The mathematics, as text.
    use, drawback : str
        Where it belongs and what it costs, a sentence each.
    is_smooth : bool
        Whether the derivative is continuous everywhere.
    """

    name: str
    function: Function
    formula: str = "a function of your own"
    range: str = "unknown"
    derivative: str = "found by automatic differentiation"
    use: str = ""
    drawback: str = ""
    is_smooth: bool = True

    def __call__(self, x: Array) -> Array:
        return self.function(x)

    def __repr__(self) -> str:
        lines = [
            ("formula", self.formula),
            ("range", self.range),
            ("derivative", self.derivative + ("" if self.is_smooth else " (with a jump)")),
            ("use", self.use),
            ("drawback", self.drawback),
        ]
        return "\n".join([self.name, *(f"  {key:<11}{text}" for key, text in lines if text)])


ACTIVATIONS: dict[str, Activation] = {}
ALIASES = {
    "identity": "linear",
    "heaviside": "step",
    "logistic": "sigmoid",
    "swish": "silu",
}


def _record(
    formula: str, range: str, derivative: str, use: str, drawback: str, is_smooth: bool = True
) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        @functools.wraps(function)
        def activation(x: Array, *args: Any, **options: Any) -> Array:
            return function(_float_values(x), *args, **options)

        name = function.__name__
        ACTIVATIONS[name] = Activation(
            name, activation, formula, range, derivative, use, drawback, is_smooth
        )
        return activation

    return register


def _float_values(x: Array) -> Array:
    """Return numbers and lists as float arrays and integers as floats; all else as it is."""
    if isinstance(x, Recorded):
        return x
    if not hasattr(x, "dtype"):
        return np.asarray(x, np.float64)
    return x if is_float(x.dtype) else ops.cast(x, default_dtype())


@_record(
    formula="f(x) = x",
    range="(-inf, inf)",
    derivative="f'(x) = 1",
    use="The output layer of a regression, whose target can be any number.",
    drawback="A stack of linear layers is one linear layer, so it adds no power when hidden.",
)
def linear(x: Array) -> Array:
    """Return ``x`` itself."""
    return x


@_record(
    formula="f(x) = 1 if x >= 0 else 0",
    range="{0, 1}",
    derivative="f'(x) = 0 (undefined at 0)",
    use="The perceptron, which learns by Rosenblatt's rule and not by gradients.",
    drawback="Its slope is zero, so gradient descent gets no signal; it also hides NaN as 0.",
    is_smooth=False,
)
def step(x: Array) -> Array:
    """Return 1 where ``x >= 0`` and 0 elsewhere (Rosenblatt, 1958)."""
    return ops.cast(ops.less_equal(0, x), x.dtype)


@_record(
    formula="f(x) = 1 / (1 + exp(-x))",
    range="(0, 1)",
    derivative="f'(x) = f(x) (1 - f(x)), at most 1/4",
    use="The single output of a yes/no question, read as a probability.",
    drawback="Flat for large |x|; a chain of slopes below 1/4 vanishes in deep hidden layers.",
)
def sigmoid(x: Array) -> Array:
    """Return ``1 / (1 + exp(-x))``; its log is exact in losses, however large ``x`` is."""
    return ops.sigmoid(x)


@_record(
    formula="f(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))",
    range="(-1, 1)",
    derivative="f'(x) = 1 - f(x)^2, at most 1",
    use="Small hidden layers and recurrent cells: like the sigmoid, but centred on zero.",
    drawback="Flat for large |x|, so it too lets gradients vanish in deep networks.",
)
def tanh(x: Array) -> Array:
    """Return the hyperbolic tangent."""
    return ops.tanh(x)


@_record(
    formula="f(x) = max(0, x)",
    range="[0, inf)",
    derivative="f'(x) = 1 if x > 0 else 0",
    use="The first choice for hidden layers: cheap, sparse, and no vanishing where active.",
    drawback="A neuron whose inputs are always negative gets no gradient and stays dead.",
    is_smooth=False,
)
def relu(
    x: Array, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Array:
    """Return ``x`` where above the threshold, else ``negative_slope * (x - threshold)``.

    ``max_value`` cuts it off from above. The slope at the threshold itself is ``negative_slope``,
    as in Keras and PyTorch; NaN stays NaN. Nair and Hinton, 2010.
    """
    low = negative_slope * (x - threshold) if negative_slope else 0
    y = ops.where(ops.less_equal(x, threshold), low, x)
    return y if max_value is None else ops.where(ops.less(max_value, y), max_value, y)


@_record(
    formula="f(x) = x if x > 0 else 0.2 x",
    range="(-inf, inf)",
    derivative="f'(x) = 1 if x > 0 else 0.2",
    use="Hidden layers in which plain ReLU leaves neurons dead.",
    drawback="One more number to choose, and its outputs are not sparse.",
    is_smooth=False,
)
def leaky_relu(x: Array, negative_slope: float = 0.2) -> Array:
    """Return ``x`` where positive, else ``negative_slope * x`` (Maas, Hannun and Ng, 2013).

    The default slope is Keras 3's 0.2; PyTorch's is 0.01.
    """
    return ops.where(ops.less_equal(x, 0), negative_slope * x, x)


@_record(
    formula="f(x)_i = exp(x_i) / sum_j exp(x_j)",
    range="(0, 1), each row summing to 1",
    derivative="df_i/dx_j = f_i ([i = j] - f_j)",
    use="The output layer that names one of several classes.",
    drawback="Scores compete: they say which class, not whether any fits, and large inputs "
    "make it overconfident.",
)
def softmax(x: Array, axis: int = -1) -> Array:
    """Return exponentials normalised to sum to one along ``axis`` (Bridle, 1990).

    The maximum is subtracted first, which changes nothing but the overflow.
    """
    exponentials = ops.exp(x - ops.max(x, axis=axis, keepdims=True))
    return exponentials / ops.sum(exponentials, axis=axis, keepdims=True)


@_record(
    formula="f(x) = x if x > 0 else exp(x) - 1",
    range="(-1, inf)",
    derivative="f'(x) = 1 if x > 0 else exp(x)",
    use="Hidden layers that should average near zero without dead neurons.",
    drawback="Costs an exponential, and flattens out for very negative inputs.",
)
def elu(x: Array, alpha: float = 1.0) -> Array:
    """Return ``x`` where positive, else ``alpha * (exp(x) - 1)`` (Clevert et al., 2015)."""
    is_low = ops.less_equal(x, 0)
    # exp sees no positive x: its overflow would turn the other branch's gradient into NaN.
    return ops.where(is_low, alpha * (ops.exp(ops.where(is_low, x, 0)) - 1), x)


@_record(
    formula="f(x) = x (1 + erf(x / sqrt(2))) / 2",
    range="[-0.17, inf)",
    derivative="f'(x) = (1 + erf(x / sqrt(2))) / 2 + x exp(-x^2 / 2) / sqrt(2 pi)",
    use="Hidden layers of transformers: a smooth ReLU.",
    drawback="Costs an error function, and is not monotonic below -0.75.",
)
def gelu(x: Array, approximate: bool = False) -> Array:
    """Return ``x`` times the normal distribution function of ``x`` (Hendrycks and Gimpel, 2016).

    ``approximate`` takes the paper's form ``x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2``.
    """
    if approximate:
        return 0.5 * x * (1 + ops.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))))
    return 0.5 * x * (1 + ops.erf(x * math.sqrt(0.5)))


@_record(
    formula="f(x) = x / (1 + exp(-x))",
    range="[-0.28, inf)",
    derivative="f'(x) = s + x s (1 - s) with s = sigmoid(x)",
    use="Hidden layers of deep convolutional networks: a smooth ReLU, also called swish.",
    drawback="Costs an exponential, and is not monotonic below -1.28.",
)
def silu(x: Array) -> Array:
    """Return ``x * sigmoid(x)`` (Elfwing et al., 2017; "swish" of Ramachandran et al., 2017)."""
    return x * ops.sigmoid(x)


@_record(
    formula="f(x) = log(1 + exp(x))",
    range="(0, inf)",
    derivative="f'(x) = 1 / (1 + exp(-x))",
    use="Outputs that must be positive, such as a rate or a standard deviation.",
    drawback="As a hidden layer it is slower than ReLU and never sparse.",
)
def softplus(x: Array) -> Array:
    """Return ``log(1 + exp(x))`` without overflow (Dugas et al., 2001)."""
    return ops.softplus(x)


@_record(
    formula="f(x)_i = x_i - log sum_j exp(x_j)",
    range="(-inf, 0]",
    derivative="df_i/dx_j = [i = j] - softmax(x)_j",
    use="Log-probabilities of classes, where further mathematics is done on them.",
    drawback="Not probabilities: a cross-entropy that expects those must not be fed with it.",
)
def log_softmax(x: Array, axis: int = -1) -> Array:
    """Return the logarithm of :func:`softmax` along ``axis``, exact for any finite input."""
    shifted = x - ops.max(x, axis=axis, keepdims=True)
    return shifted - ops.log(ops.sum(ops.exp(shifted), axis=axis, keepdims=True))


def get(identifier: object) -> Activation:
    """Return the record of an activation.

    Parameters
    ----------
    identifier : str, callable, Activation or None
        A name (``"relu"``), one of this module's functions, a record, or a function of your own
        from a tensor to a tensor; None is ``"linear"``.

    Returns
    -------
    Activation
        The record; for a function of your own, one that knows only its name.

    Raises
    ------
    ArgumentError
        For an unknown name, with the nearest known one, or for something that is no function.
    """
    if identifier is None:
        return ACTIVATIONS["linear"]
    if isinstance(identifier, Activation):
        return identifier
    if isinstance(identifier, str):
        return find("activation", identifier, ACTIVATIONS, ALIASES)
    if callable(identifier):
        name = getattr(identifier, "__name__", type(identifier).__name__)
        known = ACTIVATIONS.get(name)
        return known if known and known.function is identifier else Activation(name, identifier)
    raise ArgumentError(
        f"activation got {identifier!r}; expected a name such as 'relu', a function of a tensor, "
        "or None for no activation"
    )
