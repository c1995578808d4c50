"""Variables and flat vectors, inside traced code and outside it."""

import numpy as np
import pytest

from glia import errors, ops
from glia.autodiff import gradients
from glia.derivatives import grad
from glia.function import function
from glia.graph import Flat, Variable, current_trace, eager, is_training, note
from glia.graph.trace import Trace

pytestmark = pytest.mark.usefixtures("reference_engine")


def test_a_variable_takes_the_default_float_unless_it_gets_an_array():
    assert Variable([1.0, 2.0]).dtype == np.float32
    assert Variable(0.5).dtype == np.float32
    assert Variable(np.ones(2)).dtype == np.float64
    assert Variable(3).dtype == np.int32
    given = np.ones(2)
    variable = Variable(given, "w", trainable=False)
    given[0] = 9
    assert variable.numpy().tolist() == [1, 1]
    assert repr(variable) == "Variable('w', shape=(2,), dtype=float64, trainable=False)"
    assert Variable(np.ones((3, 2)).T).array.flags.c_contiguous


def test_arithmetic_works_on_it_directly():
    v, w = Variable(np.array([1.0, -2.0])), Variable(np.array([[3.0, 4.0]]))
    x = np.array([5.0, 6.0])

    def call(v, w):
        total = (v + x) - (x - v) * v / 2 + 2 * v - 1 / (3 - v) + v**2 + 2**v - (-v) + abs(v)
        return total + (w @ v) + (np.array([[1.0, 0]]) @ v) + v[::-1] + np.exp(v), (v < x) == (
            v >= w
        )

    plain = call(v.array, w.array)
    for found in (call(v, w), function(lambda: call(v, w))()):
        for one, other in zip(found, plain, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-15)
    assert (float(Variable(2.5)), int(Variable(3)), bool(Variable(0.0))) == (2.5, 3, False)


def test_in_traced_code_a_value_is_a_symbol():
    v = Variable(2.0, "rate")
    for look in (float, int, bool):
        with pytest.raises(errors.TraceError, match="is a symbol"):
            function(lambda look=look: look(v))()
    with pytest.raises(
        errors.TraceError, match=r"cannot read the variable 'rate'.*variable\.value"
    ):
        function(lambda: np.asarray(v))()


def test_making_one_in_traced_code_is_refused():
    with pytest.raises(errors.TraceError, match=r"'w' was made inside traced code.*build\(\)"):
        function(lambda: Variable(1.0, "w"))()

    def in_a_loop(x):
        return ops.scan(lambda c, v: (Variable(1.0, "w"), v), 0.0, x)

    with pytest.raises(errors.TraceError, match="'w'"):
        function(in_a_loop)(np.ones(3))


def test_eager_suspends_tracing():
    made = []

    def call(x):
        if not made:
            with eager():
                assert current_trace() is None
                assert ops.exp(0.0) == 1
                made.append(Variable(1.0))
        assert current_trace() is not None
        return x + made[0]

    assert function(call)(1.0) == 2


def test_assignments_take_effect_when_the_graph_runs():
    v = Variable(np.zeros(2), "v")

    def call(x):
        first = v.value
        v.assign(v + x)
        v.assign(v * 2)
        return first, v.value

    compiled = function(call)
    compiled.trace(np.ones(2))
    assert v.array.tolist() == [0, 0]
    before = v.array
    assert [part.tolist() for part in compiled(np.ones(2))] == [[0, 0], [2, 2]]
    assert [part.tolist() for part in compiled(np.ones(2))] == [[2, 2], [6, 6]]
    assert v.array is before


def test_swapping_two_variables():
    a, b = Variable(np.array([1.0, 2.0])), Variable(np.array([3.0, 4.0]))

    def swap():
        x, y = a.value, b.value
        a.assign(y)
        b.assign(x)

    compiled = function(swap)
    compiled()
    assert (a.array.tolist(), b.array.tolist()) == ([3, 4], [1, 2])
    compiled()
    assert (a.array.tolist(), b.array.tolist()) == ([1, 2], [3, 4])


@pytest.mark.parametrize("place", ["eager", "traced symbol", "traced array"])
@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (np.ones(3), errors.ShapeError, r"'v' has shape \(2,\).*shape \(3,\).*keeps its shape"),
        (1.0, errors.ShapeError, r"shape \(\)"),
        (np.array([0.5, 1.5]), errors.DtypeError, r"'v' is int32.*float64.*glia\.ops\.cast"),
    ],
)
def test_an_assignment_keeps_shape_and_kind(place, value, kind, message):
    v = Variable(np.array([1, 2]), "v")
    assign = {
        "eager": lambda: v.assign(value),
        "traced symbol": lambda: function(v.assign)(np.asarray(value, np.float64)),
        "traced array": function(lambda: v.assign(value)),
    }
    with pytest.raises(kind, match=message):
        assign[place]()
    assert v.array.tolist() == [1, 2]


def test_assigned_arrays_are_weak_and_copied():
    v, w = Variable(np.zeros(2, np.float32)), Variable(np.ones(2, np.float32))
    new = np.array([1.5, 2.5])
    v.assign(new)
    new[:] = 0
    assert v.array.tolist() == [1.5, 2.5]
    function(lambda: v.assign(np.array([3.5, 4.5])))()
    assert (v.dtype, v.array.tolist()) == (np.float32, [3.5, 4.5])
    v.assign(w)
    w.array[:] = 7
    assert v.array.tolist() == [1, 1]


def make_flat():
    w, b = Variable(np.arange(6.0).reshape(2, 3), "w"), Variable(np.array(10.0), "b")
    return w, b, Flat([w, b], "weights")


def test_members_of_a_flat_vector_are_views_of_it():
    w, b, flat = make_flat()
    assert flat.array.tolist() == [0, 1, 2, 3, 4, 5, 10]
    flat.array[:] += 1
    assert (w.array[0].tolist(), float(b)) == ([1, 2, 3], 11)
    w.assign(np.zeros((2, 3)))
    b.array[...] = -1
    assert flat.array.tolist() == [0] * 6 + [-1]
    assert (w.shape, b.shape, flat.sizes, flat.members) == ((2, 3), (), (6, 1), (w, b))


def test_traced_code_may_read_and_assign_flat_and_members():
    w, b, flat = make_flat()

    def call():
        w.assign(w.value + 1)
        flat.assign(flat.value * 2)
        b.assign(b.value - ops.sum(w.value))
        return flat.value

    function(call)()
    assert flat.array.tolist() == [2, 4, 6, 8, 10, 12, 20 - 42]
    assert w.array.tolist() == [[2, 4, 6], [8, 10, 12]]


def test_gradients_by_flat_and_by_members_agree():
    w, b, flat = make_flat()

    def call():
        loss = ops.sum(ops.tanh(w.value * 0.1) ** 2) * b.value
        return gradients(loss, [flat, w, b])

    by_flat, by_w, by_b = function(call)()
    assert by_flat.tolist() == [*by_w.ravel().tolist(), float(by_b)]
    assert by_w.shape == (2, 3)


def test_the_gradient_by_flat_is_one_concatenation():
    _, _, flat = make_flat()
    traced = function(lambda: gradients(ops.sum(flat.members[0].value ** 2), [flat])).trace()
    names = [node.op.name for node in traced.plan.nodes]
    assert names.count("concatenate") == 1
    assert not {"slice", "pad"} & set(names)


def test_regrouping_makes_traces_follow():
    w, b, first = make_flat()
    double = function(lambda: first.assign(first.value * 2))
    scale = function(lambda: w.assign(w.value * 2))
    scale()
    second = Flat([w], "other")
    assert (first.is_current, second.is_current) == (False, True)
    assert (w.owner, b.owner) == ((second, 0), None)
    scale()
    assert w.array.ravel().tolist() == second.array.tolist() == [0, 4, 8, 12, 16, 20]
    assert float(b) == 10
    b.assign(3.0)
    assert float(function(lambda: b.value)()) == 3
    double()  # the old vector still exists, but nobody's storage is in it any more
    assert second.array.tolist() == [0, 4, 8, 12, 16, 20]


def test_a_variable_grouped_after_a_trace_is_still_read_and_written():
    v = Variable(np.ones(2), "v")
    add = function(lambda: v.assign(v.value + 1))
    add()
    flat = Flat([v, Variable(np.zeros(1))])
    add()
    assert flat.array.tolist() == [3, 3, 0]


def test_a_flat_vector_wants_one_dtype_and_each_member_once():
    v = Variable(np.ones(2), "v")
    with pytest.raises(errors.DtypeError, match="one dtype; got 'v' float64, 'w' float32"):
        Flat([v, Variable(np.ones(2, np.float32), "w")])
    with pytest.raises(errors.ArgumentError, match="given twice"):
        Flat([v, v])
    assert v.owner is None
    assert Flat([]).array.shape == (0,)


def test_with_respect_to_a_variable_means_its_present_value():
    v = Variable(3.0)

    def call():
        before = gradients(v.value**2, [v])[0]
        v.assign(v.value + 1)
        return before, gradients(v.value**2, [v])[0]

    assert [float(each) for each in function(call)()] == [6, 8]


def test_gradients_of_captured_variables():
    v = Variable(np.array([1.0, 2.0]))
    assert grad(lambda x: ops.sum(x * v))(np.ones(2)).tolist() == [1, 2]
    v.array[:] = 5
    assert grad(lambda x: ops.sum(x * v))(np.ones(2)).tolist() == [5, 5]


def test_the_mode_belongs_to_the_trace():
    def mode(x):
        inner = ops.scan(lambda c, v: (c, 1 if is_training() else 0), 0.0, x)[1]
        return (1 if is_training() else 0), inner

    assert not is_training()
    assert [part.tolist() for part in function(mode, is_training=True)(np.ones(2))] == [1, [1, 1]]
    assert [part.tolist() for part in function(mode)(np.ones(2))] == [0, [0, 0]]
    assert is_training(True)
    assert function(lambda: 1 if is_training(False) else 0, is_training=True)() == 0


def test_notes_are_kept_only_where_asked_for():
    note("nobody", "z", 1)
    with Trace(keeps_notes=True) as trace:
        note("layer", "z", 2)
    assert trace.notes == [("layer", "z", 2)]
    with Trace() as silent:
        note("layer", "z", 2)
    assert silent.notes is None
