"""Where other libraries are traps: one named test for each that training is about."""

import re

import numpy as np
import pytest
from tests.training.networks import binary, compiled, dense, quantity, three_classes

import glia.random
from glia.callbacks import EarlyStopping
from glia.errors import ArgumentError, DataError, ShapeError
from glia.layers import Activation, Dense, Dropout
from glia.models import Sequential
from glia.optimizers import SGD, Adam


def test_trap_targets_of_shape_n_against_predictions_of_shape_n_1_broadcast_to_n_n():
    x, y = quantity(20)
    model = compiled(dense(1), "mse", metrics=["mae"])
    logs = model.evaluate(x, y, verbose=0, return_dict=True)
    errors = model.predict(x)[:, 0] - y
    assert logs["loss"] == pytest.approx(np.mean(errors**2), rel=1e-5)
    assert logs["mae"] == pytest.approx(np.mean(np.abs(errors)), rel=1e-5)
    with pytest.raises(ShapeError, match="does not stretch one to the other"):
        compiled(dense(2), "mse").fit(x, y, verbose=0)


def test_trap_softmax_applied_twice_trains_silently():
    x, y = three_classes(20)
    model = Sequential([Dense(3, activation="softmax"), Activation("softmax")])
    with pytest.raises(ArgumentError, match="softmax is applied twice"):
        compiled(model, "sparse_categorical_crossentropy").fit(x, y, verbose=0)


def test_trap_a_sigmoid_head_with_a_categorical_loss_trains_silently():
    x, y = three_classes(20)
    model = dense(3, head="sigmoid")
    with pytest.raises(ArgumentError, match="sigmoid with 3 units"):
        compiled(model, "categorical_crossentropy").fit(x, y, verbose=0)


def test_trap_validation_split_takes_the_tail_of_sorted_rows():
    x, y = binary(100)
    order = np.argsort(y)
    model = compiled(dense(1, head="sigmoid"), "binary_crossentropy")
    seen = []

    from glia.training import observers

    class Watch:
        def before_fit(self, model, data, history):
            target = data.validation.targets[0][:, 0]
            seen.append((target[data.training.rows], target[data.validation.rows]))

        def on_return(self, model, epoch, step, losses):
            pass

        def after_fit(self, model, data, history):
            pass

    watch = Watch()
    observers.register(watch)
    try:
        for target in (y[order], np.eye(2)[y[order]]):
            head = 1 if target.ndim == 1 else 2
            model = dense(head, head="sigmoid" if head == 1 else "softmax")
            compiled(model, "binary_crossentropy").fit(
                x[order], target, validation_split=0.2, verbose=0
            )
    finally:
        observers.unregister(watch)
    for training, validation in seen:
        assert len(validation) == 20
        assert validation.mean() == pytest.approx(training.mean(), abs=0.05)


def test_trap_a_single_nan_ruins_half_the_weights():
    x, y = quantity(30)
    x[7, 2] = np.nan
    model = compiled(dense(8, 1), "mse")
    with pytest.raises(DataError, match="nan in row 7, column 2"):
        model.fit(x, y, verbose=0)
    with pytest.raises(DataError, match="nan in row 7, column 2"):
        model.predict(x)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_trap_the_best_weights_are_lost_by_early_stopping():
    x, y = three_classes(40)
    model = compiled(dense(64, 3, head="softmax"), "sparse_categorical_crossentropy", Adam(0.1))
    stopping = EarlyStopping(patience=3)
    history = model.fit(x, y, epochs=60, validation_split=0.3, callbacks=stopping, verbose=0)
    assert stopping.stopped_epoch > stopping.best_epoch
    assert stopping.best_weights is not None
    assert stopping.best == min(history.history["val_loss"])


def test_trap_a_misnamed_monitor_does_nothing_for_all_epochs():
    x, y = quantity(20)
    with pytest.raises(ArgumentError, match=r"val_lss.*Did you mean 'val_loss'"):
        compiled(dense(1), "mse").fit(
            x, y, validation_split=0.2, callbacks=EarlyStopping("val_lss"), verbose=0
        )


@pytest.mark.parametrize(
    ("units", "head", "loss", "meaning"),
    [
        (1, "sigmoid", "binary_crossentropy", "binary accuracy, threshold 0.5"),
        (2, "softmax", "sparse_categorical_crossentropy", "sparse categorical accuracy"),
        (2, "softmax", "categorical_crossentropy", "categorical accuracy"),
    ],
)
def test_trap_accuracy_silently_means_different_things(units, head, loss, meaning, capsys):
    x, y = binary(20)
    model = compiled(dense(units, head=head), loss, metrics=["accuracy"])
    history = model.fit(x, y, verbose=2)
    text = capsys.readouterr().out
    assert text.startswith("accuracy = ")
    assert re.search(meaning, text.splitlines()[0])
    assert history.descriptions["accuracy"] == text.splitlines()[0].removeprefix("accuracy = ")


def test_trap_accuracy_of_logits_is_measured_at_the_wrong_threshold():
    from glia.losses import BinaryCrossentropy

    x, y = binary(40)
    model = compiled(dense(1), BinaryCrossentropy(from_logits=True), metrics=["accuracy"])
    logs = model.evaluate(x, y, verbose=0, return_dict=True)
    assert logs["accuracy"] == pytest.approx(np.mean((model.predict(x)[:, 0] > 0) == y))


def test_trap_the_loss_of_fit_never_equals_evaluate_and_nobody_says_so():
    x, y = quantity(40)
    model = Sequential([Dense(16, activation="relu"), Dropout(0.5), Dense(1)])
    history = compiled(model, "mse", SGD(0.01)).fit(x, y, epochs=3, verbose=0)
    evaluated = model.evaluate(x, y, verbose=0)
    assert history.history["loss"][-1] != pytest.approx(evaluated, rel=1e-3)
    assert history.final["loss"] == pytest.approx(evaluated, rel=1e-6)
    assert "running means in training mode" in repr(history)
    x, y = binary(40)
    model = compiled(dense(1, head="sigmoid"), "binary_crossentropy", SGD(0.01))
    history = model.fit(x, y, class_weight={1: 9.0}, verbose=0)
    assert history.final["loss"] == pytest.approx(model.evaluate(x, y, verbose=0), rel=1e-6)


def test_trap_runs_differ_though_seeded():
    x, y = three_classes(40)
    losses = []
    for _ in range(2):
        glia.random.seed(11)
        model = Sequential(
            [Dense(8, activation="relu"), Dropout(0.4), Dense(3, activation="softmax")]
        )
        compiled(model, "categorical_crossentropy", "adam")
        history = model.fit(x, y, epochs=5, batch_size=7, validation_split=0.2, verbose=0)
        losses.append(history.history)
    assert losses[0] == losses[1]


def test_trap_trainable_is_changed_and_nobody_knows_what_is_trained():
    x, y = quantity(30)
    judge = dense(3, 1)
    judge.compile(SGD(0.01), "mse")
    judge.trainable = False
    artist = Sequential([Dense(4, input_shape=(4,)), judge])
    artist.compile(SGD(0.01), "mse")
    frozen = judge.get_weights()
    artist.fit(x, y, verbose=0)
    for a, b in zip(frozen, judge.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.warns(UserWarning, match="call compile again"):
        judge.fit(x, y, verbose=0)
    assert not np.array_equal(frozen[0], judge.get_weights()[0])


def test_trap_text_in_a_frame_crashes_without_naming_the_column():
    from tests.training.test_door import Frame

    frame = Frame(age=[30, 40], city=np.array(["Oslo", "Rome"], dtype=object))
    with pytest.raises(DataError, match=r"row 0, column 1 \('city'\): 'Oslo'"):
        compiled(dense(1, features=2), "mse").fit(frame, [0.0, 1.0], verbose=0)
