"""What compile asked for, taken apart into one objective for each output of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import losses, metrics
from ..errors import ArgumentError, unknown_name
from ..graph import Tensor, Variable
from ..optimizers import Optimizer
from .arrays import Array
from .heads import Head, head_of

__all__ = ["Compilation", "Measure", "Objective", "leaves", "objectives_for", "resolve_measures"]


@dataclass(frozen=True)
class Compilation:
    """What compile was told.

    Attributes
    ----------
    optimizer : Optimizer
        Who moves the weights.
    loss, metrics, weighted_metrics, loss_weights : object
        As given: one, or a list or dict with an entry for each output.
    trainable : tuple of Variable
        What is trained, fixed by compile; empty while the model is not built.
    """

    optimizer: Optimizer
    loss: Any
    metrics: Any
    weighted_metrics: Any
    loss_weights: Any
    trainable: tuple[Variable, ...]


@dataclass(frozen=True)
class Measure:
    """A metric of one output, under the name logs have for it."""

    name: str
    metric: Any
    is_weighted: bool


@dataclass
class Objective:
    """What one output is trained for and measured by.

    Attributes
    ----------
    name : str
        The output's name.
    loss : Loss
        Its loss.
    weight : float
        Its share of the total loss.
    head : Head
        Its last activation.
    shape : tuple of int
        Its shape without the batch.
    measures : list of Measure
        Its metrics, known once targets have been seen.
    """

    name: str
    loss: losses.Loss
    weight: float
    head: Head
    shape: tuple[int, ...]
    measures: list[Measure] = field(default_factory=list)


def leaves(value: Any) -> list[Any]:
    """List what a nesting of lists and dicts of losses or metrics holds, without the gaps."""
    if value is None:
        return []
    if isinstance(value, Mapping) and "class_name" not in value:
        return [leaf for each in value.values() for leaf in leaves(each)]
    if isinstance(value, (list, tuple)):
        return [leaf for each in value for leaf in leaves(each)]
    return [value]


def objectives_for(
    compilation: Compilation,
    outputs: Sequence[Tensor],
    names: Sequence[str] | None,
    last_layer: str,
) -> list[Objective]:
    """Pair outputs with losses.

    Raises
    ------
    ArgumentError
        If an output has no loss, or losses and outputs differ in number or names.
    """
    count = len(outputs)
    labels = list(names) if names is not None else [f"output_{i}" for i in range(count)]
    given = _each(compilation.loss, labels, "loss")
    weights = _each(compilation.loss_weights, labels, "loss_weights", 1.0)
    objectives = []
    for label, output, identifier, weight in zip(labels, outputs, given, weights, strict=True):
        loss = losses.get(identifier)
        if loss is None:
            where = f" for the output {label!r}" if count > 1 else ""
            raise ArgumentError(
                f"compile was given no loss{where}; expected one, such as loss='mse' for "
                "quantities or loss='sparse_categorical_crossentropy' for class numbers"
            )
        layer = last_layer if count == 1 else f"output {label!r}"
        share = 1.0 if weight is None else float(weight)
        head = head_of(output, layer)
        objectives.append(Objective(label, loss, share, head, output.shape[1:]))
    return objectives


def resolve_measures(
    objectives: Sequence[Objective], compilation: Compilation, targets: Sequence[Array]
) -> None:
    """Decide what each metric means, now that heads and targets are known."""
    labels = [objective.name for objective in objectives]
    is_single = len(objectives) == 1
    taken: set[str] = set()
    for objective in objectives:
        objective.measures.clear()
    for source, is_weighted in ((compilation.metrics, False), (compilation.weighted_metrics, True)):
        lists = _lists(source, labels, "weighted_metrics" if is_weighted else "metrics")
        for objective, identifiers, y in zip(objectives, lists, targets, strict=True):
            for identifier in identifiers:
                metric = metrics.resolve(
                    identifier,
                    objective.loss,
                    (None, *objective.shape),
                    (None, *y.shape[1:]),
                    objective.head.kind,
                )
                name = metric.name if is_single else f"{objective.name}_{metric.name}"
                if name in taken and is_weighted:
                    name = f"weighted_{name}"
                stem, number = name, 1
                while name in taken:
                    name, number = f"{stem}_{number}", number + 1
                taken.add(name)
                objective.measures.append(Measure(name, metric, is_weighted))


def _each(value: Any, labels: Sequence[str], what: str, default: Any = None) -> list[Any]:
    """Give every output its entry of a list or dict."""
    if isinstance(value, Mapping) and "class_name" not in value:
        for key in value:
            if key not in labels:
                raise unknown_name(f"output in {what}:", key, labels)
        return [value.get(label, default) for label in labels]
    if isinstance(value, (list, tuple)):
        if len(value) != len(labels):
            raise ArgumentError(
                f"{what} has {len(value)} entries but the model has {len(labels)} outputs: "
                f"{', '.join(labels)}; expected one for each"
            )
        return list(value)
    if value is None:
        return [default] * len(labels)
    return [value] * len(labels)


def _lists(value: Any, labels: Sequence[str], what: str) -> list[list[Any]]:
    """Give every output its list of metrics."""
    if value is None:
        return [[] for _ in labels]
    if isinstance(value, Mapping):
        return [_as_list(each) for each in _each(value, labels, what)]
    entries = _as_list(value)
    if len(labels) == 1:
        is_nested = len(entries) == 1 and isinstance(entries[0], (list, tuple))
        return [list(entries[0]) if is_nested else entries]
    return [_as_list(entry) for entry in _each(entries, labels, what)]


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
