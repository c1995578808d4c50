"""simplify never changes a value, a NaN, an infinity or the sign of a zero."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glia import ops
from glia.function import function
from glia.graph import Body, Spec, Tensor, Trace, constant, walk
from glia.ops.interpret import interpreter
from glia.ops.words import NUMPY
from glia.plan.simplify import simplify

pytestmark = pytest.mark.usefixtures("reference_engine")


F64 = np.dtype("f8")
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.5, np.inf, -np.inf, np.nan, 1e-310, 1e308]

UNARY = [
    ops.negative,
    ops.absolute,
    ops.exp,
    ops.sqrt,
    ops.sigmoid,
    ops.tanh,
    ops.transpose,
    lambda x: ops.negative(ops.negative(x)),
    lambda x: x * 1.0,
    lambda x: 1.0 * x,
    lambda x: x / 1.0,
    lambda x: x - 0.0,
    lambda x: x - -0.0,
    lambda x: x + 0.0,
    lambda x: 0.0 + x,
    lambda x: x * 0.0,
    lambda x: x - x,
    lambda x: 1.0 / x,
    lambda x: x**2,
    lambda x: ops.reshape(ops.reshape(x, (-1,)), x.shape[::-1]),
    lambda x: ops.transpose(ops.transpose(x)),
    lambda x: x[::-1],
    lambda x: ops.broadcast_to(ops.sum(x), x.shape) * ops.ones_like(x),
    lambda x: ops.where(x > 0, x, 0.0),
    lambda x: ops.scan(lambda k, v: (k - 0.0, k * 1.0 + v), x[0], x)[1],
]
BINARY = [ops.add, ops.subtract, ops.multiply, ops.divide, ops.maximum, ops.minimum]


@st.composite
def graphs(draw):
    """A small random graph of one (3, 3) input, its constants full of special values."""
    steps = draw(st.lists(st.integers(0, len(UNARY) + len(BINARY) - 1), min_size=1, max_size=8))
    with Trace() as trace:
        x = trace.input(Spec((3, 3), F64))
        pool: list[Tensor] = [x, constant(np.array(draw(special_values())).reshape(3, 3))]
        for step in steps:
            one = pool[draw(st.integers(0, len(pool) - 1))]
            if step < len(UNARY):
                pool.append(UNARY[step](one))
            else:
                other = pool[draw(st.integers(0, len(pool) - 1))]
                pool.append(BINARY[step - len(UNARY)](one, other))
    return x, pool[2:]


def special_values():
    return st.lists(st.sampled_from(SPECIAL), min_size=9, max_size=9)


def bits(x, outputs, value):
    with np.errstate(all="ignore"):
        found = interpreter([x], outputs, NUMPY)(value)
    # One pattern for every NaN: which operand's payload survives is the processor's choice.
    return [np.where(np.isnan(each), np.nan, each).astype(F64).tobytes() for each in found]


@settings(max_examples=150)
@given(graphs(), special_values())
def test_random_graphs_keep_every_bit(graph, values):
    x, outputs = graph
    value = np.array(values).reshape(3, 3)
    assert bits(x, simplify(outputs), value) == bits(x, outputs, value)


def names(call, *arrays):
    outputs = function(call).trace(*arrays).plan.outputs
    return [node.op.name for node in walk(outputs) if node.op.name != "placeholder"]


x = np.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda x: x * 1.0, []),
        (lambda x: ops.ones_like(x) * x, []),
        (lambda x: x / 1, []),
        (lambda x: x - 0, []),
        (lambda x: ops.negative(ops.negative(x)), []),
        (lambda x: x.T.T, []),
        (lambda x: x.reshape(3, 2).reshape(6).reshape(2, 3), []),
        (lambda x: x.reshape(3, 2).reshape(6), ["reshape"]),
        (
            lambda x: ops.transpose(ops.transpose(x[None], (1, 2, 0)), (1, 0, 2)),
            ["reshape", "transpose"],
        ),
        (
            lambda x: x * (2.0 * 3.0 + ops.exp(ops.zeros((), "float64"))),
            ["constant", "multiply"],
        ),
        (lambda x: (ops.exp(x), ops.exp(x))[1], ["exp"]),
        (lambda x: (ops.sin(x), ops.exp(x))[1], ["exp"]),
    ],
)
def test_what_is_dropped(call, expected):
    assert names(call, x) == expected


@pytest.mark.parametrize(
    "call",
    [lambda x: x * 0.0, lambda x: x + 0.0, lambda x: x - x, lambda x: x / x, lambda x: x - -0.0],
)
def test_what_is_not(call):
    assert len(names(call, x)) > 0
    special = np.array(SPECIAL)
    with np.errstate(all="ignore"):
        expected = call(special)
    found = function(call)(special)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found[:5]), np.signbit(expected[:5]))


def test_large_results_are_computed_not_kept():
    found = names(lambda x: x[0, 0] * ops.sum(ops.exp(ops.ones((1000,), "float64") * 2)), x)
    assert "exp" in found


def test_loop_bodies_are_simplified_too():
    traced = function(
        lambda x: ops.scan(lambda k, v: (k, ops.negative(-v) * 1.0), 0.0, x)[1]
    ).trace(x)
    (scan,) = [node for node in traced.plan.nodes if node.op.name == "scan"]
    body = scan.attributes["body"]
    assert isinstance(body, Body)
    assert {node.op.name for node in walk(body.outputs)} == {"placeholder"}


def test_random_bits_of_a_constant_key_may_be_folded_but_stay_the_same():
    key = [np.array([word], np.uint32) for word in (1, 2)]

    def call(count):
        fixed = ops.random_bits(*key, *key)
        return fixed, ops.random_bits(*key, count, count)

    fixed, drawn = function(call)(np.array([1, 2], np.uint32))
    assert fixed.tolist() == ops.random_bits(*key, *key).tolist()
    assert drawn.dtype == np.uint32
