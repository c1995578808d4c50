"""The default network: what each kind of column becomes, and its head by task."""

import numpy as np
import pytest

from glia.layers import Dense, Dropout, Embedding, Imputation, Normalization, OneHot
from glia.tables import prepare
from glia.tables.network import batch_size_for, network_for

from .planted import quick, table, without


def network(source, target: str, **changes):
    prepared = prepare(source, quick(target=target, **changes))
    return prepared, network_for(prepared.schema, prepared.training[0], prepared.settings)


def kinds(model) -> list[type]:
    return [type(layer) for layer in model.layers]


@pytest.mark.parametrize(
    ("target", "drop", "units", "head"),
    [
        ("leaves", ["cost"], 1, "sigmoid"),
        ("plan", [], 3, "softmax"),
        ("cost", ["leaves"], 1, "linear"),
    ],
)
def test_the_head_fits_the_task(target, drop, units, head) -> None:
    _, model = network(without(drop), target)
    last = model.layers[-1]
    assert (last.units, last.activation.name) == (units, head)


def test_hidden_layers_are_relu_with_dropout_after_each() -> None:
    _, model = network(table(), "leaves", hidden=(6, 5), dropout=0.1)
    dense = [layer for layer in model.layers if isinstance(layer, Dense)]
    assert [layer.units for layer in dense] == [6, 5, 1]
    assert [layer.activation.name for layer in dense[:-1]] == ["relu", "relu"]
    assert kinds(model).count(Dropout) == 2


def test_no_hidden_layer_is_a_linear_model_without_dropout() -> None:
    _, model = network(table(), "leaves", hidden=(), dropout=0.1)
    assert kinds(model).count(Dense) == 1
    assert Dropout not in kinds(model)


def test_numbers_enter_the_dense_layers_with_mean_0_and_variance_1() -> None:
    prepared, model = network(table(), "leaves")
    x, _ = prepared.training
    imputation = next(each for each in model.layers if isinstance(each, Imputation))
    normalization = next(each for each in model.layers if isinstance(each, Normalization))
    seen = np.asarray(normalization(imputation([x["numbers"], x["missing"]])))
    np.testing.assert_allclose(seen.mean(0), 0, atol=1e-5)
    assert np.all((np.abs(seen.std(0) - 1) < 1e-4) | (seen.std(0) == 0))


def test_missing_numbers_count_as_the_median_and_are_flagged() -> None:
    prepared, model = network(table(), "leaves")
    x, _ = prepared.training
    place = prepared.schema.numbers.index("age")
    imputation = next(each for each in model.layers if isinstance(each, Imputation))
    filled = np.asarray(imputation([x["numbers"], x["missing"]]))
    absent = x["missing"][:, place] == 1
    assert absent.any()
    median = np.median(x["numbers"][~absent, place])
    np.testing.assert_allclose(filled[absent, place], median, rtol=1e-6)
    assert filled.shape[1] > x["numbers"].shape[1]


def test_few_levels_are_one_hot_and_many_are_embedded() -> None:
    random = np.random.default_rng(0)
    towns = [f"town {number}" for number in random.integers(0, 60, 600)]
    sizes = ["small" if each else "large" for each in random.random(600) < 0.5]
    y = ["a" if each else "b" for each in random.random(600) < 0.5]
    prepared, model = network({"town": towns, "size": sizes, "y": y}, "y")
    assert prepared.schema.representations == ["one-hot", "embedding"]
    assert OneHot in kinds(model)
    assert Embedding in kinds(model)
    assert model.predict({"categories": np.zeros((3, 2), np.int32)}, verbose=0).shape == (3, 1)


@pytest.mark.parametrize(
    ("rows", "size"), [(1, 16), (500, 16), (5_000, 64), (26_000, 256), (10**7, 256)]
)
def test_the_batch_grows_with_the_rows(rows: int, size: int) -> None:
    assert batch_size_for(rows) == size
