"""`import glia` is silent and light: no output, no thread, none of the heavy packages."""

import json
import subprocess
import sys

import pytest

HEAVY = [
    "jax",
    "keras",
    "llvmlite",
    "matplotlib",
    "pandas",
    "polars",
    "rich",
    "scipy",
    "sklearn",
    "torch",
    "typer",
]

# NumPy's linear algebra starts threads of its own, so they are counted before glia comes.
PROGRAM = """
import json, os, sys, threading
import numpy
def threads():
    tasks = "/proc/self/task"
    return len(os.listdir(tasks)) if os.path.isdir(tasks) else threading.active_count()
before = threads()
import glia
report = {"threads": threads() - before, "python_threads": threading.active_count() - 1,
          "modules": sorted({name.partition(".")[0] for name in sys.modules})}
with open(sys.argv[1], "w") as file:
    json.dump(report, file)
"""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A fresh interpreter that imported glia with warnings as errors: (process, its report)."""
    path = tmp_path_factory.mktemp("import") / "report.json"
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(path)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process, json.loads(path.read_text())


def test_import_prints_nothing(fresh) -> None:
    process, _ = fresh
    assert (process.stdout, process.stderr) == ("", "")


def test_import_starts_no_thread(fresh) -> None:
    _, report = fresh
    assert (report["threads"], report["python_threads"]) == (0, 0)


def test_import_leaves_heavy_packages_alone(fresh) -> None:
    _, report = fresh
    assert "glia" in report["modules"]
    assert not set(HEAVY) & set(report["modules"])
