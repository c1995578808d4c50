"""How deep a network is: which of its layers are hidden, found by following its calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..layers.layer import Layer
from .dag import Dag

__all__ = ["hidden_layers"]


def hidden_layers(model: Layer) -> tuple[list[Layer], list[Layer]]:
    """Return a built model's hidden layers and its output layers, each once.

    Only layers of neurons count, those that weigh and add up their inputs; normalization, dropout
    and activations belong to the layer before them. A layer of neurons whose result reaches
    another one is hidden, though a shared one may be an output layer too. Of a class of one's own,
    layers count in the order they are set.

    Parameters
    ----------
    model : Layer
        A model or layer.

    Returns
    -------
    hidden, outputs : list of Layer, list of Layer
        Within each, in the order they run.
    """
    return _parts(model, ())


def _parts(layer: Any, within: tuple[int, ...]) -> tuple[list[Layer], list[Layer]]:
    dag: Dag | None = getattr(layer, "dag", None)
    if dag is not None:
        return _parts_of_calls(dag, within)
    hidden: list[Layer] = []
    last: list[Layer] = [layer] if layer.has_neurons else []
    for inner in layer.sublayers():
        if id(inner) not in within:
            before, after = _parts(inner, (*within, id(layer)))
            hidden += [*last, *before] if after else before
            last = after or last
    return _once(hidden), _once(last)


def _parts_of_calls(dag: Dag, within: tuple[int, ...]) -> tuple[list[Layer], list[Layer]]:
    hidden: list[Layer] = []
    # For each Symbol, the layers of neurons it comes from without another one in between.
    nearest: dict[int, list[Layer]] = {id(source): [] for source in dag.sources}
    for call in dag.calls:
        arriving = _once(each for symbol in call.inputs for each in nearest[id(symbol)])
        inner = isinstance(call.function, Layer)
        before, after = _parts(call.function, within) if inner else ([], [])
        hidden += [*arriving, *before] if after else before
        for symbol in call.outputs:
            nearest[id(symbol)] = after or arriving
    return _once(hidden), _once(each for result in dag.results for each in nearest[id(result)])


def _once(layers: Iterable[Layer]) -> list[Layer]:
    return list({id(layer): layer for layer in layers}.values())
