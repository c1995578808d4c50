"""OneHot: columns of integer codes as zeros and a one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np

from .. import ops
from ..errors import ArgumentError, ShapeError
from ..graph import Array
from .checks import positive_int, single_shape
from .layer import Layer, LayerOptions

__all__ = ["OneHot"]

# Each is an output of its own, so that more would be a mistake, or a hostile file.
MOST_CODES = 2**20


class OneHot(Layer):
    """Several columns of codes at once: ``output[row, (column, code)] = 1``, else 0.

    A column of size n holds codes 1 to n and becomes n outputs. Any other code, 0 above all,
    which stands for missing or never seen, becomes n zeros: no weight has to be learnt for it.
    Keras' ``CategoryEncoding`` takes one column, and its 0 is a category.

    Parameters
    ----------
    sizes : sequence of int
        How many codes each column of the input has.
    columns : sequence of int, optional
        Which columns of the input to encode; all of them unless given.
    **options
        As for :class:`Layer`.

    Raises
    ------
    ArgumentError
        If sizes are not whole numbers above 0, or a column does not exist; at call, ShapeError
        if the input is not (rows, len(sizes)).
    """

    def __init__(
        self,
        sizes: Sequence[int],
        columns: Sequence[int] | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if not isinstance(sizes, (list, tuple, np.ndarray)) or not len(sizes):
            raise ArgumentError(
                f"OneHot: sizes got {sizes!r}; expected the number of codes of each column, such "
                "as sizes=[3, 7]"
            )
        self.sizes = [positive_int("OneHot", "sizes", size, 3) for size in sizes]
        if sum(self.sizes) > MOST_CODES:
            raise ArgumentError(
                f"OneHot: sizes add up to {sum(self.sizes):,} codes; expected at most "
                f"{MOST_CODES:,}. Use Embedding for a column of so many"
            )
        self.columns = columns if columns is None else [int(each) for each in columns]
        for column in self.columns or []:
            if not 0 <= column < len(self.sizes):
                raise ArgumentError(
                    f"OneHot: columns names {column}, and sizes has columns 0 to "
                    f"{len(self.sizes) - 1}"
                )
        if self.columns == []:
            raise ArgumentError("OneHot: columns got []; expected at least one column")

    def check_input(self, input_shape: Any) -> None:
        shape = single_shape(self, input_shape)
        if len(shape) != 2 or shape[1] != len(self.sizes):
            raise ShapeError(
                f"{self} has sizes for {len(self.sizes)} columns of codes and got an input of "
                f"shape {shape}; expected (rows, {len(self.sizes)})"
            )

    def call(self, inputs: Array) -> Array:
        chosen = range(len(self.sizes)) if self.columns is None else self.columns
        # Each output compares one column with one code: four ops, however many columns.
        column_of = np.repeat(list(chosen), [self.sizes[each] for each in chosen])
        codes = np.concatenate([np.arange(1, self.sizes[each] + 1) for each in chosen])
        by_column = ops.transpose(ops.cast(inputs, "int32"))
        picked = ops.gather(by_column, column_of.astype(np.int32))
        is_it = ops.equal(picked, codes.astype(np.int32)[:, None])
        return ops.transpose(ops.cast(is_it, self.dtype))
