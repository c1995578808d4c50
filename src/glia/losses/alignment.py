"""Bringing targets to the shape and dtype of predictions, without ever broadcasting rows."""

from __future__ import annotations

import numpy as np

from .. import ops
from ..errors import DataError, ShapeError
from ..graph import Array, Tensor
from ..ops.apply import as_floats, as_value

__all__ = ["aligned", "class_labels", "per_row_weight"]


def _fits(target: tuple[int, ...], prediction: tuple[int, ...]) -> bool:
    """Whether two shapes are equal but for one trailing axis of size 1."""
    longer, shorter = sorted([target, prediction], key=len, reverse=True)
    return longer == shorter or longer == (*shorter, 1)


def aligned(owner: str, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
    """Return targets in the shape and dtype of the predictions, and the predictions as floats.

    ``(n,)`` against ``(n, 1)`` is unambiguous and is aligned; everything else that differs is
    refused, because broadcasting would compare each row with every other.

    Parameters
    ----------
    owner : str
        The loss or metric, for the message.
    y_true, y_pred : array or tensor
        Of equal shapes up to a trailing axis of size 1.

    Raises
    ------
    ShapeError
        If the shapes differ, naming both.
    """
    y_pred, y_true = as_floats(y_pred), as_value(y_true)
    target, prediction = tuple(y_true.shape), tuple(y_pred.shape)
    if not _fits(target, prediction):
        raise ShapeError(
            f"{owner}: y_true has shape {target} and y_pred has shape {prediction}; expected equal "
            f"shapes, one target per prediction. {_advice(target, prediction)}"
        )
    if target != prediction:
        y_true = ops.reshape(y_true, prediction)
    return ops.cast(y_true, y_pred.dtype), y_pred


def _advice(target: tuple[int, ...], prediction: tuple[int, ...]) -> str:
    if target and prediction and target[0] != prediction[0]:
        return f"Their numbers of rows differ, {target[0]} and {prediction[0]}: give one per row"
    is_column = len(target) == 2 and target[1] == 1
    if len(prediction) == 2 and prediction[1] > 1 and (len(target) == 1 or is_column):
        return (
            "If the targets are class numbers 0, 1, ..., use sparse_categorical_crossentropy, or "
            f"one-hot them by glia.utils.to_categorical(y, {prediction[1]}); if they are numbers "
            "to predict, the last layer needs 1 unit"
        )
    if len(target) == 2 and target[1] > 1 and len(prediction) == 2 and prediction[1] == 1:
        return f"The targets have {target[1]} columns: the last layer needs {target[1]} units"
    return "Reshape the targets, or change the number of units of the last layer"


def class_labels(
    owner: str, y_true: Array, shape: tuple[int, ...], ignored: int | None = None
) -> Array:
    """Return integer class labels of one axis less than predictions of a shape (classes last).

    Parameters
    ----------
    owner : str
        The loss or metric, for the message.
    y_true : array or tensor
        Class numbers, shaped as the predictions without their last axis, or with size 1 there.
    shape : tuple of int
        The shape of the predictions.
    ignored : int, optional
        A label that is allowed beside ``0 .. classes - 1``.

    Raises
    ------
    ShapeError
        If the shapes do not fit, naming both.
    DataError
        If an array (not a symbol, whose values are unknown) holds a label out of range or a
        fraction, naming its row.
    """
    y_true = as_value(y_true)
    target, rows = tuple(y_true.shape), shape[:-1]
    if target not in (rows, (*rows, 1)) or not shape:
        hint = (
            "one-hot targets go with categorical_crossentropy"
            if target == shape
            else ("give one class number per row of predictions")
        )
        raise ShapeError(
            f"{owner}: y_true has shape {target} and y_pred has shape {shape}; expected class "
            f"numbers of shape {rows} or {(*rows, 1)}: {hint}"
        )
    if not isinstance(y_true, Tensor):
        _check_labels(owner, y_true, shape[-1], ignored)
    return ops.cast(ops.reshape(y_true, rows), "int32")


def _check_labels(owner: str, labels: Array, classes: int, ignored: int | None) -> None:
    with np.errstate(invalid="ignore"):
        is_good = (labels >= 0) & (labels < classes) & (labels == np.floor(labels))
    if ignored is not None:
        is_good |= labels == ignored
    if not is_good.all():
        place = np.argwhere(~is_good)[0]
        raise DataError(
            f"{owner}: the label at row {place[0] if place.size else 0} is {labels[tuple(place)]}, "
            f"and y_pred has {classes} classes; expected whole numbers 0 to {classes - 1}. Number "
            "the classes from 0, or give the last layer one unit per class"
        )


def per_row_weight(owner: str, weight: Array, values: Array) -> Array:
    """Return sample weights in the shape and dtype of values they multiply.

    Parameters
    ----------
    owner : str
        The loss or metric, for the message.
    weight : array or tensor
        A number, one weight per row, or one per value.
    values : array or tensor
        Of shape (rows, ...).

    Raises
    ------
    ShapeError
        If the weights are not one per row or value.
    """
    weight = ops.cast(as_value(weight), values.dtype)
    shape, wanted = tuple(weight.shape), tuple(values.shape)
    if len(shape) == len(wanted) + 1 and shape[-1] == 1:
        shape = shape[:-1]
    if shape != wanted[: len(shape)]:
        raise ShapeError(
            f"{owner}: sample_weight has shape {tuple(weight.shape)} for values of shape {wanted}; "
            f"expected one weight per row, shape {wanted[:1]}"
        )
    weight = ops.reshape(weight, shape + (1,) * (len(wanted) - len(shape)))
    return ops.broadcast_to(weight, wanted)
