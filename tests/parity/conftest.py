"""Parity tests need PyTorch and Keras; without them one skipped test stands for the folder."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

STANDS_FOR_ALL = "test_peers.py"

collect_ignore: list[str] = []

if all(importlib.util.find_spec(peer) for peer in ("torch", "keras")):
    import torch

    torch.set_num_threads(1)
else:
    collect_ignore += [
        path.name for path in Path(__file__).parent.glob("test_*.py") if path.name != STANDS_FOR_ALL
    ]


@pytest.fixture(autouse=True)
def _peers_as_they_were() -> Iterator[None]:
    """Undo what a test sets in Keras: its policy outlives a change of its float dtype."""
    import keras

    floats, policy = keras.backend.floatx(), keras.config.dtype_policy()
    yield
    keras.backend.set_floatx(floats)
    keras.config.set_dtype_policy(policy)
