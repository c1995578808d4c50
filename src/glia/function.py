"""From a Python function to a traced graph, a plan and an engine's callable, cached by shapes."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from .dtypes import default_dtype, is_float, to_array
from .engines import current_engine
from .errors import ArgumentError, DataError, ShapeError
from .graph import (
    Flat,
    Spec,
    Tensor,
    Trace,
    Variable,
    constant,
    current_trace,
    flatten,
)
from .ops import scan
from .ops.apply import promote
from .plan import Plan

__all__ = ["Bound", "Function", "Loop", "Traced", "function"]

# Stands in recordings for a number of rows that is known only when they run.
ANY_NUMBER = 2**31 - 1
# Traces kept for each function; the least recently used goes first.
LARGEST_CACHE = 64


class Traced:
    """A recorded call: its plan, the Variables it reads and assigns, the form of its result."""

    def __init__(
        self, record: Callable[[list[Tensor]], Any], specs: Sequence[Spec], is_training: bool
    ) -> None:
        with Trace(is_training) as trace:
            symbols = [trace.input(spec) for spec in specs]
            leaves, self.rebuild = flatten(record(symbols))
            outputs = [as_symbol(leaf) for leaf in leaves]
            trace.check_no_leaks([*outputs, *trace.current.values()])
        self.reads: list[Any] = list(trace.entry)
        self.writes: list[Any] = trace.assigned()
        self.count = len(outputs)
        inputs = [*symbols, *trace.entry.values()]
        self.plan = Plan(inputs, [*outputs, *[trace.current[each] for each in self.writes]])

    @property
    def is_current(self) -> bool:
        """Whether the flat vectors it was traced with still own their members' storage."""
        return all(each.is_current for each in self.reads if isinstance(each, Flat))

    def inputs(self, arrays: Sequence[Any]) -> list[Any]:
        """Return the arrays an engine needs: the arguments', then the Variables'."""
        return [*arrays, *[each.array for each in self.reads]]

    def store(self, results: Sequence[Any]) -> Any:
        """Put new values into the assigned Variables and return the call's own result."""
        for variable, new in zip(self.writes, results[self.count :], strict=True):
            variable.array[...] = new
        return self.rebuild(results[: self.count])


class Cache:
    """The traces of one function, by key; the least recently used goes first."""

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, tuple[Traced, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._found)

    def find(self, key: Hashable, compiled: Callable[[], tuple[Traced, Any]]) -> tuple[Traced, Any]:
        """Return what is kept under a key, compiled anew if there is nothing or it is stale."""
        with self._lock:
            found = self._found.get(key)
            if found is not None and found[0].is_current:
                self._found.move_to_end(key)
                return found
        # Traced without the lock: tracing may call other functions, or this one.
        made = compiled()
        with self._lock:
            self._found[key] = made
            self._found.move_to_end(key)
            if len(self._found) > LARGEST_CACHE:
                self._found.popitem(last=False)
        return made


class _Identity:
    """The key of an unhashable static argument: the object itself, kept alive."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.value is self.value


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def as_symbol(leaf: Any) -> Tensor:
    """Return a tensor as it is, and a number or array as a constant."""
    return constant(promote(leaf, is_arithmetic=False)[0])


def _inputs(leaves: Sequence[Any]) -> list[Any]:
    """The arrays among leaves; Python floats take the dtype of the float arrays beside them."""
    dynamic = [leaf for leaf in leaves if _is_dynamic(leaf)]
    given = [leaf if _is_number(leaf) else to_array(leaf) for leaf in dynamic]
    floats = {each.dtype for each in given if not _is_number(each) and is_float(each.dtype)}
    dtype = floats.pop() if len(floats) == 1 else default_dtype()
    return [
        np.asarray(each, dtype) if isinstance(each, float) and _is_number(each) else to_array(each)
        for each in given
    ]


def _is_number(leaf: Any) -> bool:
    return isinstance(leaf, (int, float)) and not isinstance(leaf, np.generic)


def _is_dynamic(leaf: Any) -> bool:
    if isinstance(leaf, (bool, str, bytes, type)):
        return False
    return isinstance(leaf, (int, float, np.ndarray, np.generic, Variable)) or hasattr(
        leaf, "__array__"
    )


class Bound:
    """A compiled function for arguments of fixed shapes; a call copies in, runs and copies out.

    One caller at a time: give each thread its own. Made by :meth:`Function.bind`.
    """

    def __init__(self, compiled: Callable[[], tuple[Traced, Any]], arrays: Sequence[Any]) -> None:
        self._find = compiled
        self._inputs = [np.array(array, order="C") for array in arrays]
        self._bind()

    def _bind(self) -> None:
        """Point the compiled code to the buffers and to the weights as they lie now."""
        self._traced, self._compiled = self._find()
        self._flats = [each for each in self._traced.reads if isinstance(each, Flat)]
        self._moves = Variable.moves
        self._arrays = [each.array for each in self._traced.reads]
        self._run, self._outputs = self._compiled.bind([*self._inputs, *self._arrays])
        self._is_single = self._traced.rebuild(self._outputs) is self._outputs[0]

    def __call__(self, *arrays: Any) -> Any:
        """Run on arrays of the shapes it was bound to.

        Raises
        ------
        ShapeError
            For other shapes.
        """
        for own, array in zip(self._inputs, arrays, strict=True):
            if array.shape != own.shape:
                raise ShapeError(
                    f"compiled for an array of shape {own.shape}, called with {array.shape}; "
                    "compile for that shape too, or use predict, which takes any number of rows"
                )
            own[...] = array
        if self._moves != Variable.moves and not self._is_current():
            self._bind()
        self._run()
        if self._is_single:
            return self._outputs[0].copy()
        return self._traced.rebuild([output.copy() for output in self._outputs])

    def _is_current(self) -> bool:
        """Whether the weights are where they were: grouping them for training moves them."""
        for flat in self._flats:
            if not flat.is_current:
                return False
        for variable, array in zip(self._traced.reads, self._arrays, strict=True):
            if variable.array is not array:
                return False
        return True


class Function:
    """A function that is traced once for each combination of shapes and dtypes, then only run.

    Made by :func:`function`.
    """

    def __init__(self, f: Callable[..., Any], is_training: bool = False) -> None:
        functools.update_wrapper(self, f)
        self.f = f
        self.is_training = is_training
        self._cache = Cache()

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Run the function: numbers and arrays are inputs, anything else is static."""
        leaves, _ = flatten((args, options))
        if current_trace() is not None or any(isinstance(leaf, Tensor) for leaf in leaves):
            return self.f(*args, **options)
        arrays = _inputs(leaves)
        traced, run = self._compiled(arrays, args, options)
        return traced.store(run(traced.inputs(arrays)))

    def trace(self, *args: Any, **options: Any) -> Traced:
        """Return the recorded call for such arguments; its ``plan`` can be printed."""
        leaves, _ = flatten((args, options))
        arrays = _inputs(leaves)
        return self._compiled(arrays, args, options)[0]

    def bind(self, *args: Any) -> Bound:
        """Return the function compiled for arguments of these shapes, with buffers of its own.

        Raises
        ------
        ArgumentError
            If it assigns Variables, which a bound function does not.
        """
        arrays = _inputs(flatten((args, {}))[0])
        if self._compiled(arrays, args, {})[0].writes:
            raise ArgumentError("bind: the function assigns Variables; call it as it is")
        return Bound(lambda: self._compiled(arrays, args, {}), arrays)

    def _compiled(self, arrays: Sequence[Any], args: Any, options: Any) -> tuple[Traced, Any]:
        leaves, rebuild = flatten((args, options))
        static = [leaf for leaf in leaves if not _is_dynamic(leaf)]
        engine = current_engine()
        key = (
            tuple(_is_dynamic(leaf) for leaf in leaves),
            tuple((array.shape, array.dtype) for array in arrays),
            tuple(each if _is_hashable(each) else _Identity(each) for each in static),
            str(_form((args, options))),
            (self.is_training, default_dtype(), engine.name),
        )

        def record(symbols: list[Tensor]) -> Any:
            given = iter(symbols)
            filled = [next(given) if _is_dynamic(leaf) else leaf for leaf in leaves]
            new_args, new_options = rebuild(filled)
            return self.f(*new_args, **new_options)

        def compiled() -> tuple[Traced, Any]:
            specs = [Spec(array.shape, array.dtype) for array in arrays]
            traced = Traced(record, specs, self.is_training)
            return traced, engine.compile(traced.plan)

        return self._cache.find(key, compiled)


def _form(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _form(branch) for key, branch in tree.items()}
    if isinstance(tree, (tuple, list)):
        return type(tree).__name__, [_form(branch) for branch in tree]
    return tree is None


def function(f: Callable[..., Any] | None = None, *, is_training: bool = False) -> Any:
    """Turn a Python function of arrays into a compiled one.

    Parameters
    ----------
    f : callable
        Written with :mod:`glia.ops`; it may read and assign Variables. Arrays and numbers among
        its arguments (in any nesting of tuples, lists and dicts) become symbols; other arguments
        are static. Python loops are unrolled.
    is_training : bool
        The mode that layers such as dropout see.

    Returns
    -------
    Function
        Called with arrays it returns arrays; called with symbols it becomes part of their graph.

    Examples
    --------
    >>> @glia.function
    ... def distance(a, b):
    ...     return glia.ops.sqrt(glia.ops.sum((a - b) ** 2))
    """
    if f is None:
        return lambda each: Function(each, is_training)
    return Function(f, is_training)


class Loop:
    """An epoch: one step, traced as the body of a ``scan`` over rows, run in resumable pieces.

    Parameters
    ----------
    step : callable
        ``step(row, data)`` returns a tree of tensors; all state lives in Variables.
    is_training : bool
        The mode that layers see.
    is_by_rows : bool
        Whether the step does nothing with its data but gather rows by the numbers it gets. Then
        one recording serves data of any number of rows.
    """

    def __init__(
        self, step: Callable[..., Any], *, is_training: bool, is_by_rows: bool = False
    ) -> None:
        self.step = step
        self.is_training = is_training
        self.is_by_rows = is_by_rows
        self._cache = Cache()

    def _count(self, array: Any) -> int:
        return ANY_NUMBER if self.is_by_rows else int(array.shape[0])

    def _check(self, rows: Any, data: Sequence[Any]) -> None:
        """Refuse row numbers outside the data, which compiled code would not notice."""
        most = min((len(each) for each in data), default=ANY_NUMBER)
        if rows.size and (rows.min() < 0 or rows.max() >= most):
            wrong = int(rows.min()) if rows.min() < 0 else int(rows.max())
            raise DataError(f"Loop.run: the row number {wrong} is outside the data's 0..{most - 1}")

    def trace(self, rows: Any, data: Sequence[Any]) -> Traced:
        """Return the recorded epoch for such arrays; its ``plan`` can be printed."""
        return self._compiled([to_array(each) for each in (rows, *data)])[0]

    def _compiled(self, arrays: Sequence[Any]) -> tuple[Traced, Any]:
        engine = current_engine()
        rows, *data = arrays
        # The number of steps is the engine's to see when it runs; one stands for any.
        specs = [Spec((1, *rows.shape[1:]), rows.dtype)]
        specs += [Spec((self._count(each), *each.shape[1:]), each.dtype) for each in data]
        key = tuple(specs), default_dtype(), engine.name

        def record(symbols: list[Tensor]) -> Any:
            rows, *data = symbols
            return scan(lambda _, row: ([], self.step(row, tuple(data))), [], rows)[1]

        def compiled() -> tuple[Traced, Any]:
            traced = Traced(record, specs, self.is_training)
            if not traced.plan.outputs:
                raise ArgumentError("the step of a Loop returns nothing and assigns no Variable")
            return traced, engine.compile_loop(traced.plan)

        return self._cache.find(key, compiled)

    def run(
        self, rows: Any, data: Sequence[Any], first: int = 0, deadline: float | None = None
    ) -> tuple[int, Any]:
        """Run steps from ``first`` to the end, or until a deadline.

        Parameters
        ----------
        rows : (steps, ...) array
            What each step gets, such as the row numbers of its batch.
        data : sequence of array
            What every step gets.
        first : int
            The step to begin with.
        deadline : float, optional
            A ``time.perf_counter()`` value; the first step to end after it is the last.

        Returns
        -------
        next, outputs : int, tree of (next - first, ...) arrays
            The step to continue with, and the stacked outputs of those that ran.
        """
        arrays = [to_array(each) for each in (rows, *data)]
        if not 0 <= first < arrays[0].shape[0]:
            raise ArgumentError(f"Loop.run: got first={first} of {arrays[0].shape[0]} steps")
        if self.is_by_rows:
            self._check(arrays[0], arrays[1:])
        traced, run = self._compiled(arrays)
        following, results = run(traced.inputs(arrays), first, deadline)
        return following, traced.store(results)
