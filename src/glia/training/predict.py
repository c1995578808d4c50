"""Outputs for any number of rows, in chunks, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .arrays import Array, Structure
from .batches import chunks
from .callbacks import CallbackList

__all__ = ["predict_rows"]


def predict_rows(
    run: Callable[[Any], Any],
    arrays: Sequence[Array],
    structure: Structure,
    rows_at_once: int,
    callbacks: CallbackList,
) -> Any:
    """Run a compiled model over all rows.

    Parameters
    ----------
    run : callable
        The model in evaluation mode.
    arrays, structure : sequence of ndarray, Structure
        The inputs.
    rows_at_once : int
        Rows per chunk; the last rows go in smaller chunks, never padded.
    callbacks : CallbackList
        Told before and after each chunk.

    Returns
    -------
    ndarray, or list or dict of ndarray
        The outputs in the form the model gives them.
    """
    callbacks.on_predict_begin()
    rows = len(arrays[0])
    results: dict[Any, Array] = {}
    form: Any = None
    for number, part in enumerate(chunks(rows, rows_at_once)):
        callbacks.on_predict_batch_begin(number)
        form = run(structure.pack([array[part] for array in arrays]))
        for key, output in _named(form).items():
            if key not in results:
                results[key] = np.empty((rows, *output.shape[1:]), output.dtype)
            results[key][part] = output
        callbacks.on_predict_batch_end(number, {"outputs": form})
    callbacks.on_predict_end()
    if isinstance(form, Mapping):
        return results
    if isinstance(form, (list, tuple)):
        return list(results.values())
    return results[0]


def _named(form: Any) -> dict[Any, Array]:
    if isinstance(form, Mapping):
        return dict(form)
    return dict(enumerate(form)) if isinstance(form, (list, tuple)) else {0: form}
