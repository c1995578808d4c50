"""Targets in the form the loss needs: aligned, encoded, in range; never broadcast by accident."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import DType, int32
from ..errors import DataError, ShapeError
from .arrays import Array
from .heads import Head, kind_of
from .notices import note, warn

__all__ = ["class_labels", "class_weights", "encode", "notice_one_class"]

# A numeric target with more distinct values than this is a quantity, not a class.
MOST_CLASSES = 100
RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, np.inf)}
RANGES["softmax"] = RANGES["sigmoid"]


def encode(
    y: Array, shape: tuple[int, ...], loss: Any, head: Head, dtype: DType, name: str = "y"
) -> Array:
    """Bring targets into the form a loss compares with an output.

    Parameters
    ----------
    y : numeric array ``(n, ...)``
        The targets as given.
    shape : tuple of int
        The output's shape without the batch.
    loss : Loss
        Decides between class numbers, one-hot rows and quantities.
    head : Head
        The output's last activation.
    dtype : dtype
        Float dtype of encoded targets.
    name : str
        What messages call y.

    Returns
    -------
    ndarray
        int32 ``(n,) + shape[:-1]`` for sparse categorical cross-entropy, else float
        ``(n,) + shape``. ``(n,)`` and ``(n, 1)`` are aligned; integer class labels for a k-way
        head become one-hot rows.

    Raises
    ------
    ShapeError
        If shapes do not fit and there is no single way to align them.
    DataError
        For labels out of range.
    """
    kind = kind_of(loss)
    if kind == "sparse":
        ignored = getattr(loss, "ignore_class", None)
        return _class_numbers(y, shape, name, type(loss).__name__, ignored).astype(int32)
    rows = len(y)
    full = (rows, *shape)
    if y.shape != full and _is_labels_for(y, shape, kind, head):
        numbers = _class_numbers(y, shape, name, type(loss).__name__)
        note(f"{name} holds class labels; they were one-hot encoded for {type(loss).__name__}")
        return np.eye(shape[-1], dtype=dtype)[numbers]
    if y.shape != full:
        y = _align(y, full, loss, head, name, is_strict=kind != "custom")
    y = y.astype(dtype, copy=False)
    if kind in ("binary", "categorical"):
        _check_probabilities(y, kind, name, type(loss).__name__)
    elif kind == "regression" and head.kind in RANGES:
        _check_reachable(y, head, name)
    return y


def _is_labels_for(y: Array, shape: tuple[int, ...], kind: str, head: Head) -> bool:
    """Whether y is one class label per row and the head a choice among several classes."""
    is_choice = kind == "categorical" or head.kind == "softmax"
    has_one_each = y.shape[1:] in (shape[:-1], (*shape[:-1], 1))
    is_whole = y.dtype.kind in "biu" or not np.any(y % 1)
    return is_choice and has_one_each and shape[-1:] > (1,) and is_whole


def _class_numbers(
    y: Array, shape: tuple[int, ...], name: str, loss: str, ignored: int | None = None
) -> Array:
    classes = shape[-1]
    if y.shape[1:] == (*shape[:-1], 1):
        y = y[..., 0]
    if y.shape[1:] != shape[:-1]:
        hint = ""
        if y.shape[1:] == shape and classes > 1:
            hint = (
                " These look like one-hot rows: use categorical_crossentropy, or pass "
                f"np.argmax({name}, axis=-1)"
            )
        raise ShapeError(
            f"{name} has shape {y.shape}; {loss} expected one class number for each row, shape "
            f"{(len(y), *shape[:-1])}.{hint}"
        )
    if y.dtype.kind == "f" and np.any(y % 1):
        place = tuple(int(i) for i in np.argwhere(y % 1)[0])
        raise DataError(
            f"{name} holds {y[place]} in row {place[0]}; {loss} expected whole class numbers from "
            f"0 to {classes - 1}. For a quantity to predict use the mse loss and a linear head"
        )
    is_outside = (y < 0) | (y >= classes)
    if ignored is not None:
        is_outside &= y != ignored
    if np.any(is_outside):
        place = tuple(int(i) for i in np.argwhere(is_outside)[0])
        low, high = int(y.min()), int(y.max())
        fix = "renumber the classes from 0: classes, y = np.unique(y, return_inverse=True)"
        if low >= 0:
            fix = f"give the last layer {high + 1} units, or {fix}"
        raise DataError(
            f"{name} is out of range: label {int(y[place])} in row {place[0]}, but the head has "
            f"{classes} units, so classes 0 to {classes - 1}; {name} goes from {low} to {high}. "
            f"To fix it, {fix}"
        )
    return y.astype(np.int64)


def _align(
    y: Array, full: tuple[int, ...], loss: Any, head: Head, name: str, is_strict: bool
) -> Array:
    """Drop or add a last axis of size 1; anything else is an error, except for a user's loss."""
    if y.shape == (*full, 1) or (*y.shape, 1) == full:
        return y.reshape(full)
    if not is_strict:
        return y
    hint = "Check the number of units of the last layer"
    if y.ndim == 1 and len(full) == 2:
        hint = (
            f"Labels of one class out of {full[1]} need a softmax head with "
            "sparse_categorical_crossentropy; a single number per row needs Dense(1)"
        )
    elif y.ndim == 2 and len(full) == 2:
        hint = f"Give the last layer {y.shape[1]} units, or check the columns of {name}"
    raise ShapeError(
        f"{name} has shape {y.shape} but {head.layer} gives {full}; {type(loss).__name__} expected "
        f"the same shape and glia does not stretch one to the other. {hint}"
    )


def _check_probabilities(y: Array, kind: str, name: str, loss: str) -> None:
    is_outside = (y < 0) | (y > 1)
    if np.any(is_outside):
        place = tuple(int(i) for i in np.argwhere(is_outside)[0])
        found = np.unique(y)
        fix = "Number the two classes 0 and 1"
        if set(found) == {-1.0, 1.0}:
            fix = f"Labels -1 and 1 become 0 and 1 by ({name} + 1) / 2"
        elif len(found) > 2 and not np.any(found % 1):
            fix = (
                f"{len(found)} classes need Dense({len(found)}, activation='softmax') with "
                "sparse_categorical_crossentropy"
            )
        raise DataError(
            f"{name} is out of range: {y[place]:g} in row {place[0]}; {loss} expected 0, 1 or "
            f"probabilities between them. {fix}"
        )
    if kind == "categorical" and y.size:
        total = y.sum(axis=-1)
        row = int(np.abs(total - 1).reshape(len(y), -1).max(axis=1).argmax())
        if np.abs(total[row] - 1).max() > 1e-3:
            warn(
                f"{name}: row {row} sums to {np.ravel(total[row])[0]:g}; {loss} expects one-hot "
                "rows or probabilities that sum to 1. For several classes at once use a sigmoid "
                "head with binary_crossentropy"
            )


def _check_reachable(y: Array, head: Head, name: str) -> None:
    low, high = RANGES[head.kind]
    if y.size and (y.min() < low or y.max() > high):
        limits = f"between {low:g} and {high:g}" if np.isfinite(high) else "of at least 0"
        warn(
            f"{name} goes from {y.min():g} to {y.max():g}, but {head.layer} ends in a {head.kind} "
            f"and only gives numbers {limits}. Use a linear head (no activation), or scale {name}"
        )


def class_labels(y: Array, loss: Any) -> Array | None:
    """Return each row's class number where targets are classes, else None.

    One-hot rows give their argmax. With a regression or custom loss, whole numbers that each
    occur often are taken for classes too.
    """
    kind = kind_of(loss)
    is_certain = kind in ("binary", "categorical", "sparse")
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 2 and kind != "sparse":
        is_one_hot = np.all((y == 0) | (y == 1)) and np.all(y.sum(axis=1) == 1)
        if is_one_hot or kind == "categorical":
            return np.asarray(y.argmax(axis=1))
        return None
    if y.ndim != 1 or (y.dtype.kind == "f" and np.any(y % 1)):
        return None
    labels = y.astype(np.int64)
    classes, sizes = np.unique(labels, return_counts=True)
    if is_certain:
        return labels
    return labels if len(classes) <= MOST_CLASSES and sizes.min() >= 5 else None


def notice_one_class(labels: Array | None, name: str = "y") -> None:
    """Warn when every row has the same class."""
    if labels is not None and len(labels) > 1 and np.all(labels == labels[0]):
        warn(
            f"all {len(labels)} rows of {name} have the same class, {labels[0]}: there is nothing "
            "to tell apart, and the model will learn to always answer it. Check how the rows were "
            "chosen (a sorted file cut in two gives this)"
        )


def class_weights(weights: Any, labels: Array | None, classes: int) -> Array:
    """Turn ``{class: weight}`` into one weight for each row; classes not named weigh 1.

    Parameters
    ----------
    weights : dict of int to float
        The weights.
    labels : integer array ``(n,)`` or None
        Each row's class.
    classes : int
        Number of classes the head can answer.

    Raises
    ------
    DataError
        If targets are no classes, or the dict names a class that cannot occur.
    """
    if labels is None:
        raise DataError(
            "class_weight was given but the targets are not classes (whole numbers or one-hot "
            "rows); use sample_weight, one weight for each row"
        )
    if not isinstance(weights, dict):
        raise DataError(
            f"class_weight got a {type(weights).__name__}; expected a dict, {{0: 1.0, 1: 5.0}} say"
        )
    result = np.ones(len(labels))
    present = np.unique(labels)
    for one, weight in weights.items():
        is_class = isinstance(one, (int, np.integer)) and (0 <= one < classes or one in present)
        if not is_class:
            raise DataError(
                f"class_weight names class {one!r}, but the classes are numbers from 0 to "
                f"{classes - 1}"
            )
        if not np.isfinite(weight):
            raise DataError(
                f"class_weight gives class {one} the weight {weight}; expected a number"
            )
        result[labels == one] = weight
    return result
