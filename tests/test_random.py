"""Random numbers: the published vectors of Threefry, the same bits everywhere, fair draws."""

import numpy as np
import pytest

from glia import errors, ops, random
from glia.function import function
from glia.graph import eager

pytestmark = pytest.mark.usefixtures("reference_engine")


@pytest.mark.parametrize(
    ("key", "count", "word"),
    [
        ((0, 0), (0, 0), 0x6B200159),
        ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), 0x1CB996FC),
        ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), 0xC4923A9C),
    ],
)
@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
@pytest.mark.usefixtures("every_engine")
def test_the_known_answers_of_random123(key, count, word, shape):
    words = [np.full(shape, each, np.uint32) for each in (*key, *count)]
    found = function(ops.random_bits)(*words)
    assert found.dtype == np.uint32
    assert found.shape == shape
    assert (found == word).all()
    assert (ops.random_bits(*words) == word).all()


DRAWS = {
    "bits": lambda g: g.bits((3, 5)),
    "uniform": lambda g: g.uniform((7,), -1.0, 2.0),
    "uniform float64": lambda g: g.uniform((7,), dtype="float64"),
    "normal": lambda g: g.normal((2, 3), 1.0, 2.0),
    "scalar": lambda g: g.uniform(()),
    "nothing": lambda g: g.normal((0, 3)),
}


@pytest.mark.parametrize("name", DRAWS)
def test_the_same_seed_gives_the_same_bits_in_and_out_of_traces(name):
    plain, traced = random.Generator(123), random.Generator(123)
    draw = function(lambda: DRAWS[name](traced))
    for _ in range(3):
        expected = np.asarray(DRAWS[name](plain))
        assert draw().tobytes() == expected.tobytes()
        assert traced.state.array.tolist() == plain.state.array.tolist()
    other = random.Generator(124)
    assert expected.size == 0 or DRAWS[name](other).tobytes() != expected.tobytes()


def test_draws_follow_each_other_without_repeating():
    draw = random.Generator(0)
    together = function(lambda: [draw.uniform((50,)) for _ in range(4)])
    first, second = together(), together()
    assert len(np.unique(np.concatenate([*first, *second]))) > 395
    draw.seed(0)
    assert np.array_equal(draw.uniform((50,)), first[0])


def test_seeds_of_two_words_differ():
    drawn = [random.Generator(seed).bits((4,)).tolist() for seed in (1, 2**32, 2**32 + 1, 0)]
    assert len({tuple(each) for each in drawn}) == 4
    assert random.Generator(np.int64(1)).bits((4,)).tolist() == drawn[0]
    assert random.Generator().bits((4,)).tolist() != random.Generator().bits((4,)).tolist()


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "seven", True, None])
def test_what_is_no_seed(seed):
    with pytest.raises(errors.ArgumentError, match=r"seed got .*expected a (whole )?number"):
        random.seed(seed)


def test_the_global_generator():
    random.seed(9)
    drawn = random.uniform((3,)), random.normal((2,)), random.permutation(5)
    expected = random.Generator(9)
    assert np.array_equal(drawn[0], expected.uniform((3,)))
    assert np.array_equal(drawn[1], expected.normal((2,)))
    assert np.array_equal(drawn[2], expected.permutation(5))
    assert random.generator() is random.generator()


def test_uniform_numbers_are_uniform():
    drawn = random.Generator(1).uniform((100_000,), 2.0, 4.0, dtype="float64")
    assert drawn.min() >= 2
    assert drawn.max() < 4
    assert abs(drawn.mean() - 3) < 0.01
    assert abs(drawn.var() - 4 / 12) < 0.01
    counts = np.bincount(((drawn - 2) * 10).astype(int), minlength=20)
    assert ((counts - 5000) ** 2 / 5000).sum() < 45  # chi-square of 19, p > 0.001
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.01


def test_normal_numbers_are_normal():
    drawn = random.Generator(2).normal((100_000,), 1.0, 2.0, dtype="float64")
    z = (drawn - 1) / 2
    assert np.isfinite(z).all()
    assert abs(z.mean()) < 0.01
    assert abs(z.var() - 1) < 0.02
    assert abs((z**3).mean()) < 0.05
    assert abs((z**4).mean() - 3) < 0.1
    assert abs((np.abs(z) < 1).mean() - 0.6827) < 0.005


def test_truncated_normal_numbers_stay_within_two_deviations():
    drawn = random.Generator(3).truncated_normal((50_000,), -1.0, 3.0)
    z = (drawn.astype(np.float64) + 1) / 3
    assert drawn.dtype == np.float32
    assert np.abs(z).max() <= 2 + 1e-6
    assert abs(z.mean()) < 0.02
    assert abs(z.std() - 0.87962566) < 0.01
    assert random.Generator(3).truncated_normal((0, 2)).shape == (0, 2)


def test_permutations_are_permutations_and_uniform():
    draw = random.Generator(4)
    assert draw.permutation(0).tolist() == []
    assert draw.permutation(1).tolist() == [0]
    large = draw.permutation(10_000)
    assert large.dtype == np.int32
    assert np.array_equal(np.sort(large), np.arange(10_000))
    orders = [tuple(draw.permutation(4).tolist()) for _ in range(2400)]
    counts = np.array([orders.count(order) for order in sorted(set(orders))])
    assert len(counts) == 24
    assert ((counts - 100) ** 2 / 100).sum() < 50  # chi-square of 23, p > 0.001


def test_what_happens_on_the_host_is_refused_in_traced_code():
    draw = random.Generator(5)
    for call in (
        lambda: draw.permutation(3),
        lambda: draw.truncated_normal((3,)),
        lambda: draw.seed(1),
    ):
        with pytest.raises(errors.TraceError, match="in traced code would act once"):
            function(call)()

    def suspended():
        with eager():
            return draw.permutation(3)

    assert sorted(function(suspended)().tolist()) == [0, 1, 2]
