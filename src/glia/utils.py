"""The few helpers programs written for Keras look for under this name."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import random
from .dtypes import default_dtype
from .errors import DataError

__all__ = ["set_random_seed", "to_categorical"]


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray[Any, Any]:
    """Return class numbers as one-hot rows.

    Parameters
    ----------
    x : array_like of whole numbers
        Class numbers from 0; a last axis of size 1 is dropped.
    num_classes : int, optional
        Length of each row; the largest number plus one when not given.

    Returns
    -------
    (*x.shape, num_classes) array
        1 at each class number, 0 elsewhere, in the default float dtype.

    Raises
    ------
    DataError
        If a number is negative, not whole, or not below ``num_classes``.
    """
    given = np.asarray(x)
    if given.ndim > 1 and given.shape[-1] == 1:
        given = given[..., 0]
    if given.dtype.kind not in "biuf":
        raise DataError(
            f"to_categorical got {given.dtype} values; expected class numbers 0, 1, 2, ...; "
            "number the categories first, for example by numpy.unique(x, return_inverse=True)"
        )
    wrong = ~np.isfinite(given) | (given != np.floor(given)) | (given < 0)
    if wrong.any():
        raise DataError(f"to_categorical got {given[wrong][0]}; expected whole numbers from 0")
    classes = given.astype(np.int64)
    count = int(classes.max()) + 1 if num_classes is None and classes.size else num_classes or 0
    if classes.size and classes.max() >= count:
        raise DataError(
            f"to_categorical got the class {classes.max()} with num_classes={count}; "
            f"expected numbers from 0 to {count - 1}"
        )
    rows: np.ndarray[Any, Any] = np.eye(count, dtype=default_dtype())[classes]
    return rows


def set_random_seed(seed: int) -> None:
    """Seed everything glia draws; the same as :func:`glia.seed`."""
    random.seed(seed)
