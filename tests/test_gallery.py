"""Every gallery program runs as a learner would run it and prints what it promises."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import glia

GALLERY = Path(__file__).parents[1] / "gallery"
# Program: the line that shows it did its work. A new program needs a line here.
KEY_LINES = {
    "churn": r"test accuracy 0\.9[5-9]\d on 1000 customers",
    "from_scratch": r"largest difference in 500 losses: \d\.\de-1[3-9]",
    "iris": r"test: (2[7-9]|30) of 30 flowers named rightly",
    "logistic_regression": r"largest difference among 30 coefficients: \d\.\de-(0[6-9]|1\d)",
    "perceptron": r"XOR: not learned; epoch 3 ends where an earlier one ended",
    "universal_approximation": r"     64         193            0\.000\d",
    "xor": r"the network has 4 of 4 right",
}


def test_every_program_of_the_gallery_is_run() -> None:
    assert {path.stem for path in GALLERY.glob("*.py")} == set(KEY_LINES)


@pytest.mark.parametrize("name", sorted(KEY_LINES))
def test_a_program_prints_its_key_line(name: str, tmp_path: Path) -> None:
    path = os.pathsep.join([str(Path(glia.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    finished = subprocess.run(
        [sys.executable, "-W", "error", str(GALLERY / f"{name}.py")],
        cwd=tmp_path,  # it must not depend on where it is started
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    assert re.search(KEY_LINES[name], finished.stdout), finished.stdout
    assert not any(tmp_path.iterdir()), "it leaves files behind"


@pytest.mark.parametrize("name", sorted(KEY_LINES))
def test_a_program_is_short(name: str) -> None:
    assert len((GALLERY / f"{name}.py").read_text(encoding="utf-8").splitlines()) < 70
