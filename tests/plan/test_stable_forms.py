"""Logarithms written as their definition says stay exact, values and gradients, up to +-200."""

from decimal import Decimal, getcontext

import numpy as np
import pytest
from tests.ops.numeric import error

from glia import ops
from glia.autodiff import gradients
from glia.derivatives import grad, value_and_grad
from glia.function import function
from glia.graph import Body, Spec, Trace, rewrite, walk
from glia.plan import stabilise

getcontext().prec = 120
LOGITS = np.array([-200.0, -50.0, -3.25, -1e-9, 0.0, 0.5, 30.0, 200.0])
F64 = np.dtype("f8")


def exact(formula, values=LOGITS):
    return np.array([float(formula(Decimal(float(value)))) for value in values])


def sigma(z):
    return 1 / (1 + (-z).exp())


pytestmark = pytest.mark.usefixtures("every_engine")

FORMS = {
    "log sigmoid": (
        lambda z: ops.log(ops.sigmoid(z)),
        lambda z: sigma(z).ln(),
        lambda z: sigma(-z),
    ),
    "log of 1 - sigmoid": (
        lambda z: ops.log(1 - ops.sigmoid(z)),
        lambda z: sigma(-z).ln(),
        lambda z: -sigma(z),
    ),
    "log of 1 + exp": (
        lambda z: ops.log(1 + ops.exp(z)),
        lambda z: (1 + z.exp()).ln(),
        sigma,
    ),
    "log of exp + 1": (
        lambda z: ops.log(ops.exp(-z) + 1),
        lambda z: (1 + (-z).exp()).ln(),
        lambda z: -sigma(-z),
    ),
    "log of a sigmoid written out": (
        lambda z: ops.log(1 / (1 + ops.exp(-z))),
        lambda z: sigma(z).ln(),
        lambda z: sigma(-z),
    ),
    "log exp": (lambda z: ops.log(ops.exp(z * 5)), lambda z: 5 * z, lambda z: Decimal(5)),
}
MOVES = {
    "as it is": lambda x: x,
    "reshape": lambda x: ops.reshape(x, (2, 2, -1)),
    "transpose": lambda x: ops.transpose(ops.reshape(x, (4, 2))),
    "slice": lambda x: x[::-1],
    "gather": lambda x: ops.gather(x, np.arange(8)[::-1].copy()),
    "broadcast": lambda x: ops.broadcast_to(ops.expand_dims(x, 0), (1, 8)),
    "several": lambda x: ops.reshape(x, (4, 2))[:, ::-1].T[None],
    "where": lambda x: ops.where(np.arange(8) >= 0, x, 0.25),
    "where, other side": lambda x: ops.where(np.arange(8) < 0, 1.0, x),
}


def before_log(form, move):
    """The form with a movement put between the logarithm and what it is taken of."""

    def call(z):
        with Trace() as trace:
            inner = trace.input(Spec(z.shape, z.dtype))
            node = form(inner).node
        assert node.op.name == "log"
        return ops.log(move(_replaced(node.inputs[0], inner, z)))

    return call


def _replaced(tensor, old, new):
    return rewrite([tensor], {old: new})[0]


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("move", MOVES)
def test_values_and_gradients_are_exact(name, move):
    form, value, slope = FORMS[name]

    def call(z):
        logs = before_log(form, MOVES[move])(z)
        return logs, gradients(ops.sum(logs), [z])[0]

    logs, by_z = function(call)(LOGITS)
    order = np.argsort(np.ravel(MOVES[move](np.arange(8.0))), kind="stable")
    if move not in ("where", "where, other side"):
        logs = np.ravel(logs)[order]
    np.testing.assert_allclose(logs, exact(value), rtol=1e-14)
    np.testing.assert_allclose(by_z, exact(slope), rtol=1e-14)


def softmax(z):
    e = ops.exp(z - ops.max(z, -1, keepdims=True))
    return e / ops.sum(e, -1, keepdims=True)


ROWS = np.array([[200.0, -200.0, 0.0], [-200.0, -199.0, -198.0], [1.0, 2.0, 3.0]])


def exact_softmax(row):
    values = [Decimal(float(value)).exp() for value in row]
    return [value / sum(values) for value in values]


EXACT_LOG = np.array([[float(p.ln()) for p in exact_softmax(row)] for row in ROWS])


@pytest.mark.parametrize(
    "pick",
    [
        lambda p: p,
        lambda p: ops.reshape(p, (-1,)),
        lambda p: ops.transpose(p)[::-1],
        lambda p: ops.gather(p, np.array([2, 1, 0]), 1),
        lambda p: p[:, 1:2],
        lambda p: ops.where(np.eye(3) > 0, p, p[::-1]),
    ],
)
def test_log_softmax_is_exact_through_movement(pick):
    found = function(lambda z: ops.log(pick(softmax(z))))(ROWS)
    np.testing.assert_allclose(found, pick(EXACT_LOG), rtol=1e-14, atol=1e-16)


def test_log_softmax_has_exact_gradients():
    labels = np.array([1, 0, 2])

    def loss(z):
        return -ops.sum(ops.log(ops.gather(softmax(z), labels, 1)))

    value, by_z = value_and_grad(loss)(ROWS)
    expected = np.array([[float(p) for p in exact_softmax(row)] for row in ROWS])
    expected[np.arange(3), labels] -= 1
    assert error(value, -EXACT_LOG[np.arange(3), labels].sum()) <= 1e-15
    assert error(by_z, expected) <= 1e-15
    assert by_z[0, 2] == pytest.approx(float(exact_softmax(ROWS[0])[2]), rel=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binary_cross_entropy_as_its_definition(dtype):
    z = np.array([200, -200, 200, -200, 0.5], dtype)
    y = np.array([0, 0, 1, 1, 1], dtype)

    def loss(z):
        p = ops.sigmoid(z)
        return -ops.sum(ops.x_log_y(y, p) + ops.x_log_y(1 - y, 1 - p))

    value, by_z = value_and_grad(loss)(z)
    p = exact(sigma, z)
    assert value == pytest.approx(400 - np.log(p[4]), rel=2 * float(np.finfo(dtype).eps))
    np.testing.assert_allclose(by_z, p - y, rtol=10 * np.finfo(dtype).eps, atol=1e-44)


def test_second_derivatives_are_exact_too():
    def slope(z):
        return ops.sum(grad(lambda z: ops.sum(ops.log(ops.sigmoid(z))))(z))

    expected = exact(lambda z: -sigma(z) * sigma(-z))
    np.testing.assert_allclose(grad(slope)(LOGITS), expected, rtol=1e-13)


def test_inside_loops():
    def call(z):
        def step(total, v):
            p = ops.sigmoid(v)
            return total + ops.log(p), ops.log(1 - p)

        def loss(z):
            total, ys = ops.scan(step, 0.0, z)
            return total + ops.sum(ys)

        return loss(z), gradients(loss(z), [z])[0]

    value, by_z = function(call)(LOGITS)
    assert error(value, exact(lambda z: (sigma(z) * sigma(-z)).ln()).sum()) <= 1e-15
    np.testing.assert_allclose(by_z, exact(lambda z: sigma(-z) - sigma(z)), rtol=1e-14, atol=1e-16)


def test_what_is_not_chosen_does_not_spoil_the_gradient():
    chosen = np.array([True, False])

    def loss(z, b):
        return ops.sum(ops.log(ops.where(chosen, ops.sigmoid(z), b)))

    by_z, by_b = grad(loss, (0, 1))(np.array([-200.0, 1.0]), np.array([0.0, 0.5]))
    assert by_z.tolist() == [1, 0]
    assert by_b.tolist() == [0, 2]


def test_zero_times_the_logarithm_of_zero_is_zero():
    value, by_z = value_and_grad(lambda z: ops.sum(ops.x_log_y(np.zeros(3), ops.sigmoid(z))))(
        np.array([-np.inf, -1000.0, 0.0])
    )
    assert value == 0
    assert by_z[1:].tolist() == [0, 0]


# What is differentiated by must not be looked through.


@pytest.mark.parametrize(
    ("inside", "outside", "slope"),
    [
        (ops.sigmoid, ops.log, lambda p: 1 / p),
        (ops.sigmoid, lambda p: ops.log(1 - p), lambda p: -1 / (1 - p)),
        (ops.exp, lambda e: ops.log(1 + e), lambda e: 1 / (1 + e)),
        (ops.exp, ops.log, lambda e: 1 / e),
        (ops.exp, lambda e: ops.log(ops.reshape(e, (1, -1)) / ops.sum(e)), None),
        (lambda z: 1 - ops.sigmoid(z), ops.log, lambda q: 1 / q),
    ],
)
def test_gradients_by_what_a_stable_form_would_hide(inside, outside, slope):
    z = np.array([-1.0, 0.5, 2.0])

    def call(z):
        middle = inside(z)
        return gradients(ops.sum(outside(middle)), [middle])[0]

    middle = inside(z)
    expected = 1 / middle - 3 / middle.sum() if slope is None else slope(middle)
    assert error(function(call)(z), expected) <= 1e-14


def names(outputs):
    found = []
    for node in walk(outputs):
        found.append(node.op.name)
        for body in (value for value in node.attributes.values() if isinstance(value, Body)):
            found += names(body.outputs)
    return found


def test_stabilise_leaves_what_is_opaque_and_what_gains_nothing():
    with Trace() as trace:
        z = trace.input(Spec((3,), F64))
        p = ops.sigmoid(z)
        loss = ops.log(p)
        assert stabilise([loss], opaque=[p])[0] is loss
        assert "log" not in names(stabilise([loss]))
        plain = ops.log(ops.reshape(z * z, (1, 3)))
        assert stabilise([plain])[0] is plain


def test_a_logarithm_is_taken_before_a_broadcast():
    def loss(z):
        return ops.log(softmax(z))

    plan = function(loss).trace(ROWS).plan
    logs = [node for node in plan.nodes if node.op.name == "log"]
    assert [node.outputs[0].size for node in logs] == [3]
