"""The peers that parity is measured against; stands for the folder where they are absent."""

import importlib.util

import pytest

WITHOUT_PEERS = "parity with PyTorch and Keras is not tested here: install the 'parity' extra"

absent = [name for name in ("torch", "keras") if importlib.util.find_spec(name) is None]


@pytest.mark.skipif(bool(absent), reason=WITHOUT_PEERS)
def test_keras_runs_on_the_pinned_pytorch() -> None:
    import keras
    import torch

    assert torch.__version__.split("+")[0] == "2.13.0"
    assert keras.backend.backend() == "torch"
    assert int(keras.__version__.split(".")[0]) == 3
