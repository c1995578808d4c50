"""Input: where a model begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..dtypes import canonical, default_dtype
from ..errors import ArgumentError
from .layer import checked_shape
from .symbol import Symbol

__all__ = ["Input"]


def Input(  # noqa: N802 - Keras' name
    shape: Sequence[int | None], dtype: Any = None, name: str | None = None
) -> Symbol:
    """Return the Symbol of a model's input, to call layers on.

    Parameters
    ----------
    shape : sequence of int or None
        Shape of one row, without the batch: ``(20,)`` for 20 features. None is an axis whose
        size varies.
    dtype : dtype, optional
        ``glia.dtypes.default_dtype()`` unless given.
    name : str, optional
        The name by which a dict of arrays feeds it; else ``input``, ``input_1`` ...

    Returns
    -------
    Symbol
        Of shape ``(None, *shape)``.

    Raises
    ------
    ArgumentError
        If the shape is not a sequence of sizes, or the name not a text.
    """
    if name is not None and (not isinstance(name, str) or not name):
        raise ArgumentError(f"Input: name got {name!r}; expected text")
    given = default_dtype() if dtype is None else canonical(dtype)
    return Symbol((None, *checked_shape("Input", shape)), given, name=name)
