"""The public ``scan``: Python's loop body traced once into a closed graph.

What the body reads from outside becomes a constant of the loop, which hoists what does not change;
the Variables it assigns are carried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..dtypes import default_dtype, is_float
from ..errors import DtypeError, ShapeError
from ..graph import (
    CONSTANT,
    Spec,
    Tensor,
    Trace,
    constant,
    current_trace,
    flatten,
    map_tree,
    placeholder,
    rewrite,
    walk,
)
from .apply import as_value, promote, public
from .loop import close, scan_node

__all__ = ["scan"]


def _capture(
    outputs: Sequence[Tensor], mine: Sequence[Tensor], level: int
) -> tuple[dict[Tensor, Tensor], list[Tensor]]:
    """Give tensors from outside the loop placeholders: ({outside: placeholder}, outputs)."""
    read = [t for node in walk(outputs, mine) if node.level >= level for t in node.inputs]
    outside = {
        t: placeholder(t.spec, level)
        for t in dict.fromkeys([*read, *outputs])
        if t.level < level and t.node.op is not CONSTANT
    }
    return outside, rewrite(outputs, {**{t: t for t in mine}, **outside})


@public
def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    carry: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """Run a body over the rows of ``xs``, carrying values from step to step.

    Variables assigned inside the body are carried too, without being named.

    Parameters
    ----------
    f : callable
        ``f(carry, x) -> (carry, y)``; ``x`` is one row of ``xs``.
    carry : tree of Tensor or array
        Values entering the first step; each step must give back the same shapes and dtypes.
    xs : tree of (length, ...), optional
        Rows to run over.
    length : int, optional
        Number of steps; needed only without ``xs``.
    reverse : bool
        Whether to run from the last row to the first.

    Returns
    -------
    carry, ys
        The final carry, and each step's ``y`` stacked in the order of the rows.

    Raises
    ------
    ShapeError, DtypeError
        If a carry leaves a step with another shape or dtype than it entered with.
    """
    leaves, rebuild_x = flatten(xs)
    rows = [as_value(leaf) for leaf in leaves]
    lengths = {row.shape[0] if row.ndim else None for row in rows} | ({length} - {None})
    if len(lengths) != 1 or None in lengths:
        raise ShapeError(
            f"scan: got rows of shapes {[row.shape for row in rows]} and length={length}; "
            "expected one common number of steps"
        )
    steps = int(next(iter(lengths)))  # type: ignore[arg-type]
    if current_trace() is None:
        return _scan_arrays(f, carry, rows, rebuild_x, steps, reverse)
    return _scan_symbols(f, carry, rows, rebuild_x, steps, reverse)


def _scan_arrays(
    f: Any, carry: Any, rows: list[Any], rebuild_x: Any, length: int, reverse: bool
) -> tuple[Any, Any]:
    ys: list[Any] = [None] * length
    for row in range(length - 1, -1, -1) if reverse else range(length):
        left = f(carry, rebuild_x([x[row] for x in rows]))
        # Copies, since a Variable's array changes in place in later steps.
        carry, ys[row] = map_tree(lambda leaf: np.array(as_value(leaf)), left)
    if not ys:
        return carry, _no_rows(f, carry, rows, rebuild_x)
    rebuild_y = flatten(ys[0])[1]
    return carry, rebuild_y(
        [np.stack(part) for part in zip(*[flatten(y)[0] for y in ys], strict=True)]
    )


def _no_rows(f: Any, carry: Any, rows: list[Any], rebuild_x: Any) -> Any:
    """The stacked outputs of no steps: of the shapes that a step would give."""
    leaves, rebuild = flatten(carry)
    given = [promote(v, *rows)[0] if isinstance(v, float) else as_value(v) for v in leaves]
    with Trace() as trace:
        k = [trace.input(Spec(value.shape, value.dtype)) for value in given]
        x = [trace.input(Spec(row.shape[1:], row.dtype)) for row in rows]
        y = f(rebuild(k), rebuild_x(x))[1]
    return map_tree(lambda t: np.zeros((0, *as_value(t).shape), as_value(t).dtype), y)


def _enter(leaves: Sequence[Any], rows: Sequence[Any]) -> list[Tensor]:
    floats = [t.dtype for t in (*leaves, *rows) if isinstance(t, Tensor) and is_float(t.dtype)]
    dtype = floats[0] if floats else default_dtype()
    values = [promote(leaf, is_arithmetic=False)[0] for leaf in leaves]
    return [
        v if isinstance(v, Tensor) else constant(v.astype(dtype) if is_float(v.dtype) else v)
        for v in values
    ]


def _leave(new: Any, old: Tensor) -> Tensor:
    value = as_value(new)
    if not isinstance(value, Tensor):
        keeps_digits = is_float(old.dtype) or not is_float(value.dtype)
        value = constant(np.asarray(value, old.dtype) if keeps_digits else value)
    if value.shape != old.shape:
        raise ShapeError(
            f"scan: a carry entered a step with shape {old.shape} and left it with {value.shape}; "
            "a carry keeps its shape"
        )
    if value.dtype != old.dtype:
        raise DtypeError(
            f"scan: a carry entered a step as {old.dtype} and left it as {value.dtype}; "
            "cast it where the loop starts or where the step ends"
        )
    return value


def _scan_symbols(
    f: Any, carry: Any, rows: list[Any], rebuild_x: Any, length: int, reverse: bool
) -> tuple[Any, Any]:
    carry_leaves, rebuild_carry = flatten(carry)
    start, xs = _enter(carry_leaves, rows), _enter(rows, carry_leaves)
    with Trace() as trace:
        k = [trace.input(t.spec) for t in start]
        x = [trace.input(Spec(t.shape[1:], t.dtype)) for t in xs]
        new_carry, y = f(rebuild_carry(k), rebuild_x(x))
        new_leaves, y_leaves = flatten(new_carry)[0], flatten(y)[0]
        if len(new_leaves) != len(k):
            raise ShapeError(f"scan: {len(k)} carries entered a step and {len(new_leaves)} left it")
        left = [_leave(new, old) for new, old in zip(new_leaves, k, strict=True)]
        ys = [constant(promote(leaf, is_arithmetic=False)[0]) for leaf in y_leaves]
    changed = trace.assigned()
    held = {each: each.value for each in trace.entry}
    read_only = {p: constant(held[v]) for v, p in trace.entry.items() if v not in changed}
    k += [trace.entry[v] for v in changed]
    outputs = [*left, *[trace.current[v] for v in changed], *ys]
    trace.check_no_leaks(outputs)
    inner = rewrite(outputs, {**{t: t for t in (*k, *x)}, **read_only})
    outside, inner = _capture(inner, [*k, *x], trace.level)
    body = close([*outside.values(), *k, *x], inner, trace.level)
    entering = [*start, *[constant(held[v]) for v in changed]]
    result = scan_node(list(outside), entering, xs, body, length, reverse)
    for variable, new in zip(changed, result[len(start) :], strict=False):
        variable.assign(new)
    stacked = result[len(k) :]
    return rebuild_carry(result[: len(start)]), flatten(y)[1](stacked)
