"""Layer: a user's own class, its weights, names, modes and errors."""

import numpy as np
import pytest

from glia import GliaError, Variable, errors, layers, models, ops, random
from glia.autodiff import gradients
from glia.function import function
from glia.layers import CUSTOM_LAYERS, LAYERS, Dense, Layer


class Scale(Layer):
    def build(self, input_shape):
        self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")

    def call(self, x):
        return x * self.factor


class Forgetful(Layer):
    """No super().__init__(), its weights made in __init__, inner layers in lists and dicts."""

    def __init__(self):
        self.first = [Dense(3), (Dense(3), {"deep": [Dense(3)]})]
        self.shift = Variable(np.zeros(3, "float32"), "shift")

    def call(self, x):
        one, (two, rest) = self.first
        return rest["deep"][0](two(one(x))) + self.shift


@pytest.mark.parametrize("own", [Scale, Forgetful])
def test_a_class_of_ones_own_works_in_every_kind_of_model(own) -> None:
    class Net(models.Model):
        def __init__(self):
            self.own, self.head = own(), Dense(2)

        def call(self, x):
            return self.head(self.own(x))

    x = np.random.default_rng(0).normal(size=(12, 3))
    entry = layers.Input((3,))
    functional = models.Model(entry, Dense(2)(own()(entry)))
    for model in (models.Sequential([own(), Dense(2)]), functional, Net()):
        model.compile("sgd", "mse")
        model.fit(x, x[:, :2], epochs=2, verbose=0)
        inner = model.layers[0]
        assert isinstance(inner, own)
        assert len(inner.trainable_variables) == (1 if own is Scale else 7)
        values = inner.get_weights()
        assert any(np.abs(value - np.round(value)).max() > 0 for value in values)
        assert model.predict(x).shape == (12, 2)


def test_own_layers_are_registered_apart_from_glias() -> None:
    class OnlyHere(Scale):
        """No other test has a layer of this name; the last one defined would stand for it."""

    assert CUSTOM_LAYERS["OnlyHere"] is OnlyHere
    assert "OnlyHere" not in LAYERS
    assert type(layers.get("flatten")) is layers.Flatten
    assert type(layers.get("OnlyHere")) is OnlyHere
    assert layers.get({"class_name": "Dense", "config": {"units": 3}}).units == 3
    with pytest.raises(ValueError, match=r"unknown layer 'Dens'.*'Dense'"):
        layers.get("Dens")
    with pytest.raises(ValueError, match=r"layer Dense needs arguments.*Dense\(units=...\)"):
        layers.get("Dense")
    with pytest.raises(ValueError, match="expected a layer such as"):
        layers.get(3)


def test_variables_come_in_the_order_they_were_set_and_once_each() -> None:
    shared = Dense(3, name="shared")

    class Pair(Layer):
        def __init__(self):
            super().__init__()
            self.mine = [shared, shared]
            self.other = Dense(3, name="other")

        def build(self, shape):
            self.own = self.add_weight((2,), "zeros", name="own", trainable=False)

        def call(self, x):
            return self.other(self.mine[1](self.mine[0](x))) + ops.sum(self.own)

    pair = Pair()
    pair(np.ones((2, 3)))
    assert list(pair.named_variables()) == [
        "own",
        "shared/kernel",
        "shared/bias",
        "other/kernel",
        "other/bias",
    ]
    assert [id(v) for v in pair.variables] == [id(v) for v in pair.named_variables().values()]
    assert pair.weights == pair.variables
    assert [v.name for v in pair.non_trainable_variables] == ["own"]
    assert len(pair.trainable_weights) == 4
    assert pair.count_params() == 2 + 2 * (9 + 3)


def test_a_layer_may_hold_its_owner() -> None:
    class Child(Scale):
        pass

    class Parent(Layer):
        def __init__(self):
            self.child = Child()
            self.child.parent = self

        def call(self, x):
            return self.child(x)

    parent = Parent()
    parent(np.ones((1, 2)))
    assert len(parent.variables) == 1
    assert list(parent.named_variables()) == ["child/factor"]
    parent.trainable = False
    assert parent.trainable_variables == []


def test_freezing_reaches_inner_layers_and_back() -> None:
    outer = Forgetful()
    outer(np.ones((1, 3)))
    outer.trainable = False
    assert outer.trainable_variables == []
    assert len(outer.non_trainable_variables) == 7
    assert not outer.first[0].trainable
    outer.trainable = True
    outer.first[0].trainable = False
    assert len(outer.trainable_variables) == 5


def test_an_attribute_may_hide_a_view() -> None:
    class Head(Layer):
        def __init__(self):
            super().__init__()
            self.output = Dense(2)
            self.layers = [Dense(3)]

        def call(self, x):
            return self.output(self.layers[0](x))

    head = Head()
    assert head(np.ones((4, 5))).shape == (4, 2)
    assert len(head.variables) == 4


def test_two_inputs_give_build_two_shapes() -> None:
    class Bilinear(Layer):
        def build(self, left, right):
            self.kernel = self.add_weight((left[-1], right[-1]))

        def call(self, left, right):
            return ops.sum((left @ self.kernel) * right, axis=-1)

    layer = Bilinear()
    assert layer(np.ones((5, 2)), np.ones((5, 3))).shape == (5,)
    assert layer.kernel.shape == (2, 3)
    symbol = Bilinear()(layers.Input((2,)), layers.Input((3,)))
    assert symbol.shape == (None,)


def test_training_reaches_inner_layers_and_only_the_call_it_was_given_to() -> None:
    seen = []

    class Watch(Layer):
        def call(self, x, training):
            seen.append(training)
            return x

    class Outer(Layer):
        def __init__(self):
            self.inner = Watch()

        def call(self, x):
            return self.inner(x)

    x = np.ones((1, 1))
    outer = Outer()
    outer(x)
    outer(x, training=True)
    outer(x)
    models.Sequential([outer])(x, training=True)
    assert seen[:3] == [False, True, False]
    assert seen[-1] is True
    seen.clear()
    function(outer, is_training=True)(x)
    function(lambda x: outer(x, training=False), is_training=True)(x)
    assert seen == [True, False]


def test_penalties_are_those_of_trained_weights() -> None:
    layer = Dense(2, kernel_regularizer="l2", bias_regularizer=lambda b: ops.sum(b) + 1.0)
    layer(np.ones((1, 3)))
    kernel, bias = layer.regularization()
    np.testing.assert_allclose(kernel, 0.01 * np.sum(layer.kernel.array**2), rtol=1e-6)
    assert bias == 1.0
    model = models.Sequential([layer, Dense(2)])
    model(np.ones((1, 3)))
    assert len(model.regularization()) == len(model.losses) == 2
    layer.trainable = False
    assert model.regularization() == []


def test_penalties_have_gradients() -> None:
    layer = Dense(2, use_bias=False, kernel_regularizer="l2")
    layer(np.ones((1, 3)))
    penalty = function(lambda: gradients(sum(layer.regularization()), [layer.kernel]))
    np.testing.assert_allclose(penalty()[0], 0.02 * layer.kernel.array, rtol=1e-6)


def test_names_are_made_unique_by_the_owner_whatever_was_made_before() -> None:
    for _ in range(2):
        model = models.Sequential([Dense(1), Dense(1), Scale(), Dense(1, name="last"), Dense(1)])
        assert [layer.name for layer in model.layers] == [
            "dense",
            "dense_1",
            "scale",
            "last",
            "dense_2",
        ]
    assert [layer.name for layer in (layers.LeakyReLU(), layers.BatchNormalization())] == [
        "leaky_re_lu",
        "batch_normalization",
    ]


def test_a_name_of_the_users_choice_keeps_others_away() -> None:
    model = models.Sequential([Dense(1), Dense(1, name="dense"), Dense(1)])
    assert [layer.name for layer in model.layers] == ["dense_1", "dense", "dense_2"]
    with pytest.raises(ValueError, match=r"two layers named 'a'.*Change the name="):
        models.Sequential([Dense(1, name="a"), Dense(1, name="a")])
    with pytest.raises(ValueError, match="name got 'a/b'"):
        Dense(1, name="a/b")


def test_a_layer_shared_by_two_models_keeps_its_first_name() -> None:
    base = models.Sequential([Dense(2, input_shape=(3,)), Dense(2)])
    tail = models.Sequential([base.layers[1], Dense(1)])
    assert [layer.name for layer in tail.layers] == ["dense_1", "dense"]
    twin = models.Sequential([Dense(2, input_shape=(3,))])
    both = models.Model(base.input, base.layers[0](base.input) + twin.layers[0](base.input))
    assert [layer.name for layer in both.layers] == ["dense", "dense"]
    assert both.adopt() == ["dense", "dense_1"]
    assert list(both.named_variables())[::2] == ["dense/kernel", "dense_1/kernel"]
    assert both.get_layer("dense_1") is twin.layers[0]


def test_set_weights_names_layer_and_shapes_and_changes_nothing_on_error() -> None:
    layer = Dense(2, name="mine")
    with pytest.raises(errors.ShapeError, match=r"'mine' has 0 weights.*before it is built"):
        layer.set_weights([np.ones(3)])
    layer(np.ones((1, 3)))
    before = layer.get_weights()
    with pytest.raises(
        errors.ShapeError, match=r"Dense 'mine'.*shape \(3,\) for 'bias', expected \(2,\)"
    ):
        layer.set_weights([np.zeros((3, 2)), np.zeros(3)])
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])
    layer.set_weights([np.zeros((3, 2)), np.ones(2)])
    np.testing.assert_array_equal(layer(np.ones((1, 3))), [[1, 1]])


def test_get_weights_gives_copies() -> None:
    layer = Dense(2)
    layer(np.ones((1, 3)))
    layer.get_weights()[0][:] = 7
    assert not np.any(layer.kernel.array == 7)


def test_lists_of_numbers_are_arrays_and_floats_take_the_layers_dtype() -> None:
    layer = Dense(2)
    assert layer([[1, 2.0], [3, 4]]).shape == (2, 2)
    assert layer(np.ones((1, 2), "float64")).dtype == np.float32
    wide = Dense(2, dtype="float64")
    assert wide(np.ones((1, 2), "float32")).dtype == np.float64
    assert wide.kernel.dtype == np.float64


def test_weights_are_the_same_for_the_same_seed() -> None:
    made = []
    for _ in range(2):
        random.seed(5)
        model = models.Sequential([Dense(4, input_shape=(3,)), Dense(2)])
        made.append(model.get_weights())
    for one, other in zip(*made, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_weight_of_unknown_size_is_refused() -> None:
    class Wrong(Layer):
        def build(self, shape):
            self.add_weight((shape[0], 3), name="w")

        def call(self, x):
            return x

    with pytest.raises(errors.ShapeError, match=r"shape \(None, 3\).*weights need numbers"):
        Wrong()(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"the shape comes first.*name='w'"):
        Scale().add_weight("w")


def test_a_weight_made_in_call_is_refused_with_the_place_to_make_it() -> None:
    class Late(Layer):
        def call(self, x):
            return x * self.add_weight((3,))

    with pytest.raises(errors.TraceError, match=r"make it in __init__ or in build\(\)"):
        function(Late())(np.ones((2, 3)))


def test_errors_carry_the_layers_they_passed_through() -> None:
    class Wrong(Layer):
        def call(self, x):
            return x @ np.ones((7, 2), "float32")

    model = models.Sequential([Wrong(name="wrong")], name="whole")
    with pytest.raises(GliaError) as caught:
        model(np.ones((2, 3)))
    notes = "\n".join(caught.value.__notes__)
    assert "in layer Wrong 'wrong', called on shape (None, 3)" in notes
    assert "Sequential 'whole'" in notes


def test_no_call_no_input() -> None:
    class Empty(Layer):
        pass

    with pytest.raises(errors.NotBuiltError, match=r"Empty 'empty' has no call\(\); define"):
        Empty()(np.ones((1, 1)))
    with pytest.raises(ValueError, match="called on nothing"):
        Dense(1)()


def test_it_prints_its_class_and_name() -> None:
    layer = Dense(1, name="mine")
    assert (str(layer), repr(layer)) == ("Dense 'mine'", "<Dense 'mine'>")
