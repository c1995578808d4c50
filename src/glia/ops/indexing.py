"""Indexing: gather rows by number, and its transpose that adds rows where they came from."""

from __future__ import annotations

from typing import Any

from ..dtypes import int32
from ..errors import DtypeError, ShapeError
from ..graph import Array, Node, Op, Spec, Tensor
from .apply import apply, as_value, promote, public
from .elementwise import cast

__all__ = ["gather", "scatter_add"]


def _index(xp: Any, indices: Any, batch_axes: int) -> tuple[Any, ...]:
    """The advanced index that pairs each batch position with its own indices."""
    rank = indices.ndim
    places = []
    for axis in range(batch_axes):
        shape = [indices.shape[axis] if a == axis else 1 for a in range(rank)]
        places.append(xp.reshape(xp.arange(indices.shape[axis]), shape))
    return (*places, indices)


def _infer_gather(x: Spec, indices: Spec, batch_axes: int) -> Spec:
    return Spec(indices.shape + x.shape[batch_axes + 1 :], x.dtype)


def _evaluate_gather(xp: Any, x: Any, indices: Any, batch_axes: int) -> Any:
    checked = xp.check_indices(indices, x.shape[batch_axes])
    return x[_index(xp, checked, batch_axes)]


def _gather_gradient(node: Node, g: Tensor) -> tuple[Array, None]:
    (x, indices), axes = node.inputs, node.attributes["batch_axes"]
    return scatter_add(indices, g, x.shape[axes], axes), None


def _infer_scatter(indices: Spec, updates: Spec, size: int, batch_axes: int) -> Spec:
    batch, rest = indices.shape[:batch_axes], updates.shape[len(indices.shape) :]
    return Spec((*batch, size, *rest), updates.dtype)


def _evaluate_scatter(xp: Any, indices: Any, updates: Any, size: int, batch_axes: int) -> Any:
    rest = updates.shape[indices.ndim :]
    shape = (*indices.shape[:batch_axes], size, *rest)
    checked = xp.check_indices(indices, size)
    return xp.scatter_add(shape, _index(xp, checked, batch_axes), updates)


def _scatter_gradient(node: Node, g: Tensor) -> tuple[None, Array]:
    return None, gather(g, node.inputs[0], node.attributes["batch_axes"])


GATHER = Op("gather", "indexing", _infer_gather, _evaluate_gather, _gather_gradient)
SCATTER_ADD = Op("scatter_add", "indexing", _infer_scatter, _evaluate_scatter, _scatter_gradient)


def _integers(indices: Array, what: str) -> Array:
    indices = as_value(indices)
    if indices.dtype.kind not in "iu":
        raise DtypeError(f"{what}: got {indices.dtype} indices, expected integers")
    return cast(indices, int32)


@public
def gather(x: Array, indices: Array, batch_axes: int = 0) -> Array:
    """Pick rows by number.

    Parameters
    ----------
    x : (*B, n, *R)
        Where to pick from; ``B`` are the first ``batch_axes`` axes.
    indices : (*B, *I), integer
        Which of the ``n`` to pick, each in ``0..n-1``.
    batch_axes : int
        How many leading axes the two share.

    Returns
    -------
    (*B, *I, *R)
        The rows.

    Raises
    ------
    DataError
        If an index is out of range.
    """
    x, indices = as_value(x), _integers(indices, "gather")
    if x.ndim <= batch_axes or x.shape[:batch_axes] != indices.shape[:batch_axes]:
        raise ShapeError(
            f"gather: with batch_axes={batch_axes}, the first {batch_axes} axes of {x.shape} and "
            f"{indices.shape} must be equal and one more axis must follow to look into"
        )
    return apply(GATHER, x, indices, batch_axes=batch_axes)


@public
def scatter_add(indices: Array, updates: Array, size: int, batch_axes: int = 0) -> Array:
    """Add rows into zeros at numbered places; rows of the same number add up.

    Parameters
    ----------
    indices : (*B, *I), integer
        Where each row goes, in ``0..size-1``.
    updates : (*B, *I, *R)
        The rows.
    size : int
        Length of the axis they are added into.
    batch_axes : int
        Number of axes in ``B``.

    Returns
    -------
    (*B, size, *R)
        The sums.

    Raises
    ------
    DataError
        If an index is out of range.
    """
    updates, indices = promote(updates)[0], _integers(indices, "scatter_add")
    if updates.shape[: indices.ndim] != indices.shape:
        raise ShapeError(
            f"scatter_add: updates of shape {updates.shape} must begin with the indices' shape "
            f"{indices.shape}"
        )
    return apply(SCATTER_ADD, indices, updates, size=int(size), batch_axes=batch_axes)
