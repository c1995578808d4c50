"""What every test shares: repeatable hypothesis examples, the peers' backend, engines by name."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from glia.engines import ENGINES, current_engine, set_engine

# Keras reads this when it is first imported; only tests that compare with it do so.
os.environ.setdefault("KERAS_BACKEND", "torch")

settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine", choices=sorted(ENGINES), help="run every test on this engine, not the default"
    )


def pytest_configure(config: pytest.Config) -> None:
    chosen = config.getoption("--engine")
    if chosen:
        set_engine(chosen)


@pytest.fixture
def reference_engine() -> Iterator[str]:
    """Run the test on the engine that defines what is right, bit for bit."""
    before = current_engine().name
    set_engine("reference")
    yield "reference"
    set_engine(before)


@pytest.fixture(params=sorted(ENGINES))
def every_engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run the test once on each engine."""
    before = current_engine().name
    set_engine(request.param)
    yield request.param
    set_engine(before)
