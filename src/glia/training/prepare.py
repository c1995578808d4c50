"""From what the user passed to data ready for the graph: checked, split, weighted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError
from ..random import permutation
from . import arrays as door
from .arrays import Array, Structure
from .data import Data, Part
from .heads import CATEGORICAL, kind_of
from .program import Program
from .splits import split_rows
from .step import Layout
from .targets import class_labels, class_weights, notice_one_class

__all__ = ["part_of", "training_data", "with_class_weights"]


def part_of(
    program: Program,
    inputs: Sequence[Array],
    structure: Structure,
    y: Any,
    sample_weight: Any,
    names: tuple[str, str, str] = ("x", "y", "sample_weight"),
) -> Part:
    """Return all rows of checked inputs with their targets and weights.

    Parameters
    ----------
    program : Program
        Knows what the losses take.
    inputs, structure : sequence of ndarray, Structure
        From :func:`~glia.training.arrays.inputs`.
    y, sample_weight : array-like
        As the user passed them.
    names : tuple of str
        What messages call inputs, targets and weights.

    Raises
    ------
    DataError, ShapeError
        As the data door and the targets' encoding say.
    """
    rows = len(inputs[0])
    if y is None:
        raise DataError(f"{names[1]} is missing; expected the targets, one for each row")
    given, y_structure = door.targets(y, rows, program.dtype, names[1], names[0])
    encoded = program.encode(given, y_structure, names[1])
    data = [*inputs, *encoded]
    if sample_weight is not None:
        data.append(door.sample_weights(sample_weight, rows, program.dtype, names[2]))
    layout = Layout(structure, len(encoded), sample_weight is not None)
    return Part(tuple(data), np.arange(rows), layout)


def training_data(
    program: Program,
    inputs: Sequence[Array],
    structure: Structure,
    y: Any,
    sample_weight: Any,
    class_weight: Any,
    validation_split: float,
    validation_order: str,
    validation: Part | None,
) -> Data:
    """Return what fit trains on and validates with.

    Rows held back by ``validation_split`` keep their sample weights; class weights steer training
    only, as in Keras.
    """
    whole = part_of(program, inputs, structure, y, sample_weight)
    labels = _labels(program, whole)
    for each, objective in zip(labels, program.objectives, strict=True):
        if kind_of(objective.loss) in ("binary", *CATEGORICAL):
            notice_one_class(each, "y" if len(labels) == 1 else f"the target {objective.name!r}")
    training = whole
    if validation_split and validation is None:
        first = next((each for each in labels if each is not None), None)
        held = split_rows(len(whole.rows), validation_split, validation_order, first, permutation)
        training = Part(whole.arrays, held[0], whole.layout)
        validation = Part(whole.arrays, held[1], whole.layout)
    return Data(with_class_weights(program, training, class_weight), validation, training)


def _labels(program: Program, part: Part) -> list[Array | None]:
    return [
        class_labels(target, objective.loss)
        for target, objective in zip(part.targets, program.objectives, strict=True)
    ]


def with_class_weights(program: Program, part: Part, class_weight: Any) -> Part:
    """Return a part whose rows also count by the weight of their class; None changes nothing.

    Raises
    ------
    ArgumentError
        If the model has several outputs.
    DataError
        If targets are no classes, or a weight is for a class that cannot occur.
    """
    if class_weight is None:
        return part
    labels = _labels(program, part)
    if len(labels) > 1:
        raise ArgumentError(
            "class_weight works with one output and this model has several; use sample_weight"
        )
    units = program.objectives[0].head.units
    weights = class_weights(class_weight, labels[0], max(units, 2)).astype(program.dtype)
    data = part.arrays
    if part.layout.has_weights:
        weights, data = weights * data[-1], data[:-1]
    layout = Layout(part.layout.inputs, part.layout.targets, True)
    return Part((*data, weights), part.rows, layout)
