"""The numbers the tutorials work out by hand, from the functions and out of glia.explain."""

import numpy as np
import pytest

import glia
from glia import activations, losses, ops
from glia.layers import Dense, Input
from glia.optimizers import SGD, Adam, minimize

ROUNDED = 5e-5  # the tutorials print four decimals


@pytest.fixture(autouse=True)
def _float64():
    glia.set_dtype("float64")
    yield
    glia.set_dtype("float32")


def network(inputs, *layers):
    """A dense network with given (weights, bias, activation) for each layer."""
    model = glia.Sequential([Input(shape=(inputs,))])
    for weights, _, activation in layers:
        model.add(Dense(np.shape(weights)[1], activation=activation))
    model.set_weights([np.array(value, float) for layer in layers for value in layer[:2]])
    return model


def close(got, expected, within=ROUNDED):
    np.testing.assert_allclose(np.asarray(got, float), expected, rtol=0, atol=within)


NEURON = [1.0, 2.0, 3.0], [[0.2], [0.8], [-0.5]], [2.0]


@pytest.mark.parametrize(
    ("activation", "at_2_3", "at_minus_2"),
    [("sigmoid", 0.9089, 0.1192), ("relu", 2.3, 0.0), ("tanh", 0.9801, -0.9640)],
)
def test_one_neuron(activation, at_2_3, at_minus_2):
    x, w, b = NEURON
    z = ops.matmul(np.array([x]), np.array(w)) + np.array(b)
    close(z, [[2.3]], 1e-12)
    function = activations.get(activation)
    close(function(z), [[at_2_3]])
    close(function(np.array(-2.0)), at_minus_2)

    told = glia.explain(network(3, (w, b, activation)), [x])
    close(told["z1"], [[2.3]], 1e-12)
    close(told["a1"], [[at_2_3]])
    assert "z1[0] = 1*0.2 + 2*0.8 + 3*(-0.5) + 2 = 2.3" in told.text


def test_exercise_1_relu_neuron():
    model = network(2, ([[0.5], [1.5]], [-1.0], "relu"))
    told = glia.explain(model, [[2.0, -1.0]])
    assert told["z1"].item() == -1.5
    assert told["a1"].item() == 0.0
    assert "z1[0] = 2*0.5 + -1*1.5 + (-1) = -1.5" in told.text
    assert model.predict(np.array([[2.0, -1.0]])).item() == 0.0


Z = [-3.0, -1.0, 0.0, 1.0, 3.0]
TABLE = {
    "sigmoid": ([0.0474, 0.2689, 0.5, 0.7311, 0.9526], [0.0452, 0.1966, 0.25, 0.1966, 0.0452]),
    "relu": ([0, 0, 0, 1, 3], [0, 0, 0, 1, 1]),
    "tanh": ([-0.9951, -0.7616, 0, 0.7616, 0.9951], [0.0099, 0.42, 1, 0.42, 0.0099]),
}


@pytest.mark.parametrize("name", TABLE)
def test_values_and_derivatives_from_minus_3_to_3(name):
    values, slopes = TABLE[name]
    function = activations.get(name)
    close(function(np.array(Z)), values)
    close(glia.grad(lambda z: ops.sum(function(z)))(np.array(Z)), slopes)
    told = glia.explain(name, Z)
    close(told["value"], values)
    close(told["derivative"], slopes)


def test_leaky_relu_with_the_tutorials_slope():
    leaky = glia.layers.LeakyReLU(negative_slope=0.01)
    close(leaky(np.array([Z])), [[-0.03, -0.01, 0, 1, 3]])


def test_softmax_of_three_scores_sums_to_one():
    told = glia.explain("softmax", [2.0, 1.0, 0.1])
    close(told["value"], [0.6590, 0.2424, 0.0986])
    assert told["value"].sum() == pytest.approx(1, abs=1e-15)


Y, P = [1, 0, 1, 0], [0.9, 0.1, 0.8, 0.3]


@pytest.mark.parametrize(
    ("name", "expected"), [("mean_squared_error", 0.0375), ("binary_crossentropy", 0.1976)]
)
def test_losses_of_four_predictions(name, expected):
    y, p = np.array(Y, float)[:, None], np.array(P)[:, None]
    close(losses.get(name)(y, p), expected)
    told = glia.explain(name, Y, P)
    close(told["loss"], expected)
    assert f"= {expected:.4f}" in told.text


def test_categorical_cross_entropy_of_softmax_scores():
    scores, y = np.array([[2.0, 1.0, 0.1]]), np.array([[1.0, 0.0, 0.0]])
    told = glia.explain("categorical_crossentropy", y, activations.softmax(scores))
    close(told["loss"], 0.4170)


@pytest.mark.parametrize(
    ("head", "loss", "targets"),
    [
        ("softmax", "categorical_crossentropy", np.eye(3)[[0, 2, 1, 1]]),
        ("sigmoid", "binary_crossentropy", np.array([[1.0], [0.0], [1.0], [1.0]])),
    ],
)
def test_fused_gradient_is_prediction_minus_target(head, loss, targets):
    rng = np.random.default_rng(5)
    units = targets.shape[1]
    model = network(4, (rng.normal(size=(4, units)), rng.normal(size=units), head))
    model.compile(optimizer=SGD(0.1), loss=loss)
    told = glia.explain(model, rng.normal(size=(4, 4)), targets)
    close(told["dz1"], (told["a1"] - targets) / 4, 1e-12)
    assert f"dz1 = dL/dz1 = (a1 - y) / 4  ({head} and loss together)" in told.text


def test_forward_pass_step_by_step():
    model = network(
        2,
        ([[0.1, 0.3, -0.2], [0.4, -0.5, 0.6]], [0.1, -0.1, 0.2], "relu"),
        ([[0.7], [-0.3], [0.5]], [0.1], "sigmoid"),
    )
    x = np.array([[0.5, 0.8]])
    close(model.predict(x), [[0.6724]])
    told = glia.explain(model, x)
    close(told["z1"], [[0.47, -0.35, 0.58]], 1e-12)
    close(told["a1"], [[0.47, 0.0, 0.58]], 1e-12)
    close(told["z2"], [[0.719]], 1e-12)
    close(told["a2"], [[0.6724]])
    for line in (
        "z1[0] = 0.5*0.1 + 0.8*0.4 + 0.1 = 0.47",
        "a1[1] = relu(-0.35) = 0",
        "z1[2] = 0.5*(-0.2) + 0.8*0.6 + 0.2 = 0.58",
        "a2[0] = sigmoid(0.719) = 0.6724",
    ):
        assert line in told.text


BACKPROP = [
    ("z1", [[0.65, 0.5]]),
    ("a1", [[0.65, 0.5]]),
    ("z2", [[0.39]]),
    ("a2", [[0.5963]]),
    ("loss", 0.5170),
    ("dz2", [[-0.4037]]),
    ("dW2", [[-0.2624], [-0.2019]]),
    ("db2", [-0.4037]),
    ("da1", [[-0.2422, 0.1615]]),
    ("dz1", [[-0.2422, 0.1615]]),
    ("dW1", [[-0.2422, 0.1615], [-0.1211, 0.0807]]),
    ("db1", [-0.2422, 0.1615]),
    ("W2 before", [[0.6], [-0.4]]),
    ("W2 after", [[0.6262], [-0.3798]]),
    ("W1 before", [[0.3, 0.7], [0.5, -0.2]]),
    ("W1 after", [[0.3242, 0.6839], [0.5121, -0.2081]]),
]


def backprop_network():
    model = network(
        2, ([[0.3, 0.7], [0.5, -0.2]], [0.1, -0.1], "relu"), ([[0.6], [-0.4]], [0.2], "sigmoid")
    )
    model.compile(optimizer=SGD(0.1), loss="binary_crossentropy")
    return model, np.array([[1.0, 0.5]]), np.array([[1.0]])


def test_backpropagation_by_hand_in_order():
    model, x, y = backprop_network()
    told = glia.explain(model, x, y)
    for name, expected in BACKPROP:
        close(told[name], expected)
    order = [name for name in told.numbers if name in dict(BACKPROP)]
    assert order == [name for name, _ in BACKPROP]
    positions = [told.text.index(f"{name} = dL/{name}") for name in ("dz2", "da1", "dz1")]
    assert positions == sorted(positions)
    assert "W2[0,0] = 0.6 - 0.1 * (-0.2624) = 0.6262" in told.text


def test_explaining_changes_nothing_and_training_does_what_was_explained():
    model, x, y = backprop_network()
    before = model.get_weights()
    told = glia.explain(model, x, y)
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)
    assert model.train_on_batch(x, y) == pytest.approx(told["loss"].item(), abs=0)
    for k, (kernel, bias) in enumerate(zip(*[iter(model.get_weights())] * 2, strict=True), 1):
        np.testing.assert_array_equal(kernel, told[f"W{k} after"])
        np.testing.assert_array_equal(bias, told[f"b{k} after"])


@pytest.mark.parametrize(
    ("optimizer", "final", "within"),
    [
        (SGD(0.1), 0.0021, 5e-5),
        (SGD(0.1, momentum=0.9), 3.177, 5e-4),
        (Adam(0.1, epsilon=1e-8), 8.087, 5e-4),
    ],
    ids=["SGD", "momentum", "Adam"],
)
def test_optimizer_race(optimizer, final, within):
    def bowl(point):
        return point[0] ** 2 + 3 * point[1] ** 2

    close(minimize(bowl, [4.0, 3.0], optimizer, steps=20).losses[-1], final, within)
    told = glia.explain(optimizer, bowl, [4.0, 3.0], steps=20)
    assert told["losses"].shape == (21,)
    assert told["losses"][0] == 43
    close(told["losses"][-1], final, within)
