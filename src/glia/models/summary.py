"""The text of a model's summary: layers, shapes, weights, and how deep it is."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

from ..graph import Variable
from ..layers.layer import Layer
from ..layers.naming import free_name
from ..layers.symbol import Call, Symbol, describe
from .dag import Dag
from .depth import hidden_layers

__all__ = ["summary_text", "write"]

UNITS = ["B", "KB", "MB", "GB", "TB"]
Row = tuple[str, str, str, str]


def write(text: str) -> None:
    """Print a text."""
    sys.stdout.write(text + "\n")


def summary_text(model: Any, expand_nested: bool = False) -> str:
    """Return a table of a model's layers, the number of weights, and a sentence on its depth.

    Optimizer slots are not counted: the numbers are those of the network.

    Parameters
    ----------
    model : Model
        The model.
    expand_nested : bool
        Whether the layers of inner models are listed too.
    """
    rows = _rows(model, expand_nested, "")
    header: Row = ("Layer (type)", "Output Shape", "Param #", "Connected to")
    columns = 4 if any(row[3] for row in rows) else 3
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(columns)]
    widths = [max(width, least) for width, least in zip(widths, (26, 24, 10, 0), strict=False)]

    def line(row: Row) -> str:
        cells = [
            cell.rjust(width) if i == 2 else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row[:columns], widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    width = sum(widths) + 2 * (columns - 1)
    return "\n".join(
        [
            f'Model: "{model.name}"',
            "_" * width,
            line(header),
            "=" * width,
            *map(line, rows),
            "=" * width,
            _count("Total params", model.variables),
            _count("Trainable params", model.trainable_variables),
            _count("Non-trainable params", model.non_trainable_variables),
            "_" * width,
            *_about(model),
        ]
    )


def _rows(model: Any, expand_nested: bool, indent: str) -> list[Row]:
    dag: Dag | None = model.dag
    entries: list[tuple[Any, str]] = [(layer, "") for layer in model.sublayers()]
    rows: list[Row] = []
    if dag is not None:
        entries, rows = _connected(dag, indent)
    if not model.lists_inputs:
        rows = []
    names = dict(zip(map(id, model.sublayers()), model.adopt(), strict=True))
    for entry, arrows in entries:
        if isinstance(entry, Call):
            name = f"{indent}{describe(entry.function).rstrip('_')} (operation)"
            rows.append((name, _shape([each.shape for each in entry.outputs]), "0", arrows))
            continue
        kind = f"{indent}{names[id(entry)]} ({type(entry).__name__})"
        is_known = entry.built and entry.output_shape is not None
        shape = _shape(entry.output_shape) if is_known else "?"
        count = f"{entry.count_params():,}" if entry.built else "0 (unbuilt)"
        rows.append((kind, shape, count, arrows))
        if expand_nested and hasattr(entry, "dag"):
            rows += _rows(entry, expand_nested, f"{indent}  > ")
    return rows


def _connected(dag: Dag, indent: str) -> tuple[list[tuple[Any, str]], list[Row]]:
    """Return layers and operations with what they are connected to, and rows for the inputs."""
    labels: dict[int, str] = {}
    rows: list[Row] = []
    for source, name in zip(dag.sources, dag.names, strict=True):
        labels[id(source)] = name
        rows.append((f"{indent}{name} (Input)", str(source.shape), "0", "-"))
    calls: dict[int, list[Call]] = {}
    for call in dag.calls:
        is_layer = isinstance(call.function, Layer)
        calls.setdefault(id(call.function) if is_layer else id(call), []).append(call)
        label = describe(call.function)
        label = label if is_layer else free_name(label.rstrip("_"), labels.values())
        labels.update(dict.fromkeys(map(id, call.outputs), label))
    entries: list[tuple[Any, str]] = []
    for group in calls.values():
        arrows = ", ".join(labels[id(each)] for call in group for each in call.inputs)
        is_layer = isinstance(group[0].function, Layer)
        entries.append((group[0].function if is_layer else group[0], arrows))
    if all(len(call.inputs) == 1 for call in dag.calls) and len(calls) == len(dag.calls):
        entries = [(entry, "") for entry, _ in entries]
        rows = [(name, shape, count, "") for name, shape, count, _ in rows]
    return entries, rows


def _shape(shape: Any) -> str:
    if isinstance(shape, dict):
        return ", ".join(f"{key}: {_shape(value)}" for key, value in shape.items())
    if isinstance(shape, (list, tuple)) and shape and isinstance(shape[0], (list, tuple)):
        return ", ".join(map(_shape, shape))
    return str(shape)


def _count(title: str, variables: Sequence[Variable]) -> str:
    size: float = sum(variable.array.nbytes for variable in variables)
    unit = 0
    while size >= 1024 and unit + 1 < len(UNITS):
        size, unit = size / 1024, unit + 1
    number = sum(variable.size for variable in variables)
    return f"{title}: {number:,} ({size:.2f} {UNITS[unit]})"


def _about(model: Any) -> list[str]:
    if not model.variables:
        return ["No weights yet: they are made once the input shape is known, at the first call."]
    hidden, outputs = hidden_layers(model)
    if not outputs:
        return [*_inputs(model), "Hidden layers: 0, and no layer of neurons."]
    sizes = _listed([str(_units(layer)) for layer in hidden])
    count = f"Hidden layers: {len(hidden)}" + (f" ({sizes} neurons)" if hidden else "")
    is_deep = "is deep" if len(hidden) >= 2 else "is not deep"
    return [*_inputs(model), f'{count}, so this network {is_deep} ("deep" means two or more).']


def _inputs(model: Any) -> list[str]:
    def row(symbol: Symbol) -> str:
        sizes = ["?" if size is None else str(size) for size in symbol.shape[1:]]
        if len(sizes) < 2:
            features = sizes[0] if sizes else "1"
            return f"{features} feature{'' if features == '1' else 's'}"
        known = [size for size in symbol.shape[1:] if size is not None]
        total = f" = {math.prod(known)}" if len(known) == len(sizes) else ""
        return f"{' x '.join(sizes)}{total} numbers"

    rows = [row(source) for source in model.inputs]
    if len(rows) < 2:
        return [f"Input: {each} per row." for each in rows]
    named = [f"{name} ({each})" for name, each in zip(model.input_names, rows, strict=True)]
    return [f"Inputs: {_listed(named)}."]


def _units(layer: Layer) -> int:
    matrices = [each for each in layer.variables if each.ndim >= 2]
    return matrices[0].shape[-1]


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))
