"""function: what is traced, what is static, what is cached, and what comes back."""

import numpy as np
import pytest

from glia import dtypes, errors, ops
from glia.derivatives import grad, value_and_grad
from glia.function import LARGEST_CACHE, Function, function
from glia.graph import Variable

pytestmark = pytest.mark.usefixtures("reference_engine")


def counting(f):
    """The function, compiled, and a list that grows whenever it is traced."""
    traces = []

    def call(*args, **options):
        traces.append(args)
        return f(*args, **options)

    return function(call), traces


def test_a_function_is_traced_once_for_each_shape_and_dtype():
    double, traces = counting(lambda x: x * 2)
    for given in (np.ones(3), np.zeros(3), np.ones((3, 1)), np.ones(3, np.float32), np.ones(3)):
        assert np.array_equal(double(given), given * 2)
    assert len(traces) == 3
    assert [float(double(number)) for number in (1.0, 2.0, 5)] == [2, 4, 10]
    assert len(traces) == 5  # numbers are inputs; a float and an int differ in dtype


def test_other_arguments_are_static():
    def scale(x, how, *, twice=False, by=None):
        x = x * 2 if twice else x
        return (ops.exp(x) if how == "exp" else x) * (1 if by is None else by["factor"])

    compiled, traces = counting(scale)
    x = np.array([0.0, 1.0])
    assert compiled(x, "linear").tolist() == [0, 1]
    assert compiled(x, "exp").tolist() == [1, np.e]
    assert compiled(x, "linear", twice=True).tolist() == [0, 2]
    assert compiled(x, "linear", twice=False).tolist() == [0, 1]
    assert compiled(x, "linear", by={"factor": 3.0}).tolist() == [0, 3]
    assert compiled(x, "linear", by={"factor": 4.0}).tolist() == [0, 4]
    assert len(traces) == 5


def test_unhashable_static_arguments_are_known_by_identity():
    class Settings:
        __hash__ = None

        def __init__(self, factor):
            self.factor = factor

    compiled, traces = counting(lambda x, settings: x * settings.factor)
    found = [float(compiled(1.0, Settings(factor))) for factor in range(20)]
    assert found == list(range(20))
    assert len(traces) == 20


def test_trees_in_and_out_keep_their_form():
    @function
    def call(tree, nothing):
        assert nothing is None
        (a, [b]), options = tree["x"], tree["options"]
        return {"sum": a + b, "none": None, "same": (a, [b, ()]), "n": len(options)}

    found = call({"x": (np.ones(2), [np.zeros(2)]), "options": ["q", "r"]}, None)
    assert found["sum"].tolist() == [1, 1]
    assert (found["none"], type(found["same"]), found["same"][1][1]) == (None, tuple, ())
    assert (int(found["n"]), found["n"].dtype) == (2, np.int32)
    assert function(lambda x: None)(1.0) is None


def test_the_form_of_a_tree_is_part_of_the_key():
    compiled, traces = counting(lambda tree: tree[0] if isinstance(tree, tuple) else tree[1])
    a, b = np.ones(2), np.zeros(2)
    assert compiled((a, b)).tolist() == [1, 1]
    assert compiled([a, b]).tolist() == [0, 0]
    assert len(traces) == 2
    keyed = function(lambda tree: tree["x"])
    assert keyed({"x": a, "y": b}).tolist() == [1, 1]
    assert keyed({"y": a, "x": b}).tolist() == [0, 0]


def test_methods_belong_to_their_instance():
    class Scale:
        def __init__(self, factor):
            self.weight = Variable(factor)

        @function
        def call(self, x):
            return x * self.weight

        @function(is_training=True)
        def grow(self):
            self.weight.assign(self.weight + 1)

    two, three = Scale(2.0), Scale(3.0)
    two.grow()
    assert float(two.call(np.float32(5))) == 15
    assert float(three.call(np.float32(5))) == 15
    three.grow()
    assert float(three.call(np.float32(5))) == 20
    assert isinstance(Scale.call, Function)


def test_results_share_no_memory_with_arguments_variables_or_each_other():
    v = Variable(np.arange(6.0).reshape(2, 3))

    @function
    def call(x):
        y = x + 1
        return x, x.reshape(-1), x.T, v.value, v.value[0], y, y, np.arange(3.0), ops.zeros((2, 3))

    x = np.ones((2, 3))
    found = call(x)
    for place, each in enumerate(found):
        each[...] = -7
        others = [x, v.array, *found[:place]]
        assert not any(np.shares_memory(each, other) for other in others)
    assert x.tolist() == [[1] * 3] * 2
    assert v.array.ravel().tolist() == list(range(6))
    assert call(x)[7].tolist() == [0, 1, 2]


def test_the_cache_is_bounded_and_forgets_the_least_recently_used():
    compiled, traces = counting(lambda x: x + 1)
    for size in range(LARGEST_CACHE):
        compiled(np.ones(size))
    compiled(np.ones(0))  # used again, so the next to go is size 1
    compiled(np.ones(LARGEST_CACHE))
    assert len(compiled._cache) == LARGEST_CACHE
    before = len(traces)
    compiled(np.ones(0))
    assert len(traces) == before
    compiled(np.ones(1))
    assert len(traces) == before + 1


def test_the_default_dtype_is_part_of_the_key():
    call = function(lambda n: n / 2)
    assert call(3).dtype == np.float32
    dtypes.set_dtype("float64")
    try:
        assert call(3).dtype == np.float64
    finally:
        dtypes.set_dtype("float32")


def test_called_with_symbols_or_in_traced_code_it_is_inlined():
    state = Variable(np.array(0.0))

    @function
    def inner(x):
        state.assign(state.value + ops.sum(x))
        return x * 2

    outer = function(lambda x: inner(inner(x)) + inner(np.ones(2)))
    assert outer(np.array([1.0, 2.0])).tolist() == [6, 10]
    assert float(state.array) == 3 + 6 + 2
    assert outer(np.array([1.0, 2.0])).tolist() == [6, 10]
    assert float(state.array) == 22
    names = [node.op.name for node in outer.trace(np.ones(2)).plan.nodes]
    assert names.count("multiply") == 2


def test_int64_and_lists_enter_as_they_must():
    assert function(lambda x: x + 1)(np.array([2**31 - 2])).dtype == np.int32
    with pytest.raises(errors.DtypeError, match="2147483648 does not fit"):
        function(lambda x: x + 1)(np.array([2**31]))
    with pytest.raises(errors.DtypeError, match="got dtype <U1"):
        function(lambda x: x)(np.array(["a"]))


def test_a_failed_trace_leaves_nothing_behind():
    call, traces = counting(lambda x: x if x.ndim == 1 else x @ np.ones(7))
    with pytest.raises(errors.ShapeError):
        call(np.ones((2, 3)))
    assert call(np.ones(3)).tolist() == [1, 1, 1]
    assert Variable(1.0).shape == ()  # no trace is still open
    assert len(traces) == 2


def test_a_plan_can_be_read():
    traced = function(lambda x: ops.exp(x) + 1).trace(np.ones(3))
    assert "exp" in str(traced.plan)
    assert len(traced.plan.inputs) == 1


# grad and value_and_grad


def test_gradients_have_the_form_of_their_arguments():
    def loss(tree, x, name="square"):
        assert name == "square"
        return ops.sum(tree["w"] ** 2 * x) + tree["b"][0] * 3

    tree = {"w": np.array([1.0, 2.0]), "b": [np.float64(4)]}
    x = np.array([1.0, 10.0])
    value, (by_tree, by_x) = value_and_grad(loss, (0, 1))(tree, x, name="square")
    assert float(value) == 1 + 40 + 12
    assert (by_tree["w"].tolist(), float(by_tree["b"][0])) == ([2, 40], 3)
    assert by_x.tolist() == [1, 4]
    assert grad(loss, argnums=-1)(tree, x).tolist() == [1, 4]


def test_derivatives_of_derivatives_of_derivatives():
    def f(x):
        return x**4 + ops.sin(x)

    x = np.float64(0.7)
    assert grad(f)(x) == pytest.approx(4 * x**3 + np.cos(x), rel=1e-14)
    assert grad(grad(f))(x) == pytest.approx(12 * x**2 - np.sin(x), rel=1e-14)
    assert grad(grad(grad(f)))(x) == pytest.approx(24 * x - np.cos(x), rel=1e-14)


def test_grad_inside_traced_code_by_symbols_and_by_numbers():
    def square(x, y=3.0):
        return x * x * 2.0 * y

    @function
    def call(x):
        return grad(square)(x, 1.0), grad(square)(2.0), grad(square, (0, 1))(x, 2.0)

    by_x, by_number, (both_x, both_y) = call(np.float64(5))
    assert (float(by_x), float(by_number)) == (20, 24)
    assert (float(both_x), float(both_y)) == (40, 50)


def test_what_does_not_depend_has_a_gradient_of_zeros():
    assert grad(lambda x: 3.0)(np.ones(2)).tolist() == [0, 0]
    assert grad(lambda x: ops.sum(ops.floor(x)))(np.ones(2)).tolist() == [0, 0]
    _by_x, by_y = grad(lambda x, y: ops.sum(x), (0, 1))(np.ones(2), np.ones((3, 1)))
    assert by_y.tolist() == [[0], [0], [0]]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (lambda x: x, r"grad: <lambda> returned shape \(2,\), expected a scalar; sum or average"),
        (lambda x: None, "returned NoneType, expected a scalar"),
        (lambda x: (x, x), "returned tuple, expected a scalar"),
    ],
)
def test_what_is_differentiated_is_a_scalar(result, message):
    with pytest.raises(errors.ShapeError, match=message):
        grad(result)(np.ones(2))


def test_the_gradient_by_an_integer_is_refused():
    with pytest.raises(errors.DtypeError, match="only floats can change by a little"):
        grad(lambda n: n * 2.0)(3)
