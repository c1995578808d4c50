"""End training quietly when the loss is no longer finite."""

from __future__ import annotations

from ..errors import DivergenceError
from .callback import Callback

__all__ = ["TerminateOnNaN"]


class TerminateOnNaN(Callback):
    """End training quietly, instead of with an error, when the loss becomes NaN or infinite.

    The history gets the non-finite loss as its last entry, as in Keras; the weights are those of
    the last epoch that was finite, where Keras leaves NaN.

    Attributes
    ----------
    error : DivergenceError or None
        What would have been raised, with its explanation.
    """

    error: DivergenceError | None = None

    def on_divergence(self, error: DivergenceError) -> bool:
        self.error = error
        return True
