"""Bad data is refused at the door, and the message says where it is and what to do."""

import numpy as np
import pytest
from tests.training.networks import binary, compiled, dense, quantity

from glia.errors import DataError, ShapeError
from glia.training import arrays

FLOAT = np.dtype("float32")


class Frame:
    """A data frame as far as training looks at one."""

    def __init__(self, **columns):
        self.data = {name: np.asarray(column) for name, column in columns.items()}

    @property
    def columns(self):
        return list(self.data)

    def __getitem__(self, name):
        return self.data[name]

    def __len__(self):
        return len(next(iter(self.data.values())))

    def to_numpy(self):
        return np.stack(list(self.data.values()), axis=1)


def refused(x, y=None, **options):
    model = compiled(dense(1), "mse")
    with pytest.raises((DataError, ShapeError)) as caught:
        model.fit(x, np.zeros(len(x)) if y is None else y, verbose=0, **options)
    return str(caught.value)


def test_nan_in_x_names_row_and_column():
    x, _ = quantity(20)
    x[17, 3] = np.nan
    text = refused(x)
    assert "x holds nan in row 17, column 3" in text
    assert "Remove these rows or fill" in text


def test_several_nans_are_counted_and_their_columns_listed():
    x, _ = quantity(20)
    x[2, 1] = x[5, 1] = x[9, 3] = np.nan
    text = refused(x)
    assert "row 2, column 1" in text
    assert "2 more such cells (columns 1, 3)" in text


def test_infinity_in_x_and_y():
    x, y = quantity(20)
    x[4, 0] = -np.inf
    assert "x holds -inf in row 4, column 0" in refused(x)
    x[4, 0] = 0
    y[6] = np.inf
    assert "y holds inf in row 6" in refused(x, y)


def test_a_number_too_large_for_float32_is_refused():
    x, _ = quantity(20)
    x[3, 2] = 1e300
    assert "row 3, column 2 once stored as float32 (too large for it)" in refused(x)


def test_large_healthy_numbers_pass():
    arrays.numbers(np.full((4, 2), 3e38), "x", FLOAT)


def test_nan_in_a_frame_names_the_column():
    frame = Frame(age=[30.0, np.nan], income=[1.0, 2.0])
    assert "row 1, column 0 ('age')" in refused(frame)


def test_text_in_x_names_row_column_and_value():
    text = refused(np.array([["1", "red"], ["2", "blue"]]))
    assert "x holds text in row 0, column 0: '1'" in text
    assert "turn its categories into numbers" in text


def test_text_in_a_frame_names_the_column():
    frame = Frame(age=[30, 40], colour=np.array(["red", "blue"], dtype=object))
    text = refused(frame)
    assert "row 0, column 1 ('colour'): 'red'" in text


def test_a_numeric_frame_is_accepted():
    frame = Frame(age=[30, 40], is_member=np.array([True, False], dtype=object))
    np.testing.assert_array_equal(arrays.numbers(frame, "x", FLOAT), [[30, 1], [40, 0]])


def test_objects_in_x():
    x = np.array([[1, 2.5], [3, None]], dtype=object)
    text = refused(x)
    assert "missing value (None) in row 1, column 1" in text
    assert "row 0, column 1: {}" in refused(np.array([[1, {}], [3, 4]], dtype=object))
    assert "pass np.asarray(x, dtype='float32')" in refused(np.ones((2, 2), dtype=object))


def test_dates_complex_numbers_and_ragged_lists():
    assert "datetime64" in refused(np.array([["2020-01-01"]], dtype="datetime64[D]"))
    assert "complex" in refused(np.ones((2, 2), complex))
    assert "unequal length" in refused([[1, 2], [3]])


def test_a_generator_is_refused_by_name():
    model = compiled(dense(1), "mse")
    with pytest.raises(DataError, match="x is a generator; expected a NumPy array"):
        model.fit((row for row in range(3)), verbose=0)


def test_text_labels_are_told_how_to_become_numbers():
    x, _ = binary(3)
    text = refused(x, np.array(["cat", "dog", "cat"]))
    assert "y holds text in row 0: 'cat'" in text
    assert "np.unique(y, return_inverse=True)" in text


def test_nan_in_y():
    x, y = quantity(9)
    y[5] = np.nan
    assert "y holds nan in row 5" in refused(x, y)


def test_y_of_the_wrong_length():
    x, y = quantity(20)
    text = refused(x, y[:-3])
    assert "y has 17 rows (shape (17,)) but x has 20" in text


def test_y_missing():
    model = compiled(dense(1), "mse")
    with pytest.raises(DataError, match="y is missing"):
        model.fit(np.ones((3, 4)), verbose=0)


def test_no_rows():
    assert "x has no rows (shape (0, 4))" in refused(np.zeros((0, 4)), np.zeros(0))


def test_one_row_trains():
    model = compiled(dense(3, 1), "mse")
    history = model.fit(np.ones((1, 4)), [2.0], epochs=3, verbose=0)
    assert len(history.history["loss"]) == 3
    assert history.history["loss"][-1] < history.history["loss"][0]


def test_one_column_may_be_one_dimensional():
    x = np.linspace(0, 1, 20)
    model = compiled(dense(1, features=1), "mse")
    model.fit(x, 2 * x, verbose=0)
    assert model.predict(x).shape == (20, 1)


def test_lists_of_numbers_are_arrays():
    model = compiled(dense(1, features=2), "mse")
    model.fit([[0, 1], [1, 0]], [0, 1], verbose=0)
    assert model.predict([[0, 1]]).shape == (1, 1)


def test_inputs_of_unequal_length():
    with pytest.raises(DataError, match=r"x\[1\] has 3 rows but x\[0\] has 2"):
        arrays.inputs([np.ones((2, 1)), np.ones((3, 1))], FLOAT)


def test_sample_weight_of_the_wrong_shape_or_with_nan():
    x, y = quantity(6)
    assert "sample_weight has shape (5,); expected (6,)" in refused(x, y, sample_weight=np.ones(5))
    weights = np.array([1, 1, np.nan, 1, 1, 1])
    assert "sample_weight holds nan in row 2" in refused(x, y, sample_weight=weights)


def test_validation_data_is_checked_before_the_first_epoch():
    x, y = quantity(20)
    model = compiled(dense(1), "mse")
    before = model.get_weights()
    with pytest.raises(ShapeError, match="4"):
        model.fit(x, y, validation_data=(x[:, :3], y), verbose=0)
    bad = x.copy()
    bad[3, 1] = np.nan
    with pytest.raises(DataError, match="validation x holds nan in row 3, column 1"):
        model.fit(x, y, validation_data=(bad, y), verbose=0)
    with pytest.raises(DataError, match="validation_data got"):
        model.fit(x, y, validation_data=x, verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_wrong_feature_count_at_predict_and_evaluate():
    x, y = quantity(20)
    model = compiled(dense(1), "mse")
    model.fit(x, y, verbose=0)
    with pytest.raises(ShapeError, match=r"4.*3|3.*4"):
        model.predict(x[:, :3])
    with pytest.raises(ShapeError, match=r"4.*3|3.*4"):
        model.evaluate(x[:, :3], y, verbose=0)


def test_one_class_is_noticed_where_there_should_be_several():
    x, _ = binary(20)
    model = compiled(dense(1, head="sigmoid"), "binary_crossentropy")
    with pytest.warns(UserWarning, match="all 20 rows of y have the same class, 1"):
        model.fit(x, np.ones(20, int), verbose=0)
    model.fit(x[:1], [1], verbose=0)
    compiled(dense(1), "mse").fit(x, np.ones(20), verbose=0)
