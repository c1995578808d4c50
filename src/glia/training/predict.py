"""Outputs for any number of rows, in chunks, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..callbacks import CallbackList
from ..engines import current_engine
from ..function import Bound, function
from .arrays import Array, Structure
from .batches import chunks

__all__ = ["Predictor", "predict_rows"]

# Kinds of single rows that are answered by buffers of their own.
MOST_KINDS = 8


class Predictor:
    """A model's call in evaluation mode, recorded and compiled when it is needed.

    Parameters
    ----------
    model : callable
        The model.
    """

    def __init__(self, model: Any) -> None:
        def call(x: Any) -> Any:
            return model(x)

        self.run = function(call)
        self._engine = current_engine()
        self._bound: dict[tuple[Any, Any], Bound] = {}

    def quick(self, x: Array) -> Any:
        """Return the outputs for one row of a shape and dtype seen before, or None.

        It leaves out every check but the one for NaN and infinity; what fails goes the long way.
        """
        bound = self._bound.get((x.shape, x.dtype))
        if bound is None or current_engine() is not self._engine or not np.isfinite(x).all():
            return None
        return bound(x)

    def learn(self, x: Any, inputs: Sequence[Array], result: Any) -> None:
        """Remember the kind of a single row that was predicted for, if it is plain floats."""
        is_plain = type(x) is np.ndarray and isinstance(result, np.ndarray) and len(inputs) == 1
        if not is_plain or len(x) != 1 or x.shape != inputs[0].shape or x.dtype.kind != "f":
            return
        key = x.shape, x.dtype
        if key not in self._bound and len(self._bound) < MOST_KINDS:
            self._bound[key] = self.run.bind(inputs[0])


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
