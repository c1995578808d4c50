"""What ``import glia`` costs beyond NumPy's own import.

Each sample is a fresh interpreter that imports NumPy, then glia, and reads the clock around each.
Run it with ``make bench-import``, or ``python benchmarks/import_time.py --runs 31``.
"""

import argparse
import statistics
import subprocess
import sys

SAMPLE = """
from time import perf_counter
start = perf_counter()
import numpy
middle = perf_counter()
import glia
print(middle - start, perf_counter() - middle)
"""

AIM_MILLISECONDS = 150


def sample() -> tuple[float, float]:
    """Milliseconds for NumPy, then for glia after it, in one fresh interpreter."""
    result = subprocess.run(
        [sys.executable, "-c", SAMPLE], capture_output=True, text=True, check=True
    )
    numpy_seconds, glia_seconds = map(float, result.stdout.split())
    return 1e3 * numpy_seconds, 1e3 * glia_seconds


def slowest(count: int) -> list[tuple[float, str]]:
    """The modules with the largest own import time (ms) that glia adds to NumPy's."""
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import numpy; import glia"],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.removeprefix("import time:").split("|") for line in result.stderr.splitlines()]
    rows = [(own.strip(), name.strip()) for own, _, name in lines if own.strip().isdigit()]
    after_numpy = [name for _, name in rows].index("numpy") + 1
    return sorted(((int(own) / 1e3, name) for own, name in rows[after_numpy:]), reverse=True)[
        :count
    ]


def main() -> None:
    """Print medians and the slowest modules; nothing is asserted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15, help="fresh interpreters to time")
    parser.add_argument("--modules", type=int, default=8, help="slowest modules to list")
    arguments = parser.parse_args()

    sample()  # the first run also writes byte code and warms the disk cache
    samples = [sample() for _ in range(arguments.runs)]
    for name, column in zip(
        ("numpy", "glia, beyond numpy"), zip(*samples, strict=True), strict=True
    ):
        print(
            f"{name:<20} median {statistics.median(column):7.1f} ms"
            f"   (lowest {min(column):.1f}, highest {max(column):.1f}, {len(column)} runs)"
        )
    print(f"{'aim':<20} at most {AIM_MILLISECONDS} ms beyond numpy")
    print("\nslowest modules on top of numpy, own time:")
    for milliseconds, name in slowest(arguments.modules):
        print(f"{milliseconds:7.1f} ms  {name}")


if __name__ == "__main__":
    main()
