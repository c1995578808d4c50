"""Classes and functions of the user's own: stored by name, asked for by name, never as code."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import glia
from glia import layers, losses, metrics, ops, optimizers
from glia.optimizers.schedules import LearningRateSchedule

from .networks import check_round_trip, check_same_bits, rows


class Scale(layers.Layer):
    def __init__(self, start=1.0, **options):
        super().__init__(**options)
        self.start = start

    def build(self, input_shape):
        self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")

    def call(self, x):
        return x * self.factor * self.start


class Untouched(layers.Layer):
    """Neither calls super().__init__() nor knows of configs; its weights exist at once."""

    def __init__(self):
        self.shift = self.add_weight((4,), "zeros", name="shift")

    def call(self, x, training=None):
        return x + self.shift if training else x - self.shift


class Keraslike(layers.Layer):
    """Says itself how it is described, in a form of its own."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.inner = layers.Dense(units)

    def call(self, x):
        return self.inner(x)

    def get_config(self):
        return {"inner": self.inner, "note": ("a", 1.5, None)}

    @classmethod
    def from_config(cls, config):
        assert config["note"] == ("a", 1.5, None)
        return cls(config["inner"].units)


class Decoder(layers.Layer):
    """The kernel of another layer, transposed."""

    def __init__(self, encoder, **options):
        super().__init__(**options)
        self.encoder = encoder

    def call(self, x):
        return x @ ops.transpose(self.encoder.kernel.value)


class Net(glia.Model):
    def __init__(self, units=5, rate=0.2):
        super().__init__()
        self.units, self.rate = units, rate
        self.hidden = [layers.Dense(units, activation="tanh"), Scale(0.5)]
        self.drop = layers.Dropout(rate)
        self.heads = {"only": layers.Dense(1, activation="sigmoid")}

    def call(self, x, training=None):
        for layer in self.hidden:
            x = layer(x)
        return self.heads["only"](self.drop(x))


class Recorded(glia.Model):
    """Records its calls in its constructor."""

    def __init__(self, units, **options):
        x = glia.Input((4,))
        super().__init__(x, layers.Dense(1)(layers.Dense(units)(x)), **options)
        self.units = units


class Stack(glia.Sequential):
    def __init__(self, units):
        super().__init__([layers.Input((4,)), layers.Dense(units), layers.Dense(1)])
        self.units = units


class Plain(glia.Model):
    """Adds a method only."""

    def twice(self, x):
        return self.predict(x) * 2


class Row(glia.Sequential):
    """Adds a method only."""


class Quartic(losses.Loss):
    def call(self, y_true, y_pred):
        return ops.mean((y_pred - ops.reshape(y_true, y_pred.shape)) ** 4, axis=-1)


class Largest(metrics.Mean):
    def values(self, y_true, y_pred):
        return ops.max(y_pred, axis=1)


class SignDescent(optimizers.Optimizer):
    def __init__(self, learning_rate=0.01):
        super().__init__(learning_rate)

    def slots(self, parameter):
        return {"last": np.zeros_like(parameter)}

    def update(self, gradient, parameter, slots, iteration, learning_rate):
        new = 0.5 * slots["last"] + gradient
        return parameter - learning_rate * ops.sign(new), {"last": new}


class Hyperbolic(LearningRateSchedule):
    def __init__(self, start):
        self.start = start

    def __call__(self, iteration):
        return self.start / (iteration + 1.0)


def swoosh(x):
    return x * ops.sigmoid(2 * x)


def cubic(y_true, y_pred):
    return ops.mean(ops.absolute(y_pred - ops.reshape(y_true, y_pred.shape)) ** 3, axis=-1)


def halves(shape):
    return np.full(shape, 0.5)


def lasso(x):
    return 0.01 * ops.sum(ops.absolute(x))


def slower(iteration):
    return 0.1 / (iteration + 2.0)


def with_layers(*own: layers.Layer) -> glia.Sequential:
    model = glia.Sequential([layers.Input((4,)), layers.Dense(4), *own, layers.Dense(1)])
    model.compile("adam", "mse")
    return model


@pytest.mark.parametrize("make", [lambda: Scale(0.5), Untouched, lambda: Keraslike(3)])
def test_layers(make, tmp_path) -> None:
    x, y = rows()
    layer = make()
    kind = type(layer)
    again = check_round_trip(with_layers(layer), x, y, tmp_path / "m.glia", {kind.__name__: kind})
    assert type(again.layers[1]) is kind


def test_a_layer_that_uses_the_weights_of_another(tmp_path) -> None:
    x, _ = rows()
    encoder = layers.Dense(2)
    source = glia.Input((4,))
    model = glia.Model(source, Decoder(encoder)(encoder(source)))
    model.compile("sgd", "mse")
    again = check_round_trip(model, x, x, tmp_path / "m.glia", {"Decoder": Decoder})
    assert again.layers[1].encoder is again.layers[0]


CUSTOM = {each.__name__: each for each in (Net, Scale, Recorded, Stack, Plain, Row)}


def plain() -> Plain:
    x = glia.Input((4,))
    return Plain(x, layers.Dense(1)(x) + 1.0, name="plain")


def row() -> Row:
    return Row([layers.Dense(2, input_shape=(4,)), layers.Dense(1)])


@pytest.mark.parametrize("make", [Net, lambda: Recorded(3), lambda: Stack(6), plain, row])
def test_models(make, tmp_path) -> None:
    x, y = rows()
    model = make()
    model.compile("adam", "mse", metrics=["mae"])
    again = check_round_trip(model, x, y, tmp_path / "m.glia", CUSTOM)
    assert type(again) is type(model)


def test_a_model_within_a_model(tmp_path) -> None:
    x, y = rows()
    source = glia.Input((4,))
    net = Net(4)
    model = glia.Model(source, net(layers.Dense(4)(net(source))) + Recorded(2)(source))
    model.compile("sgd", "mse")
    check_round_trip(model, x, y, tmp_path / "m.glia", CUSTOM)


def test_a_layer_shared_behind_the_back_of_a_constructor_is_refused(tmp_path) -> None:
    source = glia.Input((4,))
    net = Net(4)
    net(source)
    model = glia.Model(source, net(net.hidden[1](source)))
    with pytest.raises(glia.ArgumentError, match=r"'scale' is used by Net 'net' and elsewhere"):
        model.save(tmp_path / "m.glia")


def test_a_model_of_integers(tmp_path) -> None:
    class Words(glia.Model):
        def __init__(self):
            super().__init__()
            self.table, self.head = layers.Embedding(7, 3), layers.Dense(1)

        def call(self, inputs):
            return self.head(ops.sum(self.table(inputs["codes"]), axis=1)) + inputs["more"]

    model = Words()
    x = {"codes": np.array([[1, 2], [6, 0]], np.int32), "more": np.ones((2, 1), np.float32)}
    expected = model(x)
    model.save(tmp_path / "m.glia")
    again = glia.load(tmp_path / "m.glia", custom={"Words": Words})
    check_same_bits(again(x), expected)


def test_losses_metrics_optimizers_and_schedules(tmp_path) -> None:
    x, y = rows()
    model = glia.Sequential([layers.Input((4,)), layers.Dense(2), layers.Dense(1)])
    custom = {each.__name__: each for each in (Quartic, Largest, SignDescent, Hyperbolic)}
    model.compile(SignDescent(Hyperbolic(0.1)), Quartic(), metrics=[Largest()])
    check_round_trip(model, x, y, tmp_path / "m.glia", custom)


def test_functions(tmp_path) -> None:
    x, y = rows()
    hidden = layers.Dense(3, activation=swoosh, kernel_initializer=halves, kernel_regularizer=lasso)
    model = glia.Sequential([layers.Input((4,)), hidden, layers.Dense(1, activation=ops.tanh)])
    model.compile(optimizers.SGD(slower), cubic, metrics=[cubic, glia.metrics.binary_accuracy])
    custom = {each.__name__: each for each in (swoosh, cubic, halves, lasso, slower)}
    again = check_round_trip(model, x, y, tmp_path / "m.glia", custom)
    assert again.layers[0].activation.function is swoosh
    for name in custom:
        others = {key: value for key, value in custom.items() if key != name}
        with pytest.raises(
            glia.ArgumentError, match=rf"function '{name}' of the user's own.*custom=.*{name}"
        ):
            glia.load(tmp_path / "m.glia", custom=others)


def test_what_is_missing_is_named_with_the_way_to_give_it(tmp_path) -> None:
    with_layers(Scale()).save(tmp_path / "m.glia")
    with pytest.raises(
        glia.ArgumentError,
        match=r"uses the layer class 'Scale' of the user's own.*load\(path, custom=\{'Scale': Scal",
    ) as caught:
        glia.load(tmp_path / "m.glia")
    assert str(tmp_path / "m.glia") in "".join(caught.value.__notes__)
    with pytest.raises(glia.ArgumentError, match=r"custom\['Scale'\] got .*derived from Layer"):
        glia.load(tmp_path / "m.glia", custom={"Scale": Quartic})
    with pytest.raises(glia.ArgumentError, match=r"custom\['Scale'\] got 3"):
        glia.load(tmp_path / "m.glia", custom={"Scale": 3})


def test_a_class_of_a_name_glia_has_is_still_the_users(tmp_path) -> None:
    own = type("Dense", (Scale,), {})
    with_layers(own()).save(tmp_path / "m.glia")
    with pytest.raises(glia.ArgumentError, match="layer class 'Dense' of the user's own"):
        glia.load(tmp_path / "m.glia")
    again = glia.load(tmp_path / "m.glia", custom={"Dense": own})
    assert [type(each) for each in again.layers] == [layers.Dense, own, layers.Dense]


@pytest.mark.parametrize("function", [lambda x: x, functools.partial(swoosh)])
def test_nameless_functions_are_refused_when_saved(function, tmp_path) -> None:
    model = glia.Sequential([layers.Input((4,)), layers.Dense(1, activation=function)])
    with pytest.raises(
        glia.ArgumentError, match=r"layer 'dense': its argument 'activation' is a .*without a name"
    ):
        model.save(tmp_path / "m.glia")
    assert list(tmp_path.iterdir()) == []
    model = glia.Sequential([layers.Input((4,)), layers.Dense(1)])
    model.compile("sgd", lambda y, p: ops.mean((y - p) ** 2, axis=-1))
    with pytest.raises(glia.ArgumentError, match="loss Written: its argument 'function' is a lam"):
        model.save(tmp_path / "m.glia")


def test_two_functions_of_one_name_are_refused(tmp_path) -> None:
    def swoosh(x):
        return x

    model = glia.Sequential([layers.Input((4,)), layers.Dense(1, activation=swoosh)])
    model.add(layers.Dense(2, activation=globals()["swoosh"]))
    with pytest.raises(glia.ArgumentError, match="two different functions that are both called"):
        model.save(tmp_path / "m.glia")


class Forgetful(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.size = units

    def call(self, x):
        return x


def test_arguments_that_cannot_be_stored_are_named(tmp_path) -> None:
    with pytest.raises(glia.ArgumentError, match=r"Forgetful takes the argument 'units' but has"):
        with_layers(Forgetful(3)).save(tmp_path / "m.glia")
    model = with_layers(Scale())
    model.layers[1].start = {1, 2}
    with pytest.raises(glia.ArgumentError, match=r"'scale': its argument 'start' holds .*set"):
        model.save(tmp_path / "m.glia")
    model = with_layers(Keraslike(3))
    model.layers[1].inner = model.layers[1]
    with pytest.raises(glia.ArgumentError, match="one after the other"):
        model.save(tmp_path / "m.glia")


@pytest.mark.parametrize(
    "value",
    [
        float("nan"), float("-inf"), -0.0, 2**80, "ü\ud800", (1, [2.5, ()], {"a": None}),
        {"$": 1}, {1: "a", (2, 3): None}, np.arange(6.0).reshape(2, 3), np.float32(0.1),
        np.array([[1, -2]], np.int64), np.dtype("uint8"), slice(1, None, -2), [0.1] * 100,
        (float("nan"),) * 80, b"".decode(), True, np.zeros((0, 3), bool), range(3).__len__(),
    ],
    ids=str,
)  # fmt: skip
def test_values_in_extra_come_back_as_they_were(value, tmp_path) -> None:
    from glia.saving import load_with_extra, save

    model = glia.Sequential([layers.Input((2,)), layers.Dense(1)])
    save(model, tmp_path / "m.glia", {"it": value, "again": [value]})
    _, extra = load_with_extra(tmp_path / "m.glia")
    for found in (extra["it"], extra["again"][0]):
        if isinstance(value, np.ndarray):
            check_same_bits(found, value)
        else:
            value = value.item() if isinstance(value, np.generic) else value
            assert type(found) is type(value)
            assert repr(found) == repr(value)
