"""How near the register tile comes to this core's peak: matrix products against bare FMAs.

    python benchmarks/tile.py [--dtype float32]

The peak is measured here and now, by a loop of independent fused multiply-adds on registers. Each
product is timed between two measurements of it, so that a clock that changes does so for both.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np

import glia
from glia.engines.cpu.ir import TYPES, FunctionWriter, ModuleWriter
from glia.engines.cpu.lanes import Lanes
from glia.engines.cpu.link import host, link

ODD = [
    (48, 48, 48), (53, 61, 67), (64, 48, 100), (97, 101, 103), (50, 200, 64), (128, 784, 256),
    (784, 128, 256), (127, 129, 131), (256, 49, 256), (60, 300, 77), (200, 50, 210), (333, 64, 65),
    (48, 512, 48), (65, 65, 257), (100, 100, 100), (150, 80, 90), (511, 63, 49), (72, 144, 288),
    (129, 256, 120), (200, 200, 199),
]  # fmt: skip


def fma_flops(dtype: np.dtype, turns: int = 200_000) -> float:
    """Return the flops per second of independent fused multiply-adds on one core."""
    target = host()
    width, registers = target.vector_bytes // dtype.itemsize, 12
    module = ModuleWriter()
    code = FunctionWriter(module, "entry", "ptr %table, i64 %count", is_internal=False)
    kind = f"<{width} x {TYPES[dtype.name]}>"
    blank = Lanes(code, "", dtype, width)
    pointer = code.value("load ptr, ptr %table, align 8")
    x = blank.like(f"load {kind}, ptr {pointer}, align 8")

    def body(_: str, *sums: str) -> list[str]:
        return [x.fma(x, blank.like_name(name)).name for name in sums]

    found = code.loop("%count", body, carries=[(kind, x.name)] * registers)
    total = blank.like_name(found[0])
    for name in found[1:]:
        total = total + blank.like_name(name)
    code.line(f"store {kind} {total.name}, ptr {pointer}, align 8")
    code.finish()
    linked = link(module, "entry", target)
    memory = np.zeros(64, dtype)
    table = np.array([memory.ctypes.data], np.uint64)
    best = min(_timed(lambda: linked.call(table.ctypes.data, turns)) for _ in range(3))
    return 2 * registers * width * turns / best


def _timed(run: object) -> float:
    began = time.perf_counter()
    run()  # type: ignore[operator]
    return time.perf_counter() - began


def share(shape: tuple[int, int, int], dtype: np.dtype) -> float:
    """Return a product's flops as a share of the peak measured around it."""
    m, k, n = shape
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=size).astype(dtype) for size in ((m, k), (k, n)))
    product = glia.function(lambda a, b: glia.ops.contract(a, b, "mk,kn->mn"))
    run = product.bind(a, b)._run
    run()
    count = max(1, int(2e8 / (m * k * n)))

    def repeated() -> None:
        for _ in range(count):
            run()

    before = fma_flops(dtype)
    best = min(_timed(repeated) for _ in range(7)) / count
    return 2 * m * k * n / best / max(before, fma_flops(dtype))


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dtype", default="float32", choices=["float32", "float64"])
    dtype = np.dtype(parser.parse_args().dtype)
    print(f"peak: {fma_flops(dtype) / 1e9:.0f} GFlop/s of {dtype} on one core")
    print(f"256 x 256 x 256: {share((256, 256, 256), dtype):.0%} of the peak")
    found = {shape: share(shape, dtype) for shape in ODD}
    for (m, k, n), value in found.items():
        print(f"  {m:>4} x {k:>4} x {n:>4}: {value:.0%}")
    print(f"median of {len(found)} odd shapes: {statistics.median(found.values()):.0%}")


if __name__ == "__main__":
    main()
