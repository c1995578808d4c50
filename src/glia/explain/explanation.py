"""What an explanation is: its text, and the numbers in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import unknown_name

__all__ = ["Explanation"]


@dataclass(frozen=True)
class Explanation:
    """A text to print and the numbers it was written from.

    Attributes
    ----------
    text : str
        What ``print(explanation)`` shows.
    numbers : mapping of str to array
        Every number in it at full precision, in the order of the text: ``explanation["dW2"]``.
    """

    text: str
    numbers: Mapping[str, np.ndarray[Any, Any]] = field(repr=False)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def __getitem__(self, name: str) -> np.ndarray[Any, Any]:
        if name not in self.numbers:
            raise unknown_name("number of this explanation", name, self.numbers)
        return self.numbers[name]
