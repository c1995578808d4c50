"""Ten sigmoid layers starve the first of its gradient; ten relu layers do not."""

import numpy as np
import pytest

import glia
from glia import layers, losses, ops

DEPTH, WIDTH, ROWS = 10, 64, 32


def network(activation: str, initializer: str) -> glia.Sequential:
    hidden = [
        layers.Dense(WIDTH, activation=activation, kernel_initializer=initializer)
        for _ in range(DEPTH)
    ]
    return glia.Sequential(
        [layers.Input(shape=(WIDTH,)), *hidden, layers.Dense(1, activation="sigmoid")]
    )


def kernel_gradients(model: glia.Sequential) -> list[np.ndarray]:
    """The gradient of every layer's kernel for one batch of noise."""
    random = np.random.default_rng(7)
    x = random.normal(size=(ROWS, WIDTH)).astype(np.float32)
    y = random.integers(0, 2, size=(ROWS, 1)).astype(np.float32)
    kernels = [layer.kernel for layer in model.layers]

    @glia.function
    def gradients(rows, targets):
        loss = ops.mean(losses.binary_crossentropy(targets, model(rows)))
        return glia.gradients(loss, kernels)

    return gradients(x, y)


def norms(activation: str, initializer: str, seed: int) -> np.ndarray:
    """The gradients' sizes, first hidden layer to last."""
    glia.seed(seed)
    found = kernel_gradients(network(activation, initializer))
    return np.array([np.linalg.norm(gradient) for gradient in found[:DEPTH]])


@pytest.mark.parametrize("seed", range(3))
def test_sigmoid_layers_lose_the_gradient_and_relu_layers_keep_it(seed: int) -> None:
    sigmoid = norms("sigmoid", "glorot_uniform", seed)
    relu = norms("relu", "he_normal", seed)
    assert sigmoid[0] / sigmoid[-1] < 1e-4
    assert 0.2 < relu[0] / relu[-1] < 5
    assert relu[0] / sigmoid[0] > 1e4


def test_the_loss_of_gradient_is_steady_from_layer_to_layer() -> None:
    """Every sigmoid multiplies by at most 1/4, so sizes fall layer by layer going back."""
    sizes = norms("sigmoid", "glorot_uniform", 0)
    assert np.all(sizes[:-1] < 0.6 * sizes[1:])


def test_the_gradient_is_within_the_bound_of_the_chain_rule() -> None:
    """|dL/dz1| <= |dL/dz10| * product of |W| / 4, the quarter being the sigmoid's steepest slope.

    Bengio, Simard and Frasconi, "Learning Long-Term Dependencies with Gradient Descent is
    Difficult", 1994, for the argument.
    """
    glia.seed(0)
    model = network("sigmoid", "glorot_uniform")
    biases = [layer.bias for layer in model.layers]
    x = np.random.default_rng(7).normal(size=(1, WIDTH)).astype(np.float32)

    @glia.function
    def bias_gradients(row):
        return glia.gradients(ops.sum(model(row)), biases)

    # For one row the gradient of a bias is that of the sum z it is added to.
    first, *_, last, _ = [np.linalg.norm(gradient) for gradient in bias_gradients(x)]
    kernels = [layer.kernel.array for layer in model.layers[1:DEPTH]]
    bound = last * np.prod([np.linalg.norm(kernel, 2) / 4 for kernel in kernels])
    assert 0 < first <= bound
    assert bound < 0.05 * last
