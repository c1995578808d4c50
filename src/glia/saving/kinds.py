"""What a file may name: glia's own classes and functions, and those a user hands over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from .. import activations, initializers, losses, metrics, ops, optimizers, regularizers
from ..config import Configurable
from ..errors import ArgumentError, FileError
from ..layers.layer import LAYERS, MODELS, Layer
from ..optimizers import schedules

__all__ = ["KINDS", "Kind", "class_named", "custom_entry", "function_named", "kind_of", "name_of"]

Table = Mapping[str, type[Configurable]]


@dataclass(frozen=True)
class Kind:
    """A kind of object that files hold.

    Attributes
    ----------
    parent : type
        The class all of the kind derive from.
    own : callable
        Returns glia's own classes of the kind.
    """

    parent: type[Configurable]
    own: Callable[[], Table]

    @property
    def classes(self) -> dict[str, type[Configurable]]:
        """The classes of glia itself by their name."""
        return {each.__name__: each for each in self.own().values()}


def _with(table: Mapping[str, Any], *more: type[Configurable]) -> Callable[[], Table]:
    return lambda: {**table, **{each.__name__: each for each in more}}


# Classes that wrap a user's function are glia's own; the function in them is not.
KINDS: dict[str, Kind] = {
    "initializer": Kind(
        initializers.Initializer, _with(initializers.INITIALIZERS, initializers.Written)
    ),
    "layer": Kind(Layer, lambda: {**MODELS, **LAYERS}),
    "loss": Kind(losses.Loss, _with(losses.LOSSES, losses.loss.Written)),
    "metric": Kind(metrics.Metric, _with(metrics.METRICS, metrics.OfLoss, metrics.metric.Written)),
    "optimizer": Kind(optimizers.Optimizer, _with(optimizers.OPTIMIZERS)),
    "regularizer": Kind(
        regularizers.Regularizer, _with(regularizers.REGULARIZERS, regularizers.Written)
    ),
    "schedule": Kind(schedules.LearningRateSchedule, _with(schedules.SCHEDULES, schedules.Written)),
}

# Where a file's "module.name" may lead: pure functions of arrays. A scan runs functions it is
# given, which no file may choose.
MODULES: dict[str, ModuleType] = {
    "activations": activations,
    "losses": losses,
    "metrics": metrics,
    "ops": ops,
}
EXCLUDED = ("ops.scan", "ops.Window")


def kind_of(value: Configurable) -> tuple[str, bool]:
    """Return an object's kind, and whether its class is glia's own.

    Raises
    ------
    ArgumentError
        If it is of no kind that files hold.
    """
    for name, kind in KINDS.items():
        if isinstance(value, kind.parent):
            return name, kind.classes.get(type(value).__name__) is type(value)
    raise ArgumentError(
        f"a {type(value).__name__} cannot be saved; files hold objects of these kinds: "
        f"{', '.join(KINDS)}"
    )


def class_named(kind: object, name: object, custom: Mapping[str, Any] | None) -> type[Any]:
    """Return the class a file names.

    Parameters
    ----------
    kind, name : str
        As the file says, so of any type.
    custom : mapping or None
        The user's classes by name, where the file says that it is one; None where it says that
        it is glia's own.

    Raises
    ------
    FileError
        If glia has no such class.
    ArgumentError
        If the user has not given it, or it is not what the file needs.
    """
    if not isinstance(kind, str) or kind not in KINDS or not isinstance(name, str):
        raise FileError(f"an object of kind {str(kind)[:40]!r} and class {str(name)[:40]!r}")
    if custom is None:
        found = KINDS[kind].classes.get(name)
        if found is None:
            raise FileError(f"this glia has no {kind} called {name[:60]!r}; a newer one may")
        return found
    given = custom_entry(custom, name, f"{kind} class", example=name)
    if not isinstance(given, type) or not issubclass(given, KINDS[kind].parent):
        raise ArgumentError(
            f"custom[{name!r}] got {given!r}; the file needs a class derived from "
            f"{KINDS[kind].parent.__name__}: custom={{{name!r}: {name}}}"
        )
    return given


def custom_entry(custom: Mapping[str, Any], name: str, what: str, example: str) -> Any:
    """Return what the user gave under a name, or say how to give it."""
    if name in custom:
        return custom[name]
    known = f" (given: {', '.join(custom)})" if custom else ""
    raise ArgumentError(
        f"the file uses the {what} {name[:60]!r} of the user's own, which files hold by name "
        f"only{known}; import or define it and pass it: load(path, custom={{{name[:60]!r}: "
        f"{example[:60]}}})"
    )


def name_of(function: Callable[..., Any]) -> str | None:
    """Return ``"module.name"`` for a function of glia's own, else None."""
    name = getattr(function, "__name__", "").rstrip("_")
    for place, module in MODULES.items():
        if getattr(module, name, None) is function and f"{place}.{name}" not in EXCLUDED:
            return f"{place}.{name}"
    return None


def function_named(name: object) -> Callable[..., Any]:
    """Return the function of glia's own that a file names.

    Raises
    ------
    FileError
        If there is none, or it is not one that files may use.
    """
    place, _, own = name.partition(".") if isinstance(name, str) else ("", "", "")
    module = MODULES.get(place)
    function = getattr(module, own, None) if module and own in module.__all__ else None
    if function is None or isinstance(function, type) or not callable(function):
        raise FileError(f"this glia has no function called {str(name)[:60]!r}; a newer one may")
    if name in EXCLUDED:
        raise FileError(f"{name} is no function that files may use")
    return function  # type: ignore[no-any-return]
