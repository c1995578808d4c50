"""Models with several inputs and outputs."""

import numpy as np
import pytest

from glia.errors import ArgumentError, DataError
from glia.layers import Concatenate, Dense, Input
from glia.models import Model
from glia.optimizers import SGD


def data(rows=24):
    random = np.random.default_rng(3)
    a, b = random.normal(size=(rows, 3)), random.normal(size=(rows, 2))
    return a, b, a.sum(axis=1) - b[:, 0], (b[:, 1] > 0).astype(int)


def two_headed():
    first, second = Input((3,), name="first"), Input((2,), name="second")
    joined = Concatenate()([first, second])
    amount = Dense(1, name="amount")(joined)
    chance = Dense(1, activation="sigmoid", name="chance")(joined)
    return Model([first, second], [amount, chance])


LOSSES = ["mse", "binary_crossentropy"]


@pytest.mark.usefixtures("float64")
def test_the_total_is_the_weighted_sum_of_the_outputs_losses():
    a, b, amount, chance = data()
    model = two_headed()
    model.compile(SGD(0.1), LOSSES, loss_weights=[2.0, 0.5])
    logs = model.evaluate([a, b], [amount, chance], verbose=0, return_dict=True)
    z, p = model.predict([a, b])
    mse = np.mean((z[:, 0] - amount) ** 2)
    bce = -np.mean(np.log(np.where(chance == 1, p[:, 0], 1 - p[:, 0])))
    assert list(logs) == ["loss", "amount_loss", "chance_loss"]
    assert logs["amount_loss"] == pytest.approx(mse, rel=1e-12)
    assert logs["chance_loss"] == pytest.approx(bce, rel=1e-12)
    assert logs["loss"] == pytest.approx(2 * mse + 0.5 * bce, rel=1e-12)


def test_training_lowers_every_loss_and_logs_bear_the_outputs_names():
    a, b, amount, chance = data(48)
    model = two_headed()
    model.compile("adam", LOSSES, metrics=[["mae"], ["accuracy"]])
    history = model.fit(
        [a, b], [amount, chance], epochs=30, batch_size=8, validation_split=0.25, verbose=0
    ).history
    names = ["loss", "amount_loss", "chance_loss", "amount_mae", "chance_accuracy"]
    assert list(history) == [*names, *(f"val_{name}" for name in names)]
    for name in ("amount_loss", "chance_loss"):
        assert history[name][-1] < history[name][0]


def test_dicts_by_name_mean_the_same_as_lists():
    a, b, amount, chance = data()
    results = []
    for is_dict in (False, True):
        model = two_headed()
        model.set_weights([np.full_like(w, 0.1) for w in model.get_weights()])
        if is_dict:
            model.compile(
                SGD(0.1),
                {"chance": "binary_crossentropy", "amount": "mse"},
                loss_weights={"chance": 3.0},
                metrics={"chance": "accuracy"},
            )
            x, y = {"second": b, "first": a}, {"chance": chance, "amount": amount}
        else:
            model.compile(SGD(0.1), LOSSES, loss_weights=[1, 3.0], metrics=[None, ["accuracy"]])
            x, y = [a, b], [amount, chance]
        results.append(model.fit(x, y, epochs=2, shuffle=False, verbose=0).history)
    assert results[0] == results[1]


def test_one_loss_serves_all_outputs():
    a, b, amount, chance = data()
    model = two_headed()
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit([a, b], [amount, chance], verbose=0).history["loss"]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": ["mse"]}, "loss has 1 entries but the model has 2 outputs: amount, chance"),
        ({"loss": {"amont": "mse"}}, "Did you mean 'amount'"),
        ({"loss": {"amount": "mse"}}, "no loss for the output 'chance'"),
        ({"loss": "mse", "metrics": ["mae"]}, "metrics has 1 entries"),
        ({"loss": "mse", "loss_weights": [1.0]}, "loss_weights has 1 entries"),
    ],
)
def test_what_does_not_fit_the_outputs(options, message):
    a, b, amount, chance = data()
    model = two_headed()
    model.compile("sgd", **options)
    with pytest.raises(ArgumentError, match=message):
        model.fit([a, b], [amount, chance], verbose=0)


def test_targets_that_do_not_fit_the_outputs():
    a, b, amount, chance = data()
    model = two_headed()
    model.compile("sgd", LOSSES)
    with pytest.raises(ArgumentError, match="y holds 1 arrays but the model has 2 outputs"):
        model.fit([a, b], amount, verbose=0)
    with pytest.raises(ArgumentError, match="expected one for each output: amount, chance"):
        model.fit([a, b], {"amount": amount, "chnce": chance}, verbose=0)
    with pytest.raises(DataError, match=r"y\[1\] has 23 rows"):
        model.fit([a, b], [amount, chance[1:]], verbose=0)
    with pytest.raises(DataError, match=r"y\[1\] is out of range"):
        model.fit([a, b], [amount, chance + 1], verbose=0)


def test_class_weight_needs_one_output():
    a, b, amount, chance = data()
    model = two_headed()
    model.compile("sgd", LOSSES)
    with pytest.raises(ArgumentError, match="class_weight works with one output"):
        model.fit([a, b], [amount, chance], class_weight={1: 2.0}, verbose=0)


def test_a_class_of_ones_own_may_return_a_dict():
    class Two(Model):
        def __init__(self):
            super().__init__()
            self.one, self.other = Dense(1), Dense(2)

        def call(self, x):
            return {"one": self.one(x), "other": self.other(x)}

    a, _, amount, _ = data()
    model = Two()
    model.compile("sgd", {"one": "mse", "other": "mse"})
    y = {"one": amount, "other": np.stack([amount, amount], axis=1)}
    history = model.fit(a, y, verbose=0)
    assert list(history.history) == ["loss", "one_loss", "other_loss"]
    predicted = model.predict(a)
    assert {name: p.shape for name, p in predicted.items()} == {"one": (24, 1), "other": (24, 2)}
