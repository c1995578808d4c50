"""Every test of a model starts from the same random numbers and leaves the default dtype alone."""

import pytest

from glia import dtypes, random


@pytest.fixture(autouse=True)
def _repeatable():
    random.seed(0)
    yield
    dtypes.set_dtype("float32")
