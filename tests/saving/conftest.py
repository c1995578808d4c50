"""Every test of saving starts from the same random numbers and leaves the default dtype alone."""

import pytest

import glia
from glia import dtypes
from glia.engines import current_engine


@pytest.fixture(autouse=True)
def repeatable():
    glia.seed(0)
    yield
    dtypes.set_dtype("float32")


@pytest.fixture
def quick_engine():
    """The engine that needs no compiling, for many small models that have nothing to do with it."""
    before = current_engine().name
    glia.set_engine("reference")
    yield
    glia.set_engine(before)
