"""predict: any number of rows, exact tail, bounded memory, few recordings."""

import numpy as np
import pytest
from tests.training.networks import compiled, dense, quantity

from glia.callbacks import Callback
from glia.errors import ArgumentError
from glia.layers import BatchNormalization, Dense, Dropout
from glia.models import Sequential
from glia.training.batches import chunks, measuring_rows


@pytest.mark.parametrize("rows", [1, 2, 15, 16, 17, 255, 256, 257, 600])
def test_any_number_of_rows(rows):
    x, _ = quantity(rows)
    model = dense(3, 2)
    kernel, bias, end, offset = model.get_weights()
    expected = np.maximum(x @ kernel + bias, 0) @ end + offset
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-4, atol=1e-5)


def test_chunks_cover_every_row_once_with_three_lengths():
    for rows in (0, 1, 7, 255, 1000):
        parts = list(chunks(rows, 256))
        covered = [row for part in parts for row in range(part.start, part.stop)]
        assert covered == list(range(rows))
        assert {part.stop - part.start for part in parts} <= {256, 16, 1}
    assert [part.stop - part.start for part in chunks(10, 4)] == [4, 4, 2]


def test_three_recordings_serve_any_number_of_rows():
    model = dense(3, 2)
    for rows in range(1, 40):
        model.predict(np.ones((rows, 4)), batch_size=9)
    assert len(model._predictor.run._cache) == 3


def test_prediction_is_in_evaluation_mode_and_changes_nothing():
    x, y = quantity(30)
    model = Sequential([Dense(5), BatchNormalization(), Dropout(0.5), Dense(1)])
    compiled(model, "mse").fit(x, y, epochs=2, verbose=0)
    before = model.get_weights()
    first, second = model.predict(x), model.predict(x)
    np.testing.assert_array_equal(first, second)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_unbuilt_model_predicts():
    assert Sequential([Dense(3), Dense(2)]).predict(np.ones((5, 4))).shape == (5, 2)


def test_chunks_are_told_to_callbacks():
    seen = []

    class Look(Callback):
        def on_predict_batch_end(self, batch, logs=None):
            seen.append((batch, len(logs["outputs"])))

    dense(1).predict(np.ones((9, 4)), batch_size=4, callbacks=[Look()])
    assert seen == [(0, 4), (1, 4), (2, 1)]


def test_large_rows_are_measured_in_smaller_chunks():
    assert measuring_rows(None, [np.zeros((3, 784))]) == 256
    assert measuring_rows(None, [np.zeros((3, 256, 256, 3))]) == 5
    assert measuring_rows(None, [np.zeros((1, 2**21))]) == 1
    assert measuring_rows(32, [np.zeros((3, 784))]) == 32


def test_batch_size_is_checked():
    with pytest.raises(ArgumentError, match="batch_size got 0"):
        dense(1).predict(np.ones((9, 4)), batch_size=0)
