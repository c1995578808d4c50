"""Every initializer: its moments, its repeatability, its fans and its names."""

import math

import numpy as np
import pytest

from glia import dtypes, initializers, random
from glia.errors import ArgumentError, ShapeError
from glia.function import function
from glia.initializers import INITIALIZERS, fans

SHAPE = (200, 300)

# For each name: mean, standard deviation, and largest magnitude for a kernel of SHAPE.
SAMPLES = {
    "constant": (0, 0, 0),
    "glorot_normal": (0, math.sqrt(2 / 500), 2 * math.sqrt(2 / 500) / 0.8796),
    "glorot_uniform": (0, math.sqrt(2 / 500), math.sqrt(6 / 500)),
    "he_normal": (0, math.sqrt(2 / 200), 2 * math.sqrt(2 / 200) / 0.8796),
    "he_uniform": (0, math.sqrt(2 / 200), math.sqrt(6 / 200)),
    "ones": (1, 0, 1),
    "random_normal": (0, 0.05, math.inf),
    "random_uniform": (0, 0.05 / math.sqrt(3), 0.05),
    "truncated_normal": (0, 0.05 * 0.8796, 0.1),
    "variance_scaling": (0, math.sqrt(1 / 200), 2 * math.sqrt(1 / 200) / 0.8796),
    "zeros": (0, 0, 0),
}
RANDOM = sorted(set(INITIALIZERS) - {"constant", "ones", "zeros"})


def test_every_initializer_has_a_sample():
    assert set(SAMPLES) == set(INITIALIZERS)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", INITIALIZERS)
def test_moments_shape_and_dtype(name, dtype):
    mean, stddev, largest = SAMPLES[name]
    values = initializers.get(name)(SHAPE, dtype, random.Generator(1))
    assert isinstance(values, np.ndarray)
    assert values.shape == SHAPE
    assert values.dtype == dtype
    assert values.flags.writeable
    # Five standard errors: the mean's is s / sqrt(n), the deviation's below s / sqrt(2 n) * 1.1.
    assert abs(values.mean() - mean) <= 5 * stddev / math.sqrt(values.size) + 1e-12
    assert abs(values.std() - stddev) <= 5 * stddev / math.sqrt(values.size) + 1e-12
    assert np.abs(values).max() <= largest * (1 + 1e-4)
    if name.endswith("uniform") or "truncated" in name:
        assert np.abs(values).max() >= largest * 0.98


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_repeats_itself_and_no_seed_does_not(name):
    kind = INITIALIZERS[name]
    assert (kind(seed=3)(SHAPE) == kind(seed=3)(SHAPE)).all()
    seeded = kind(seed=3)
    assert (seeded(SHAPE) == seeded(SHAPE)).all()
    assert (kind(seed=3)(SHAPE) != kind(seed=4)(SHAPE)).mean() > 0.9
    free = kind()
    assert (free(SHAPE) != free(SHAPE)).mean() > 0.9


@pytest.mark.parametrize("name", RANDOM)
def test_the_global_seed_and_a_generator_decide_the_rest(name):
    kind = INITIALIZERS[name]
    first, again = (kind()(SHAPE, generator=random.Generator(5)) for _ in range(2))
    assert (first == again).all()
    random.seed(5)
    assert (kind()(SHAPE) == first).all()
    random.seed(6)
    seeded = kind(seed=5)(SHAPE, generator=random.Generator(6))
    assert (seeded == first).all()
    after = kind()(SHAPE)
    random.seed(6)
    assert (kind()(SHAPE) == after).all(), "a seeded initializer must not use up the global stream"


@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("shape", [(), (1,), (0, 3), (3, 0), (1, 1), (3, 3, 4, 8)])
def test_odd_shapes(name, shape):
    values = initializers.get(name)(shape)
    assert values.shape == shape
    assert values.dtype == dtypes.default_dtype()
    assert np.isfinite(values).all()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_weights_are_arrays_even_inside_traced_code(name):
    made = []

    def f(x):
        made.append(INITIALIZERS[name]()((2, 3)))
        return x

    function(f)(np.zeros(2))
    assert isinstance(made[0], np.ndarray)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((), (1, 1)),
        ((5,), (5, 5)),
        ((5, 7), (5, 7)),
        ((3, 4, 7), (12, 21)),
        ((3, 3, 16, 32), (144, 288)),
        ((2, 3, 3, 16, 32), (288, 576)),
    ],
)
def test_fans(shape, expected):
    assert fans(shape) == expected


def test_a_convolution_is_scaled_by_its_window():
    values = initializers.HeNormal(seed=0)((3, 3, 64, 64))
    assert values.std() == pytest.approx(math.sqrt(2 / (9 * 64)), rel=0.02)


@pytest.mark.parametrize("distribution", initializers.VarianceScaling.DISTRIBUTIONS)
@pytest.mark.parametrize(("mode", "n"), [("fan_in", 200), ("fan_out", 300), ("fan_avg", 250)])
def test_variance_scaling(mode, n, distribution):
    values = initializers.VarianceScaling(3.0, mode, distribution, seed=1)(SHAPE)
    assert values.std() == pytest.approx(math.sqrt(3 / n), rel=0.015)


def test_a_truncated_normal_looks_like_one():
    values = initializers.TruncatedNormal(stddev=1.0, seed=0)((100_000,), "float64")
    # The share within one deviation, of what is left within two.
    assert np.mean(np.abs(values) < 1) == pytest.approx(0.6827 / 0.9545, abs=0.008)


def test_constants_and_arrays():
    assert initializers.Constant(2.5)((2, 2)).tolist() == [[2.5, 2.5]] * 2
    given = np.arange(6.0).reshape(2, 3)
    made = initializers.get(given)((2, 3))
    assert made.tolist() == given.tolist()
    made[0, 0] = 9
    assert given[0, 0] == 0
    assert initializers.get(0.5)((2,)).tolist() == [0.5, 0.5]
    with pytest.raises(ShapeError, match=r"array of shape \(2, 3\).*weight of shape \(3, 2\)"):
        initializers.get(given)((3, 2))


def test_a_function_of_your_own():
    made = initializers.get(lambda shape: np.full(shape, 3))((2,))
    assert made.tolist() == [3, 3]
    assert made.dtype == dtypes.default_dtype()
    assert initializers.get(np.ones)((2,), "float64").sum() == 2

    def wrong(shape):
        return np.zeros(7)

    with pytest.raises(
        ShapeError, match=r"wrong returned shape \(7,\) for a weight of shape \(2,\)"
    ):
        initializers.get(wrong)((2,))


@pytest.mark.parametrize("spelling", ["he_normal", "HeNormal", "kaiming_normal", "HE_NORMAL"])
def test_every_spelling_of_a_name_is_found(spelling):
    assert type(initializers.get(spelling)) is initializers.HeNormal


@pytest.mark.parametrize("alias", initializers.ALIASES)
def test_every_alias_leads_somewhere(alias):
    assert type(initializers.get(alias)) is INITIALIZERS[initializers.ALIASES[alias]]


@pytest.mark.parametrize("name", RANDOM)
def test_config_round_trip(name):
    made = INITIALIZERS[name](seed=7)
    again = INITIALIZERS[name].from_config(made.get_config())
    assert (again(SHAPE) == made(SHAPE)).all()
    assert repr(made) == f"{INITIALIZERS[name].__name__}(seed=7)"


def test_bad_names_and_options_are_refused():
    with pytest.raises(ArgumentError, match=r"unknown initializer 'he_norml'.*'he_normal'"):
        initializers.get("he_norml")
    with pytest.raises(ArgumentError, match=r"initializer got None; expected a name"):
        initializers.get(None)
    with pytest.raises(ArgumentError, match=r"mode got 'fan'; expected one of"):
        initializers.VarianceScaling(mode="fan")
    with pytest.raises(ArgumentError, match=r"scale got 0; .*> 0"):
        initializers.VarianceScaling(0)
    with pytest.raises(ArgumentError, match=r"maxval got -1; .*>= 0"):
        initializers.RandomUniform(0, -1)
    for seed in (1.5, "a", -1, True):
        with pytest.raises(ArgumentError, match=r"HeNormal: seed got .*expected a whole number"):
            initializers.HeNormal(seed=seed)
    with pytest.raises(NotImplementedError, match="write def fill"):
        initializers.Initializer()((2,))
