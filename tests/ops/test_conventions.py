"""Dtypes and what happens where values are special: ties, NaN, infinities, no elements."""

import numpy as np
import pytest

from glia import dtypes, errors, ops
from glia.autodiff import gradients
from glia.derivatives import grad
from glia.function import function

pytestmark = pytest.mark.usefixtures("reference_engine")


f32, f64, i32, u8, u32, b = "float32", "float64", "int32", "uint8", "uint32", "bool"


def result_dtype(f, *dtypes_of_symbols):
    return str(function(f)(*[np.ones(3, dtype) for dtype in dtypes_of_symbols]).dtype)


@pytest.mark.parametrize(
    ("call", "given", "expected"),
    [
        (lambda x: x + 1, [f32], f32),
        (lambda x: 2.5 * x, [f64], f64),
        (lambda x: x + np.float64(1), [f32], f32),
        (lambda x: np.float64(1) - x, [f32], f32),
        (lambda x: x * np.arange(3.0), [f32], f32),
        (lambda x: np.arange(3, dtype=f32) * x, [f64], f64),
        (lambda x: ops.add(x, [1.0, 2.0, 3.0]), [f64], f64),
        (lambda x, n: x * n, [f64, i32], f64),
        (lambda x, n: x / n, [f32, u8], f32),
        (lambda n: n + 1, [i32], i32),
        (lambda n: n * 1.5, [i32], f32),
        (lambda n: n + np.arange(3.0), [i32], f32),
        (lambda n: n / 2, [i32], f32),
        (lambda n: n**2, [i32], f32),
        (lambda n: n**4, [i32], f32),
        (lambda n, m: n + m, [u8, i32], i32),
        (lambda n, m: n + m, [u8, u8], u8),
        (lambda n: n + 1, [u8], u8),
        (lambda n: n + 300, [u8], i32),
        (lambda n: n - 1, [u32], u32),
        (lambda t, s: t + s, [b, b], i32),
        (lambda t: t * 2, [b], i32),
        (lambda t: t * 0.5, [b], f32),
        (lambda t: -t, [b], i32),
        (ops.sum, [b], i32),
        (ops.mean, [b], f32),
        (ops.sum, [u8], i32),
        (ops.exp, [i32], f32),
        (lambda x: x > 0, [f32], b),
        (lambda x: ops.where(x > 0, 1, 0), [f32], i32),
        (lambda x: ops.where(x > 0, x, 0), [f64], f64),
        (lambda x: ops.where(x > 0, True, False), [f64], b),
        (lambda x, n: ops.concatenate([x, n]), [f64, i32], f64),
        (ops.argmax, [f32], i32),
        (lambda x: ops.one_hot(ops.argmax(x), 3), [f64], f32),
        (lambda x: ops.contract(x, np.ones((3, 2)), "i,io->o"), [f32], f32),
        (lambda x: x.astype(float), [f32], f64),
    ],
)
def test_the_dtype_of_a_mix(call, given, expected):
    assert result_dtype(call, *given) == expected


def test_the_default_float_is_what_set_dtype_says():
    dtypes.set_dtype("float64")
    try:
        assert result_dtype(lambda n: n / 2, i32) == f64
        assert result_dtype(lambda n: n * ops.ones(3), i32) == f64
    finally:
        dtypes.set_dtype("float32")
    assert result_dtype(lambda n: n / 2, i32) == f32
    with pytest.raises(errors.ArgumentError, match=r"'float16'.*'float32' or 'float64'"):
        dtypes.set_dtype("float16")


def test_float32_with_float64_symbols_is_an_error_that_names_both():
    with pytest.raises(errors.DtypeError, match=r"float32 and float64.*glia\.ops\.cast"):
        function(lambda x, y: x + y)(np.ones(3, f32), np.ones(3, f64))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.array([1, 2**40]), r"1099511627776 does not fit into 32 bits"),
        (np.array([-(2**31) - 1]), r"-2147483649 does not fit"),
        (np.array(["a"]), r"got dtype <U1"),
        (np.array([1j]), r"got dtype complex128"),
        ([[1, 2], [3]], r"nested lists of unequal lengths"),
        (None, r"got dtype object"),
    ],
)
def test_values_glia_cannot_hold(value, message):
    with pytest.raises(errors.DtypeError, match=message):
        ops.add(value, 1.0)


def test_python_integers_that_do_not_fit_the_symbol():
    with pytest.raises(errors.DtypeError, match=r"4294967296 does not fit into int32"):
        function(lambda n: n + 2**32)(np.ones(3, i32))
    with pytest.raises(errors.DtypeError, match=r"-1 does not fit into uint32"):
        function(lambda n: n + -1)(np.ones(3, u32))
    assert function(lambda n: n + 0xFFFFFFFF)(np.ones(1, u32)) == 0


@pytest.mark.parametrize("kind", ["<i8", "<u2", "<f2", ">f4", ">i4"])
def test_other_number_dtypes_become_the_nearest_of_ours(kind):
    found = dtypes.to_array(np.arange(3, dtype=kind))
    assert str(found.dtype) == (f32 if "f" in kind else i32)
    assert found.tolist() == [0, 1, 2]


def test_a_cast_to_something_unknown():
    with pytest.raises(errors.DtypeError, match=r"'flot'.*such as 'float32'"):
        ops.cast(np.ones(3), "flot")


@pytest.mark.parametrize("dtype", [u8, u32, i32, f32])
def test_minimum_of_every_dtype(dtype):
    values = np.array([5, 0, 7, 0], dtype)
    assert ops.min(values) == 0
    assert ops.min(values).dtype == dtype
    assert ops.argmin(values) == 1
    lowest = np.array([3, np.iinfo(i32).min, 7], i32)
    assert ops.min(lowest) == lowest[1]
    assert ops.argmin(lowest) == 1


# Special values.

NAN, INF = np.nan, np.inf


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda x: ops.where(x <= 0, 0.0, x), [NAN, INF, 0, 0]),
        (lambda x: ops.maximum(x, 0.0), [NAN, INF, 0, 0]),
        (lambda x: ops.minimum(0.0, x), [NAN, 0, -INF, 0]),
        (lambda x: ops.clip(x, -1.0, 1.0), [NAN, 1, -1, 0]),
        (ops.sigmoid, [NAN, 1, 0, 0.5]),
        (ops.softplus, [NAN, INF, 0, np.log(2)]),
        (ops.tanh, [NAN, 1, -1, 0]),
        (ops.sign, [NAN, 1, -1, 0]),
        (lambda x: ops.multiply(x, 0.0), [NAN, NAN, NAN, 0]),
        (ops.exp, [NAN, INF, 0, 1]),
    ],
)
def test_nan_and_infinities_stay_visible(call, expected):
    special = np.array([NAN, INF, -INF, 0.0])
    for found in (call(special), function(call)(special)):
        np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_a_reduction_over_nan_is_nan():
    x = np.array([1.0, NAN, 2.0])
    for reduce in (ops.max, ops.min, ops.sum, ops.mean, ops.log_sum_exp):
        assert np.isnan(reduce(x))
    assert ops.argmax(x) == 1


def test_arrays_give_infinities_without_warnings():
    assert ops.log(0.0) == -INF
    assert ops.divide(1.0, 0.0) == INF
    assert np.isnan(ops.divide(0.0, 0.0))


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([-INF, -INF], -INF),
        ([INF, 0.0], INF),
        ([1000.0, 1000.0], 1000 + np.log(2)),
        ([-1000.0, -1000.0], -1000 + np.log(2)),
    ],
)
def test_log_sum_exp_at_the_ends(x, expected):
    assert ops.log_sum_exp(np.array(x)) == expected


def test_ties_share_the_gradient():
    by_x, by_y = grad(lambda x, y: ops.sum(ops.maximum(x, y)), (0, 1))(np.ones(2), np.ones(2))
    assert by_x.tolist() == by_y.tolist() == [0.5, 0.5]
    assert grad(ops.max)(np.array([3.0, 1, 3, 0])).tolist() == [0.5, 0, 0.5, 0]
    assert grad(ops.min)(np.zeros(4)).tolist() == [0.25] * 4


@pytest.mark.parametrize(
    ("x", "exponent", "slope"), [(0.0, 2.0, 0), (0.0, 1.0, 1), (0.0, 0.0, 0), (-2.0, 3.0, 12)]
)
def test_powers_have_their_slope_also_at_zero(x, exponent, slope):
    assert grad(ops.power)(np.float64(x), np.float64(exponent)) == slope


def test_x_log_y_is_zero_where_x_is():
    assert ops.x_log_y(0.0, 0.0) == 0
    by_y = grad(lambda y: ops.sum(ops.x_log_y(np.array([0.0, 2.0]), y)))(np.array([0.0, 0.5]))
    assert by_y.tolist() == [0, 4]


def test_the_mean_of_nothing_is_nan_and_the_maximum_an_error():
    assert np.isnan(ops.mean(np.ones((0, 3))))
    assert ops.sum(np.ones((0, 3)), 0).tolist() == [0, 0, 0]
    for reduce in (ops.max, ops.min, ops.argmax, ops.argmin):
        with pytest.raises(errors.ShapeError, match=r"\(0, 3\): there are no elements"):
            reduce(np.ones((0, 3)), 0)


def test_integers_have_no_gradient():
    with pytest.raises(errors.DtypeError, match="only floats can change by a little"):
        grad(lambda n: ops.sum(n * 2.0))(np.arange(3))

    def counted(x):
        return gradients(ops.sum(ops.cast(x, "int32")), [x])

    with pytest.raises(errors.DtypeError, match="int32, expected a float loss"):
        function(counted)(np.ones(3))
