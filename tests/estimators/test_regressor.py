"""GliaRegressor: the user's units, several outputs, streams, losses."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_score

import glia
from glia import layers

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(200, 3))
Y = 1e6 + 5e4 * (X @ [1.0, -2.0, 0.5])


def quick(**options) -> glia.GliaRegressor:
    return glia.GliaRegressor(**{"epochs": 60, "random_state": 0, **options})


def test_predictions_are_in_the_users_units() -> None:
    regressor = quick().fit(X, Y)
    predicted = regressor.predict(X)
    assert predicted.shape == (200,)
    assert regressor.score(X, Y) > 0.95
    # The whole model is there to be saved: it needs nothing of the estimator.
    np.testing.assert_array_equal(regressor.model_.predict(X)[:, 0], predicted)


def test_a_linear_network_without_penalty_is_least_squares() -> None:
    regressor = quick(hidden=(), alpha=0.0, epochs=500, learning_rate=0.01).fit(X, Y)
    assert regressor.score(X, Y) > 0.9999


def test_several_outputs_of_different_size() -> None:
    both = np.stack([Y, X[:, 0] * 1e-3], axis=1)
    regressor = quick().fit(X, both)
    assert regressor.n_outputs_ == 2
    predicted = regressor.predict(X)
    assert predicted.shape == (200, 2)
    errors = ((predicted - both) ** 2).mean(axis=0) / both.var(axis=0)
    assert errors.max() < 0.1
    assert regressor.fit(X, Y[:, None]).predict(X).shape == (200, 1)


def test_a_constant_target_is_learnt_at_once() -> None:
    regressor = quick(epochs=5).fit(X, np.full(200, 7.5))
    np.testing.assert_allclose(regressor.predict(X), 7.5, atol=2.0)


def test_partial_fit_follows_the_scale_of_the_targets() -> None:
    regressor = quick(learning_rate=0.01)
    for _ in range(20):
        for start in range(0, 200, 20):
            regressor.partial_fit(X[start : start + 20], Y[start : start + 20])
    assert regressor.score(X, Y) > 0.95
    np.testing.assert_allclose(regressor._target_moments.mean, Y.mean(), rtol=1e-9)
    with pytest.raises(glia.ShapeError, match="2 outputs"):
        regressor.partial_fit(X, np.stack([Y, Y], axis=1))


def test_a_robust_loss_is_not_drawn_by_outliers() -> None:
    spoilt = X[:, 0].copy()
    spoilt[:10] += 100
    errors = {}
    for loss in ("mse", "mae"):
        predicted = quick(loss=loss, hidden=(), learning_rate=0.01).fit(X, spoilt).predict(X)
        errors[loss] = np.abs(predicted - X[:, 0]).mean()
    assert errors["mae"] < 0.5 * errors["mse"]


def test_a_model_with_the_wrong_number_of_outputs_is_refused() -> None:
    with pytest.raises(glia.ShapeError, match=r"let it end in Dense\(1\)"):
        quick(model=glia.Sequential([layers.Dense(4)])).fit(X, Y)


def test_a_feature_beyond_the_floats_is_refused() -> None:
    huge = X.copy()
    huge[3, 1] = 1e200
    with pytest.raises(glia.DataError, match="feature 1"):
        quick().fit(huge, Y)


@pytest.mark.slow
def test_diabetes_is_within_reach_of_ridge() -> None:
    rows, y = load_diabetes(return_X_y=True)
    ours = cross_val_score(glia.GliaRegressor(random_state=0), rows, y, cv=5).mean()
    ridge = cross_val_score(Ridge(alpha=0.1), rows, y, cv=5).mean()
    assert ours >= ridge - 0.06
