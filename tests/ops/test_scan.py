"""scan: equal to the unrolled loop in values and derivatives, and shaped as plans want it."""

import numpy as np
import pytest
from tests.ops.numeric import error
from tests.ops.values import anywhere

from glia import errors, ops, random
from glia.autodiff import gradients
from glia.function import function
from glia.graph import Body, Node, Variable, walk
from glia.ops import stack

pytestmark = pytest.mark.usefixtures("reference_engine")


f64 = np.dtype("f8")
h, x, w, c = anywhere((2, 3)), anywhere((4, 2, 3)), anywhere((3, 3), 1), anywhere((3,), 2)


def unrolled(f, carry, xs, length=None, reverse=False):
    """What scan means: a Python loop."""
    rows = range(len(xs) if length is None else length)
    ys = {}
    for row in reversed(rows) if reverse else rows:
        carry, ys[row] = f(carry, None if xs is None else xs[row])
    return carry, stack([ys[row] for row in rows])


def recurrent(loop, h, x, w, c, **options):
    def step(h, v):
        new = ops.tanh(v + h @ w + c) * ops.sigmoid(h)
        return new, new * ops.sum(h)

    return loop(step, h, x, **options)


def from_outside(loop, h, x, w, c, **options):
    gate = ops.sigmoid(c)  # does not change from step to step

    def step(h, v):
        new = gate * h + (1 - gate) * ops.exp(-(v**2)) @ (w * w)
        return new, ops.transpose(new @ ops.reshape(w, (3, 3)), (1, 0))

    return loop(step, h, x, **options)


def two_deep(loop, h, x, w, c, **options):
    def step(h, v):
        def inner(k, u):
            new = ops.tanh(k @ w + u * c)
            return new, new + v

        last, ys = loop(inner, h, stack([v, h * v]), **options)
        return last, ops.sum(ys, 0) * c

    return loop(step, h, x, **options)


def weighed(call, loop, **options):
    def loss(*arrays):
        carry, ys = call(loop, *arrays, **options)
        return ops.sum(carry * carry) + ops.sum(ys * anywhere(ys.shape, "weights"))

    return loss


def slopes(loss):
    return lambda *arrays: gradients(loss(*arrays), arrays, missing="zeros")


def curvature(loss):
    def along(*arrays):
        found = slopes(loss)(*arrays)
        return sum(ops.sum(g * anywhere(g.shape, "along")) for g in found)

    return slopes(along)


@pytest.mark.parametrize("call", [recurrent, from_outside, two_deep])
@pytest.mark.parametrize("options", [{}, {"reverse": True}])
@pytest.mark.parametrize("length", [1, 2, 4])
@pytest.mark.parametrize("derive", [lambda loss: loss, slopes, curvature])
def test_scan_equals_the_unrolled_loop(call, options, length, derive):
    arrays = h, x[:length], w, c
    expected = function(derive(weighed(call, unrolled, **options)))(*arrays)
    found = function(derive(weighed(call, ops.scan, **options)))(*arrays)
    if isinstance(found, np.ndarray):
        found, expected = [found], [expected]
    for one, other in zip(found, expected, strict=True):
        assert error(one, other) <= 1e-12


@pytest.mark.parametrize("call", [recurrent, from_outside, two_deep])
def test_eager_scan_equals_the_traced_one(call):
    for one, other in zip(
        call(ops.scan, h, x, w, c), function(lambda *a: call(ops.scan, *a))(h, x, w, c), strict=True
    ):
        assert error(other, one) <= 1e-15


@pytest.mark.parametrize("is_traced", [False, True])
def test_no_steps_give_back_the_carry_and_empty_stacks(is_traced):
    call = function(recurrent) if is_traced else recurrent
    carry, ys = call(ops.scan, h, x[:0], w, c)
    assert error(carry, h) == 0
    assert ys.shape == (0, 2, 3)
    loss = weighed(recurrent, ops.scan)
    by_h, by_x, by_w, by_c = function(slopes(loss))(h, x[:0], w, c)
    assert error(by_h, 2 * h) == 0
    assert by_x.shape == (0, 2, 3)
    assert not by_w.any()
    assert not by_c.any()


@pytest.mark.parametrize("is_traced", [False, True])
def test_trees_of_carries_rows_and_outputs(is_traced):
    def call(x):
        def step(carry, row):
            count, (low, high) = carry["n"], carry["range"]
            first, second = row
            value = first * second["b"]
            ends = [ops.minimum(low, value), ops.maximum(high, value)]
            return {"n": count + 1, "range": ends}, {"value": value, "none": None, "n": (count,)}

        return ops.scan(step, {"n": 0, "range": [9.0, -9.0]}, (x, {"b": x}))

    given = np.array([1.0, -3.0, 2.0])
    carry, ys = (function(call) if is_traced else call)(given)
    assert (int(carry["n"]), *map(float, carry["range"])) == (3, 1, 9)
    assert ys["value"].tolist() == [1, 9, 4]
    assert ys["none"] is None
    assert ys["n"][0].tolist() == [0, 1, 2]


def test_whole_and_weak_numbers_as_carries():
    def call(x):
        return ops.scan(lambda k, v: ((k[0] + 1, k[1] + v), k[0]), (0, 0.0), x)

    (count, total), ys = function(call)(np.ones(3))
    assert (count.dtype, total.dtype, ys.dtype) == (np.int32, np.float64, np.int32)
    assert (int(count), float(total), ys.tolist()) == (3, 3, [0, 1, 2])


def test_captured_rows_take_the_dtype_of_the_symbols():
    rows = np.arange(3.0)
    call = function(lambda h: ops.scan(lambda k, v: (k * v + 1, k), h, rows))
    assert call(np.float32(1))[1].dtype == np.float32
    assert call(np.float64(1))[1].dtype == np.float64


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda x: ops.scan(lambda k, v: (k + v, k), 0.0, x),
            "Shape",
            r"shape \(\) and left.*\(3,\)",
        ),
        (
            lambda x: ops.scan(lambda k, v: (k + v, k), 0, x[:, 0]),
            "Dtype",
            "as int32 and left it as f",
        ),
        (
            lambda x: ops.scan(lambda k, v: (1.5, k), 0, x),
            "Dtype",
            "as int32 and left it as float64",
        ),
        (lambda x: ops.scan(lambda k, v: ((k, k), k), x[0], x), "Shape", "1 carries.*and 2 left"),
        (lambda x: ops.scan(lambda k, v: (k, k), x[0]), "Shape", "length=None"),
        (lambda x: ops.scan(lambda k, v: (k, k), 0.0, x, length=4), "Shape", r"\(2, 3\).*length=4"),
        (lambda x: ops.scan(lambda k, v: (k, k), 0.0, (x, x[0])), "Shape", "one common number"),
        (lambda x: ops.scan(lambda k, v: (k, k), 0.0, x[0, 0]), "Shape", "one common number"),
    ],
)
def test_what_does_not_fit_is_said(call, kind, message):
    with pytest.raises(getattr(errors, f"{kind}Error"), match=f"scan: .*{message}"):
        function(call)(np.ones((2, 3)))


# Variables and random numbers inside.


def test_variables_are_read_and_assigned_in_the_body():
    total, rate = Variable(np.zeros(3), "total"), Variable(np.array(0.5), "rate")

    def call(x):
        def step(k, v):
            total.assign(total.value * rate.value + v)
            return k + ops.sum(total.value), total.value

        return ops.scan(step, 0.0, x)

    rows = anywhere((4, 3))
    expected, states = np.zeros(3), []
    for row in rows:
        expected = expected * 0.5 + row
        states.append(expected)
    carry, ys = function(call)(rows)
    assert error(total.array, expected) <= 1e-15
    assert error(ys, np.array(states)) <= 1e-15
    assert error(carry, np.array(states).sum()) <= 1e-14
    assert rate.array == 0.5
    total.array[:] = 0
    _, eager = call(rows)
    assert error(eager, ys) == 0


def test_a_variable_assigned_before_the_loop_enters_with_its_new_value():
    v = Variable(np.array(1.0))

    def call(x):
        v.assign(v.value * 10)
        ys = ops.scan(lambda k, row: (k, v.assign(v.value + row) or v.value), 0.0, x)[1]
        v.assign(-v.value)
        return ys

    assert function(call)(np.ones(3)).tolist() == [11, 12, 13]
    assert v.array == -13


def test_a_step_that_trains_inside_the_loop():
    def train(loop):
        v = Variable(anywhere((3,)), "v")

        def step(k, row):
            loss = ops.sum((v.value - row) ** 2)
            (slope,) = gradients(loss, [v])
            v.assign(v.value - 0.1 * slope)
            return k, loss

        losses = function(lambda x: loop(step, 0.0, x)[1])(x[:, 0])
        return v.array, losses

    for one, other in zip(train(ops.scan), train(unrolled), strict=True):
        assert error(one, other) <= 1e-15


def test_each_step_draws_other_random_numbers():
    drawer = random.Generator(3)
    draw = function(lambda: ops.scan(lambda k, _: (k, drawer.uniform((5,))), 0.0, length=4)[1])
    masks = draw()
    assert len(np.unique(masks)) == 20
    assert not np.array_equal(masks, draw())
    drawer.seed(3)
    assert np.array_equal(masks, np.stack([drawer.uniform((5,)) for _ in range(4)]))


# What the plan of a loss and its gradients looks like.


def scans(traced) -> list[Node]:
    return [node for node in traced.plan.nodes if node.op.name == "scan"]


def body_ops(scan: Node) -> list[str]:
    body: Body = scan.attributes["body"]
    return [node.op.name for node in walk(body.outputs)]


def with_gradients(*arrays):
    loss = weighed(recurrent, ops.scan)(*arrays)
    return loss, gradients(loss, arrays)


def test_loss_and_gradients_share_one_forward_loop():
    forward, backward = scans(function(with_gradients).trace(h, x, w, c))
    assert [forward.attributes["reverse"], backward.attributes["reverse"]] == [False, True]


def test_gradients_taken_twice_share_the_loops():
    def twice(*arrays):
        loss = weighed(recurrent, ops.scan)(*arrays)
        return loss, gradients(loss, arrays[:1]), gradients(loss, arrays)

    assert len(scans(function(twice).trace(h, x, w, c))) <= 3


def test_weight_gradients_are_one_contraction_after_the_loop():
    traced = function(with_gradients).trace(h, x, w, c)
    _, backward = scans(traced)
    after = [node for node in traced.plan.nodes if node.op.name == "contract"]
    assert [node.outputs[0].shape for node in after] == [w.shape]
    assert {tensor.ndim for node in after for tensor in node.inputs} == {3}
    # One carry: the state's cotangent. Neither weights nor bias are added up inside.
    assert backward.attributes["carries"] == 1
    assert body_ops(backward).count("contract") == 1


def test_a_gradient_that_cannot_leave_the_loop_is_carried():
    def loss(c, x):
        return ops.scan(lambda k, v: (k * ops.sin(c * v), None), 1.0, x)[0]

    def call(c, x):
        return gradients(loss(c, x), [c])

    traced = function(call).trace(np.float64(0.3), x[:, 0, 0])
    assert scans(traced)[1].attributes["carries"] == 2


def test_loops_of_other_lengths_are_not_merged():
    def call(h):
        return [ops.scan(lambda k, _: (k * 2, None), h, length=n)[0] for n in (3, 5)]

    assert [float(each) for each in function(call)(1.0)] == [8, 32]


def test_what_does_not_change_is_computed_once_before_the_loop():
    traced = function(lambda *a: from_outside(ops.scan, *a)).trace(h, x, w, c)
    (scan,) = scans(traced)
    assert "sigmoid" not in body_ops(scan)
    assert "sigmoid" in [node.op.name for node in traced.plan.nodes]


def test_equal_bodies_are_one_object():
    def call(h, x):
        return [ops.scan(lambda k, v: (ops.tanh(k + v), k), start, x) for start in (h, -h)]

    first, second = scans(function(call).trace(h, x))
    assert first.attributes["body"] == second.attributes["body"]
