"""Accuracy: the fraction of right answers, and which of three questions that answers."""

from __future__ import annotations

from .. import losses, ops
from ..graph import Array, Tensor
from ..ops.apply import as_floats, as_value
from .metric import Mean, Metric, Task

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "SparseCategoricalAccuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
]


def binary_accuracy(y_true: Array, y_pred: Array, threshold: float = 0.5) -> Array:
    """Return 1 where ``y_pred > threshold`` agrees with the 0 or 1 of ``y_true``, else 0.

    Parameters
    ----------
    y_true, y_pred : array or tensor
        Of equal shapes up to a trailing 1.
    threshold : float
        Above it a prediction counts as 1.

    Returns
    -------
    array or tensor
        Of the shape and dtype of ``y_pred``.

    Raises
    ------
    ShapeError
        If the shapes differ, naming both.
    """
    y_true, y_pred = losses.aligned("binary_accuracy", y_true, y_pred)
    is_one = ops.cast(ops.greater(y_pred, threshold), y_pred.dtype)
    return ops.cast(ops.equal(y_true, is_one), y_pred.dtype)


def categorical_accuracy(y_true: Array, y_pred: Array) -> Array:
    """Return 1 where the largest of the predictions stands where the target's does, else 0.

    Parameters
    ----------
    y_true, y_pred : array or tensor
        One-hot targets and predictions, (rows, ..., classes).

    Returns
    -------
    array or tensor
        Of shape (rows, ...), in the dtype of ``y_pred``.

    Raises
    ------
    ShapeError
        If the shapes differ, naming both.
    """
    y_true, y_pred = losses.aligned("categorical_accuracy", y_true, y_pred)
    return ops.cast(ops.equal(ops.argmax(y_true), ops.argmax(y_pred)), y_pred.dtype)


def sparse_categorical_accuracy(y_true: Array, y_pred: Array) -> Array:
    """Return 1 where the largest of the predictions stands at the target's class number, else 0.

    Parameters
    ----------
    y_true : array or tensor
        Class numbers, (rows, ...) or (rows, ..., 1).
    y_pred : array or tensor
        Predictions, (rows, ..., classes).

    Returns
    -------
    array or tensor
        Of shape (rows, ...), in the dtype of ``y_pred``.

    Raises
    ------
    ShapeError
        If the shapes do not fit, naming both.
    """
    y_pred = as_floats(y_pred)
    labels = losses.class_labels("sparse_categorical_accuracy", y_true, tuple(y_pred.shape))
    return ops.cast(ops.equal(labels, ops.argmax(y_pred)), y_pred.dtype)


class BinaryAccuracy(Mean):
    """How often ``prediction > threshold`` agrees with a target of 0 or 1.

    Parameters
    ----------
    name : str, optional
        Its name.
    threshold : float
        Above it a prediction counts as 1.
    """

    reads_probabilities = True

    def __init__(self, name: str | None = "binary_accuracy", threshold: float = 0.5) -> None:
        super().__init__(name)
        self.threshold = threshold

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return binary_accuracy(y_true, self.scores(y_pred), self.threshold)

    def kind(self) -> str:
        return f"binary accuracy, threshold {self.threshold:g}"


class CategoricalAccuracy(Mean):
    """How often the largest output is the one-hot target's class.

    Parameters
    ----------
    name : str, optional
        Its name.
    """

    def __init__(self, name: str | None = "categorical_accuracy") -> None:
        super().__init__(name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return categorical_accuracy(y_true, y_pred)

    def kind(self) -> str:
        return "categorical accuracy, largest output against one-hot target"


class SparseCategoricalAccuracy(Mean):
    """How often the largest output is the class whose number the target gives.

    Parameters
    ----------
    name : str, optional
        Its name.
    """

    def __init__(self, name: str | None = "sparse_categorical_accuracy") -> None:
        super().__init__(name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return sparse_categorical_accuracy(y_true, y_pred)

    def kind(self) -> str:
        return "sparse categorical accuracy, largest output against class number"


class Accuracy(Mean):
    """The fraction of right answers; the loss and the shapes settle what counts as right.

    One output per row: binary accuracy. Class numbers against several outputs, two included:
    sparse categorical accuracy. One-hot targets: categorical accuracy, but binary accuracy of
    every output where the loss is ``binary_crossentropy`` without a softmax (several labels at
    once; Keras takes the largest output there too). The name ``"accuracy"`` does the same in
    Keras; its class ``Accuracy`` compares for equality, as glia does where predictions are
    integers.

    Parameters
    ----------
    name : str, optional
        Its name.
    """

    def __init__(self, name: str | None = "accuracy") -> None:
        super().__init__(name)

    def bound(self, task: Task) -> Metric:
        if task.target_shape is None:
            is_sparse = isinstance(task.loss, losses.SparseCategoricalCrossentropy)
        else:
            is_shorter = len(task.target_shape) < len(task.output_shape)
            is_sparse = is_shorter or task.target_shape[-1] == 1
        is_binary_loss = isinstance(task.loss, losses.BinaryCrossentropy)
        if task.outputs == 1 or (is_binary_loss and not is_sparse and not task.is_choice):
            return BinaryAccuracy(self.name).completed(task)
        return SparseCategoricalAccuracy(self.name) if is_sparse else CategoricalAccuracy(self.name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = as_value(y_true), as_value(y_pred)
        if not isinstance(y_pred, Tensor) and y_pred.dtype.kind in "biu":
            labels, predicted = losses.aligned(self.name, y_true, y_pred)
            return ops.cast(ops.equal(labels, predicted), predicted.dtype)
        metric = self.bound(Task(None, y_pred.shape, y_true.shape))
        return metric.values(y_true, y_pred) if isinstance(metric, Mean) else y_pred

    def kind(self) -> str:
        return "accuracy, of the kind that fits the shapes"
