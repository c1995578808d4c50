"""Losses: how wrong predictions are, as functions giving one value per row and as objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..config import instance
from ..errors import ArgumentError
from .alignment import aligned, class_labels, per_row_weight
from .entropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from .loss import Loss, Written
from .regression import (
    Huber,
    MeanAbsoluteError,
    MeanSquaredError,
    huber,
    mean_absolute_error,
    mean_squared_error,
)

__all__ = [
    "LOSSES",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Huber",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "aligned",
    "binary_crossentropy",
    "categorical_crossentropy",
    "class_labels",
    "get",
    "huber",
    "mean_absolute_error",
    "mean_squared_error",
    "per_row_weight",
    "sparse_categorical_crossentropy",
]

LOSSES: dict[str, type[Loss]] = {
    "binary_crossentropy": BinaryCrossentropy,
    "categorical_crossentropy": CategoricalCrossentropy,
    "huber": Huber,
    "mean_absolute_error": MeanAbsoluteError,
    "mean_squared_error": MeanSquaredError,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
}
ALIASES = {
    "bce": "binary_crossentropy",
    "cce": "categorical_crossentropy",
    "huber_loss": "huber",
    "mae": "mean_absolute_error",
    "mse": "mean_squared_error",
}
FUNCTIONS: dict[Callable[..., Any], type[Loss]] = {
    globals()[name]: kind for name, kind in LOSSES.items()
}


def get(identifier: object) -> Loss | None:
    """Return the loss something stands for.

    Parameters
    ----------
    identifier : str, Loss, class, callable or None
        A name (``"mse"``, ``"BinaryCrossentropy"``), an object, or a function
        ``f(y_true, y_pred)`` written in ops that returns one value per row; None is no loss.

    Returns
    -------
    Loss or None
        The loss.

    Raises
    ------
    ArgumentError
        For an unknown name, with the nearest known one, or anything else.
    """
    if identifier is None:
        return None
    found = instance("loss", identifier, Loss, LOSSES, ALIASES)
    if found is not None:
        return found
    if callable(identifier):
        known = FUNCTIONS.get(identifier)
        return known() if known else Written(identifier)
    raise ArgumentError(
        f"loss got {identifier!r}; expected a name such as 'mse', an object such as "
        "glia.losses.BinaryCrossentropy(), or a function of y_true and y_pred"
    )
