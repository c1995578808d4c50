"""Cross-entropies: how surprised predicted probabilities are by the true classes.

No probability is clipped, neither here nor anywhere: where predictions come from a sigmoid or
softmax, the compiler computes the logarithm from the logits, so that loss and gradient are exact
however sure the network is. Keras clips at 1e-7 instead, which caps the loss near 16 and silences
the gradient. A probability of exactly 0 given as a number costs infinity where it was the truth.
"""

from __future__ import annotations

from .. import ops
from ..activations import log_softmax
from ..config import checked_number
from ..errors import ArgumentError, ShapeError
from ..graph import Array
from ..ops.apply import as_floats, as_value
from .alignment import aligned, class_labels
from .loss import Loss

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
]


def _checked_axis(owner: str, axis: object, y_pred: Array) -> int:
    rank = len(y_pred.shape)
    if not isinstance(axis, int) or isinstance(axis, bool) or not -rank <= axis < rank:
        raise ArgumentError(
            f"{owner}: axis got {axis!r} for y_pred of shape {tuple(y_pred.shape)}; expected the "
            "axis of the classes, usually -1"
        )
    return axis % rank


def binary_crossentropy(
    y_true: Array,
    y_pred: Array,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Return ``-mean(y log p + (1 - y) log(1 - p))`` over an axis.

    Parameters
    ----------
    y_true : array or tensor
        Targets 0 or 1 (or probabilities), of shape (rows, ..., k).
    y_pred : array or tensor
        Probabilities, or logits if ``from_logits``; ``(n, 1)`` is aligned with targets ``(n,)``.
    from_logits : bool
        Whether ``y_pred`` lacks its sigmoid. A sigmoid head is just as exact without this.
    label_smoothing : float
        Moves targets towards 1/2: ``y (1 - s) + s / 2``.
    axis : int
        The axis averaged over.

    Returns
    -------
    array or tensor
        The shape without that axis, in the dtype of ``y_pred``.

    Raises
    ------
    ShapeError
        If the shapes differ, naming both.
    """
    y_true, y_pred = aligned("binary_crossentropy", y_true, y_pred)
    axis = _checked_axis("binary_crossentropy", axis, y_pred)
    if label_smoothing:
        y_true = y_true * (1 - label_smoothing) + 0.5 * label_smoothing
    if from_logits:
        values = y_true * ops.softplus(-y_pred) + (1 - y_true) * ops.softplus(y_pred)
    else:
        values = -(ops.x_log_y(y_true, y_pred) + ops.x_log_y(1 - y_true, 1 - y_pred))
    return ops.mean(values, axis=axis)


def categorical_crossentropy(
    y_true: Array,
    y_pred: Array,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Return ``-sum(y log p)`` over the axis of the classes.

    Parameters
    ----------
    y_true : array or tensor
        One-hot targets (or probabilities) of the shape of the predictions.
    y_pred : array or tensor
        Probabilities that sum to 1 along ``axis``, or logits if ``from_logits``.
    from_logits : bool
        Whether ``y_pred`` lacks its softmax. A softmax head is just as exact without this.
    label_smoothing : float
        Moves targets towards evenness over the k classes: ``y (1 - s) + s / k``.
    axis : int
        The axis of the classes.

    Returns
    -------
    array or tensor
        The shape without that axis, in the dtype of ``y_pred``.

    Raises
    ------
    ShapeError
        If the shapes differ, naming both; class numbers need ``sparse_categorical_crossentropy``.
    """
    y_true, y_pred = aligned("categorical_crossentropy", y_true, y_pred)
    axis = _checked_axis("categorical_crossentropy", axis, y_pred)
    _check_several(y_pred.shape[axis], "categorical_crossentropy", y_pred)
    if label_smoothing:
        y_true = y_true * (1 - label_smoothing) + label_smoothing / y_pred.shape[axis]
    if from_logits:
        # A class of weight 0 counts 0 even where its logit is -inf, as in the branch below.
        log_p = ops.where(ops.equal(y_true, 0), 0, log_softmax(y_pred, axis))
        return -ops.sum(y_true * log_p, axis=axis)
    return -ops.sum(ops.x_log_y(y_true, y_pred), axis=axis)


def sparse_categorical_crossentropy(
    y_true: Array,
    y_pred: Array,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Array:
    """Return ``-log p[y]``, the surprise at the true class, whose number the target gives.

    Parameters
    ----------
    y_true : array or tensor
        Class numbers ``0 .. k - 1``, of the shape of the predictions without ``axis`` (or with
        size 1 there).
    y_pred : array or tensor
        Probabilities that sum to 1 along ``axis``, or logits if ``from_logits``.
    from_logits : bool
        Whether ``y_pred`` lacks its softmax. A softmax head is just as exact without this.
    ignore_class : int, optional
        A label whose rows count 0.
    axis : int
        The axis of the classes.

    Returns
    -------
    array or tensor
        The shape without that axis, in the dtype of ``y_pred``.

    Raises
    ------
    ShapeError
        If the shapes do not fit, naming both.
    DataError
        If an array of targets holds a label out of range, naming its row.
    """
    owner = "sparse_categorical_crossentropy"
    y_pred, y_true = as_floats(y_pred), as_value(y_true)
    axis = _checked_axis(owner, axis, y_pred)
    _check_several(y_pred.shape[axis], owner, y_pred)
    last = len(y_pred.shape) - 1
    if axis != last:
        order = [*(each for each in range(last + 1) if each != axis), axis]
        y_pred = ops.transpose(y_pred, order)
        if len(y_true.shape) == last + 1:
            y_true = ops.transpose(y_true, order)
    labels = class_labels(owner, y_true, tuple(y_pred.shape), ignore_class)
    is_ignored = None
    if ignore_class is not None:
        is_ignored = ops.equal(labels, ignore_class)
        labels = ops.where(is_ignored, 0, labels)
    if from_logits:
        log_p = ops.gather(log_softmax(y_pred), labels, batch_axes=last)
    else:
        log_p = ops.log(ops.gather(y_pred, labels, batch_axes=last))
    return -log_p if is_ignored is None else ops.where(is_ignored, 0, -log_p)


def _check_several(classes: int, owner: str, y_pred: Array) -> None:
    if classes == 1:
        raise ShapeError(
            f"{owner}: y_pred has shape {tuple(y_pred.shape)}, one class, which is always right; "
            "for a yes/no question use 1 sigmoid unit with binary_crossentropy or 2 softmax units"
        )


class BinaryCrossentropy(Loss):
    """:func:`binary_crossentropy` as an object; for yes/no questions behind a sigmoid.

    Parameters
    ----------
    from_logits, label_smoothing, axis
        As for the function; ``label_smoothing`` is between 0 and 1.
    reduction, name : str, optional
        As for :class:`Loss`.

    Raises
    ------
    ArgumentError
        If ``label_smoothing`` is not between 0 and 1.
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
    ) -> None:
        super().__init__(name, reduction)
        self.from_logits = from_logits
        self.label_smoothing = checked_number(
            "BinaryCrossentropy", "label_smoothing", label_smoothing, high=1.0, example=0.1
        )
        self.axis = axis

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return binary_crossentropy(
            y_true, y_pred, self.from_logits, self.label_smoothing, self.axis
        )


class CategoricalCrossentropy(Loss):
    """:func:`categorical_crossentropy` as an object; for one-hot classes behind a softmax.

    Parameters
    ----------
    from_logits, label_smoothing, axis
        As for the function; ``label_smoothing`` is between 0 and 1.
    reduction, name : str, optional
        As for :class:`Loss`.

    Raises
    ------
    ArgumentError
        If ``label_smoothing`` is not between 0 and 1.
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
    ) -> None:
        super().__init__(name, reduction)
        self.from_logits = from_logits
        self.label_smoothing = checked_number(
            "CategoricalCrossentropy", "label_smoothing", label_smoothing, high=1.0, example=0.1
        )
        self.axis = axis

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return categorical_crossentropy(
            y_true, y_pred, self.from_logits, self.label_smoothing, self.axis
        )


class SparseCategoricalCrossentropy(Loss):
    """:func:`sparse_categorical_crossentropy` as an object; for class numbers behind a softmax.

    Parameters
    ----------
    from_logits, ignore_class, axis
        As for the function; ignored rows do not count in the mean.
    reduction, name : str, optional
        As for :class:`Loss`.
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "sparse_categorical_crossentropy",
    ) -> None:
        super().__init__(name, reduction)
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return sparse_categorical_crossentropy(
            y_true, y_pred, self.from_logits, self.ignore_class, self.axis
        )

    def is_counted(self, y_true: Array, y_pred: Array) -> Array | None:
        if self.ignore_class is None:
            return None
        labels, y_pred = as_value(y_true), as_value(y_pred)
        axis = _checked_axis(self.name, self.axis, y_pred)
        if len(labels.shape) == len(y_pred.shape):
            labels = ops.squeeze(labels, axis)
        return ops.not_equal(ops.cast(labels, "int32"), self.ignore_class)
