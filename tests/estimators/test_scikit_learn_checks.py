"""scikit-learn's own checks of what an estimator has to be, all of them, on both estimators."""

import pytest
import sklearn
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

import glia

ESTIMATORS = [glia.GliaClassifier(), glia.GliaRegressor()]


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn_check(estimator, check) -> None:
    check(estimator)


@pytest.mark.parametrize(
    ("estimator", "least"), [(glia.GliaClassifier(), 67), (glia.GliaRegressor(), 60)], ids=str
)
def test_no_check_is_switched_off(estimator, least: int) -> None:
    tags = estimator.__sklearn_tags__()
    assert not tags.no_validation
    assert not tags._skip_test
    assert not tags.non_deterministic
    if tuple(map(int, sklearn.__version__.split(".")[:2])) >= (1, 9):
        assert len(list(estimator_checks_generator(estimator, legacy=True))) >= least
