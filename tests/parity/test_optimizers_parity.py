"""Optimizers and schedules against Keras, and against PyTorch where the formulas agree."""

import numpy as np
import pytest

from glia.function import function
from glia.graph import Flat, Variable
from glia.optimizers import OPTIMIZERS, SGD, Adagrad, Adam, AdamW, Perceptron, RMSprop
from glia.optimizers.schedules import (
    SCHEDULES,
    Constant,
    CosineDecay,
    ExponentialDecay,
    PiecewiseConstantDecay,
    StepDecay,
)

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")

SHAPES = [(3, 4), (4,), (4, 2), (2,)]
STATES = 50
ENDS = np.cumsum([int(np.prod(shape)) for shape in SHAPES])

# The slots of each kind of Keras optimizer, by glia's names.
KERAS_SLOTS = {
    "SGD": {"momentum": "momentums"},
    "Adagrad": {"accumulator": "_accumulators"},
    "RMSprop": {
        "velocity": "_velocities",
        "momentum": "_momentums",
        "average_gradient": "_average_gradients",
    },
    "Adam": {
        "momentum": "_momentums",
        "velocity": "_velocities",
        "velocity_hat": "_velocity_hats",
    },
}
KERAS_SLOTS["AdamW"] = KERAS_SLOTS["Adam"]


def keras_schedule(name: str, *args, **options):
    return getattr(keras.optimizers.schedules, name)(*args, **options)


# name -> pairs of glia's schedule and a maker of Keras' one.
SCHEDULE_SAMPLES = {
    "Constant": [(Constant(0.02), lambda: keras_schedule("ExponentialDecay", 0.02, 1, 1.0))],
    "StepDecay": [
        (
            StepDecay(0.05, 7, drop=0.3),
            lambda: keras_schedule("ExponentialDecay", 0.05, 7, 0.3, staircase=True),
        )
    ],
    "ExponentialDecay": [
        (
            ExponentialDecay(0.05, 10, 0.5),
            lambda: keras_schedule("ExponentialDecay", 0.05, 10, 0.5),
        ),
        (
            ExponentialDecay(0.05, 10, 0.5, staircase=True),
            lambda: keras_schedule("ExponentialDecay", 0.05, 10, 0.5, staircase=True),
        ),
    ],
    "PiecewiseConstantDecay": [
        (
            PiecewiseConstantDecay([10, 30], [0.1, 0.03, 0.01]),
            lambda: keras_schedule("PiecewiseConstantDecay", [10, 30], [0.1, 0.03, 0.01]),
        )
    ],
    "CosineDecay": [
        (CosineDecay(0.1, 40, alpha=0.1), lambda: keras_schedule("CosineDecay", 0.1, 40, 0.1)),
        (
            CosineDecay(0.01, 30, warmup_target=0.1, warmup_steps=9),
            lambda: keras_schedule("CosineDecay", 0.01, 30, warmup_target=0.1, warmup_steps=9),
        ),
    ],
}

# name -> glia's class, Keras' class, option variants.
SHARED = [
    {},
    {"weight_decay": 0.1},
    {"clipnorm": 0.7},
    {"clipvalue": 0.4},
    {"global_clipnorm": 1.5},
    {"weight_decay": 0.02, "global_clipnorm": 0.5, "learning_rate": 0.05},
]
OPTIMIZER_SAMPLES = {
    "sgd": (
        SGD,
        "SGD",
        [*SHARED, {"momentum": 0.9}, {"momentum": 0.8, "nesterov": True}, {"nesterov": True}],
    ),
    "adagrad": (Adagrad, "Adagrad", [*SHARED, {"initial_accumulator_value": 0.5, "epsilon": 0.01}]),
    "rmsprop": (
        RMSprop,
        "RMSprop",
        [
            *SHARED,
            {"rho": 0.5, "epsilon": 1e-3},
            {"momentum": 0.9},
            {"centered": True},
            {"momentum": 0.6, "centered": True, "weight_decay": 0.01},
        ],
    ),
    "adam": (
        Adam,
        "Adam",
        [*SHARED, {"beta_1": 0.5, "beta_2": 0.8, "epsilon": 1e-3}, {"amsgrad": True}],
    ),
    "adamw": (AdamW, "AdamW", [*SHARED, {"weight_decay": 0.5, "amsgrad": True}]),
    # Given its direction, the perceptron's step is plain gradient descent with rate 1.
    "perceptron": (Perceptron, "SGD", [{"learning_rate": 1.0}, {"learning_rate": 0.25}]),
}
VARIANTS = [
    pytest.param(kind, peer, options, id=f"{name}-{'-'.join(options) or 'defaults'}")
    for name, (kind, peer, variants) in OPTIMIZER_SAMPLES.items()
    for options in variants
]


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    before = keras.config.floatx()
    keras.config.set_floatx(request.param)
    yield np.dtype(request.param)
    keras.config.set_floatx(before)


@pytest.fixture
def in_float64():
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield np.dtype("float64")
    keras.config.set_floatx(before)


def pieces(vector: np.ndarray) -> list[np.ndarray]:
    parts = np.split(vector, ENDS[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, SHAPES, strict=True)]


def worst_error(ours: np.ndarray, theirs: list) -> float:
    """max|a - b| / max|b|, the worst of the tensors."""
    errors = []
    for a, b in zip(pieces(ours), theirs, strict=True):
        b = keras.ops.convert_to_numpy(b).astype(np.float64)
        scale = np.abs(b).max()
        errors.append(np.abs(a - b).max() / (scale if scale > 0 else 1.0))
    return max(errors)


class Pair:
    """The same optimizer twice on the same parameters: glia's, traced, and Keras'."""

    def __init__(self, ours, theirs, dtype: np.dtype, random: np.random.Generator) -> None:
        start = random.normal(size=ENDS[-1]).astype(dtype)
        self.dtype = dtype
        self.flat = Flat([Variable(piece, "w") for piece in pieces(start)])
        self.ours, self.theirs = ours, theirs
        self.ours.build(self.flat)
        self.apply = function(self.ours.apply)
        self.variables = [keras.Variable(piece, dtype=dtype.name) for piece in pieces(start)]
        self.theirs.build(self.variables)
        names = KERAS_SLOTS[type(theirs).__name__]
        self.slots = {slot: getattr(theirs, names[slot]) for slot in ours.slot_variables}

    def set_state(self, random: np.random.Generator) -> None:
        """Put both into one random state that training could have led to."""
        size = ENDS[-1]
        iteration = int(random.integers(0, 1000))
        self.ours.iterations.assign(np.int32(iteration))
        self.theirs.iterations.assign(iteration)
        average = random.normal(size=size)
        values = {
            "parameter": random.normal(size=size),
            "momentum": average,
            "average_gradient": average,
            "accumulator": 0.1 + random.exponential(size=size),
            "velocity": average**2 + random.exponential(size=size),
            "velocity_hat": average**2 + random.exponential(size=size),
        }
        values = {name: value.astype(self.dtype) for name, value in values.items()}
        self.flat.assign(values["parameter"])
        for variable, piece in zip(self.variables, pieces(values["parameter"]), strict=True):
            variable.assign(piece)
        for slot, theirs in self.slots.items():
            self.ours.slot_variables[slot].assign(values[slot])
            for variable, piece in zip(theirs, pieces(values[slot]), strict=True):
                variable.assign(piece)

    def step(self, gradient: np.ndarray) -> None:
        gradient = gradient.astype(self.dtype)
        self.apply(gradient)
        tensors = [keras.ops.convert_to_tensor(piece) for piece in pieces(gradient)]
        self.theirs.apply(tensors)

    def error(self) -> float:
        assert int(self.ours.iterations) == int(self.theirs.iterations)
        errors = [worst_error(self.flat.array, [v.value for v in self.variables])]
        for slot, theirs in self.slots.items():
            array = self.ours.slot_variables[slot].array
            assert array.dtype == self.dtype
            errors.append(worst_error(array, [v.value for v in theirs]))
        return max(errors)


def clipped_in_float64(peer):
    """Keras' clipping by norm, from its formulas: on PyTorch it rounds norms to float32."""
    limit, is_global = peer.clipnorm or peer.global_clipnorm, peer.clipnorm is None

    def clip(gradients: list) -> list:
        norms = [torch.linalg.vector_norm(gradient) for gradient in gradients]
        if is_global:
            norms = [torch.linalg.vector_norm(torch.stack(norms))] * len(norms)
        pairs = zip(gradients, norms, strict=True)
        return [gradient * limit / max(float(norm), limit) for gradient, norm in pairs]

    return clip


def make_pair(kind, peer: str, options: dict, dtype, random) -> Pair:
    theirs = getattr(keras.optimizers, peer)(**options)
    if dtype == np.float64 and ("clipnorm" in options or "global_clipnorm" in options):
        theirs._clip_gradients = clipped_in_float64(theirs)
    return Pair(kind(**options), theirs, dtype, random)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_has_a_sample(name: str) -> None:
    assert name in OPTIMIZER_SAMPLES, f"add {name} to OPTIMIZER_SAMPLES"
    assert OPTIMIZER_SAMPLES[name][0] is OPTIMIZERS[name]


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_has_a_sample(name: str) -> None:
    assert name in SCHEDULE_SAMPLES, f"add {name} to SCHEDULE_SAMPLES"


@pytest.mark.parametrize(("kind", "peer", "options"), VARIANTS)
def test_one_step_from_each_of_fifty_states(kind, peer, options, dtype) -> None:
    random = np.random.default_rng(11)
    pair = make_pair(kind, peer, options, dtype, random)
    worst = 0.0
    for _ in range(STATES):
        pair.set_state(random)
        pair.step(random.normal(size=ENDS[-1]) * 10.0 ** random.uniform(-3, 1))
        worst = max(worst, pair.error())
    assert worst <= (1e-5 if dtype == np.float32 else 1e-13)


@pytest.mark.parametrize(("kind", "peer", "options"), VARIANTS)
def test_fifty_free_running_steps(kind, peer, options, in_float64) -> None:
    random = np.random.default_rng(12)
    pair = make_pair(kind, peer, options, in_float64, random)
    for _ in range(50):
        pair.step(random.normal(size=ENDS[-1]) * 10.0 ** random.uniform(-2, 1))
    assert pair.error() <= 1e-12


SCHEDULE_CASES = [
    pytest.param(ours, theirs, id=f"{name}-{position}")
    for name, samples in SCHEDULE_SAMPLES.items()
    for position, (ours, theirs) in enumerate(samples)
]


@pytest.mark.parametrize(("ours", "theirs"), SCHEDULE_CASES)
def test_a_schedule_gives_the_same_rates(ours, theirs, in_float64) -> None:
    peer = theirs()
    expected = [float(peer(t)) for t in range(60)]
    assert np.allclose(ours(np.arange(60, dtype=np.int32)), expected, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize(("ours", "theirs"), SCHEDULE_CASES)
def test_fifty_free_running_steps_of_adam_under_a_schedule(ours, theirs, in_float64) -> None:
    random = np.random.default_rng(13)
    peer = keras.optimizers.Adam(theirs(), weight_decay=0.1)
    pair = Pair(Adam(ours, weight_decay=0.1), peer, in_float64, random)
    for _ in range(50):
        pair.step(random.normal(size=ENDS[-1]))
    assert pair.error() <= 1e-12


# Where PyTorch's formulas agree: epsilon 0 (it is added elsewhere), a constant rate, and weight
# decay in AdamW only.
TORCH_SAMPLES = {
    "sgd": [
        (SGD(0.05), lambda w: torch.optim.SGD(w, 0.05)),
        (SGD(0.05, momentum=0.9), lambda w: torch.optim.SGD(w, 0.05, momentum=0.9)),
        (
            SGD(0.05, momentum=0.9, nesterov=True),
            lambda w: torch.optim.SGD(w, 0.05, momentum=0.9, nesterov=True),
        ),
        (SGD(0.05, clipvalue=0.3), lambda w: torch.optim.SGD(w, 0.05)),
    ],
    "adagrad": [
        (
            Adagrad(0.05, epsilon=0.0),
            lambda w: torch.optim.Adagrad(w, 0.05, initial_accumulator_value=0.1, eps=0.0),
        )
    ],
    "rmsprop": [
        (RMSprop(0.01, epsilon=0.0), lambda w: torch.optim.RMSprop(w, 0.01, alpha=0.9, eps=0.0)),
        (
            RMSprop(0.01, rho=0.8, momentum=0.7, epsilon=0.0),
            lambda w: torch.optim.RMSprop(w, 0.01, alpha=0.8, momentum=0.7, eps=0.0),
        ),
    ],
    "adam": [
        (Adam(0.01, epsilon=0.0), lambda w: torch.optim.Adam(w, 0.01, eps=0.0)),
        (
            Adam(0.01, epsilon=0.0, amsgrad=True),
            lambda w: torch.optim.Adam(w, 0.01, eps=0.0, amsgrad=True),
        ),
    ],
    "adamw": [
        (
            AdamW(0.01, weight_decay=0.1, epsilon=0.0),
            lambda w: torch.optim.AdamW(w, 0.01, weight_decay=0.1, eps=0.0),
        )
    ],
    "perceptron": [(Perceptron(), lambda w: torch.optim.SGD(w, 1.0))],
}


def test_every_optimizer_has_a_pytorch_sample() -> None:
    assert set(TORCH_SAMPLES) == set(OPTIMIZERS)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param(ours, theirs, id=f"{name}-{position}")
        for name, samples in TORCH_SAMPLES.items()
        for position, (ours, theirs) in enumerate(samples)
    ],
)
def test_fifty_free_running_steps_of_pytorch(ours, theirs) -> None:
    random = np.random.default_rng(14)
    start = random.normal(size=7)
    parameter = torch.nn.Parameter(torch.tensor(start))
    peer = theirs([parameter])
    slots, point = ours.slots(start), start
    for iteration in range(50):
        gradient = random.normal(size=7)
        point, slots = ours.step(gradient, point, slots, iteration)
        parameter.grad = torch.tensor(gradient)
        if ours.clipvalue is not None:
            torch.nn.utils.clip_grad_value_([parameter], ours.clipvalue)
        peer.step()
    expected = parameter.detach().numpy()
    assert np.abs(point - expected).max() / np.abs(expected).max() <= 1e-12


def test_step_decay_counts_as_pytorch_step_lr_does() -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    peer = torch.optim.SGD([parameter], 0.4)
    decay = torch.optim.lr_scheduler.StepLR(peer, step_size=5, gamma=0.3)
    schedule = StepDecay(0.4, 5, drop=0.3)
    for iteration in range(30):
        assert float(schedule(iteration)) == pytest.approx(decay.get_last_lr()[0], rel=1e-13)
        peer.step()
        decay.step()
