"""A loss that is no longer finite stops training at once, with good weights and an explanation."""

import numpy as np
import pytest
from tests.training.networks import compiled, dense, quantity

from glia import ops
from glia.callbacks import Callback
from glia.errors import DivergenceError
from glia.layers import Dense, Normalization
from glia.models import Sequential
from glia.optimizers import SGD, Adam


def diverge(model, x, y, **options):
    with pytest.raises(DivergenceError) as caught:
        model.fit(x, y, verbose=0, **options)
    return str(caught.value)


def test_the_error_names_epoch_step_loss_rate_and_fix():
    x, y = quantity(40)
    model = compiled(dense(1), "mse", SGD(1000.0))
    text = diverge(model, x, y, batch_size=8, epochs=20)
    assert "the loss became " in text
    assert "in epoch 2, step " in text
    assert "of 5, with learning rate 1000" in text
    assert "lower the learning rate from 1000, to 100 say" in text
    assert "clipnorm=1.0" in text


def test_the_weights_of_the_last_finite_epoch_come_back():
    x, y = quantity(40)
    model = compiled(dense(1), "mse", SGD(20.0, momentum=0.9))
    kept = []

    class Keep(Callback):
        def on_epoch_end(self, epoch, logs=None):
            slots = [variable.array.copy() for variable in self.model.optimizer.variables]
            kept.append([*self.model.get_weights(), *slots])

    diverge(model, x, y, batch_size=8, epochs=50, callbacks=Keep())
    assert len(kept) >= 1
    now = [*model.get_weights(), *[v.array for v in model.optimizer.variables]]
    for a, b in zip(kept[-1], now, strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(model.history.epoch) == len(kept)
    model.optimizer.learning_rate = 0.001
    model.fit(x, y, verbose=0)


def test_the_weights_before_training_come_back_when_the_first_epoch_fails():
    x, y = quantity(40)
    model = compiled(dense(1), "mse", SGD(1e30))
    start = model.get_weights()
    diverge(model, x, y, batch_size=8)
    for a, b in zip(start, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_unscaled_data_is_named():
    x, y = quantity(40)
    text = diverge(compiled(dense(1), "mse", SGD(0.1)), x * 1e4, y * 1e5, epochs=50)
    assert "scale the inputs, which reach 2" in text
    assert "glia.layers.Normalization" in text
    assert "scale the targets, which reach" in text


def test_the_fix_that_is_named_works():
    x, y = quantity(40)
    scaled = Normalization()
    scaled.adapt(x * 1e4)
    model = Sequential([scaled, Dense(1)])
    compiled(model, "mse", SGD(0.1)).fit(x * 1e4, y, epochs=50, verbose=0)


def test_a_loss_bad_from_the_start_is_not_blamed_on_the_rate():
    def bad(y_true, y_pred):
        return ops.log(y_true - y_true) * y_pred[:, 0]

    x, y = quantity(40)
    text = diverge(compiled(dense(1), bad, Adam(0.01)), x, y[:, None])
    assert "in epoch 1, step 1 of 2" in text
    assert "the learning rate is not to blame" in text
    assert "a loss or layer of your own" in text
    assert "lower the learning rate" not in text


def test_weights_that_go_bad_in_the_last_step_are_noticed_too():
    x, y = quantity(40)
    model = compiled(dense(1), "mse", SGD(3e38))
    start = model.get_weights()
    text = diverge(model, x, y, batch_size=40)
    assert "the weights became infinite in epoch 1, step 1 of 1" in text
    for a, b in zip(start, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_it_is_an_arithmetic_error_and_a_glia_error():
    from glia.errors import GliaError

    assert issubclass(DivergenceError, (GliaError, ArithmeticError))
