"""verify finds what is wrong with a graph; graphs, nodes and plans print."""

import numpy as np
import pytest

from glia import errors, ops
from glia.derivatives import grad
from glia.function import function
from glia.graph import (
    OPS,
    Body,
    Node,
    Op,
    Spec,
    Tensor,
    Trace,
    make_node,
    placeholder,
    rewrite,
    show,
    verify,
    walk,
)
from glia.plan import Plan

FLOATS = Spec((2, 3), np.dtype("f4"))


@pytest.fixture
def graph() -> tuple[list[Tensor], Tensor]:
    with Trace() as trace:
        x, y = trace.input(FLOATS), trace.input(FLOATS)
        return [x, y], ops.sum(ops.exp(x) * y, 0)


def with_output(node: Node, **changed: object) -> Tensor:
    """The node made again by hand, with something of it changed."""
    made = {"op": node.op, "inputs": node.inputs, "attributes": node.attributes}
    made |= {"specs": [each.spec for each in node.outputs], "level": node.level} | changed
    return Node(**made).outputs[0]


def test_a_good_graph_passes(graph):
    inputs, output = graph
    verify(inputs, [output])


def test_an_input_that_is_missing(graph):
    inputs, output = graph
    with pytest.raises(errors.TraceError, match=r"verify: Tensor\(placeholder.*is not an input"):
        verify(inputs[:1], [output])


@pytest.mark.parametrize(
    "spec", [Spec((4,), np.dtype("f4")), Spec((3,), np.dtype("f8")), Spec((1, 3), np.dtype("f4"))]
)
def test_a_spec_its_op_does_not_infer(graph, spec):
    inputs, output = graph
    broken = with_output(output.node, specs=[spec])
    with pytest.raises(errors.TraceError, match=r"verify: sum.*its op infers"):
        verify(inputs, [ops.negative(broken)])


def test_an_output_too_many(graph):
    inputs, output = graph
    broken = with_output(output.node, specs=[output.spec, output.spec])
    with pytest.raises(errors.TraceError, match="infers"):
        verify(inputs, [broken])


def test_a_level_that_is_not_its_inputs(graph):
    inputs, output = graph
    with pytest.raises(errors.TraceError, match="is at level 3, its inputs at 1"):
        verify(inputs, [with_output(output.node, level=3)])


def test_an_op_that_is_not_registered(graph):
    inputs, _ = graph
    mine = Op("mine", "test", lambda s: s, lambda xp, x: x)
    del OPS["mine"]
    with pytest.raises(errors.TraceError, match="not in the registry"):
        verify(inputs, [make_node(mine, inputs[:1], {}).outputs[0]])


def test_operands_of_unequal_shapes(graph):
    inputs, _ = graph
    broken = with_output(ops.add(*inputs).node, inputs=(inputs[0], ops.transpose(inputs[1])))
    with pytest.raises(errors.ShapeError, match="expected equal ones"):
        verify(inputs, [broken])


def test_a_loop_body_that_is_not_closed():
    with Trace() as trace:
        inputs = [trace.input(FLOATS)]
        carry, _ = ops.scan(lambda c, v: (c + v, None), inputs[0][0], inputs[0])
    body = carry.node.attributes["body"]
    stranger = placeholder(body.outputs[0].spec, 2)
    outputs = [ops.add(body.outputs[0], stranger), *body.outputs[1:]]
    broken = with_output(
        carry.node, attributes={**carry.node.attributes, "body": Body(body.inputs, outputs)}
    )
    with pytest.raises(errors.TraceError, match="is not an input of the graph"):
        verify(inputs, [broken])


def test_a_plan_refuses_a_broken_graph(graph):
    inputs, output = graph
    with pytest.raises(errors.TraceError, match="verify"):
        Plan(inputs[:1], [output])


def test_walk_goes_from_inputs_to_users_and_stops_where_told(graph):
    _inputs, output = graph
    names = [node.op.name for node in walk([output])]
    assert names == ["placeholder", "exp", "placeholder", "multiply", "sum"]
    product = output.node.inputs[0]
    assert [node.op.name for node in walk([output], [product])] == ["sum"]
    assert walk([None]) == []


def test_rewriting_with_nothing_to_change_gives_the_same_tensors(graph):
    inputs, output = graph
    assert rewrite([output])[0] is output
    (swapped,) = rewrite([output], dict(zip(inputs, inputs[::-1], strict=True)))
    assert swapped.node.inputs[0].node.inputs[0].node.inputs[0] is inputs[1]
    (doubled,) = rewrite(
        [output], None, lambda node, x: x[0] * 2 if node.op.name == "exp" else None
    )
    assert "exp" not in [node.op.name for node in walk([doubled])]


def test_a_graph_prints_one_line_for_each_node(graph):
    inputs, output = graph
    assert show(inputs, [output]).splitlines() == [
        "   in0 : float32 (2, 3)",
        "   in1 : float32 (2, 3)",
        "    %2 = exp(in0) : float32 (2, 3)",
        "    %3 = multiply(%2, in1) : float32 (2, 3)",
        "    %4 = sum(%3, axes=(0,)) : float32 (3,)",
        "return %4",
    ]


def test_a_plan_prints_its_ops_arithmetic_and_loop_bodies():
    def loss(w, x):
        return ops.sum(ops.scan(lambda h, v: (ops.tanh(v + h @ w), h), x[0] * 0, x)[1])

    plan = grad(loss).trace(np.ones((3, 3)), np.ones((5, 2, 3))).plan
    text = str(plan)
    assert text.startswith("plan: 2 inputs, 1 outputs, ")
    assert "scan x2" in text
    assert "        %" in text  # bodies are indented
    assert "contract(" in text
    assert text.splitlines()[-1].startswith("return %")


@pytest.mark.parametrize(
    ("call", "shapes", "flops"),
    [
        (lambda a, b: a @ b, [(3, 5), (5, 2)], 2 * 3 * 5 * 2),
        (ops.exp, [(3, 5)], 15),
        (ops.sum, [(3, 5)], 15),
        (ops.transpose, [(3, 5)], 0),
        (ops.convolve, [(2, 6, 6, 3), (3, 3, 3, 4)], 2 * 2 * 16 * 9 * 3 * 4),
        (lambda x: ops.scan(lambda c, v: (c, ops.exp(v)), 0.0, x)[1], [(7, 3)], 21),
    ],
)
def test_a_plan_counts_its_arithmetic(call, shapes, flops):
    assert function(call).trace(*[np.ones(shape) for shape in shapes]).plan.flops == flops
