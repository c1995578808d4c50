"""Parity tests need PyTorch and Keras; without them one skipped test stands for the folder."""

import importlib.util
from pathlib import Path

STANDS_FOR_ALL = "test_peers.py"

collect_ignore: list[str] = []

if all(importlib.util.find_spec(peer) for peer in ("torch", "keras")):
    import torch

    torch.set_num_threads(1)
else:
    collect_ignore += [
        path.name for path in Path(__file__).parent.glob("test_*.py") if path.name != STANDS_FOR_ALL
    ]
