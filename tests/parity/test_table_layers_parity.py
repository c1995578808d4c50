"""The layers of tables against their peers: Keras, PyTorch and scikit-learn."""

from typing import Any

import keras
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.impute import SimpleImputer

from glia import layers
from glia.autodiff import gradients
from glia.function import function

GENERATOR = np.random.default_rng(0)


def embedded(layer: layers.Embedding, codes: Any, seed: Any) -> tuple[Any, Any]:
    def step(codes: Any, seed: Any) -> Any:
        output = layer(codes)
        return output, gradients(output, [layer.embeddings], seeds=[seed])[0]

    return function(step)(codes, seed)


@pytest.mark.parametrize("shape", [(1,), (9,), (5, 4), (2, 3, 4)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_embedding_and_its_gradient_are_those_of_pytorch(shape: Any, dtype: str) -> None:
    codes = GENERATOR.integers(0, 7, shape).astype(np.int32)
    mine = layers.Embedding(7, 3, dtype=dtype)
    mine(codes)
    seed = GENERATOR.normal(size=(*shape, 3)).astype(dtype)
    table = torch.tensor(mine.embeddings.numpy(), requires_grad=True)
    theirs = F.embedding(torch.tensor(codes).long(), table)
    theirs.backward(torch.tensor(seed))
    output, gradient = embedded(mine, codes, seed)
    np.testing.assert_array_equal(output, theirs.detach().numpy())
    assert table.grad is not None
    np.testing.assert_allclose(gradient, table.grad.numpy(), rtol=1e-6, atol=1e-7)


def test_an_embedding_is_that_of_keras_and_starts_alike() -> None:
    codes = GENERATOR.integers(0, 50, (6, 2))
    mine, theirs = layers.Embedding(50, 400), keras.layers.Embedding(50, 400)
    mine(codes)
    theirs(codes)
    ours, keras_start = mine.embeddings.numpy(), theirs.get_weights()[0]
    assert ours.shape == keras_start.shape
    for statistic in (np.min, np.max, np.std):
        assert statistic(ours) == pytest.approx(statistic(keras_start), abs=1e-3)
    theirs.set_weights([ours])
    np.testing.assert_array_equal(mine(codes), theirs(codes).detach().numpy())
    assert set(mine.get_config()) <= set(theirs.get_config())


def test_one_hot_columns_are_those_of_pytorch_without_the_zeroth() -> None:
    codes = np.stack([GENERATOR.integers(0, n + 1, 40) for n in (1, 4, 9)], axis=1)
    parts = [
        F.one_hot(torch.tensor(codes[:, j]), n + 1)[:, 1:].numpy() for j, n in enumerate((1, 4, 9))
    ]
    np.testing.assert_array_equal(layers.OneHot([1, 4, 9])(codes), np.concatenate(parts, axis=1))


def test_imputation_and_its_indicators_are_those_of_scikit_learn() -> None:
    cells = GENERATOR.normal(size=(60, 4))
    cells[GENERATOR.random((60, 4)) < [0.0, 0.3, 0.9, 0.1]] = np.nan
    later = np.where(GENERATOR.random((9, 4)) < 0.3, np.nan, GENERATOR.normal(size=(9, 4)))
    theirs = SimpleImputer(strategy="median", add_indicator=True).fit(cells)
    mine = layers.Imputation(indicators=[1, 2, 3], dtype="float64")

    def pair(x: Any) -> list[Any]:
        return [np.nan_to_num(x), np.isnan(x).astype(np.float64)]

    mine.adapt(pair(cells))
    for each in (cells, later):
        np.testing.assert_array_equal(mine(pair(each)), theirs.transform(each))
