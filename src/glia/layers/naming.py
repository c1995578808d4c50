"""Names of layers: snake_case of the class, made unique by whatever owns the layers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from ..errors import ArgumentError

__all__ = ["Nameable", "free_name", "snake_case", "unique_names"]


class Nameable(Protocol):
    """What has a name of its user's choice, or one its first owner gave it, or neither."""

    given_name: str | None
    adopted_name: str | None


def snake_case(name: str) -> str:
    """Return a class name in lower case with underscores: ``LeakyReLU`` is ``leaky_re_lu``."""
    words = re.sub(r"(?<=.)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "_", name.strip("_"))
    return words.lower()


def free_name(stem: str, taken: Iterable[str]) -> str:
    """Return ``stem``, or the first of ``stem_1``, ``stem_2`` ... that is not taken."""
    used = set(taken)
    name, number = stem, 0
    while name in used:
        number += 1
        name = f"{stem}_{number}"
    return name


def unique_names(layers: Sequence[Nameable], owner: str) -> list[str]:
    """Return one name per layer, the same for the same layers in the same order.

    Names of the user's choice are kept; so is a name an earlier owner gave, unless it is taken.

    Raises
    ------
    ArgumentError
        If two different layers were given the same name.
    """
    names: dict[int, str] = {}
    taken: set[str] = set()
    for layer in layers:
        if layer.given_name is not None and id(layer) not in names:
            if layer.given_name in taken:
                raise ArgumentError(
                    f"{owner} has two layers named {layer.given_name!r}; names must differ, so "
                    "that weights can be found by them. Change the name= of one"
                )
            names[id(layer)] = layer.given_name
            taken.add(layer.given_name)
    for layer in layers:
        if id(layer) not in names:
            stem = snake_case(type(layer).__name__)
            if layer.adopted_name is not None and layer.adopted_name not in taken:
                stem = layer.adopted_name
            names[id(layer)] = free_name(stem, taken)
            taken.add(names[id(layer)])
    return [names[id(layer)] for layer in layers]
