"""Every training test starts from the same random numbers and leaves the default dtype alone."""

import pytest

import glia.random
from glia import dtypes


@pytest.fixture(autouse=True)
def repeatable():
    glia.random.seed(0)
    yield
    dtypes.set_dtype("float32")


@pytest.fixture
def float64():
    dtypes.set_dtype("float64")
