"""Embedding: a learnt vector for each integer code."""

from __future__ import annotations

from typing import Any, Unpack

from .. import initializers, ops, regularizers
from ..graph import Array, Variable
from .checks import positive_int
from .layer import Layer, LayerOptions

__all__ = ["Embedding"]


class Embedding(Layer):
    """A table with a row of weights for each code: ``output[...] = embeddings[code]``.

    Codes of shape (rows, ...) become (rows, ..., output_dim). Keras' ``mask_zero`` and
    ``embeddings_constraint`` do not exist here.

    Parameters
    ----------
    input_dim : int
        How many codes there are; each is from 0 to ``input_dim - 1``.
    output_dim : int
        Length of each code's vector.
    embeddings_initializer : str, Initializer or callable
        What the vectors start as.
    embeddings_regularizer : str, Regularizer or callable, optional
        A penalty on all vectors, added to the loss.
    **options
        As for :class:`Layer`.

    Raises
    ------
    ArgumentError
        If a size is not a whole number above 0; at call, DataError for a code out of range.
    """

    embeddings: Variable

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.input_dim = positive_int("Embedding", "input_dim", input_dim, 1000)
        self.output_dim = positive_int("Embedding", "output_dim", output_dim, 16)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)

    def build(self, input_shape: Any) -> None:
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            name="embeddings",
            regularizer=self.embeddings_regularizer,
        )

    def call(self, inputs: Array) -> Array:
        return ops.gather(self.embeddings, ops.cast(inputs, "int32"))
