"""A process may be killed whenever it pleases the system: the file is whole, and resuming exact."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def killed(folder: Path, kills: int) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.saving.killing", folder, str(kills)],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_few_kills(tmp_path) -> None:
    counts = killed(tmp_path, 2)
    assert counts["identical"] == counts["kills"] == 2
    assert counts["left_behind"] == 0


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fifty_kills_at_random_moments_some_while_writing(tmp_path) -> None:
    counts = killed(tmp_path, 50)
    assert counts["identical"] == counts["kills"] == 50
    assert counts["while_writing"] > 0
    assert counts["left_behind"] == 0
