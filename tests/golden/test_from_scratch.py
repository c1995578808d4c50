"""A two-layer network worked out by hand in NumPy and glia give the same losses, float64."""

import numpy as np
import pytest
from gallery.from_scratch import ByHand
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

import glia
from glia import layers

EPOCHS, RATE, HIDDEN = 500, 0.05, 16


@pytest.fixture
def rows(float64):
    """120 iris flowers, standardised, and their one-hot kinds."""
    x, kinds = load_iris(return_X_y=True)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    x, _, kinds, _ = train_test_split(x, kinds, test_size=0.2, random_state=42)
    return x, np.eye(3)[kinds]


def twin(by_hand: ByHand) -> glia.Sequential:
    """The same network in glia, with copies of the same weights."""
    model = glia.Sequential(
        [
            layers.Input(shape=(4,)),
            layers.Dense(HIDDEN, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.set_weights(by_hand.weights())
    model.compile(optimizer=glia.optimizers.SGD(RATE), loss="categorical_crossentropy")
    return model


def error(got, expected) -> float:
    return np.max(np.abs(np.subtract(got, expected))) / np.max(np.abs(expected))


def test_the_slopes_worked_out_by_hand_are_slopes(rows) -> None:
    """The oracle itself: what one step moves is minus the rate times central differences."""
    x, y = rows
    by_hand = ByHand(4, HIDDEN, 3)
    start = by_hand.weights()

    def loss_at(number: int, place: tuple[int, ...], shift: float) -> float:
        moved = ByHand(4, HIDDEN, 3)
        weight = [moved.inner, moved.inner_bias, moved.outer, moved.outer_bias][number]
        weight[place] += shift
        return -np.mean(np.sum(y * np.log(moved.forward(x)[2]), axis=1))

    by_hand.step(x, y, RATE)
    for number, (before, after) in enumerate(zip(start, by_hand.weights(), strict=True)):
        slopes = np.empty_like(before)
        for place in np.ndindex(before.shape):
            slopes[place] = (loss_at(number, place, 1e-6) - loss_at(number, place, -1e-6)) / 2e-6
        assert error((before - after) / RATE, slopes) <= 1e-7


@pytest.mark.parametrize("seed", range(3))
def test_500_losses_are_the_same(rows, seed: int) -> None:
    x, y = rows
    by_hand = ByHand(4, HIDDEN, 3, seed)
    model = twin(by_hand)
    history = model.fit(x, y, epochs=EPOCHS, batch_size=len(x), shuffle=False, verbose=0)
    expected = [by_hand.step(x, y, RATE) for _ in range(EPOCHS)]
    assert len(history.history["loss"]) == EPOCHS
    assert error(history.history["loss"], expected) <= 1e-12
    assert expected[-1] < 0.2 * expected[0], "the comparison needs a network that learns"
    for got, weight in zip(model.get_weights(), by_hand.weights(), strict=True):
        assert got.dtype == np.float64
        assert error(got, weight) <= 1e-12


def test_a_shuffled_full_batch_gives_the_same_losses(rows) -> None:
    x, y = rows
    by_hand = ByHand(4, HIDDEN, 3)
    history = twin(by_hand).fit(x, y, epochs=50, batch_size=len(x), verbose=0)
    expected = [by_hand.step(x, y, RATE) for _ in range(50)]
    assert error(history.history["loss"], expected) <= 1e-12


def test_the_loss_of_a_one_batch_epoch_is_the_loss_before_the_update(rows) -> None:
    x, y = rows
    model = twin(ByHand(4, HIDDEN, 3))
    before = model.evaluate(x, y, verbose=0)
    history = model.fit(x, y, epochs=1, batch_size=len(x), verbose=0).history
    after = model.evaluate(x, y, verbose=0)
    assert history["loss"][0] == pytest.approx(before, rel=1e-14)
    assert after < before - 0.01


def test_predictions_agree_to_the_last_digits(rows) -> None:
    x, y = rows
    by_hand = ByHand(4, HIDDEN, 3)
    model = twin(by_hand)
    model.fit(x, y, epochs=20, batch_size=len(x), shuffle=False, verbose=0)
    for _ in range(20):
        by_hand.step(x, y, RATE)
    assert error(model.predict(x), by_hand.forward(x)[2]) <= 1e-13


def test_explain_shows_the_numbers_of_the_step_worked_out_by_hand(rows) -> None:
    x, y = rows
    by_hand = ByHand(4, HIDDEN, 3)
    shown = glia.explain(twin(by_hand), x, y)
    sums, active, chances = by_hand.forward(x)
    before = by_hand.weights()
    loss = by_hand.step(x, y, RATE)
    slopes = [(w - now) / RATE for w, now in zip(before, by_hand.weights(), strict=True)]
    expected = {"z1": sums, "a1": active, "a2": chances, "loss": loss}
    expected |= dict(zip(("dW1", "db1", "dW2", "db2"), slopes, strict=True))
    expected["dz2"] = (chances - y) / len(x)
    for name, value in expected.items():
        assert error(shown[name], value) <= 1e-12, name
