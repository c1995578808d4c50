"""Every way of putting layers together survives a file."""

from __future__ import annotations

import numpy as np
import pytest

import glia
from glia import dtypes, layers, ops

from .networks import check_round_trip, check_same_bits, check_same_weights, rows, small


def test_a_sequential_network_with_all_kinds_of_state(tmp_path) -> None:
    x, y = rows()
    model = small()
    again = check_round_trip(model, x, y, tmp_path / "m.glia")
    assert again.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
    assert again.training_record["history"] != {}
    assert again.layers[0].get_config() == model.layers[0].get_config()


def test_a_network_that_is_not_compiled_or_not_built(tmp_path) -> None:
    path = tmp_path / "m.glia"
    model = glia.Sequential([layers.Dense(3), layers.Dense(1)], name="later")
    model.save(path)
    again = glia.load(path)
    assert not again.built
    assert again.name == "later"
    assert [each.units for each in again.layers] == [3, 1]
    model.build((None, 2))
    model.save(path)
    check_same_weights(model, glia.load(path))
    assert glia.load(path).optimizer is None


def test_inputs_keep_their_names_and_dtypes(tmp_path) -> None:
    codes = glia.Input((2,), dtype="int32", name="codes")
    stack = glia.Sequential([codes, layers.Embedding(5, 3), layers.Flatten(), layers.Dense(1)])
    stack.save(tmp_path / "m.glia")
    again = glia.load(tmp_path / "m.glia")
    assert again.input_names == ["codes"]
    assert again.inputs[0].dtype == np.int32
    x = np.array([[1, 2], [4, 0]])
    check_same_bits(stack.predict(x), again.predict(x))


def graph() -> glia.Model:
    """Two inputs, a shared layer, operators, slices, a dict of outputs."""
    left, right = glia.Input((4,), name="left"), glia.Input((4,), name="right")
    shared = layers.Dense(4, activation="relu")
    a, b = shared(left), shared(shared(right))
    h = ops.concatenate([a * 2.0 - 1, abs(b) / (1 + b**2), a[:, 1:3]], axis=1)
    h = h + ops.sum(h, axis=1, keepdims=True)
    h = ops.where(h > 0.5, h, np.full(10, 0.25, np.float32))
    inner = glia.Sequential([layers.Dense(3, activation="tanh"), shared.__class__(2)], name="inner")
    out = inner(h)
    return glia.Model([left, right], {"first": out[..., :1], "second": layers.Dense(1)(out)})


def test_a_graph_of_calls_with_shared_and_nested_layers(tmp_path) -> None:
    model = graph()
    model.compile("adam", {"first": "mse", "second": "mae"}, loss_weights={"first": 0.5})
    x, _ = rows()
    y = {"first": x[:, :1], "second": x[:, 1:2]}
    again = check_round_trip(model, {"left": x, "right": x[:, ::-1]}, y, tmp_path / "m.glia")
    assert len(again.layers) == len(model.layers)
    assert again.count_params() == model.count_params()
    assert again.input_names == ["left", "right"]


def test_a_layer_shared_by_two_levels_is_one_layer_again(tmp_path) -> None:
    shared = layers.Dense(4)
    inner = glia.Sequential([layers.Input((4,)), shared])
    x = glia.Input((4,))
    model = glia.Model(x, shared(inner(x)))
    model.save(tmp_path / "m.glia")
    again = glia.load(tmp_path / "m.glia")
    assert again.count_params() == shared.count_params() == 20
    data = rows()[0]
    check_same_bits(model.predict(data), again.predict(data))


def test_variables_of_one_layer_in_another_are_one_variable_again(tmp_path) -> None:
    x, y = rows()
    model = glia.Sequential([layers.Input((4,)), layers.Dense(4), layers.Dense(4), layers.Dense(1)])
    first, second, _ = model.layers
    second.kernel, second.bias = first.kernel, first.bias
    model.compile("sgd", "mse")
    again = check_round_trip(model, x, y, tmp_path / "m.glia")
    assert again.layers[0].kernel is again.layers[1].kernel
    assert again.count_params() == model.count_params() == 25


def test_frozen_layers_stay_frozen(tmp_path) -> None:
    x, y = rows()
    model = small()
    model.layers[1].trainable = False
    model.layers[-1].bias.trainable = False
    model.compile("adam", "binary_crossentropy")
    before = model.layers[1].kernel.numpy()
    again = check_round_trip(model, x, y, tmp_path / "m.glia")
    assert not again.layers[1].trainable
    check_same_bits(again.layers[1].kernel.array, before)
    assert len(again.trainable_variables) == len(model.trainable_variables) == 3


def test_what_compile_settled_outlives_a_change_of_trainable(tmp_path) -> None:
    x, y = rows()
    model = small()
    model.fit(x, y, epochs=1, verbose=0)
    model.layers[1].trainable = False
    model.save(tmp_path / "m.glia")
    again = glia.load(tmp_path / "m.glia")
    with pytest.warns(UserWarning, match="trainable was changed after compile"):
        again.fit(x, y, epochs=1, verbose=0)
    assert not np.array_equal(again.layers[1].kernel.array, model.layers[1].kernel.array)


def test_a_float64_model_stays_one_wherever_it_is_loaded(tmp_path) -> None:
    dtypes.set_dtype("float64")
    x, y = rows()
    model = small()
    model.fit(x, y, epochs=1, verbose=0)
    expected = model.predict(x)
    model.save(tmp_path / "m.glia")
    dtypes.set_dtype("float32")
    again = glia.load(tmp_path / "m.glia")
    assert {each.dtype for each in again.trainable_variables} == {np.dtype(np.float64)}
    check_same_bits(again.predict(x), expected)
    dtypes.set_dtype("float64")
    check_round_trip(model, x, y, tmp_path / "m.glia")


def test_layers_of_two_dtypes(tmp_path) -> None:
    model = glia.Sequential([layers.Input((4,)), layers.Dense(3, dtype="float64"), layers.Dense(2)])
    model.save(tmp_path / "m.glia")
    again = glia.load(tmp_path / "m.glia")
    assert [each.kernel.dtype for each in again.layers] == [np.float64, np.float32]
    x = rows()[0]
    check_same_bits(model.predict(x), again.predict(x))


def test_names_given_by_an_earlier_owner_are_kept(tmp_path) -> None:
    one, two = layers.Dense(3), layers.Dense(4)
    glia.Sequential([layers.Input((4,)), one, two])
    x = glia.Input((4,))
    model = glia.Model(x, two(one(x)))
    assert next(iter(model.named_variables())) == "dense/kernel"
    model = glia.Model(glia_input := glia.Input((3,)), two(glia_input))
    model.save(tmp_path / "m.glia")
    check_same_weights(model, glia.load(tmp_path / "m.glia"))


def test_loading_leaves_the_random_numbers_alone(tmp_path) -> None:
    small().save(tmp_path / "m.glia")
    glia.seed(3)
    expected = glia.random.uniform((4,))
    glia.seed(3)
    glia.load(tmp_path / "m.glia")
    check_same_bits(glia.random.uniform((4,)), expected)


def test_learning_rate_and_count_of_updates(tmp_path) -> None:
    x, y = rows()
    model = small()
    model.fit(x, y, epochs=1, batch_size=8, verbose=0)
    model.optimizer.learning_rate = 0.1
    model.save(tmp_path / "m.glia")
    again = glia.load(tmp_path / "m.glia")
    assert float(again.optimizer.learning_rate) == 0.1
    assert int(again.optimizer.iterations) == 3


def test_weights_alone(tmp_path) -> None:
    model, other = small(), small()
    model.save_weights(tmp_path / "w.glia")
    assert model.layers[1].kernel.numpy().tolist() != other.layers[1].kernel.numpy().tolist()
    other.load_weights(tmp_path / "w.glia")
    check_same_weights(model, other)
    model.save(tmp_path / "m.glia")
    small().load_weights(tmp_path / "m.glia")
    with pytest.raises(glia.FileError, match="holds weights only"):
        glia.load(tmp_path / "w.glia")


def test_weights_of_another_model_change_nothing(tmp_path) -> None:
    small().save_weights(tmp_path / "w.glia")
    other = glia.Sequential([layers.Input((4,)), layers.Normalization(), layers.Dense(6)])
    before = other.get_weights()
    with pytest.raises(glia.FileError, match=r"the model lacks 'batch_normalization/beta'"):
        other.load_weights(tmp_path / "w.glia")
    check_same_bits(other.get_weights(), before)
    wider = glia.Sequential([layers.Input((3,)), layers.Dense(2)])
    wider.save_weights(tmp_path / "w.glia")
    narrow = glia.Sequential([layers.Input((4,)), layers.Dense(2)])
    before = narrow.get_weights()
    with pytest.raises(glia.FileError, match=r"'dense/kernel' in shape \(3, 2\)"):
        narrow.load_weights(tmp_path / "w.glia")
    check_same_bits(narrow.get_weights(), before)
    with pytest.raises(glia.NotBuiltError, match="has no weights yet"):
        glia.Sequential([layers.Dense(2)]).load_weights(tmp_path / "w.glia")


def test_keras_names() -> None:
    assert glia.models.load_model is glia.load


def test_models_of_many_layers_are_loaded_and_too_many_are_not_saved(tmp_path, monkeypatch) -> None:
    many = [layers.ReLU() for _ in range(2500)]
    model = glia.Sequential([layers.Input((2,)), *many])
    model.save(tmp_path / "m.glia")
    assert len(glia.load(tmp_path / "m.glia").layers) == 2500
    monkeypatch.setattr(glia.saving.encoding, "MOST_OBJECTS", 2500)
    with pytest.raises(glia.ArgumentError, match=r"at most 2,500 layers, calls.*save_weights"):
        model.save(tmp_path / "n.glia")
