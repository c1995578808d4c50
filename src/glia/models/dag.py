"""The recorded calls between a functional model's inputs and outputs, in the order they run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import ops
from ..dtypes import is_float
from ..errors import ArgumentError, ShapeError
from ..graph import Array, flatten
from ..layers.layer import Layer
from ..layers.naming import free_name
from ..layers.symbol import Call, Symbol, describe

__all__ = ["Dag", "arranged", "fitted"]


class Dag:
    """A directed acyclic graph of calls, replayed on real batches.

    Parameters
    ----------
    inputs, outputs : tree of Symbol
        Any nesting of lists, tuples and dicts.
    owner : object
        The model, named in messages.

    Attributes
    ----------
    calls : list of Call
        Every call the outputs need, each after those it depends on.

    Raises
    ------
    ArgumentError
        If something is no Symbol, an output depends on an input that is not listed, or an input
        is listed twice or not used.
    """

    def __init__(self, inputs: Any, outputs: Any, owner: object) -> None:
        self.inputs, self.outputs = inputs, outputs
        self.owner = owner
        self.sources = _all_symbols(inputs, "inputs", owner)
        self.results = _all_symbols(outputs, "outputs", owner)
        if len({id(source) for source in self.sources}) < len(self.sources):
            raise ArgumentError(f"{owner}: an input is listed twice among its inputs")
        self.names = _input_names(self.sources)
        self.calls: list[Call] = []
        self._collect()

    def _collect(self) -> None:
        ready = {id(source) for source in self.sources}
        used: set[int] = set()
        done: set[int] = set()
        ahead: list[tuple[Symbol, bool]] = [(each, False) for each in reversed(self.results)]
        while ahead:
            symbol, is_after_inputs = ahead.pop()
            if id(symbol) in ready:
                used.add(id(symbol))
            elif symbol.call is None:
                raise self._unreached(symbol)
            elif is_after_inputs:
                if id(symbol.call) not in done:
                    done.add(id(symbol.call))
                    self.calls.append(symbol.call)
            elif id(symbol.call) not in done:
                ahead.append((symbol, True))
                ahead += [(each, False) for each in reversed(symbol.call.inputs)]
        for source, name in zip(self.sources, self.names, strict=True):
            if id(source) not in used:
                raise ArgumentError(
                    f"{self.owner}: the input {name!r} of shape {source.shape} reaches no output; "
                    "leave it out of inputs, or compute the outputs from it"
                )

    def _unreached(self, symbol: Symbol) -> ArgumentError:
        listed = ", ".join(
            f"{name!r} {source.shape}"
            for name, source in zip(self.names, self.sources, strict=True)
        )
        return ArgumentError(
            f"{self.owner}: the outputs depend on an Input "
            f"{repr(symbol.name) + ' ' if symbol.name else ''}of shape {symbol.shape} that is not "
            f"among the model's inputs: {listed}. Add it to inputs, or build the outputs from "
            "those"
        )

    @property
    def layers(self) -> list[Layer]:
        """The layers called, each once, in the order they first run."""
        called = [call.function for call in self.calls]
        return list({id(each): each for each in called if isinstance(each, Layer)}.values())

    @property
    def output_names(self) -> list[str]:
        """The keys of a dict of outputs, else the name of the layer each comes from."""
        if isinstance(self.outputs, Mapping):
            return [str(key) for key in self.outputs]
        names: list[str] = []
        for result in self.results:
            stem = "input" if result.call is None else describe(result.call.function)
            names.append(free_name(stem, names))
        return names

    def run(self, values: Any) -> Any:
        """Replay the calls on a tree of tensors or arrays and return the outputs.

        Raises
        ------
        ArgumentError, ShapeError
            If the number, names or shapes of the values do not fit the inputs.
        """
        given = arranged(values, self.names, self.owner)
        known = {
            id(source): fitted(self.owner, source, name, value)
            for source, name, value in zip(self.sources, self.names, given, strict=True)
        }
        for call in self.calls:
            call.run(known)
        _, rebuild = flatten(self.outputs)
        return rebuild([known[id(result)] for result in self.results])


def _all_symbols(tree: Any, role: str, owner: object) -> list[Symbol]:
    leaves, _ = flatten(tree)
    for leaf in leaves:
        if not isinstance(leaf, Symbol):
            raise ArgumentError(
                f"{owner}: {role} got {type(leaf).__name__}, expected Symbols: what Input(shape) "
                "returns, and what layers return when they are called on it"
            )
    if not leaves:
        raise ArgumentError(f"{owner}: {role} got nothing; expected at least one Symbol")
    return leaves


def _input_names(sources: Sequence[Symbol]) -> list[str]:
    taken = [source.name for source in sources if source.name]
    names: list[str] = []
    for source in sources:
        names.append(source.name or free_name("input", [*names, *taken]))
    if len(set(names)) < len(names):
        raise ArgumentError(f"two inputs have one name: {', '.join(names)}; change a name=")
    return names


def arranged(values: Any, names: Sequence[str], owner: object) -> list[Any]:
    """Return a model's inputs in the order of its names, from a dict, list or single value.

    Raises
    ------
    ArgumentError
        If their number or names differ.
    """
    if isinstance(values, Mapping):
        if sorted(map(str, values)) != sorted(names):
            raise ArgumentError(
                f"{owner} has inputs named {', '.join(names)} and got a dict with "
                f"{', '.join(map(str, values)) or 'nothing'}; the names must agree"
            )
        return [values[name] for name in names]
    given = list(values) if isinstance(values, (list, tuple)) else [values]
    if len(given) != len(names):
        raise ArgumentError(
            f"{owner} has {len(names)} inputs ({', '.join(names)}) and got {len(given)}; give a "
            "list of arrays in this order, or a dict of them by name"
        )
    return given


def fitted(owner: object, source: Symbol, name: str, value: Array) -> Array:
    """Return a value in the dtype and rank of a model's input.

    Rows given as a vector to an input of one feature become a column.

    Raises
    ------
    ShapeError
        If its shape does not fit, naming both.
    """
    if isinstance(value, Symbol):
        return value
    expected, shape = source.shape, tuple(value.shape)
    if len(expected) == 2 and expected[1] == 1 and len(shape) == 1:
        value = ops.reshape(value, (shape[0], 1))
        shape = tuple(value.shape)
    is_same = len(shape) == len(expected) and all(
        want is None or want == size for want, size in zip(expected, shape, strict=True)
    )
    if not is_same:
        is_row = shape == expected[1:]
        fix = "one row needs a batch axis: x[None]" if is_row else _difference(expected, shape)
        raise ShapeError(
            f"{owner}: its input {name!r} expects shape {expected}, the batch first, and got "
            f"{shape}; {fix}"
        )
    if value.dtype != source.dtype and not (is_float(value.dtype) and is_float(source.dtype)):
        return ops.cast(value, source.dtype)
    return value


def _difference(expected: Sequence[int | None], shape: Sequence[int]) -> str:
    if len(expected) == len(shape) == 2:
        return (
            f"every row must have {expected[1]} features, and these have {shape[1]}. Give it the "
            "columns it was built for, in their order"
        )
    return f"every row must have shape {tuple(expected[1:])}. Reshape the array"
