"""What a user waits for and what it costs: first result, plans, one-row predictions, memory.

    python benchmarks/first_result.py [--runs 7]

Every figure is the median over fresh processes; nothing is cached between them.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys

FIRST_EPOCH = """
import time
start = time.perf_counter()
import numpy
loaded = time.perf_counter()
import glia
from glia import layers
imported = time.perf_counter()
rng = numpy.random.default_rng(0)
X = rng.normal(size=(4000, 20)).astype("float32")
y = rng.integers(0, 2, 4000)
began = time.perf_counter()
model = glia.Sequential([layers.Input((20,)), layers.Dense(32, "relu"), layers.Dense(16, "relu"),
                         layers.Dense(1, "sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(X, y, epochs=1, batch_size=32, verbose=0)
fitted = time.perf_counter()
model.predict(X[:1])
model.predict(X[:1])
t = time.perf_counter()
for _ in range(2000):
    model.predict(X[:1])
predict = (time.perf_counter() - t) / 2000
handle = model.compiled(1)
t = time.perf_counter()
for _ in range(20000):
    handle(X[:1])
handled = (time.perf_counter() - t) / 20000
print(json_of({
    "import numpy, ms": 1e3 * (loaded - start),
    "import glia after it, ms": 1e3 * (imported - loaded),
    "import glia to the end of churn's first epoch, ms":
        1e3 * (imported - loaded + fitted - began),
    "predict one row, us": 1e6 * predict,
    "compiled handle, one row, us": 1e6 * handled,
}))
"""

PEAK = """
import resource, sys
import numpy
rng = numpy.random.default_rng(0)
x = rng.normal(size=(12800, 784)).astype("float32")
y = rng.integers(0, 10, 12800)
sys.path.insert(0, {folder!r})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
from peers import PEERS, WORKLOADS
PEERS[{peer!r}](WORKLOADS["mlp784"], 1)(2)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
name = "peak memory of training mlp784 beyond the data, {peer}, MB"
print(json_of({{name: (after - before) / 1024}}))
"""

PLANS = """
import time
import numpy
import glia
from glia import layers
from glia.engines import current_engine
from glia.function import Loop

def nets():
    yield "churn", [20], [layers.Dense(32, "relu"), layers.Dense(16, "relu"),
                          layers.Dense(1, "sigmoid")]
    yield "iris with BatchNormalization and Dropout", [4], [
        layers.Dense(64, "relu"), layers.BatchNormalization(), layers.Dropout(0.3),
        layers.Dense(32, "relu"), layers.Dropout(0.2), layers.Dense(3, "softmax")]
    yield "mlp784", [784], [layers.Dense(256, "relu"), layers.Dense(128, "relu"),
                            layers.Dense(10, "softmax")]
    yield "ten layers of gelu and LayerNormalization", [32], [
        layer for _ in range(5) for layer in (layers.Dense(64, "gelu"), layers.LayerNormalization())
    ] + [layers.Dense(3, "softmax")]

current_engine().compile  # LLVM is loaded with the first plan, which is not counted below
glia.function(lambda x: x + 1)(numpy.ones(3))
found = {}
for name, shape, stack in nets():
    model = glia.Sequential([layers.Input(tuple(shape)), *stack])
    binary = stack[-1].units == 1
    model.compile("adam", "binary_crossentropy" if binary else "sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    x, y = numpy.zeros((256, *shape), "float32"), numpy.arange(256) % (2 if binary else 3)
    step, data = model.training_step(x, y)
    loop = Loop(step, is_training=True, is_by_rows=True)
    began = time.perf_counter()
    loop.run(numpy.arange(256, dtype="int32").reshape(-1, 32), data)
    found[f"trace, plan and compile the step of {name}, ms"] = 1e3 * (time.perf_counter() - began)
print(json_of(found))
"""


def fresh(program: str) -> dict[str, float]:
    """Run a program in a fresh process and return the figures it prints."""
    text = "from json import dumps as json_of\n" + program
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    folder = __file__.rsplit("/", 1)[0]
    programs = [FIRST_EPOCH, PLANS, PEAK.format(folder=folder, peer="glia")]
    if importlib.util.find_spec("torch"):
        programs.append(PEAK.format(folder=folder, peer="pytorch"))
    for program in programs:
        samples = [fresh(program) for _ in range(runs)]
        for name in samples[0]:
            values = [sample[name] for sample in samples]
            median = statistics.median(values)
            print(f"{median:>9.1f}  {name}  ({min(values):.1f} to {max(values):.1f})")


if __name__ == "__main__":
    main()
