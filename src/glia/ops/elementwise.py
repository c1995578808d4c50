"""Elementwise ops: each record holds its meaning, its gradient and nothing else.

The meaning is one formula over an engine's words, so it serves NumPy, JAX and the machine-code
emitter alike. Gradients are written as ``gradient(g, y, *inputs)`` with ``y`` the output.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ParamSpec

from ..dtypes import boolean, is_float, uint32
from ..errors import ShapeError
from ..graph import Array, Node, Op, Spec, Tensor
from .apply import apply, as_floats, as_value, broadcast_shapes, dtype_of, promote, public
from .movement import broadcast_to

__all__ = [
    "absolute",
    "add",
    "cast",
    "cos",
    "divide",
    "equal",
    "erf",
    "exp",
    "floor",
    "less",
    "less_equal",
    "log",
    "logical_and",
    "logical_not",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "power",
    "random_bits",
    "right_shift",
    "sigmoid",
    "sign",
    "sin",
    "softplus",
    "sqrt",
    "subtract",
    "tanh",
    "where",
]

P = ParamSpec("P")
Gradient = Callable[..., tuple[Any, ...]]
Unary = Callable[[Array], Array]
Binary = Callable[[Array, Array], Array]

# The gradients below are written in public operations that stand at the end of the file.
cos: Unary
exp: Unary
sigmoid: Unary
sign: Unary
sin: Unary


def _infer_same(*specs: Spec, **attributes: Any) -> Spec:
    if any(spec.shape != specs[0].shape for spec in specs):
        raise ShapeError(f"got shapes {[spec.shape for spec in specs]}, expected equal ones")
    return Spec(specs[0].shape, attributes.get("dtype", specs[-1].dtype))


def _infer_boolean(*specs: Spec) -> Spec:
    return Spec(_infer_same(*specs).shape, boolean)


def _elementwise(
    name: str, evaluate: Any, gradient: Gradient | None = None, infer: Any = _infer_same
) -> Op:
    def rule(node: Node, g: Tensor) -> tuple[Any, ...]:
        return gradient(g, node.outputs[0], *node.inputs) if gradient else ()

    return Op(name, "elementwise", infer, evaluate, rule if gradient else None, True)


def _broadcast(op: Op, values: list[Array]) -> Array:
    shape = broadcast_shapes(op.name, *[value.shape for value in values])
    if any(isinstance(value, Tensor) for value in values):
        values = [broadcast_to(value, shape) for value in values]
    return apply(op, *values)


ADD = _elementwise("add", lambda xp, x, y: x + y, lambda g, z, x, y: (g, g))
SUBTRACT = _elementwise("subtract", lambda xp, x, y: x - y, lambda g, z, x, y: (g, -g))
MULTIPLY = _elementwise("multiply", lambda xp, x, y: x * y, lambda g, z, x, y: (g * y, g * x))
DIVIDE = _elementwise("divide", lambda xp, x, y: x / y, lambda g, z, x, y: (g / y, -g * z / y))


def _power_gradient(g: Array, z: Array, x: Array, y: Array) -> tuple[Array, Array]:
    # x^0 has slope 0 also at x = 0, and 0^y does not depend on y > 0.
    by_base = where(equal(y, 0.0), 0.0, g * y * apply(POWER, x, y - 1))
    return by_base, g * z * log(where(equal(x, 0.0), 1.0, x))


def _tie(g: Array, z: Array, x: Array, y: Array) -> tuple[Array, Array]:
    share = where(equal(x, y), g * 0.5, g)
    return where(equal(z, x), share, 0.0), where(equal(z, y), share, 0.0)


POWER = _elementwise("power", lambda xp, x, y: xp.power(x, y), _power_gradient)
MAXIMUM = _elementwise("maximum", lambda xp, x, y: xp.maximum(x, y), _tie)
MINIMUM = _elementwise("minimum", lambda xp, x, y: xp.minimum(x, y), _tie)
NEGATIVE = _elementwise("negative", lambda xp, x: -x, lambda g, y, x: (-g,))
ABSOLUTE = _elementwise("absolute", lambda xp, x: xp.abs(x), lambda g, y, x: (g * sign(x),))
SIGN = _elementwise("sign", lambda xp, x: xp.sign(x))
FLOOR = _elementwise("floor", lambda xp, x: xp.floor(x))
EXP = _elementwise("exp", lambda xp, x: xp.exp(x), lambda g, y, x: (g * y,))
LOG = _elementwise("log", lambda xp, x: xp.log(x), lambda g, y, x: (g / x,))
SQRT = _elementwise("sqrt", lambda xp, x: xp.sqrt(x), lambda g, y, x: (g * 0.5 / y,))
TANH = _elementwise("tanh", lambda xp, x: xp.tanh(x), lambda g, y, x: (g * (1 - y * y),))
SIN = _elementwise("sin", lambda xp, x: xp.sin(x), lambda g, y, x: (g * cos(x),))
COS = _elementwise("cos", lambda xp, x: xp.cos(x), lambda g, y, x: (-g * sin(x),))
# exp only of non-positive numbers: neither form overflows.
SIGMOID = _elementwise(
    "sigmoid",
    lambda xp, x: xp.exp(xp.minimum(x, 0)) / (1 + xp.exp(-xp.abs(x))),
    lambda g, y, x: (g * (y * (1 - y)),),
)
SOFTPLUS = _elementwise(
    "softplus",
    lambda xp, x: xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x))),
    lambda g, y, x: (g * sigmoid(x),),
)
ERF = _elementwise(
    "erf",
    lambda xp, x: xp.erf(x),
    lambda g, y, x: (g * (2 / math.sqrt(math.pi)) * exp(-x * x),),
)
LESS = _elementwise("less", lambda xp, x, y: x < y, infer=_infer_boolean)
LESS_EQUAL = _elementwise("less_equal", lambda xp, x, y: x <= y, infer=_infer_boolean)
EQUAL = _elementwise("equal", lambda xp, x, y: x == y, infer=_infer_boolean)
LOGICAL_AND = _elementwise("logical_and", lambda xp, x, y: x & y)
LOGICAL_NOT = _elementwise("logical_not", lambda xp, x: ~x)
RIGHT_SHIFT = _elementwise("right_shift", lambda xp, x, y: x >> y)


def _where_gradient(g: Array, z: Array, c: Array, x: Array, y: Array) -> tuple[None, Array, Array]:
    return None, where(c, g, 0.0), where(c, 0.0, g)


def _cast_gradient(g: Array, y: Array, x: Array) -> tuple[Array | None]:
    return (cast(g, x.dtype) if is_float(x.dtype) else None,)


WHERE = _elementwise(
    "where",
    lambda xp, c, x, y: xp.where(c, x, y),
    _where_gradient,
)
CAST = _elementwise(
    "cast",
    lambda xp, x, dtype: xp.astype(x, dtype),
    _cast_gradient,
)


def _threefry(xp: Any, key0: Any, key1: Any, count0: Any, count1: Any) -> Any:
    """First word of Threefry-2x32 with 20 rounds (Salmon et al., SC 2011)."""
    keys = key0, key1, key0 ^ key1 ^ 0x1BD11BDA
    x0, x1 = count0 + key0, count1 + key1
    for turn in range(20):
        shift = (13, 15, 26, 6, 17, 29, 16, 24)[turn % 8]
        x0 = x0 + x1
        x1 = ((x1 << shift) | (x1 >> (32 - shift))) ^ x0
        if turn % 4 == 3:
            injection = turn // 4 + 1
            x0 = x0 + keys[injection % 3]
            x1 = x1 + keys[(injection + 1) % 3] + injection
    return x0


RANDOM_BITS = _elementwise("random_bits", _threefry)


def _unary(op: Op, needs_float: bool = True) -> Unary:
    def function(x: Array) -> Array:
        return apply(op, as_floats(x) if needs_float else promote(x)[0])

    return _named(function, op.name)


def _binary(op: Op) -> Binary:
    def function(x: Array, y: Array) -> Array:
        return _broadcast(op, promote(x, y))

    return _named(function, op.name)


def _named(function: Callable[P, Array], name: str) -> Callable[P, Array]:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Elementwise {name.replace('_', ' ')}, broadcast by NumPy's rule."
    return public(function)


add, subtract, multiply = _binary(ADD), _binary(SUBTRACT), _binary(MULTIPLY)
maximum, minimum = _binary(MAXIMUM), _binary(MINIMUM)
exp, log, sqrt, tanh = _unary(EXP), _unary(LOG), _unary(SQRT), _unary(TANH)
sigmoid, softplus, erf = _unary(SIGMOID), _unary(SOFTPLUS), _unary(ERF)
sin, cos, floor = _unary(SIN), _unary(COS), _unary(FLOOR)
negative, absolute, sign = _unary(NEGATIVE, False), _unary(ABSOLUTE, False), _unary(SIGN, False)
less, less_equal = _binary(LESS), _binary(LESS_EQUAL)


@public
def equal(x: Array, y: Array) -> Array:
    """Elementwise equality."""
    return _broadcast(EQUAL, promote(x, y, is_arithmetic=False))


@public
def divide(x: Array, y: Array) -> Array:
    """Elementwise quotient; integers are divided in the default float dtype."""
    return _broadcast(DIVIDE, [as_floats(value) for value in promote(x, y)])


@public
def power(x: Array, y: Array) -> Array:
    """Elementwise power; small whole exponents become products, which are exact and fast."""
    if isinstance(y, (int, float)) and not isinstance(y, bool) and y in (1, 2, 3, 0.5):
        x = as_floats(promote(x, y)[0])
        if y == 0.5:
            return sqrt(x)
        return x if y == 1 else x * x if y == 2 else x * x * x
    return _broadcast(POWER, [as_floats(value) for value in promote(x, y)])


@public
def logical_not(x: Array) -> Array:
    """Elementwise negation of booleans."""
    return apply(LOGICAL_NOT, cast(x, boolean))


@public
def logical_and(x: Array, y: Array) -> Array:
    """Elementwise conjunction of booleans."""
    return _broadcast(LOGICAL_AND, [cast(x, boolean), cast(y, boolean)])


@public
def right_shift(x: Array, bits: int) -> Array:
    """Shift uint32 bits to the right by a number of places, filling with zeros."""
    return _broadcast(RIGHT_SHIFT, [cast(x, uint32), cast(bits, uint32)])


@public
def random_bits(key0: Array, key1: Array, count0: Array, count1: Array) -> Array:
    """Return 32 random bits for each counter under a key, all uint32 (Threefry-2x32).

    References
    ----------
    Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011.
    """
    return _broadcast(RANDOM_BITS, [cast(v, uint32) for v in (key0, key1, count0, count1)])


@public
def where(condition: Array, x: Array, y: Array) -> Array:
    """Choose elementwise: ``x`` where the condition holds, else ``y``."""
    branches = promote(x, y, is_arithmetic=False)
    return _broadcast(WHERE, [cast(condition, boolean), *branches])


@public
def cast(x: Array, dtype: Any) -> Array:
    """Return the values in another dtype; gradients pass between float dtypes only.

    Floats lose their fraction in an integer dtype; beyond it they become its nearest end, and NaN
    becomes 0.

    Raises
    ------
    DtypeError
        If the dtype is not one glia computes with.
    """
    value, wanted = as_value(x), dtype_of(dtype)
    if value.dtype == wanted:
        return value
    return apply(CAST, value, dtype=wanted)
