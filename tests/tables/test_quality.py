"""The figures `benchmarks/table_quality.py` prints, held to, where the data is there."""

import importlib.util
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("GLIA_DATA", ROOT.parent / "shared" / "data"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (DATA / "telco-churn.csv").is_file(),
        reason=f"needs the tables in GLIA_DATA (looked in {DATA})",
    ),
]


@pytest.fixture(scope="module")
def figures():
    path = ROOT / "benchmarks" / "table_quality.py"
    spec = importlib.util.spec_from_file_location("table_quality", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.DATA = DATA
    return module


@pytest.mark.parametrize("name", ["telco", "adult", "titanic", "digits", "diabetes"])
def test_a_figure_is_reached(figures, name: str) -> None:
    assert figures.FIGURES[name]()


def test_every_figure_is_held_to(figures) -> None:
    assert set(figures.FIGURES) == {"telco", "adult", "titanic", "digits", "diabetes"}
