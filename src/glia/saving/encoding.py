"""From a model and what belongs to it to JSON: a flat list of objects, each after what it needs.

A value that JSON lacks is an object with the key ``"$"`` saying what it is. A layer that is used
in several places is one entry of the list, referred to by its number, and is shared again when
the file is read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .. import activations
from ..config import Configurable
from ..errors import ArgumentError
from ..graph import Variable
from ..layers.layer import Layer
from ..layers.symbol import Call, Symbol
from .container import NAMES, Tensors
from .kinds import kind_of, name_of

__all__ = ["MOST_OBJECTS", "Encoder"]

# More layers, calls, initializers and the like than any model has, and few enough to be read soon.
MOST_OBJECTS = 20_000
# Longer lists of floats, a history say, are stored as tensors.
LONG = 64


class Encoder:
    """Collects objects and arrays while values are encoded.

    Parameters
    ----------
    allows_lambdas : bool
        Whether functions without a name of their own are let pass: a file with them cannot be
        loaded, but training can be resumed from it.

    Attributes
    ----------
    objects : list of dict
        The objects, each referring to earlier ones only.
    tensors : dict of str to ndarray
        The arrays among the values.
    """

    def __init__(self, allows_lambdas: bool = False) -> None:
        self.allows_lambdas = allows_lambdas
        self.objects: list[dict[str, Any]] = []
        self.tensors: Tensors = {}
        # By id, with the objects themselves, so that no id is used twice.
        self._places: dict[int, tuple[int | None, Any]] = {}
        self._functions: dict[str, Callable[..., Any]] = {}
        # The layers each object is made from, and those met so far in the objects being described.
        self._needs: dict[int, set[int]] = {}
        self._open: list[set[int]] = []
        self._custom: list[Layer] = []

    def value(self, value: Any, where: str) -> Any:
        """Return a value as JSON.

        Parameters
        ----------
        value : object
            Numbers, text, arrays, layers and other objects of glia, functions, and lists, tuples
            and dicts of them.
        where : str
            Whose it is, for messages.

        Raises
        ------
        ArgumentError
            For anything else.
        """
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else {"$": "float", "value": repr(value)}
        if isinstance(value, (list, tuple, dict)):
            return self._nested(value, where)
        if isinstance(value, np.ndarray):
            return {"$": "array", "tensor": self._stored(value, where)}
        if isinstance(value, np.dtype):
            return {"$": "dtype", "name": value.name}
        if isinstance(value, slice):
            ends = (value.start, value.stop, value.step)
            return {"$": "slice", "ends": [self.value(each, where) for each in ends]}
        if value is Ellipsis:
            return {"$": "ellipsis"}
        if isinstance(value, activations.Activation):
            if activations.ACTIVATIONS.get(value.name) is value:
                return {"$": "activation", "name": value.name}
            return {"$": "activation", "of": self._function(value.function, where)}
        if isinstance(value, Symbol):
            return self._symbol(value, where)
        if isinstance(value, (Configurable, Variable)):
            return {"$": "object", "at": self._object(value, where)}
        if callable(value) and not isinstance(value, type):
            return self._function(value, where)
        raise ArgumentError(
            f"{where} holds {_short(value)} of type {type(value).__name__}, which files cannot "
            "hold; use numbers, text, arrays, layers, named functions, or lists and dicts of them"
        )

    def check_sharing(self) -> None:
        """Refuse layers that classes of the user's make themselves and that others use as well.

        Raises
        ------
        ArgumentError
            Naming the layer; two would come of it when the file is read.
        """
        for layer in self._custom:
            for inner in layer._with_inner():
                is_shared = id(inner) in self._places and inner is not layer
                if is_shared and id(inner) not in self._needs[id(layer)]:
                    raise ArgumentError(
                        f"{inner} is used by {layer} and elsewhere, but is no argument of "
                        f"{type(layer).__name__}, so a file would make two of it; make it outside "
                        f"and pass it to {type(layer).__name__}(...)"
                    )

    def _nested(self, value: Any, where: str) -> Any:
        if isinstance(value, dict):
            if not all(isinstance(key, str) for key in value) or "$" in value:
                pairs = [[self.value(key, where), self.value(value[key], where)] for key in value]
                return {"$": "dict", "pairs": pairs}
            return {key: self.value(each, f"{where}, {key!r}") for key, each in value.items()}
        if len(value) > LONG and all(type(each) is float for each in value):
            kind = "list" if isinstance(value, list) else "tuple"
            return {"$": "floats", "of": kind, "tensor": self._stored(np.array(value), where)}
        values = [self.value(each, where) for each in value]
        return values if isinstance(value, list) else {"$": "tuple", "values": values}

    def _stored(self, array: np.ndarray[Any, Any], where: str) -> str:
        if array.dtype.newbyteorder("<") not in NAMES:
            raise ArgumentError(
                f"{where} holds an array of dtype {array.dtype}, which files cannot hold; use "
                "numbers, or a list of texts"
            )
        name = f"values/{len(self.tensors)}"
        self.tensors[name] = array.copy()
        return name

    def _function(self, function: Callable[..., Any], where: str) -> dict[str, Any]:
        own = name_of(function)
        if own is not None:
            return {"$": "function", "name": own}
        name = getattr(function, "__name__", None)
        if not isinstance(name, str) or (name == "<lambda>" and not self.allows_lambdas):
            raise ArgumentError(
                f"{where} is a {'lambda' if name else type(function).__name__} without a name, and "
                "files hold functions by name only; define it with def, save, and pass it to load "
                "as custom={'its_name': its_name}"
            )
        if self._functions.setdefault(name, function) is not function and name != "<lambda>":
            raise ArgumentError(
                f"{where} is one of two different functions that are both called {name!r}; files "
                "hold functions by name only, so rename one of them"
            )
        return {"$": "custom", "name": name}

    def _symbol(self, symbol: Symbol, where: str) -> dict[str, Any]:
        if symbol.call is None:
            place = self._enter(symbol, where, self._input)
            return {"$": "symbol", "at": place, "output": 0}
        place = self._enter(symbol.call, where, self._call)
        outputs = [id(each) for each in symbol.call.outputs]
        return {"$": "symbol", "at": place, "output": outputs.index(id(symbol))}

    def _object(self, value: Any, where: str) -> int:
        if isinstance(value, Variable):
            return self._enter(value, where, self._variable)
        return self._enter(value, where, self._configured)

    def _enter(self, value: Any, where: str, describe: Callable[..., dict[str, Any]]) -> int:
        """Return an object's place in the list, describing it when it is met first."""
        for needs in self._open:
            needs |= {id(value), *self._needs.get(id(value), ())}
        if id(value) in self._places:
            place = self._places[id(value)][0]
            if place is None:
                raise ArgumentError(
                    f"{where}: {value} is made from arguments that hold {value} itself; files "
                    "hold objects that can be made one after the other"
                )
            return place
        self._places[id(value)] = None, value
        if len(self.objects) >= MOST_OBJECTS:
            raise ArgumentError(
                f"{where}: files hold at most {MOST_OBJECTS:,} layers, calls, initializers and "
                "other objects; save the weights only, by save_weights"
            )
        self._open.append(set())
        entry = describe(value, where)
        self._needs[id(value)] = self._open.pop()
        self.objects.append(entry)
        self._places[id(value)] = len(self.objects) - 1, value
        return len(self.objects) - 1

    def _input(self, symbol: Symbol, where: str) -> dict[str, Any]:
        shape = list(symbol.shape)
        return {"is": "input", "shape": shape, "dtype": symbol.dtype.name, "name": symbol.name}

    def _call(self, call: Call, where: str) -> dict[str, Any]:
        return {
            "is": "call",
            "function": self.value(call.function, f"{where}, a recorded call"),
            "args": [self.value(each, f"{where}, a recorded call") for each in call.args],
            "options": self.value(call.options, f"{where}, a recorded call"),
        }

    def _variable(self, variable: Variable, where: str) -> dict[str, Any]:
        tensor = self._stored(variable.array, where)
        return {
            "is": "variable",
            "name": variable.name,
            "trainable": variable.trainable,
            "tensor": tensor,
        }

    def _configured(self, value: Configurable, where: str) -> dict[str, Any]:
        kind, is_own = kind_of(value)
        name = type(value).__name__
        where = f"{kind} {value.name!r}" if isinstance(value, Layer) else f"{kind} {name}"
        config: Mapping[str, Any]
        config = value.get_config() if _has_own_config(value) else value.get_arguments()
        if isinstance(value, Layer):
            config = self._connected(value, config, where)
        entry = {
            "is": kind,
            "class": name,
            **({} if is_own else {"custom": True}),
            "config": {
                key: self.value(each, f"{where}: its argument {key!r}")
                for key, each in config.items()
            },
        }
        if isinstance(value, Layer) and not is_own:
            self._custom.append(value)
        if isinstance(value, Layer):
            kept = {"adopted": value.adopted_name, "dtype": value._dtype and value._dtype.name}
            entry |= {key: each for key, each in kept.items() if each is not None}
        return entry

    def _connected(self, layer: Layer, config: Mapping[str, Any], where: str) -> Mapping[str, Any]:
        """Enter a model's recorded calls in order, and its input where no argument holds it."""
        dag = getattr(layer, "dag", None)
        if dag is None:
            return config
        if config.get("outputs") is dag.outputs:
            for call in dag.calls:
                self._enter(call, where, self._call)
        elif "input_shape" in config and isinstance(config.get("layers"), list):
            kept = {key: each for key, each in config.items() if key != "input_shape"}
            return {**kept, "layers": [dag.sources[0], *config["layers"]]}
        return config


def _has_own_config(value: Configurable) -> bool:
    """Return whether a user's class says itself how it is described."""
    owner = next(each for each in type(value).__mro__ if "get_config" in vars(each))
    return owner.__module__.partition(".")[0] != __name__.partition(".")[0]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
