"""An LSTM written as a scan equals PyTorch's: outputs, states and every gradient."""

import numpy as np
import pytest
from tests.ops.numeric import error

from glia import ops
from glia.autodiff import gradients
from glia.function import function

torch = pytest.importorskip("torch")

BATCH, TIME, FEATURES, UNITS = 3, 7, 5, 4


def lstm(x, h, c, wx, wh, b):
    """Gates in PyTorch's order: input, forget, cell, output."""

    def step(state, row):
        h, c = state
        gates = row @ wx + h @ wh + b
        i, f, g, o = ops.split(gates, (UNITS,) * 4, -1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        h = ops.sigmoid(o) * ops.tanh(c)
        return (h, c), h

    return ops.scan(step, (h, c), x)


def test_an_lstm_equals_pytorch():
    rng = np.random.default_rng(0)
    shapes = [(TIME, BATCH, FEATURES), (BATCH, UNITS), (BATCH, UNITS)]
    shapes += [(FEATURES, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)]
    arrays = [rng.normal(size=shape) for shape in shapes]
    weigh = rng.normal(size=(TIME, BATCH, UNITS))

    def call(*arrays):
        (h, c), ys = lstm(*arrays)
        loss = ops.sum(ys * weigh) + ops.sum(h * h) + ops.sum(ops.sin(c))
        return ys, h, c, *gradients(loss, arrays)

    found = function(call)(*arrays)

    module = torch.nn.LSTM(FEATURES, UNITS).double()
    given = [torch.tensor(each, requires_grad=True) for each in arrays[:3]]
    with torch.no_grad():
        module.weight_ih_l0.copy_(torch.tensor(arrays[3].T))
        module.weight_hh_l0.copy_(torch.tensor(arrays[4].T))
        module.bias_ih_l0.copy_(torch.tensor(arrays[5]))
        module.bias_hh_l0.zero_()
    ys, (h, c) = module(given[0], (given[1][None], given[2][None]))
    loss = (ys * torch.tensor(weigh)).sum() + (h * h).sum() + torch.sin(c).sum()
    loss.backward()
    expected = [ys, h[0], c[0], *[each.grad for each in given]]
    expected += [module.weight_ih_l0.grad.T, module.weight_hh_l0.grad.T, module.bias_ih_l0.grad]
    for one, other in zip(found, expected, strict=True):
        assert error(one, other.detach().numpy()) <= 1e-12


def test_its_weight_gradients_leave_the_loop():
    arrays = [np.zeros((TIME, BATCH, FEATURES)), np.zeros((BATCH, UNITS)), np.zeros((BATCH, UNITS))]
    arrays += [np.zeros((FEATURES, 4 * UNITS)), np.zeros((UNITS, 4 * UNITS)), np.zeros(4 * UNITS)]

    def call(*arrays):
        loss = ops.sum(lstm(*arrays)[1])
        return loss, gradients(loss, arrays)

    plan = function(call).trace(*arrays).plan
    scans = [node for node in plan.nodes if node.op.name == "scan"]
    assert [scan.attributes["carries"] for scan in scans] == [2, 2]
    contracted = [node for node in plan.nodes if node.op.name == "contract"]
    assert {node.outputs[0].shape for node in contracted} >= {arrays[3].shape, arrays[4].shape}
