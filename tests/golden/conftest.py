"""Every golden test starts from the same random numbers and leaves the default dtype alone."""

import pytest

import glia


@pytest.fixture(autouse=True)
def repeatable():
    glia.seed(0)
    yield
    glia.set_dtype("float32")


@pytest.fixture
def float64():
    glia.set_dtype("float64")
