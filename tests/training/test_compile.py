"""compile settles optimizer, loss, metrics and what is trained; a new compile settles it anew."""

import numpy as np
import pytest
from tests.training.networks import compiled, dense, quantity

from glia.errors import ArgumentError
from glia.layers import Dense
from glia.models import Sequential
from glia.optimizers import SGD, Adam


def linear(optimizer=None, **options):
    model = dense(1, kernel_initializer="zeros", **options)
    return compiled(model, "mse", optimizer or SGD(0.1))


def test_compile_again_starts_a_new_optimizer_and_keeps_the_weights():
    x, y = quantity(30)
    model = linear(Adam(0.1))
    model.fit(x, y, epochs=2, verbose=0)
    before = model.get_weights()
    model.compile(SGD(0.0), "mae")
    model.fit(x, y, epochs=1, verbose=0)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert model.evaluate(x, y, verbose=0) == pytest.approx(
        np.abs(model.predict(x)[:, 0] - y).mean(), rel=1e-5
    )


def test_predict_sees_weights_regrouped_by_compile():
    x, y = quantity(30)
    model = linear()
    model.fit(x, y, verbose=0)
    model.predict(x)
    model.compile(SGD(0.1), "mse")
    model.fit(x, y, epochs=3, verbose=0)
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(model.predict(x), x @ kernel + bias, rtol=1e-4, atol=1e-5)


def test_two_models_may_share_layers_and_be_trained_in_turn():
    x, y = quantity(30)
    shared = Dense(3, input_shape=(4,))
    first, second = Sequential([shared, Dense(1)]), Sequential([shared, Dense(1)])
    for model in (first, second):
        model.compile(Adam(0.01), "mse")
    losses = []
    for _ in range(4):
        for model in (second, first):
            before = model.get_weights()[0]
            losses.append(model.fit(x, y, epochs=2, verbose=0).history["loss"][-1])
            assert not np.array_equal(before, model.get_weights()[0])
            np.testing.assert_array_equal(first.get_weights()[0], second.get_weights()[0])
    assert losses[-1] < losses[1]
    kernel, bias, end, offset = first.get_weights()
    expected = (x @ kernel + bias) @ end + offset
    np.testing.assert_allclose(first.predict(x), expected, rtol=1e-3, atol=1e-4)


def test_frozen_layers_stay_and_changes_after_compile_are_noticed():
    x, y = quantity(30)
    model = dense(3, 1)
    model.layers[0].trainable = False
    model.compile(Adam(0.1), "mse")
    before = model.get_weights()
    model.fit(x, y, verbose=0)
    after = model.get_weights()
    np.testing.assert_array_equal(before[0], after[0])
    assert not np.array_equal(before[2], after[2])
    model.layers[0].trainable = True
    with pytest.warns(UserWarning, match="call compile again"):
        model.fit(x, y, verbose=0)
    np.testing.assert_array_equal(before[0], model.get_weights()[0])
    model.compile(Adam(0.1), "mse")
    model.fit(x, y, verbose=0)
    assert not np.array_equal(before[0], model.get_weights()[0])


def test_nothing_to_train():
    x, y = quantity(10)
    model = dense(1)
    model.trainable = False
    model.compile("sgd", "mse")
    with pytest.raises(RuntimeError, match="has no trainable weights"):
        model.fit(x, y, verbose=0)
    model.evaluate(x, y, verbose=0)


def test_one_output_with_several_losses_is_an_error():
    x, y = quantity(10)
    model = dense(1)
    model.compile("sgd", ["mse", "mae"])
    with pytest.raises(ArgumentError, match="loss has 2 entries but the model has 1 outputs"):
        model.fit(x, y, verbose=0)


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_compile_comes_first(method):
    x, y = quantity(10)
    with pytest.raises(ArgumentError, match=f"{method} was called before compile"):
        getattr(dense(1), method)(x, y)


def test_compile_without_a_loss():
    model = dense(1)
    model.compile("sgd")
    with pytest.raises(ArgumentError, match="compile was given no loss"):
        model.fit(*quantity(10), verbose=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "adm"}, "Did you mean 'adam'"),
        ({"loss": "binary_crosentropy"}, "Did you mean 'binary_crossentropy'"),
        ({"metrics": ["acuracy"]}, "Did you mean 'accuracy'"),
        ({"loss": {"a": "msee"}}, "Did you mean 'mse'"),
        ({"optimiser": "adam"}, "unknown option 'optimiser'"),
    ],
)
def test_unknown_names_are_noticed_by_compile(options, message):
    with pytest.raises(ArgumentError, match=message):
        dense(1).compile(**options)


def test_options_of_kerass_compile_are_accepted():
    model = dense(1)
    model.compile("sgd", "mse", run_eagerly=True, jit_compile=False)
    model.fit(*quantity(10), verbose=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size got 0"),
        ({"batch_size": 2.5}, "batch_size got 2.5"),
        ({"epochs": -1}, "epochs got -1"),
        ({"verbose": 3}, "verbose got 3"),
        ({"callbacks": ["EarlyStopping"]}, "callbacks got 'EarlyStopping'"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ArgumentError, match=message):
        linear().fit(*quantity(10), **{"verbose": 0, **options})


def test_a_layer_trained_by_another_model_is_never_seen_stale():
    x, y = quantity(30)
    shared = Dense(1)
    first, second = (Sequential([Dense(4, input_shape=(4,)), shared]) for _ in range(2))
    for model in (first, second):
        model.compile(SGD(0.01), "mse")
    first.fit(x, y, verbose=0)
    first.predict(x)
    second.fit(x, y, epochs=3, verbose=0)
    kernel, bias, end, offset = first.get_weights()
    expected = (x @ kernel + bias) @ end + offset
    np.testing.assert_allclose(first.predict(x), expected, rtol=1e-4, atol=1e-5)
    assert first.evaluate(x, y, verbose=0) == pytest.approx(
        np.mean((expected[:, 0] - y) ** 2), rel=1e-4
    )
