"""Every weight penalty: its value, its gradient, and its names."""

import numpy as np
import pytest

from glia import ops, regularizers
from glia.derivatives import grad
from glia.errors import ArgumentError
from glia.regularizers import L1, L1L2, L2, REGULARIZERS

# For each name: the object it stands for, its value and its gradient.
SAMPLES = {
    "l1": (L1(0.01), lambda x: 0.01 * np.abs(x).sum(), lambda x: 0.01 * np.sign(x)),
    "l1_l2": (
        L1L2(0.01, 0.01),
        lambda x: 0.01 * np.abs(x).sum() + 0.01 * (x * x).sum(),
        lambda x: 0.01 * np.sign(x) + 0.02 * x,
    ),
    "l2": (L2(0.01), lambda x: 0.01 * (x * x).sum(), lambda x: 0.02 * x),
}


def test_every_regularizer_has_a_sample():
    assert set(SAMPLES) == set(REGULARIZERS)


@pytest.mark.parametrize("shape", [(3, 4), (1,), (0, 4), (2, 3, 2), ()])
@pytest.mark.parametrize("name", REGULARIZERS)
def test_value_and_gradient(name, shape):
    x = np.asarray(np.random.default_rng(0).normal(size=shape))
    made, value, gradient = SAMPLES[name]
    penalty = regularizers.get(name)
    assert penalty.get_config() == made.get_config()
    assert penalty(x) == pytest.approx(value(x), rel=1e-14)
    assert grad(penalty)(x) == pytest.approx(gradient(x), rel=1e-14)
    assert penalty(x.astype("float32")).dtype == np.float32


@pytest.mark.parametrize("name", REGULARIZERS)
def test_the_slope_at_zero_is_zero_and_nan_is_visible(name):
    assert grad(regularizers.get(name))(np.zeros(3)).tolist() == [0, 0, 0]
    assert np.isnan(regularizers.get(name)(np.array([1.0, np.nan])))


def test_names_classes_functions_and_configs():
    assert regularizers.get(None) is None
    assert regularizers.get("L1L2").l2 == 0.01
    assert regularizers.get(L2).l2 == 0.01
    assert regularizers.get(L1L2).get_config() == {"l1": 0.0, "l2": 0.0}
    assert regularizers.l2(0.3).l2 == 0.3
    assert regularizers.l1(0.3).l1 == 0.3
    assert regularizers.l1_l2(l2=0.3).get_config() == {"l1": 0.0, "l2": 0.3}
    assert repr(regularizers.l2(0.3)) == "L2(l2=0.3)"
    assert regularizers.get({"class_name": "L2", "config": {"l2": 0.5}}).l2 == 0.5
    own = regularizers.get(lambda w: ops.max(ops.absolute(w)))
    assert own(np.array([1.0, -3.0])) == 3


def test_bad_names_and_factors_are_refused():
    with pytest.raises(
        ArgumentError, match=r"unknown regularizer 'l3'.*Known names: l1, l1_l2, l2"
    ):
        regularizers.get("l3")
    with pytest.raises(ArgumentError, match=r"regularizer got 3.*expected a name"):
        regularizers.get(3)
    for make in (L1, L2, L1L2):
        with pytest.raises(ArgumentError, match=r"l[12] got -1; expected a finite number >= 0"):
            make(-1)
    with pytest.raises(NotImplementedError, match="write def __call__"):
        regularizers.Regularizer()(np.zeros(2))
