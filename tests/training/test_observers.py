"""Higher floors watch training through a protocol; training imports none of them."""

import sys

import numpy as np
import pytest
from tests.training.networks import compiled, dense, quantity

from glia.training import observers


class Watcher:
    def __init__(self):
        self.calls, self.losses = [], []

    def before_fit(self, model, data, history):
        self.calls.append(("before", len(data.training.rows), len(data.validation.rows)))

    def on_return(self, model, epoch, step, losses):
        self.losses += list(losses)
        self.last = epoch, step

    def after_fit(self, model, data, history):
        self.calls.append(("after", history.epoch))


@pytest.fixture
def watcher():
    watcher = Watcher()
    observers.register(watcher)
    observers.register(watcher)
    yield watcher
    observers.unregister(watcher)
    observers.unregister(watcher)


def test_an_observer_sees_data_losses_and_result(watcher):
    x, y = quantity(40)
    model = compiled(dense(1), "mse")
    history = model.fit(x, y, batch_size=10, epochs=2, validation_split=0.25, verbose=0)
    assert watcher.calls == [("before", 30, 10), ("after", [0, 1])]
    assert watcher.last == (1, 2)
    assert len(watcher.losses) == 6
    np.testing.assert_allclose(np.mean(watcher.losses[:3]), history.history["loss"][0], rtol=1e-6)


def test_training_knows_nothing_of_insight():
    for name, module in sys.modules.items():
        if name.startswith("glia.training"):
            assert not any(
                getattr(value, "__module__", "").startswith("glia.explain")
                for value in vars(module).values()
                if isinstance(getattr(value, "__module__", None), str)
            )
