"""Objects configured by their constructor's arguments, and how names stand for them.

A constructor keeps each argument under an attribute of the same name; that is all it takes to be
printed, saved and rebuilt. Nothing is listed twice.
"""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar

import numpy as np

from .errors import ArgumentError, unknown_name

__all__ = [
    "Configurable",
    "Named",
    "arguments_of",
    "checked_number",
    "find",
    "instance",
    "plain",
]

T = TypeVar("T")
C = TypeVar("C", bound="Configurable")
_MISSING = object()


class Named:
    """What stands in a config as its name, because the name alone finds it again."""

    name: str


def arguments_of(kind: type) -> dict[str, inspect.Parameter]:
    """Return the arguments a class's constructor takes, by name.

    Where a constructor passes ``**kwargs`` on, the arguments of the next class are included.
    """
    found: dict[str, inspect.Parameter] = {}
    for owner in kind.__mro__:
        constructor = owner.__dict__.get("__init__")
        if constructor is None or owner is object:
            continue
        _, *parameters = inspect.signature(constructor).parameters.values()
        for parameter in parameters:
            if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                found.setdefault(parameter.name, parameter)
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
            break
    return found


def plain(value: Any) -> Any:
    """Return a value of a config with objects turned into names, numbers, lists and dicts."""
    if isinstance(value, Configurable):
        return {"class_name": type(value).__name__, "config": value.get_config()}
    if isinstance(value, Named):
        return value.name
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        values = [plain(each) for each in value]
        return tuple(values) if isinstance(value, tuple) else values
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    return value


class Configurable:
    """A mixin: config, copy and printed form, all read from the constructor's signature."""

    def get_arguments(self) -> dict[str, Any]:
        """Return the constructor's arguments as they were kept, objects and arrays among them.

        Raises
        ------
        ArgumentError
            If the constructor did not keep an argument under its own name.
        """
        name = type(self).__name__
        kept = {}
        for argument in arguments_of(type(self)):
            value = getattr(self, argument, _MISSING)
            if value is _MISSING:
                raise ArgumentError(
                    f"{name} takes the argument {argument!r} but has no attribute {argument!r}, so "
                    f"it cannot be saved; write self.{argument} = {argument} in {name}.__init__"
                )
            kept[argument] = value
        return kept

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain values.

        Raises
        ------
        ArgumentError
            If the constructor did not keep an argument under its own name.
        """
        return {argument: plain(value) for argument, value in self.get_arguments().items()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Return a new object from what :meth:`get_config` returned.

        Raises
        ------
        ArgumentError
            If the config names an argument the constructor does not take.
        """
        known = arguments_of(cls)
        for argument in config:
            if argument not in known:
                raise unknown_name(f"argument of {cls.__name__}", argument, known)
        return cls(**config)

    def __repr__(self) -> str:
        shown = []
        for argument, parameter in arguments_of(type(self)).items():
            value = getattr(self, argument, _MISSING)
            if value is not _MISSING and not _same(value, parameter.default):
                shown.append(f"{argument}={_shown(value)}")
        return f"{type(self).__name__}({', '.join(shown)})"


def _same(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and plain(value) == plain(default))


def _shown(value: Any) -> str:
    if isinstance(value, Named):
        return repr(value.name)
    if isinstance(value, np.ndarray) and value.size > 8:
        return f"<array {value.shape} {value.dtype}>"
    return repr(value)


def checked_number(
    owner: str,
    argument: str,
    value: object,
    *,
    example: float,
    low: float = 0.0,
    high: float = math.inf,
    is_low_allowed: bool = True,
) -> float:
    """Return a numeric option as a float, or raise.

    Parameters
    ----------
    owner, argument : str
        Whose option it is, for the message.
    value : object
        What the user gave.
    example : float
        A value to suggest.
    low, high : float
        The range; ``high`` belongs to it, ``low`` does if ``is_low_allowed``.
    is_low_allowed : bool
        Whether ``low`` itself is a good value.

    Raises
    ------
    ArgumentError
        If the value is not a finite number in the range.
    """
    is_number = not isinstance(value, bool) and isinstance(value, numbers.Real)
    number = float(value) if is_number else math.nan  # type: ignore[arg-type]
    is_above = number >= low if is_low_allowed else number > low
    if math.isfinite(number) and is_above and number <= high:
        return number
    limits = []
    if math.isfinite(low):
        limits.append(f"{'>=' if is_low_allowed else '>'} {low:g}")
    if math.isfinite(high):
        limits.append(f"<= {high:g}")
    expected = " ".join(["a finite number", " and ".join(limits)]).strip()
    raise ArgumentError(
        f"{owner}: {argument} got {value!r}; expected {expected}. "
        f"Write for example {argument}={example!r}"
    )


def _spelling(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()


def find(
    kind: str, name: str, table: Mapping[str, T], aliases: Mapping[str, str] | None = None
) -> T:
    """Return a registry's entry by any spelling of its name: ``"he_normal"``, ``"HeNormal"``.

    Parameters
    ----------
    kind : str
        What is looked up, for the message: ``"loss"``.
    name : str
        The name the user gave.
    table : mapping
        The registry.
    aliases : mapping, optional
        Short names and what they stand for: ``{"mse": "mean_squared_error"}``.

    Raises
    ------
    ArgumentError
        If there is no such name; the message suggests the nearest one.
    """
    spellings = {_spelling(key): key for key in table}
    spellings |= {_spelling(key): target for key, target in (aliases or {}).items()}
    key = spellings.get(_spelling(name))
    if key is None:
        raise unknown_name(kind, name, [*table, *(aliases or {})])
    return table[key]


def instance(
    kind: str,
    identifier: object,
    base: type[C],
    table: Mapping[str, Callable[..., C]],
    aliases: Mapping[str, str] | None = None,
) -> C | None:
    """Return the object a name, class, config dict or object stands for; None for other things.

    Parameters
    ----------
    kind : str
        What is looked up, for messages.
    identifier : object
        A name, a class, an object, or ``{"class_name": ..., "config": {...}}``.
    base : type
        The class all of the kind derive from.
    table, aliases : mapping
        The registry, as for :func:`find`.

    Raises
    ------
    ArgumentError
        For an unknown name, or a class or name whose constructor needs arguments.
    """
    if isinstance(identifier, base):
        return identifier
    if isinstance(identifier, Mapping) and isinstance(identifier.get("class_name"), str):
        made: Any = find(kind, identifier["class_name"], table, aliases)
        rebuilt: C = made.from_config(identifier.get("config", {}))
        return rebuilt
    make: Callable[..., C]
    if isinstance(identifier, str):
        make = find(kind, identifier, table, aliases)
    elif isinstance(identifier, type) and issubclass(identifier, base):
        make = identifier
    else:
        return None
    required = [
        f"{parameter.name}=..."
        for parameter in inspect.signature(make).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if required:
        name = getattr(make, "__name__", str(identifier))
        raise ArgumentError(
            f"{kind} {name} needs arguments, so its name alone does not make one; "
            f"give an object: {name}({', '.join(required)})"
        )
    return make()
