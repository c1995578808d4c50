"""The installed command as a process of its own: streams, exit codes, signals, pipes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.tables.planted import without, write

import glia
from glia.tables import TableModel

SOURCE = Path(glia.__file__).parents[1]
PROGRAM = "import sys; from glia.cli import main; sys.argv[0] = 'glia'; main()"
COMMAND = [sys.executable, "-W", "error", "-c", PROGRAM]
ENVIRONMENT = os.environ | {
    "PYTHONPATH": os.pathsep.join([str(SOURCE), os.environ.get("PYTHONPATH", "")]),
    "PYTHONUNBUFFERED": "1",
}


def glia_process(*words: object, cwd: Path, **changes: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=cwd,
        env=ENVIRONMENT | {key: str(value) for key, value in changes.items()},
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


def test_the_version_is_said(tmp_path) -> None:
    done = glia_process("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"glia {glia.__version__}\n", "")


def test_the_help_lists_the_commands_and_the_exit_codes(tmp_path) -> None:
    for words in ((), ("--help",)):
        done = glia_process(*words, cwd=tmp_path)
        assert done.returncode == 0
        for word in ("train", "predict", "evaluate", "summary", "explain", "Exit codes", "130"):
            assert word in done.stdout


def test_from_a_table_to_predictions(tmp_path) -> None:
    """The main job, two processes one after the other, without a warning anywhere."""
    write(tmp_path / "people.csv", without(["cost"]))
    trained = glia_process(
        "train", "people.csv", "--target", "leaves", "--epochs", "3", "--out", "m.glia",
        "--json", "r.json", cwd=tmp_path,
    )  # fmt: skip
    assert (trained.returncode, trained.stderr) == (0, "")
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["verdict"] in " ".join(trained.stdout.split())
    predicted = glia_process("predict", "m.glia", "people.csv", "-o", "out.csv", cwd=tmp_path)
    assert (predicted.returncode, predicted.stderr) == (0, "")
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 121


def test_an_error_is_one_line_on_stderr(tmp_path) -> None:
    done = glia_process("train", "nofile.csv", "--target", "y", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "nofile.csv" in done.stderr


def test_a_terminal_without_unicode_gets_an_answer(tmp_path) -> None:
    write(tmp_path / "people.csv", without(["leaves"]))
    done = glia_process(
        "train", "people.csv", "-t", "cost", "--epochs", "1", cwd=tmp_path, PYTHONIOENCODING="ascii"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "network" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_a_reader_that_stops_reading_is_no_defect(tmp_path) -> None:
    write(tmp_path / "people.csv", without(["cost"], 4000))
    glia_process(
        "train", "people.csv", "-t", "leaves", "--epochs", "1", "-o", "m.glia", "--no-baselines",
        cwd=tmp_path,
    )  # fmt: skip
    with subprocess.Popen(
        [*COMMAND, "predict", "m.glia", "people.csv", "-q"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) in (0, 1)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_ctrl_c_ends_the_training_tests_it_and_saves_it(tmp_path) -> None:
    write(tmp_path / "people.csv", without(["cost"], 2000))
    with subprocess.Popen(
        [*COMMAND, "train", "people.csv", "-t", "leaves", "--epochs", "100000", "--patience",
         "100000", "-o", "m.glia"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("epoch 1/"):
                break
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=100)
    assert process.returncode == 130, (rest, errors)
    assert errors == "glia: interrupted\n"
    assert "training was interrupted after epoch" in rest
    assert "test rows" in rest
    assert TableModel.load(tmp_path / "m.glia").record["training"]["interrupted"] is True
