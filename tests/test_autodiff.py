"""gradients: by inputs, intermediates, seeds, and what it refuses."""

import numpy as np
import pytest
from tests.ops.numeric import central_differences, error
from tests.ops.values import anywhere

from glia import errors, ops
from glia.autodiff import gradients
from glia.function import function
from glia.graph import OPS, Op, Variable, make_node

pytestmark = pytest.mark.usefixtures("reference_engine")


x = np.array([1.0, -2.0, 0.5])


def test_several_losses_are_added_up_and_weighed_by_seeds():
    def call(x, seed):
        losses = [x**2, ops.sum(ops.exp(x))]
        plain = gradients(losses, [x])[0]
        weighed = gradients(losses, [x], seeds=[seed, 10])[0]
        captured = gradients(losses, [x], seeds=[np.ones(3, np.float32), 1.0])[0]
        return plain, weighed, captured

    seed = np.array([1.0, 0.0, -1.0])
    plain, weighed, captured = function(call)(x, seed)
    np.testing.assert_allclose(plain, 2 * x + np.exp(x), rtol=1e-15)
    np.testing.assert_allclose(weighed, 2 * x * seed + 10 * np.exp(x), rtol=1e-15)
    assert np.array_equal(captured, plain)


def test_by_intermediate_tensors_and_by_the_loss_itself():
    def call(x):
        middle = ops.exp(x)
        loss = ops.sum(middle**2)
        return gradients(loss, [middle, x, loss, middle])

    by_middle, by_x, by_loss, again = function(call)(x)
    np.testing.assert_allclose(by_middle, 2 * np.exp(x), rtol=1e-15)
    np.testing.assert_allclose(by_x, 2 * np.exp(2 * x), rtol=1e-15)
    assert float(by_loss) == 1
    assert np.array_equal(again, by_middle)


def test_one_output_of_several():
    def call(x):
        _first, second = ops.split(x, (1, 2))
        return gradients(ops.sum(second**2), [x, second])

    by_x, by_second = function(call)(x)
    assert by_x.tolist() == [0, -4, 1]
    assert by_second.tolist() == [-4, 1]


def test_what_the_loss_does_not_depend_on():
    rate = Variable(1.0, "rate")

    def call(x, missing):
        return gradients(ops.sum(ops.sign(x)), [x, rate], missing=missing)

    with pytest.raises(errors.GliaError, match=r"does not depend on Tensor.*missing='zeros'"):
        function(call)(x, "error")
    with pytest.raises(errors.GliaError, match=r"does not depend on Variable\('rate'"):
        function(lambda: gradients(ops.ones(()), [rate]))()
    zeros = function(call)(x, "zeros")
    assert [each.tolist() for each in zeros] == [[0, 0, 0], 0]
    assert function(call)(x, "none") == [None, None]
    with pytest.raises(errors.ArgumentError, match="missing='nothing'; expected 'error'"):
        function(call)(x, "nothing")


def test_a_dependence_through_integers_does_not_count():
    def call(x):
        counted = ops.cast(ops.cast(x, "int32"), "float64")
        return gradients(ops.sum(counted * x), [x])

    assert function(call)(x)[0].tolist() == [1, -2, 0]


def test_what_is_not_a_symbol_is_refused():
    with pytest.raises(errors.TraceError, match=r"got ndarray.*glia\.function.*glia\.grad"):
        gradients(ops.sum(x), [x])
    with pytest.raises(errors.TraceError, match="got ndarray, expected symbols"):
        function(lambda y: gradients(ops.sum(y), [x]))(x)
    rate = Variable(1.0)
    with pytest.raises(errors.TraceError, match="got ndarray"):
        gradients(rate.value * 2, [rate])


def test_seeds_of_another_shape_are_refused():
    with pytest.raises(errors.ShapeError, match=r"seed of shape \(2,\) was given for Tensor"):
        function(lambda x: gradients(x * 2, [x], seeds=[np.ones(2)]))(x)


def test_a_rule_that_gives_the_wrong_shape_is_found():
    wrong = Op("wrong", "test", lambda s: s, lambda xp, x: x, lambda node, g: (ops.sum(g),))
    try:

        def call(x):
            return gradients(make_node(wrong, [x], {}).outputs[0], [x])

        with pytest.raises(errors.TraceError, match="gradient rule of wrong gave"):
            function(call)(x)
    finally:
        del OPS["wrong"]


def test_a_network_of_everything_against_central_differences():
    rows, labels = anywhere((5, 4)), np.array([0, 2, 1, 2, 0])
    w1, b1, w2 = anywhere((4, 7), 1), anywhere((7,), 2), anywhere((7, 3), 3)

    def loss(w1, b1, w2):
        z = rows @ w1 + b1
        mean = ops.mean(z, 0, True)
        normal = (z - mean) / ops.sqrt(ops.variance(z, 0, True) + 1e-3)
        a = 0.5 * normal * (1 + ops.erf(normal / np.sqrt(2.0)))
        scores = ops.where(a @ w2 <= 0, 0.1 * (a @ w2), a @ w2)
        p = ops.exp(scores) / ops.sum(ops.exp(scores), 1, True)
        return -ops.mean(ops.log(ops.gather(p, labels, 1))) + 0.01 * ops.sum(ops.absolute(w1))

    arrays = w1, b1, w2
    found = function(lambda *a: gradients(loss(*a), a))(*arrays)
    compiled = function(loss)
    for place, gradient in enumerate(found):
        if place == 1:  # a shift before a normalisation changes nothing
            assert np.abs(gradient).max() < 1e-15
        else:
            assert error(gradient, central_differences(compiled, arrays, place)) <= 1e-6
