"""What a metric is: additive statistics of a batch, in ops, and a number made of their sums.

Statistics are computed inside the training graph. The host adds them up in float64 (or joins them,
where the metric needs every score), so that a metric holds no state the graph must carry and two
halves of a data set can be measured apart and added.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .. import losses, ops
from ..activations import sigmoid, softmax
from ..config import Configurable
from ..errors import ArgumentError
from ..graph import Array, eager
from ..ops.apply import as_floats

__all__ = ["Mean", "Metric", "OfLoss", "Statistics", "Task", "Written"]

Statistics = tuple[Array, ...]
Shape = Sequence[int | None]


@dataclass(frozen=True)
class Task:
    """What a model's output is for, which settles what a metric of it means.

    Attributes
    ----------
    loss : Loss or None
        What it is trained on.
    output_shape, target_shape : sequence of int or None
        Rows first; the number of rows, or the whole shape of the targets, may be unknown.
    head : str or None
        The last activation, ``"softmax"`` say, where it is known.
    """

    loss: losses.Loss | None
    output_shape: Shape
    target_shape: Shape | None
    head: str | None = None

    @property
    def outputs(self) -> int | None:
        """How many numbers the model gives for a row (or a step of it)."""
        return self.output_shape[-1] if len(self.output_shape) > 1 else 1

    @property
    def is_choice(self) -> bool:
        """Whether the outputs exclude each other, as those of a softmax do."""
        kinds = (losses.CategoricalCrossentropy, losses.SparseCategoricalCrossentropy)
        return isinstance(self.loss, kinds) or self.head == "softmax"

    @property
    def is_two_way(self) -> bool:
        """Whether two outputs are the two answers to one yes/no question."""
        return len(self.output_shape) == 2 and self.outputs == 2 and self.is_choice


class Metric(Configurable):
    """A number to watch: subclass it and write ``statistics`` in ops and ``compute`` in NumPy.

    Attributes
    ----------
    name : str
        Its name in tables and histories.
    direction : {"max", "min"}
        Whether a higher or a lower value is better.
    keeps_scores : bool
        Whether the statistics are rows to be joined, not numbers to be added.
    reads_probabilities : bool
        Whether it expects probabilities; :meth:`bound` then completes a head that gives logits.
    is_of_classes : bool
        Whether it can measure one class, ``class_id``, alone; of a two-way softmax it is class 1.
    """

    name: str = "metric"
    direction: str = "max"
    keeps_scores: bool = False
    reads_probabilities: bool = False
    is_of_classes: bool = False
    class_id: int | None = None
    head: Callable[[Array], Array] | None = None
    _collected: Statistics | None = None

    def __init__(self, name: str | None = None) -> None:
        self.name = name or type(self).__name__.lower()

    def statistics(self, y_true: Array, y_pred: Array, sample_weight: Array = None) -> Statistics:
        """Return what a batch adds to the metric.

        Parameters
        ----------
        y_true, y_pred : array or tensor
            Targets and predictions, (rows, ...).
        sample_weight : array or tensor, optional
            One weight per row.

        Returns
        -------
        tuple of arrays or tensors
            Sums over the batch; rows where ``keeps_scores``.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no statistics: write def statistics(self, y_true, y_pred, "
            "sample_weight=None) and return a tuple of sums over the batch, using glia.ops"
        )

    def compute(self, *sums: Any) -> Any:
        """Return the metric, a float or an array, from the summed or joined statistics."""
        raise NotImplementedError(
            f"{type(self).__name__} has no compute: write def compute(self, *sums) and return a "
            "number made of the sums of what statistics returned"
        )

    def describe(self) -> str:
        """Return the name and what exactly it stands for."""
        what = self.kind()
        where = f", of {self.head.__name__}(output)" if self.head else ""
        return f"{self.name} = {what}{where}"

    def kind(self) -> str:
        """Return what is measured, in words."""
        return type(self).__name__

    def bound(self, task: Task) -> Metric:
        """Return the metric to use for a task, which may settle what it means."""
        is_of_one = self.is_of_classes and self.class_id is None and task.is_two_way
        metric = self.completed(task) if self.reads_probabilities or is_of_one else self
        if is_of_one:
            metric = copy.copy(metric)
            metric.class_id = 1
        return metric

    def completed(self, task: Task) -> Self:
        """Return the metric with the sigmoid or softmax that a loss ``from_logits`` implies."""
        if not getattr(task.loss, "from_logits", False):
            return self
        twin = copy.copy(self)
        twin.head = sigmoid if isinstance(task.loss, losses.BinaryCrossentropy) else softmax
        return twin

    def scores(self, y_pred: Array) -> Array:
        """Return predictions as floats, through the head where one is missing."""
        y_pred = as_floats(y_pred)
        return self.head(y_pred) if self.head else y_pred

    def fold(
        self, stacked: Sequence[Array], so_far: Statistics | None = None
    ) -> tuple[np.ndarray[Any, Any], ...]:
        """Return the statistics of several batches as one, given stacked along a first axis.

        Sums are made from left to right, beginning with ``so_far``: they have the same bits
        however the batches of a pass are divided over several calls.
        """
        arrays = [np.asarray(each) for each in stacked]
        if self.keeps_scores:
            rows = tuple(each.reshape(-1, *each.shape[2:]) for each in arrays)
            return rows if so_far is None else self.join([so_far, rows])
        wide = [each.astype(_wide(each)) for each in arrays]
        if so_far is not None:
            wide = [np.concatenate([[a], b]) for a, b in zip(so_far, wide, strict=True)]
        return tuple(np.add.accumulate(each, axis=0)[-1] for each in wide)

    def join(self, parts: Sequence[Statistics]) -> tuple[np.ndarray[Any, Any], ...]:
        """Return the statistics of several batches, of any sizes, as one."""
        if self.keeps_scores:
            return tuple(np.concatenate(each) for each in zip(*parts, strict=True))
        return tuple(
            np.sum([np.asarray(part, _wide(part)) for part in each], axis=0)
            for each in zip(*parts, strict=True)
        )

    def result(self, sums: Statistics | None = None) -> Any:
        """Return the metric.

        Parameters
        ----------
        sums : tuple of arrays, optional
            Statistics of :meth:`fold` or :meth:`join`; what :meth:`update_state` collected unless
            given.

        Returns
        -------
        float or ndarray
            The metric; NaN where it is undefined, as the mean of no rows is.
        """
        sums = self._collected if sums is None else sums
        if sums is None:
            return float("nan")
        value = np.asarray(self.compute(*map(np.asarray, sums)))
        return float(value) if value.ndim == 0 else value

    def update_state(self, y_true: Array, y_pred: Array, sample_weight: Array = None) -> None:
        """Add a batch of arrays to what :meth:`result` reports."""
        with eager():
            batch = self.statistics(y_true, y_pred, sample_weight)
        self._collected = self.join(
            [batch] if self._collected is None else [self._collected, batch]
        )

    def reset_state(self) -> None:
        """Forget every batch."""
        self._collected = None


def _wide(array: Any) -> Any:
    return np.int64 if np.asarray(array).dtype.kind in "biu" else np.float64


class Mean(Metric):
    """The weighted mean of one value per row: subclass it and write ``values`` in ops.

    Weights divide as they multiply: ``sum(w v) / sum(w)``, as in Keras.
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        """Return values of shape (rows, ...), or one number for the whole batch."""
        raise NotImplementedError(
            f"{type(self).__name__} has no values: write def values(self, y_true, y_pred) "
            "and return one value per row, using glia.ops"
        )

    def statistics(self, y_true: Array, y_pred: Array, sample_weight: Array = None) -> Statistics:
        values = as_floats(self.values(y_true, y_pred))
        if not values.shape:
            values = ops.broadcast_to(values, as_floats(y_pred).shape[:1])
        if len(values.shape) > 1:
            values = ops.mean(values, axis=tuple(range(1, len(values.shape))))
        if sample_weight is None:
            return ops.sum(values), ops.sum(ops.ones_like(values))
        weight = losses.per_row_weight(self.name, sample_weight, values)
        return ops.sum(weight * values), ops.sum(weight)

    def compute(self, *sums: Any) -> Any:
        total, weight = sums
        return total / weight if weight else np.nan


class OfLoss(Mean):
    """A loss as a metric: the mean of its values.

    Parameters
    ----------
    loss : str, Loss or callable
        Anything :func:`glia.losses.get` takes.
    name : str, optional
        Its name; the loss's unless given.
    """

    direction = "min"

    def __init__(self, loss: Any, name: str | None = None) -> None:
        found = losses.get(loss)
        if found is None:
            raise ArgumentError("a metric of a loss needs a loss, got None")
        self.loss = found
        self.name = name or found.name
        self.reads_probabilities = getattr(found, "from_logits", None) is False

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return self.loss.call(y_true, self.scores(y_pred))

    def statistics(self, y_true: Array, y_pred: Array, sample_weight: Array = None) -> Statistics:
        is_counted = self.loss.is_counted(y_true, y_pred)
        if is_counted is None:
            return super().statistics(y_true, y_pred, sample_weight)
        values = self.values(y_true, y_pred)
        weight = ops.cast(is_counted, values.dtype)
        if sample_weight is not None:
            weight = weight * losses.per_row_weight(self.name, sample_weight, values)
        return ops.sum(weight * values), ops.sum(weight)

    def kind(self) -> str:
        return f"mean of {type(self.loss).__name__}"


class Written(Mean):
    """A user's own function ``f(y_true, y_pred)``: values per row, or one number per batch.

    One number counts once per row of its batch, so that a short last batch counts less.
    """

    def __init__(self, function: Callable[[Array, Array], Array], name: str | None = None) -> None:
        self.function = function
        self.name = name or str(getattr(function, "__name__", type(function).__name__))

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return self.function(y_true, y_pred)

    def kind(self) -> str:
        return "mean of a function of your own"
