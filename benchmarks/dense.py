"""Training steps of dense networks against peers, interleaved in one run.

    python benchmarks/dense.py [--threads 1] [--rounds 7] [--json FILE] [WORKLOAD ...]

Each round times every library once, one after the other, so that a machine that speeds up or
slows down does so for all. Printed are medians: microseconds per step, and the ratio of each
peer's time to glia's in the same round with its smallest and largest value. Peers that are not
installed are left out: pip install torch jax scikit-learn
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import statistics
import time

MODULES = {"glia": "glia", "pytorch": "torch", "jax": "jax", "scikit-learn": "sklearn"}


def one_thread() -> None:
    """Hold every library to one thread; it must happen before they are imported."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def main() -> None:
    """Run the workloads asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workloads", nargs="*", default=["churn", "mlp784"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5, help="at least, for each timing")
    parser.add_argument("--json", help="also write every timing to this file")
    options = parser.parse_args()
    if options.threads == 1:
        one_thread()
    from peers import PEERS, WORKLOADS

    everything = {}
    print(f"{platform.machine()}, {os.cpu_count()} cores, {options.threads} thread(s)")
    for name in options.workloads:
        work = WORKLOADS[name]
        steps = -(-work.rows // work.batch)
        runs, epochs = {}, {}
        for peer, prepare in PEERS.items():
            if not importlib.util.find_spec(MODULES[peer]):
                continue
            runs[peer] = prepare(work, options.threads)
            runs[peer](2)
            began = time.perf_counter()
            runs[peer](1)
            epochs[peer] = max(1, round(options.seconds / (time.perf_counter() - began)))
        times: dict[str, list[float]] = {peer: [] for peer in runs}
        for _ in range(options.rounds):
            for peer, run in runs.items():
                began = time.perf_counter()
                run(epochs[peer])
                times[peer].append((time.perf_counter() - began) / epochs[peer] / steps * 1e6)
        everything[name] = times
        print(f"\n{name}: {'-'.join(map(str, work.sizes))}, batch {work.batch}, Adam, float32")
        for peer, found in times.items():
            ratios = [a / b for a, b in zip(found, times["glia"], strict=True)]
            spread = f"{min(ratios):.1f} to {max(ratios):.1f}"
            print(
                f"  {peer:<13}{statistics.median(found):>10.1f} us/step"
                f"{statistics.median(ratios):>9.1f}x glia's  ({spread})"
            )
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(everything, file, indent=1)


if __name__ == "__main__":
    main()
