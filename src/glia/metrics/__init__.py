"""Metrics: numbers to watch, made of sums over batches that can be added up in any order."""

from __future__ import annotations

from collections.abc import Sequence

from .. import losses
from ..config import find, instance
from ..errors import ArgumentError, unknown_name
from .accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)
from .confusion import F1Score, Precision, Recall
from .metric import Mean, Metric, OfLoss, Task, Written
from .ranking import AUC
from .regression import MeanAbsoluteError, MeanSquaredError, R2Score, RootMeanSquaredError

__all__ = [
    "AUC",
    "METRICS",
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "F1Score",
    "Mean",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "OfLoss",
    "Precision",
    "R2Score",
    "Recall",
    "RootMeanSquaredError",
    "SparseCategoricalAccuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "get",
    "resolve",
    "sparse_categorical_accuracy",
]

METRICS: dict[str, type[Metric]] = {
    "accuracy": Accuracy,
    "auc": AUC,
    "binary_accuracy": BinaryAccuracy,
    "categorical_accuracy": CategoricalAccuracy,
    "f1_score": F1Score,
    "mean_absolute_error": MeanAbsoluteError,
    "mean_squared_error": MeanSquaredError,
    "precision": Precision,
    "r2_score": R2Score,
    "recall": Recall,
    "root_mean_squared_error": RootMeanSquaredError,
    "sparse_categorical_accuracy": SparseCategoricalAccuracy,
}
ALIASES = {
    "acc": "accuracy",
    "f1": "f1_score",
    "mae": "mean_absolute_error",
    "mse": "mean_squared_error",
    "r2": "r2_score",
    "rmse": "root_mean_squared_error",
    "roc_auc": "auc",
}


def get(identifier: object) -> Metric:
    """Return the metric something stands for.

    Parameters
    ----------
    identifier : str, Metric, Loss, class or callable
        A name (``"accuracy"``, ``"AUC"``, ``"mse"``, or any loss's), an object, or a function
        ``f(y_true, y_pred)`` written in ops, returning a value per row or per batch.

    Returns
    -------
    Metric
        The metric; one asked for by name bears that name.

    Raises
    ------
    ArgumentError
        For an unknown name, with the nearest known one, or anything else.
    """
    if isinstance(identifier, str):
        return _named(identifier)
    found = instance("metric", identifier, Metric, METRICS, ALIASES)
    if found is not None:
        return found
    is_loss_class = isinstance(identifier, type) and issubclass(identifier, losses.Loss)
    if isinstance(identifier, losses.Loss) or is_loss_class:
        return OfLoss(identifier)
    if callable(identifier):
        loss = losses.get(identifier)
        return OfLoss(loss) if type(loss) in losses.LOSSES.values() else Written(identifier)
    raise ArgumentError(
        f"metric got {identifier!r}; expected a name such as 'accuracy', an object such as "
        "glia.metrics.AUC(), or a function of y_true and y_pred"
    )


def _named(name: str) -> Metric:
    try:
        metric = find("metric", name, METRICS, ALIASES)()
    except ArgumentError:
        try:
            metric = OfLoss(find("loss", name, losses.LOSSES, losses.ALIASES)())
        except ArgumentError:
            known = [*METRICS, *ALIASES, *losses.LOSSES, *losses.ALIASES]
            raise unknown_name("metric", name, known) from None
    metric.name = name
    return metric


def resolve(
    identifier: object,
    loss: losses.Loss | None,
    output_shape: Sequence[int | None],
    target_shape: Sequence[int | None] | None,
    head: str | None = None,
) -> Metric:
    """Return a metric as a model uses it: its loss and shapes settle what the metric means.

    ``"accuracy"`` becomes binary, categorical or sparse categorical accuracy; precision, recall,
    F1 and AUC of a two-way softmax measure class 1, as they would of one sigmoid; a head that
    gives logits is completed. :meth:`Metric.describe` says what was chosen.

    Parameters
    ----------
    identifier : str, Metric, class or callable
        As for :func:`get`.
    loss : Loss or None
        What the model is trained on.
    output_shape, target_shape : sequence of int or None
        Shapes of the model's output and of its targets, rows first (any number, or None).
    head : str, optional
        The last activation where it is known: outputs of a ``"softmax"`` exclude each other.

    Returns
    -------
    Metric
        The metric; F1 asked for by name is one number, the mean over classes.

    Raises
    ------
    ArgumentError
        As for :func:`get`.
    """
    metric = get(identifier)
    if isinstance(identifier, str) and isinstance(metric, F1Score):
        metric = metric.averaged()
    return metric.bound(Task(loss, output_shape, target_shape, head))
