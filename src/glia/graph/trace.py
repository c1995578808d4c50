"""Traces: what is being recorded now, which Variables it read and assigned."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from ..dtypes import DType, is_float, to_array
from ..errors import DtypeError, ShapeError, TraceError
from .build import PLACEHOLDER, constant, placeholder
from .op import OPERATIONS, Spec
from .tensor import Tensor
from .walk import walk

__all__ = ["Recorded", "Trace", "Traceable", "current_trace", "eager", "is_training", "note"]


class Traceable(Protocol):
    """What a trace asks of a Variable (see :mod:`glia.graph.variable`)."""

    name: str
    owner: tuple[Any, int] | None

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""

    @property
    def dtype(self) -> DType:
        """Its dtype."""

    @property
    def value(self) -> Any:
        """Its value in the current trace."""

    def assign(self, value: Any) -> None:
        """Set its value in the current trace."""


class Recorded:
    """What records the public operations called on it, instead of computing them."""

    def record(
        self, function: Callable[..., Any], args: Sequence[Any], options: dict[str, Any]
    ) -> Any:
        """Record a call of ``function`` whose arguments hold at least one Recorded."""
        raise NotImplementedError(f"{type(self).__name__} must define record()")


class _Stack(threading.local):
    def __init__(self) -> None:
        self.traces: list[Trace | None] = []


_stack = _Stack()


def current_trace() -> Trace | None:
    """Return the innermost trace being recorded by this thread, or None."""
    return _stack.traces[-1] if _stack.traces else None


@contextlib.contextmanager
def eager() -> Iterator[None]:
    """Suspend tracing: inside, operations on arrays compute and Variables can be made."""
    _stack.traces.append(None)
    try:
        yield
    finally:
        _stack.traces.pop()


def is_training(argument: bool | None = None) -> bool:
    """Return an explicit argument, else the mode of the current trace, else False."""
    if argument is not None:
        return bool(argument)
    trace = current_trace()
    return trace is not None and trace.is_training


def note(owner: object, name: str, value: Any) -> None:
    """Tell a trace that keeps notes about an intermediate tensor; elsewhere do nothing."""
    trace = current_trace()
    if trace is not None and trace.notes is not None:
        trace.notes.append((owner, name, value))


class Trace:
    """A recording of Python into a graph.

    Parameters
    ----------
    is_training : bool, optional
        The mode layers such as dropout ask for; the enclosing trace's when not given.
    keeps_notes : bool
        Whether :func:`note` collects intermediate tensors in ``notes``.
    """

    def __init__(self, is_training: bool | None = None, keeps_notes: bool = False) -> None:
        outer = current_trace()
        self.level: int = outer.level + 1 if outer else 1
        inherited = outer is not None and outer.is_training
        self.is_training: bool = inherited if is_training is None else bool(is_training)
        self.notes: list[tuple[object, str, Any]] | None = [] if keeps_notes else None
        if outer is not None and outer.notes is not None:
            self.notes = outer.notes
        self.entry: dict[Traceable, Tensor] = {}
        self.current: dict[Traceable, Tensor] = {}
        self.inputs: list[Tensor] = []

    def __enter__(self) -> Trace:
        _stack.traces.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _stack.traces.pop()

    def input(self, spec: Spec) -> Tensor:
        """Return a new input symbol of this trace."""
        symbol = placeholder(spec, self.level)
        self.inputs.append(symbol)
        return symbol

    def read(self, variable: Traceable) -> Tensor:
        """Return the tensor of a Variable's present value in this trace."""
        if variable.owner is not None:
            flat, position = variable.owner
            pieces = OPERATIONS["split"](self.read(flat), flat.sizes, 0)
            piece: Tensor = OPERATIONS["reshape"](pieces[position], variable.shape)
            return piece
        if variable not in self.current:
            symbol = placeholder(Spec(variable.shape, variable.dtype), self.level)
            self.entry[variable] = self.current[variable] = symbol
        return self.current[variable]

    def assign(self, variable: Traceable, value: Any) -> None:
        """Record that a Variable gets a new value."""
        old = self.read(variable)
        new = value if isinstance(value, Tensor) else _weak_constant(value, old.dtype)
        if new.shape != variable.shape:
            raise ShapeError(
                f"variable {variable.name!r} has shape {variable.shape} and was assigned a value "
                f"of shape {new.shape}; a variable keeps its shape"
            )
        if new.dtype != variable.dtype:
            raise DtypeError(
                f"variable {variable.name!r} is {variable.dtype} and was assigned {new.dtype}; "
                f"use glia.ops.cast(value, '{variable.dtype}')"
            )
        if variable.owner is not None:
            flat, position = variable.owner
            parts = list(OPERATIONS["split"](self.read(flat), flat.sizes, 0))
            parts[position] = OPERATIONS["reshape"](new, (-1,))
            self.assign(flat, OPERATIONS["concatenate"](parts, 0))
        else:
            self.current[variable] = new

    def assigned(self) -> list[Traceable]:
        """Return the Variables whose value changed, in the order they were first read."""
        return [each for each, entry in self.entry.items() if self.current[each] is not entry]

    def check_no_leaks(self, outputs: Sequence[Tensor]) -> None:
        """Refuse outputs that reach a symbol of another trace.

        Raises
        ------
        TraceError
            Naming the foreign symbol.
        """
        mine = {id(tensor) for tensor in [*self.inputs, *self.entry.values()]}
        for node in walk(outputs):
            if (
                node.op is PLACEHOLDER
                and node.level >= self.level
                and id(node.outputs[0]) not in mine
            ):
                raise TraceError(
                    f"the traced function uses {node.outputs[0]!r} of another trace, which was "
                    "probably stored outside it (in a list, an attribute or a global); return "
                    "tensors from traced functions instead"
                )


def _weak_constant(value: Any, dtype: DType) -> Tensor:
    """A constant of an array in a dtype; a float stays as it is where that is an integer's."""
    array = to_array(value)
    return constant(array if is_float(array.dtype) and not is_float(dtype) else array.astype(dtype))
