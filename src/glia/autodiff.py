"""Automatic differentiation: from a graph to the graph of its gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from .dtypes import is_float
from .errors import ArgumentError, DtypeError, GliaError, ShapeError, TraceError
from .graph import Array, Tensor, Variable, constant
from .ops import ones_like, zeros_like
from .ops.apply import promote
from .ops.backward import accumulate_gradients
from .plan import stabilise

__all__ = ["gradients"]


def gradients(
    loss: Tensor | Sequence[Tensor],
    wrt: Sequence[Tensor | Variable],
    seeds: Sequence[Array] | None = None,
    missing: Literal["error", "zeros", "none"] = "error",
) -> list[Any]:
    """Return the gradients of a loss, as tensors of the graph being traced.

    Gradients are tensors like any other, so they can be differentiated again. With respect to a
    Variable means with respect to its present value: take gradients before assigning.

    Parameters
    ----------
    loss : Tensor or sequence of Tensor
        What is differentiated; several are added up.
    wrt : sequence of Tensor or Variable
        With respect to what, all of float dtype.
    seeds : sequence of Tensor or array, optional
        The weight of each element of each loss, of its shape; ones when not given.
    missing : {"error", "zeros", "none"}
        What to give where the loss does not depend on a member of ``wrt``.

    Returns
    -------
    list of Tensor
        One per member of ``wrt``, of its shape and dtype.

    Raises
    ------
    DtypeError
        For integers and booleans, which have no gradient.
    GliaError
        If the loss does not depend on a member and ``missing`` is ``"error"``.
    """
    if missing not in ("error", "zeros", "none"):
        raise ArgumentError(f"missing={missing!r}; expected 'error', 'zeros' or 'none'")
    points = [each.value if isinstance(each, Variable) else each for each in wrt]
    losses: list[Any] = list(loss) if isinstance(loss, (list, tuple)) else [loss]
    for each in (*points, *losses):
        if not isinstance(each, Tensor):
            raise TraceError(
                f"gradients got {type(each).__name__}, expected symbols of the graph being traced; "
                "call it in a function wrapped by glia.function, or use glia.grad on a function of "
                "arrays"
            )
    for point in points:
        if not is_float(point.dtype):
            raise DtypeError(
                f"gradients by {point!r}: only floats can change by a little; "
                "cast it with glia.ops.cast before it is used"
            )
    for each in losses:
        if not is_float(each.dtype):
            raise DtypeError(f"gradients of {each!r}: got {each.dtype}, expected a float loss")
    # Stable forms must exist before differentiation, and must not hide what we differentiate by.
    losses = stabilise(losses, opaque=points)
    if seeds is None:
        start = [ones_like(each) for each in losses]
    else:
        start = [_seed(seed, each) for seed, each in zip(seeds, losses, strict=True)]
    found = accumulate_gradients(losses, start, points)
    for each, gradient in zip(wrt, found, strict=True):
        if gradient is None and missing == "error":
            raise GliaError(
                f"the loss does not depend on {each!r}; leave it out, or pass missing='zeros' if "
                "a gradient of zeros is what you want"
            )
    if missing == "none":
        return found
    return [zeros_like(p) if g is None else g for p, g in zip(points, found, strict=True)]


def _seed(given: Array, loss: Tensor) -> Tensor:
    seed = promote(given, loss)[0]
    if seed.shape != loss.shape:
        raise ShapeError(f"gradients: a seed of shape {seed.shape} was given for {loss!r}")
    return constant(seed)
