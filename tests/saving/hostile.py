"""A program that loads every file of a folder with little memory, and says what came of each.

Run by test_hostile.py in a process of its own, whose address space is limited once glia and its
engine have been loaded.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import glia

MEGABYTE = 2**20


def attempt(path: Path) -> str:
    """Load a file; return the name of what was raised, or the word model."""
    try:
        glia.load(path)
    except glia.GliaError as error:
        return type(error).__name__
    except BaseException as error:  # noqa: BLE001 - whatever else it is, the test must see it
        return f"not glia's: {type(error).__name__}: {error}"
    return "model"


def main(folder: Path, good: Path, megabytes: int) -> dict[str, tuple[str, float]]:
    """Load a good file, limit the memory, load all others."""
    outcomes = {"good": (attempt(good), 0.0)}
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = size + megabytes * MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for path in sorted(folder.iterdir()):
        begin = time.perf_counter()
        outcome = attempt(path)
        outcomes[path.name] = outcome, time.perf_counter() - begin
    return outcomes


if __name__ == "__main__":
    found = main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.write(json.dumps(found))
