"""From JSON back to objects, trusting nothing: a stranger may have written the file.

Only glia's own classes and functions, and what the user handed over, are ever called. Weights are
made as zeros, and only in shapes the file has numbers for, so that no small file can ask for much
memory; how often things are used within each other is limited, too.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from .. import activations
from ..config import Configurable, arguments_of
from ..dtypes import canonical, computing_in
from ..errors import ArgumentError, FileError, GliaError
from ..graph import Variable
from ..layers.layer import Layer
from ..layers.symbol import Call, Symbol, record
from .container import Tensors
from .kinds import class_named, custom_entry, function_named

__all__ = ["MALFORMED", "Decoder", "Supply", "dtype_named"]

# What malformed values make constructors and calls raise.
MALFORMED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
)
FLOATS = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
# Weights that are tied are made first and dropped then: so many times the bytes of all weights.
SPARE = 4


class Supply:
    """Hands out zeros for new weights as long as the file has numbers of that shape and dtype.

    Parameters
    ----------
    arrays : iterable of ndarray
        The weights in the file.
    """

    def __init__(self, arrays: Sequence[np.ndarray[Any, Any]]) -> None:
        self._left = Counter((each.shape, each.dtype) for each in arrays)
        self._spare = SPARE * sum(each.nbytes for each in arrays)

    def __call__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
        """Return zeros, or raise FileError where the file has no such weight left."""
        is_known = (shape, dtype) in self._left
        if is_known and self._left[shape, dtype] == 0:
            self._spare -= dtype.itemsize * math.prod(shape)
        elif is_known:
            self._left[shape, dtype] -= 1
        if not is_known or self._spare < 0:
            raise FileError(
                f"the network it describes needs a weight of shape {shape} and dtype {dtype}, and "
                "it has no such weight"
            )
        return np.zeros(shape, dtype)


class Decoder:
    """Makes objects and values again.

    Parameters
    ----------
    objects : list
        The objects as the file has them.
    tensors : dict of str to ndarray
        The arrays of the file.
    custom : mapping
        The user's classes and functions by name.
    most_uses : int
        How often layers may be used by calls, models and other layers, the uses within what is
        used counted each time.
    """

    def __init__(
        self, objects: list[Any], tensors: Tensors, custom: Mapping[str, Any], most_uses: int
    ) -> None:
        self.tensors = tensors
        self.custom = custom
        self._made: list[Any] = []
        # What it takes to run each object once, and what has been run so far.
        self._uses: list[int] = []
        self._uses_of_calls: dict[int, int] = {}
        self._count = 0
        self._left = most_uses
        for entry in objects:
            self._count = 1
            made = self._make(entry)
            if isinstance(made, Call):
                self._uses_of_calls[id(made)] = self._count
            dag = getattr(made, "dag", None)
            if dag is not None:
                self._count += sum(self._uses_of_calls.get(id(call), 0) for call in dag.calls)
            is_run = isinstance(made, (Call, Layer))
            self._made.append(made)
            self._uses.append(self._count if is_run else 0)

    def value(self, value: Any) -> Any:
        """Return what a value of the file stands for.

        Raises
        ------
        FileError
            If it stands for nothing.
        ArgumentError
            If it needs something of the user's that was not given.
        """
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if not isinstance(value, dict):
            return value
        if "$" not in value:
            return {key: self.value(each) for key, each in value.items()}
        read = self._READERS.get(value["$"]) if isinstance(value["$"], str) else None
        if read is None:
            raise FileError(f"it holds a value of the unknown kind {str(value['$'])[:40]!r}")
        return read(self, value)

    def _float(self, value: Any) -> float:
        return FLOATS[value["value"]]

    def _array(self, value: Any) -> np.ndarray[Any, Any]:
        return self.tensors[value["tensor"]]

    def _floats(self, value: Any) -> Any:
        array = self.tensors[value["tensor"]]
        if array.dtype != np.float64 or array.ndim != 1:
            raise FileError("a list of floats is stored as something else")
        return array.tolist() if value["of"] == "list" else tuple(array.tolist())

    def _tuple(self, value: Any) -> tuple[Any, ...]:
        return tuple(self.value(each) for each in value["values"])

    def _dict(self, value: Any) -> dict[Any, Any]:
        return {self.value(key): self.value(each) for key, each in value["pairs"]}

    def _dtype(self, value: Any) -> np.dtype[Any]:
        return dtype_named(value["name"])

    def _slice(self, value: Any) -> slice:
        start, stop, step = (self.value(each) for each in value["ends"])
        return slice(start, stop, step)

    def _ellipsis(self, value: Any) -> Any:
        return Ellipsis

    def _activation(self, value: Any) -> activations.Activation:
        if "of" in value:
            return activations.get(self._callable(self.value(value["of"])))
        return activations.ACTIVATIONS[value["name"]]

    def _function(self, value: Any) -> Callable[..., Any]:
        return function_named(value["name"])

    def _custom(self, value: Any) -> Callable[..., Any]:
        name = value["name"]
        if not isinstance(name, str):
            raise FileError("a function of the user's own has no name")
        if name == "<lambda>":
            raise FileError(
                "it was written by a Checkpoint of a model with a lambda, which has no name to "
                "find it by; make the model by its program and go on with fit(..., resume=path)"
            )
        return self._callable(custom_entry(self.custom, name, "function", example=name))

    def _callable(self, value: Any) -> Callable[..., Any]:
        if not callable(value):
            raise ArgumentError(f"custom got {value!r} where the file needs a function")
        return value  # type: ignore[no-any-return]

    def _symbol(self, value: Any) -> Symbol:
        place, output = self._place(value), value["output"]
        made = self._made[place]
        symbols = made.outputs if isinstance(made, Call) else [made]
        if type(output) is not int or not 0 <= output < len(symbols):
            raise FileError("a recorded call has no such output")
        if not isinstance(symbols[output], Symbol):
            raise FileError("an object stands where an input or output is expected")
        return symbols[output]

    def _object(self, value: Any) -> Any:
        place = self._place(value)
        self._count += self._uses[place]
        self._left -= self._uses[place]
        if self._left < 0:
            raise FileError("it uses layers within layers more often than a file of its size may")
        return self._made[place]

    def _place(self, value: Any) -> int:
        place = value["at"]
        if type(place) is not int or not 0 <= place < len(self._made):
            raise FileError("an object refers to one that does not come before it")
        return place

    _READERS: Mapping[str, Callable[[Decoder, Any], Any]] = {
        "activation": _activation,
        "array": _array,
        "custom": _custom,
        "dict": _dict,
        "dtype": _dtype,
        "ellipsis": _ellipsis,
        "float": _float,
        "floats": _floats,
        "function": _function,
        "object": _object,
        "slice": _slice,
        "symbol": _symbol,
        "tuple": _tuple,
    }

    def _make(self, entry: Any) -> Any:
        makers: dict[str, Callable[[Any], Any]]
        makers = {"input": self._make_input, "call": self._make_call, "variable": self._variable}
        kind = entry.get("is") if isinstance(entry, dict) else None
        if not isinstance(kind, str):
            raise FileError("one of its objects does not say what it is")
        make = makers.get(kind, self._configured)
        try:
            return make(entry)
        except GliaError:
            raise
        except MALFORMED as error:
            named = entry.get("class") if isinstance(entry.get("class"), str) else ""
            reason = f"{type(error).__name__}: {error}"
            raise FileError(
                f"its {kind[:40]} {named[:60]} cannot be made again ({reason[:300]})"
            ) from error

    def _make_input(self, entry: Any) -> Symbol:
        shape, name = entry["shape"], entry["name"]
        is_shape = isinstance(shape, list) and all(
            size is None or (type(size) is int and 0 <= size < 2**47) for size in shape
        )
        if not is_shape or not (name is None or isinstance(name, str)) or len(shape) > 32:
            raise FileError("an input has no proper shape or name")
        return Symbol(tuple(shape), dtype_named(entry["dtype"]), name=name)

    def _make_call(self, entry: Any) -> Call:
        function = self._callable(self.value(entry["function"]))
        args, options = self.value(entry["args"]), self.value(entry["options"])
        if not isinstance(args, list) or not isinstance(options, dict):
            raise FileError("a recorded call has no proper arguments")
        if not Call(function, tuple(args), options).inputs:
            raise FileError("a recorded call has no input")
        result = (
            function(*args, **options)
            if isinstance(function, Layer)
            else record(function, args, options)
        )
        return _call_of(result)

    def _variable(self, entry: Any) -> Variable:
        name, trainable = entry["name"], entry["trainable"]
        if not isinstance(name, str) or not isinstance(trainable, bool):
            raise FileError("a variable has no proper name")
        return Variable(self.tensors[entry["tensor"]], name, trainable)

    def _configured(self, entry: Any) -> Any:
        is_custom = entry.get("custom", False)
        if not isinstance(is_custom, bool) or not isinstance(entry["config"], dict):
            raise FileError("one of its objects has no proper description")
        made = class_named(entry["is"], entry["class"], self.custom if is_custom else None)
        config = {key: self.value(each) for key, each in entry["config"].items()}
        dtype = dtype_named(entry["dtype"]) if "dtype" in entry else None
        with computing_in(dtype) if dtype is not None else nullcontext():
            value = made.from_config(config) if is_custom else _from_arguments(made, config)
        if not isinstance(value, made):
            raise ArgumentError(f"{made.__name__}.from_config returned {value!r}")
        if isinstance(value, Layer):
            adopted = entry.get("adopted")
            if not (adopted is None or isinstance(adopted, str)):
                raise FileError("a layer has no proper name")
            value.adopted_name = adopted
            value._dtype = dtype or value._dtype
        return value


def _from_arguments(made: type[Configurable], config: dict[str, Any]) -> Any:
    known = arguments_of(made)
    for argument in config:
        if argument not in known:
            raise FileError(
                f"{made.__name__} has no argument {argument[:60]!r}; a newer glia may know it"
            )
    return made(**config)


def _call_of(result: Any) -> Call:
    while isinstance(result, (list, tuple, dict)):
        branches = list(result.values()) if isinstance(result, dict) else result
        result = branches[0]
    if not isinstance(result, Symbol) or result.call is None:
        raise FileError("a recorded call returns nothing")
    return result.call


def dtype_named(name: Any) -> np.dtype[Any]:
    """Return the dtype of glia's that a file names, or raise FileError."""
    if not isinstance(name, str) or name not in (
        "bool", "uint8", "int32", "uint32", "float32", "float64",
    ):  # fmt: skip
        raise FileError(f"it names the unknown dtype {str(name)[:40]!r}")
    return canonical(name)
