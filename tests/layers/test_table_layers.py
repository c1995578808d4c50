"""The layers of tables: Imputation, OneHot, Embedding."""

import numpy as np
import pytest

import glia
from glia import layers
from glia.errors import ArgumentError, DataError, GliaError, ShapeError

VALUES = np.array([[1.0, 10.0, 0.0], [2.0, 0.0, 0.0], [6.0, 30.0, 0.0], [0.0, 50.0, 0.0]])
MISSING = np.array([[0, 0, 1], [0, 1, 1], [0, 0, 1], [1, 0, 1]])


def test_imputation_fills_with_the_median_of_what_is_there() -> None:
    layer = layers.Imputation()
    layer.adapt([VALUES, MISSING])
    np.testing.assert_array_equal(layer.fill_values.numpy(), [2, 30, 0])
    np.testing.assert_array_equal(
        layer([VALUES, MISSING]), [[1, 10, 0], [2, 30, 0], [6, 30, 0], [2, 50, 0]]
    )


def test_imputation_never_looks_at_a_value_that_is_missing() -> None:
    hidden = np.where(MISSING == 1, np.nan, VALUES)
    layer = layers.Imputation(indicators=True)
    layer.adapt([hidden, MISSING])
    assert np.isfinite(layer([hidden, MISSING])).all()


@pytest.mark.parametrize(
    ("indicators", "places"),
    [(True, [0, 1, 2]), (False, []), ([], []), ([1], [1]), ([2, 0], [2, 0])],
)
def test_indicators_are_appended(indicators, places: list[int]) -> None:
    found = layers.Imputation(5.0, indicators)([VALUES, MISSING])
    np.testing.assert_array_equal(found[:, :3], np.where(MISSING, 5, VALUES))
    np.testing.assert_array_equal(found[:, 3:], MISSING[:, places])


def test_imputation_is_part_of_a_model_and_of_its_weights() -> None:
    values, missing = layers.Input((3,), name="numbers"), layers.Input((3,), name="missing")
    imputation = layers.Imputation(indicators=[0, 1])
    imputation.adapt([VALUES, MISSING])
    model = glia.Model([values, missing], layers.Dense(2)(imputation([values, missing])))
    assert model.count_params() == 3 + 5 * 2 + 2
    assert imputation.trainable_variables == []
    before = model.predict({"numbers": VALUES, "missing": MISSING}, verbose=0)
    changed = np.where(MISSING == 1, 99.0, VALUES)
    after = model.predict({"numbers": changed, "missing": MISSING}, verbose=0)
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Imputation(np.nan), "fill got nan; expected finite numbers"),
        (lambda: layers.Imputation(indicators=["a"]), "indicators got 'a'; expected True, False"),
        (lambda: layers.Imputation(indicators=[-1]), "indicators got -1"),
        (lambda: layers.Imputation(indicators=[3])([VALUES, MISSING]), "names feature 3, and the"),
        (
            lambda: layers.Imputation([1, 2])([VALUES, MISSING]),
            "fill has shape (2,) and the input 3",
        ),
        (lambda: layers.Imputation()(VALUES), "takes [values, missing], two inputs of one shape"),
        (lambda: layers.Imputation()([VALUES, MISSING[:, :2]]), "two inputs of one shape"),
        (
            lambda: layers.Imputation().adapt(VALUES),
            "adapt takes [values, missing] and got ndarray",
        ),
        (lambda: layers.Imputation().adapt([VALUES, MISSING[:2]]), "expected the same shape"),
        (lambda: layers.Imputation().adapt([VALUES[:0], MISSING[:0]]), "at least one row"),
        (
            lambda: layers.Imputation().adapt([VALUES * np.inf, MISSING]),
            "adapt got inf in row 0, feature 0, which missing does not mark",
        ),
    ],
)
def test_a_wrong_imputation_is_an_error_that_says_so(make, message: str) -> None:
    with pytest.raises(GliaError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)


def test_an_adapted_imputation_refuses_other_features() -> None:
    layer = layers.Imputation()
    layer.adapt([VALUES, MISSING])
    with pytest.raises(ShapeError, match="built for 3 features and got 2"):
        layer([VALUES[:, :2], MISSING[:, :2]])


def test_one_hot_of_several_columns() -> None:
    codes = np.array([[1, 0, 2], [3, 1, 0]], np.int32)
    np.testing.assert_array_equal(
        layers.OneHot([3, 1, 2])(codes), [[1, 0, 0, 0, 0, 1], [0, 0, 1, 1, 0, 0]]
    )
    np.testing.assert_array_equal(layers.OneHot([3, 1, 2], [2])(codes), [[0, 1], [0, 0]])
    np.testing.assert_array_equal(
        layers.OneHot([3, 1, 2], [1, 0])(codes), [[0, 1, 0, 0], [1, 0, 0, 1]]
    )


def test_codes_beyond_the_sizes_are_zeros() -> None:
    assert not layers.OneHot([2, 2])(np.array([[3, -1], [0, 99]])).any()


def test_one_hot_is_one_gather_and_one_comparison_for_any_number_of_columns() -> None:
    layer = layers.OneHot([3] * 500)
    codes = np.random.default_rng(0).integers(0, 4, (7, 500)).astype(np.int32)
    assert len(glia.function(layer).trace(codes).plan.nodes) < 12
    assert layer(codes).sum() == (codes > 0).sum()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.OneHot([]), "sizes got []; expected the number of codes of each column"),
        (lambda: layers.OneHot(5), "sizes got 5"),
        (lambda: layers.OneHot([3, 0]), "sizes got 0; expected a whole number >= 1"),
        (lambda: layers.OneHot([3], [1]), "columns names 1, and sizes has columns 0 to 0"),
        (lambda: layers.OneHot([3], []), "columns got []; expected at least one column"),
        (lambda: layers.OneHot([3, 2])(np.zeros((4, 3), int)), "expected (rows, 2)"),
        (lambda: layers.OneHot([3])(np.zeros(4, int)), "expected (rows, 1)"),
    ],
)
def test_a_wrong_one_hot_is_an_error_that_says_so(make, message: str) -> None:
    with pytest.raises(GliaError) as caught:
        make()
    assert message in str(caught.value)


@pytest.mark.parametrize("shape", [(4,), (4, 3), (2, 3, 2)])
def test_an_embedding_picks_rows(shape) -> None:
    layer = layers.Embedding(6, 2)
    codes = np.arange(np.prod(shape)).reshape(shape) % 6
    found = layer(codes)
    assert found.shape == (*shape, 2)
    np.testing.assert_array_equal(found, layer.embeddings.numpy()[codes])
    assert np.abs(layer.embeddings.numpy()).max() <= 0.05


@pytest.mark.parametrize("code", [-1, 6])
def test_a_code_out_of_range_is_an_error(code: int) -> None:
    with pytest.raises(DataError, match=str(code)):
        layers.Embedding(6, 2)(np.array([0, code]))


def test_embedding_arguments_are_checked() -> None:
    with pytest.raises(ArgumentError, match="Embedding: input_dim got 0"):
        layers.Embedding(0, 2)
    with pytest.raises(ArgumentError, match=r"Embedding: output_dim got 2\.5"):
        layers.Embedding(3, 2.5)


def test_codes_of_a_column_are_learnt_by_their_embedding() -> None:
    glia.seed(1)
    codes = np.random.default_rng(0).integers(0, 20, (400, 2)).astype(np.int32)
    y = ((codes[:, 1] % 3) == 0).astype(np.float32)
    inputs = layers.Input((2,), dtype="int32")
    both = layers.Concatenate()(
        [layers.OneHot([19, 19], [0])(inputs), layers.Embedding(20, 4)(inputs[:, 1])]
    )
    model = glia.Model(inputs, layers.Dense(1, activation="sigmoid")(both))
    model.compile(optimizer=glia.optimizers.Adam(0.05), loss="binary_crossentropy")
    history = model.fit(codes, y, epochs=30, verbose=0)
    assert history.history["loss"][-1] < 0.1 < history.history["loss"][0]
