"""Which data a fit used, in a few words: shapes, dtypes and a hash of every number."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from .arrays import Array
from .data import Data, Part

__all__ = ["fingerprint", "size"]


def size(data: Data) -> int:
    """Return how many bytes the arrays of a fit have."""
    return sum(array.nbytes for array in _arrays(data).values())


def _arrays(data: Data) -> dict[int, Array]:
    parts = [part for part in (data.training, data.validation) if part is not None]
    return {id(array): array for part in parts for array in (*part.arrays, part.rows)}


def fingerprint(data: Data, has_contents: bool = True) -> dict[str, str]:
    """Describe each array of a fit, so that others can be told from it.

    Parameters
    ----------
    data : Data
        What the fit works on.
    has_contents : bool
        Whether the numbers themselves are looked at, which takes a second for 2 GB.

    Returns
    -------
    dict of str to str
        For ``"training input 1"`` and so on, what there is.
    """
    hashes = {key: _hash(array) for key, array in _arrays(data).items()} if has_contents else {}

    def described(part: Part, name: str) -> dict[str, str]:
        layout = part.layout
        labels = [f"input {i + 1}" for i in range(layout.inputs.count)]
        labels += [f"target {i + 1}" for i in range(layout.targets)]
        labels += ["weights"] if layout.has_weights else []
        pairs = [*zip(labels, part.arrays, strict=True), ("rows", part.rows)]
        return {
            f"{name} {label}": f"{array.dtype} of shape {array.shape}"
            + (f", SHA-256 {hashes[id(array)]}" if hashes else "")
            for label, array in pairs
        }

    found = described(data.training, "training")
    if data.validation is not None:
        found |= described(data.validation, "validation")
    return found


def _hash(array: Array) -> str:
    numbers: Any = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return hashlib.sha256(numbers).hexdigest()[:32]
