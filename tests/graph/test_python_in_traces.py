"""Python that meets a symbol: what works, and what is refused with the way out."""

import math

import numpy as np
import pytest
from tests.ops.numeric import error

from glia import errors, ops
from glia.function import function
from glia.graph import OPERATIONS, Spec, Trace, Variable

pytestmark = pytest.mark.usefixtures("reference_engine")


a, b = np.array([[1.0, -2.0], [3.0, 0.5]]), np.array([0.5, 2.0])


@pytest.mark.parametrize(
    "call",
    [
        lambda x, y: x + y - x * y / (x**2 + 1),
        lambda x, y: 1 - x + 2 * y - (3 / (y + 4)) + 2.0**y,
        lambda x, y: x @ y,
        lambda x, y: y @ x.T,
        lambda x, y: -abs(x),
        lambda x, y: (x > y) & ~(x < 0.0) | (x == y) & (x >= 1) | (x <= -1) | (x != 2),
        lambda x, y: True & (x > 0) | False,
        lambda x, y: x[0, ::-1] * y[-1],
        lambda x, y: x[..., None, 1:].reshape(-1) + y.reshape(2, 1).reshape((2,)),
        lambda x, y: x.sum(0) + x.mean(axis=1) + x.max(0, keepdims=True) - x.min(),
        lambda x, y: sum(row for row in x) * len(x),
        lambda x, y: np.array([1.0, 2.0]) @ x + np.float64(2) * y - np.array([3.0, 4.0]),
    ],
)
def test_operators_and_methods_mean_what_they_mean_in_numpy(call):
    expected = call(a, b)
    found = function(call)(a, b)
    assert found.dtype == expected.dtype
    assert error(found, expected) <= 1e-15


UFUNCS = ["exp", "log1p", "tanh", "sqrt", "absolute", "negative", "square", "floor", "sign"]


@pytest.mark.parametrize(
    "ufunc",
    [np.exp, np.log, np.sqrt, np.tanh, np.sin, np.cos, np.abs, np.negative, np.square, np.floor],
)
def test_numpy_ufuncs_of_one_symbol_become_operations(ufunc):
    assert error(function(ufunc)(np.abs(a)), ufunc(np.abs(a))) <= 1e-15


@pytest.mark.parametrize(
    "ufunc",
    [
        np.add,
        np.subtract,
        np.multiply,
        np.true_divide,
        np.maximum,
        np.minimum,
        np.less,
        np.greater,
        np.less_equal,
        np.greater_equal,
        np.equal,
        np.not_equal,
        np.matmul,
    ],
)
def test_numpy_ufuncs_of_two_become_operations(ufunc):
    for call in (lambda x: ufunc(x, b), lambda x: ufunc(b, x)):
        assert np.array_equal(function(call)(a), call(a))


def test_boolean_ufuncs():
    def call(x):
        return np.logical_not(x > 0) | np.bitwise_and(x > 0, x < 2) | np.invert(x < 9)

    assert np.array_equal(function(call)(a), call(a))


def trace_of(call, *arrays):
    with Trace() as trace:
        return call(*[trace.input(Spec(each.shape, each.dtype)) for each in arrays])


no_value = r"Tensor\(.*is a symbol.*no value.*glia\.ops\.where.*glia\.ops\.scan"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (bool, no_value),
        (lambda x: 1 if x > 0 else 0, no_value),
        (lambda x: x > 0 and x < 1, no_value),
        (float, no_value),
        (int, no_value),
        (math.exp, no_value),
        (lambda x: [1, 2, 3][x], no_value),
        (range, no_value),
        (np.asarray, no_value),
        (lambda x: np.zeros(3)[x], no_value),
        (lambda x: 1.0 in x[None], no_value),
        (np.sum, r"cannot trace np\.sum on a symbol; use glia\.ops\.sum instead"),
        (np.max, r"np\.max on a symbol; use glia\.ops\.max"),
        (np.var, r"np\.var on a symbol; use glia\.ops\.variance"),
        (lambda x: np.concatenate([x[None], x[None]]), r"use glia\.ops\.concatenate"),
        (lambda x: np.where(x > 0, x, 0), r"use glia\.ops\.where"),
        (np.linalg.norm, r"cannot trace np\.norm.*the operations of glia\.ops"),
        (np.fft.fft, r"cannot trace np\.fft"),
        (np.arctan, r"cannot trace np\.arctan.*glia\.ops instead: absolute, add"),
        (np.add.reduce, r"cannot trace np\.add on a symbol"),
        (lambda x: np.add(a, x, out=a.copy()), r"cannot trace np\.add on a symbol"),
        (lambda x: x.__setitem__(0, 1.0), r"cannot be written into.*glia\.ops\.where"),
        (len, "no axes, so it has no length"),
        (list, "no axes"),
    ],
)
def test_what_needs_a_value_is_refused_with_the_way_out(call, message):
    with pytest.raises(errors.TraceError, match=f"(?s){message}"):
        trace_of(call, np.array(1.5))


@pytest.mark.parametrize("call", [lambda n: n & 1, lambda n: 3 | n, lambda n: ~n])
def test_bitwise_operators_on_numbers_are_refused(call):
    with pytest.raises(errors.DtypeError, match=r"take booleans, got int.*logical_and"):
        trace_of(call, np.arange(3, dtype=np.int32))


def test_a_symbol_is_its_own_key_and_prints_itself():
    with Trace() as trace:
        x, y = (trace.input(Spec((2,), np.dtype("f4"))) for _ in range(2))
        assert {x: 1, y: 2}[x] == 1
        assert repr(x) == "Tensor(placeholder, shape=(2,), dtype=float32)"
        assert repr(x + y) == "Tensor(add, shape=(2,), dtype=float32)"
        assert (x + y) is (x + y)
        assert (x + 1) is not (x + 2)
        assert (x.ndim, x.size, x.T.shape, len(x)) == (1, 2, (2,), 2)


def test_equal_numbers_of_other_types_or_signs_are_other_constants():
    def call(x):
        return x * 0.0, x * -0.0, x.astype("int32") * 0, ops.where(x > 9, True, False)

    zero, negative, whole, truth = function(call)(np.ones(2))
    assert (np.signbit(zero).any(), np.signbit(negative).all()) == (False, True)
    assert (whole.dtype, truth.dtype) == (np.int32, np.bool_)


def test_captured_arrays_are_copied_when_traced():
    captured, large = np.ones(3), np.ones(1000)
    add = function(lambda x: x + captured + ops.sum(large))
    assert add(np.zeros(3)).tolist() == [1001.0] * 3
    captured[:], large[:] = 5, 5
    assert add(np.zeros(3)).tolist() == [1001.0] * 3
    assert add(np.zeros((2, 3))).tolist() == [[5005.0] * 3] * 2  # another shape is traced anew


def test_a_symbol_of_another_trace_is_refused():
    kept = []
    function(lambda x: kept.append(x) or x)(np.ones(2))
    with pytest.raises(errors.TraceError, match=r"placeholder.*of another trace.*return\s+tensors"):
        function(lambda x: x + kept[0])(np.ones(2))
    with pytest.raises(errors.TraceError, match="of another trace"):
        function(lambda x: ops.scan(lambda c, v: (c, v + kept[0][0]), 0.0, x))(np.ones(2))


def test_a_symbol_that_leaves_its_loop_is_refused():
    def leaking(x):
        kept = []
        ops.scan(lambda c, v: (c, kept.append(v)), 0.0, x)
        return x + kept[0]

    with pytest.raises(errors.TraceError, match="of another trace"):
        function(leaking)(np.ones(2))


def test_a_symbol_of_another_trace_cannot_be_assigned():
    kept, state = [], Variable(np.zeros(2))
    function(kept.append)(np.ones(2))
    with pytest.raises(errors.TraceError, match="of another trace"):
        function(lambda x: state.assign(kept[0]))(np.ones(2))


def test_every_operator_has_its_operation():
    for name in ("add", "index", "logical_not", "matmul", "power", "cast", "transpose"):
        assert name in OPERATIONS
