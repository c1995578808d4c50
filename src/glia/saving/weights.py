"""A model's numbers by name: weights, which of them are one, and random states of layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..errors import ArgumentError, FileError, NotBuiltError
from ..graph import Flat, Variable
from ..layers.layer import Layer
from ..random import Generator

__all__ = ["assign", "generators", "named_layers", "tie", "ties"]

Place = list[Any]
Arrays = Mapping[str, np.ndarray[Any, Any]]


def named_layers(model: Layer) -> dict[str, Layer]:
    """Return a model and its inner layers, each once, by paths such as ``"encoder/dense_1"``."""
    named: dict[str, Layer] = {"": model}
    done = {id(model)}

    def enter(layer: Layer, prefix: str) -> None:
        for inner, name in zip(layer.sublayers(), layer.adopt(), strict=True):
            if id(inner) not in done:
                done.add(id(inner))
                named[prefix + name] = inner
                enter(inner, f"{prefix}{name}/")

    enter(model, "")
    return named


def _held(value: Any, kind: type, place: Place) -> Iterator[tuple[Place, Any]]:
    """Find the objects of a kind in nested lists, tuples and dicts, with the way to each."""
    if isinstance(value, kind):
        if not isinstance(value, Flat):
            yield place, value
    elif isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            yield from _held(each, kind, [*place, index])
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _held(each, kind, [*place, key])


def _attributes(layer: Layer, kind: type) -> Iterator[tuple[Place, Any]]:
    for attribute, value in list(vars(layer).items()):
        if attribute != "_penalties":
            yield from _held(value, kind, [attribute])


def ties(model: Layer) -> list[dict[str, Any]]:
    """List the places at which a variable stands that stood somewhere else before."""
    names = {id(variable): name for name, variable in model.named_variables().items()}
    seen: set[int] = set()
    found = []
    for path, layer in named_layers(model).items():
        for place, variable in _attributes(layer, Variable):
            if id(variable) in seen and all(isinstance(key, (str, int)) for key in place):
                found.append({"layer": path, "place": place, "to": names[id(variable)]})
            seen.add(id(variable))
    return found


def tie(model: Layer, records: Any) -> None:
    """Put variables in further places, as :func:`ties` listed them.

    Raises
    ------
    FileError
        If there is no such place, or it holds another kind of variable.
    """
    layers = named_layers(model)
    variables = model.named_variables()
    for record in records:
        layer, variable = layers[record["layer"]], variables[record["to"]]
        *way, last = record["place"]
        found = (held for place, held in _attributes(layer, Variable) if place == [*way, last])
        held = next(found, None)
        if held is None or (held.shape, held.dtype) != (variable.shape, variable.dtype):
            raise FileError(f"it ties {record['to'][:60]!r} to a place that has no such weight")
        if held is variable:
            continue
        holder: Any = vars(layer)
        for key in way:
            holder = holder[key]
        if not isinstance(holder, (dict, list)):
            raise ArgumentError(
                f"{layer}: a weight shared with another layer lies in a tuple; keep it in a list"
            )
        holder[last] = variable
        variables = model.named_variables()


def assign(model: Layer, arrays: Arrays, source: str) -> None:
    """Set every weight by its name; nothing is changed if something does not fit.

    Parameters
    ----------
    model : Layer
        Built.
    arrays : mapping of str to ndarray
        The values by name.
    source : str
        Where they come from, for messages.

    Raises
    ------
    FileError
        Naming the weights that are missing, superfluous, or of another shape or dtype.
    NotBuiltError
        If the model has no weights yet.
    """
    variables = model.named_variables()
    if arrays and not variables:
        raise NotBuiltError(
            f"{model} has no weights yet, so none can be loaded; call it on data once, or give "
            "its input shape"
        )
    fix = "Load them into a model made by the same program, or load the whole model by glia.load"
    missing = [name for name in variables if name not in arrays]
    surplus = [name for name in arrays if name not in variables]
    if missing or surplus:
        parts = [
            f"{text} {', '.join(map(_quoted, names[:3]))}{' ...' if len(names) > 3 else ''}"
            for text, names in (("it lacks", missing), ("the model lacks", surplus))
            if names
        ]
        raise FileError(f"{source} holds the weights of another model: {'; '.join(parts)}. {fix}")
    for name, variable in variables.items():
        array = arrays[name]
        if (array.shape, array.dtype) != (variable.shape, variable.dtype):
            raise FileError(
                f"{source} has {name!r} in shape {array.shape} and {array.dtype}, and the model in "
                f"shape {variable.shape} and {variable.dtype}. {fix}"
            )
    for name, variable in variables.items():
        variable.array[...] = arrays[name]


def _quoted(name: str) -> str:
    return repr(name[:60])


def generators(model: Layer) -> dict[str, Variable]:
    """Return the states of random generators that layers hold, by path."""
    return {
        f"{path}:{'/'.join(map(str, place))}": generator.state
        for path, layer in named_layers(model).items()
        for place, generator in _attributes(layer, Generator)
    }
