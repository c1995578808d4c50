"""Every test of saving starts from the same random numbers and leaves the default dtype alone."""

import pytest

import glia
from glia import dtypes


@pytest.fixture(autouse=True)
def repeatable():
    glia.seed(0)
    yield
    dtypes.set_dtype("float32")
