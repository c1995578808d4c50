"""Symbols of the functional API: recorded calls whose batch size is not known yet.

Calling a layer, an operator or a function of :mod:`glia.ops` on a :class:`Symbol` computes
nothing. It records a :class:`Call`; a model later replays the recorded calls on real batches.
A Symbol is not the :class:`~glia.graph.Tensor` of traced code: its first axis is ``None``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from ..dtypes import DType
from ..errors import ArgumentError, GliaError, TraceError
from ..graph import Recorded, Spec, Tensor, Trace, Variable, eager, flatten, map_tree

__all__ = ["Call", "Shape", "Symbol", "describe", "record", "symbols_in"]

# A shape whose unknown axes, above all the batch, are None.
Shape = tuple[int | None, ...]

# A call is traced at these two batch sizes: an axis that differs between them is unknown.
BATCHES = (2, 3)
# An unknown axis other than the batch, a sequence length say, stands at this plus the batch size.
UNKNOWN = 30


class Symbol(Recorded):
    """A tensor to come: what :func:`~glia.layers.Input` and calls on other Symbols return.

    It has the operators and methods of a :class:`~glia.graph.Tensor`, each of which records.

    Parameters
    ----------
    shape : tuple of int or None
        The shape; None where it depends on the batch.
    dtype : dtype
        The dtype.
    call : Call, optional
        The call that produces it; None for a model's input.
    name : str, optional
        The name of an input, by which a dict of arrays can feed it.
    """

    __array_priority__ = 1000

    def __init__(
        self, shape: Shape, dtype: DType, call: Call | None = None, name: str | None = None
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self.call = call
        self.name = name

    @property
    def ndim(self) -> int:
        """Number of axes, the batch included."""
        return len(self.shape)

    def spec(self, batch: int) -> Spec:
        """Return the shape and dtype it would have at one batch size."""
        sizes = [
            size if size is not None else batch if axis == 0 else UNKNOWN + batch
            for axis, size in enumerate(self.shape)
        ]
        return Spec(tuple(sizes), self.dtype)

    def record(
        self, function: Callable[..., Any], args: Sequence[Any], options: dict[str, Any]
    ) -> Any:
        """Record a call of ``function``, as :func:`record` does."""
        return record(function, args, options)

    def __repr__(self) -> str:
        name = f"{self.name!r}, " if self.name else ""
        return f"Symbol({name}shape={self.shape}, dtype={self.dtype})"

    def __hash__(self) -> int:
        return id(self)

    def _no_value(self, *_: object) -> NoReturn:
        raise TraceError(
            f"{self!r} has no value: it stands for a batch still to come, so if, while, for, "
            "len(), float() and NumPy cannot look at it. Use layers, operators and glia.ops on "
            "it, and glia.Model(inputs, outputs) to run the result on arrays"
        )

    __bool__ = __float__ = __int__ = __index__ = __len__ = __iter__ = __array__ = _no_value


# A tensor's operators look their operation up by name and call it, which on a Symbol records.
_LIKE_TENSOR = """
    __add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __rtruediv__ __pow__ __rpow__
    __matmul__ __rmatmul__ __neg__ __abs__ __invert__ __and__ __rand__ __or__ __ror__
    __lt__ __le__ __gt__ __ge__ __eq__ __ne__ __getitem__ __setitem__
    __array_ufunc__ __array_function__ T reshape sum mean max min astype
"""
for _name in _LIKE_TENSOR.split():
    setattr(Symbol, _name, vars(Tensor)[_name])


class Call:
    """One recorded call: a layer or function, its arguments, and the Symbols it returned.

    Attributes
    ----------
    function : callable
        The layer, or a function of :mod:`glia.ops`.
    args, options : tuple, dict
        Its arguments, Symbols among them, possibly within lists and dicts.
    inputs, outputs : list of Symbol
        The Symbols among the arguments, and those in the result, in order.
    result : tree of Symbol
        What the caller got.
    """

    __slots__ = ("args", "function", "inputs", "options", "outputs", "result")

    def __init__(
        self, function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        self.function = function
        self.args = args
        self.options = options
        self.inputs = symbols_in((args, options))
        self.result: Any = None
        self.outputs: list[Symbol] = []

    def run(self, values: dict[int, Any]) -> None:
        """Call the function on real values; ``values`` maps ``id(symbol)`` to them, and grows."""

        def value_of(leaf: Any) -> Any:
            return values[id(leaf)] if isinstance(leaf, Symbol) else leaf

        args, options = map_tree(value_of, (self.args, self.options))
        leaves, _ = flatten(self.function(*args, **options))
        values.update(zip(map(id, self.outputs), leaves, strict=True))


def symbols_in(tree: Any) -> list[Symbol]:
    """Return the Symbols in any nesting of lists, tuples and dicts, each once, in order."""
    leaves, _ = flatten(tree)
    return list({id(leaf): leaf for leaf in leaves if isinstance(leaf, Symbol)}.values())


def describe(function: Callable[..., Any]) -> str:
    """Return the name of a layer or function for messages and summaries."""
    name = getattr(function, "name", None) or getattr(function, "__name__", None)
    return name if isinstance(name, str) else type(function).__name__


def record(function: Callable[..., Any], args: Sequence[Any], options: dict[str, Any]) -> Any:
    """Record a call on Symbols; its output shapes are found by tracing it at two batch sizes.

    Parameters
    ----------
    function : callable
        What to call on tensors when the model runs: a layer or a function of :mod:`glia.ops`.
    args, options : sequence, dict
        Its arguments, with Symbols in place of tensors.

    Returns
    -------
    tree of Symbol
        One Symbol for every tensor the function returns.

    Raises
    ------
    GliaError
        Whatever the function raises, with a note on the shapes it was recorded for.
    """
    call = Call(function, tuple(args), options)
    try:
        small, large = (_traced(call, batch) for batch in BATCHES)
    except GliaError as error:
        shapes = ", ".join(str(symbol.shape) for symbol in call.inputs)
        error.add_note(
            f"recorded in a functional model: {describe(function)} on Symbols of shape {shapes}, "
            f"the unknown batch size standing at {BATCHES[0]}"
        )
        raise
    leaves, rebuild = flatten(small)
    others, _ = flatten(large)
    for one, other in zip(leaves, others, strict=True):
        sizes = zip(one.shape, other.shape, strict=True)
        shape = tuple(size if size == second else None for size, second in sizes)
        call.outputs.append(Symbol(shape, one.dtype, call))
    call.result = rebuild(call.outputs)
    return call.result


def _traced(call: Call, batch: int) -> Any:
    with eager(), Trace(is_training=False) as trace:
        tensors = {id(symbol): trace.input(symbol.spec(batch)) for symbol in call.inputs}

        def tensor_of(leaf: Any) -> Any:
            return tensors[id(leaf)] if isinstance(leaf, Symbol) else leaf

        args, options = map_tree(tensor_of, (call.args, call.options))
        result = call.function(*args, **options)
    for leaf in flatten(result)[0]:
        if not isinstance(leaf, (Tensor, Variable, np.ndarray, np.generic)):
            raise ArgumentError(
                f"{describe(call.function)} returned {type(leaf).__name__} in a functional "
                "model; expected tensors, or lists, tuples and dicts of them"
            )
    return result
