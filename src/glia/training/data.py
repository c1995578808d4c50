"""Rows ready to be trained on or measured: checked arrays, which of their rows, and weights."""

from __future__ import annotations

from dataclasses import dataclass

from .arrays import Array
from .step import Layout

__all__ = ["Data", "Part"]


@dataclass(frozen=True)
class Part:
    """Some rows of some arrays.

    Attributes
    ----------
    arrays : tuple of ndarray
        Inputs, then targets, then perhaps weights, as the layout says.
    rows : integer array ``(n,)``
        The rows that belong to this part; arrays may be shared with another part.
    layout : Layout
        What the arrays are.
    """

    arrays: tuple[Array, ...]
    rows: Array
    layout: Layout

    @property
    def inputs(self) -> tuple[Array, ...]:
        """The input arrays, all rows."""
        return self.arrays[: self.layout.inputs.count]

    @property
    def targets(self) -> tuple[Array, ...]:
        """The target arrays, all rows, as the losses take them."""
        start = self.layout.inputs.count
        return self.arrays[start : start + self.layout.targets]


@dataclass(frozen=True)
class Data:
    """What one fit works on.

    Attributes
    ----------
    training : Part
        The rows trained on.
    validation : Part or None
        The rows measured after each epoch.
    measured : Part
        The training rows as they are measured in the end: like validation, without class weights.
    """

    training: Part
    validation: Part | None
    measured: Part
