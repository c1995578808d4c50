"""What tests of tables share: files written on the spot, and the real ones beside the project."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from glia.data import Table, read_table

REAL = Path(os.environ.get("GLIA_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file and return its path."""

    def written(content: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


@pytest.fixture
def real() -> Callable[[str], Table]:
    """Read one of the real tables, or skip the test where they are absent."""

    def table(name: str) -> Table:
        path = REAL / f"{name}.csv"
        if not path.exists():
            pytest.skip(f"{path} is not there; GLIA_DATA names the folder of the real tables")
        return read_table(path)

    return table
