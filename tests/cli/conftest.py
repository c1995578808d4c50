"""The command line run in this process, and small files for it to work on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.tables.planted import columns, without, write
from typer.testing import CliRunner, Result

from glia.cli import app

FAST = ["--epochs", "2", "--hidden", "4"]


@pytest.fixture
def run() -> Callable[..., Result]:
    """`run("train", path, ...)`: the command's result, with stdout and stderr apart."""

    def invoke(*words: object) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words], prog_name="glia")

    return invoke


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def file(here: Path) -> Path:
    """A table of a yes-or-no question, columns of every kind."""
    return write(here / "people.csv", without(["cost"]))


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with people.csv and m.glia trained on it, and cost.glia for the column cost."""
    folder = tmp_path_factory.mktemp("trained")
    write(folder / "people.csv", without(["cost"]))
    write(folder / "costs.csv", columns())
    for name, source, target in (("m", "people", "leaves"), ("cost", "costs", "cost")):
        words = [
            "train", folder / f"{source}.csv", "-t", target, "-o", folder / f"{name}.glia", *FAST,
        ]  # fmt: skip
        result = CliRunner().invoke(app, [str(word) for word in words], prog_name="glia")
        assert result.exit_code == 0, result.output
    return folder
