"""The default network of a table: preprocessing as layers, then dense layers, then the head."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import layers
from ..data import Schema
from ..errors import DataError
from ..graph import Array
from ..models import Model
from ..optimizers import Adam
from .settings import Settings

__all__ = ["batch_size_for", "network_for"]


def batch_size_for(rows: int) -> int:
    """Return a power of two from 16 to 256 that makes about a hundred steps of an epoch."""
    return int(np.clip(2 ** round(np.log2(max(rows, 1) / 100)), 16, 256))


def network_for(schema: Schema, encoded: dict[str, Array], settings: Settings) -> Model:
    """Build and compile the network for encoded training rows.

    Numbers are imputed (with indicators of what was missing) and normalised; categories become
    one-hot columns or, with many levels, learnt embeddings. All of it are layers, so it is saved
    with the model. Hidden layers use relu. Statistics come from the given rows only.

    Parameters
    ----------
    schema : Schema
        What the columns are.
    encoded : dict of array
        The training rows, as ``schema.encode`` gave them.
    settings : Settings
        The hidden layers, dropout, and how Adam learns.

    Raises
    ------
    DataError
        If no column is left to predict from.
    """
    inputs: dict[str, Any] = {}
    parts: list[Any] = []
    if "numbers" in encoded:
        values, missing = encoded["numbers"], encoded["missing"]
        inputs["numbers"] = layers.Input(values.shape[1:], name="numbers")
        inputs["missing"] = layers.Input(missing.shape[1:], name="missing")
        imputation = layers.Imputation(indicators=schema.incomplete)
        imputation.adapt([values, missing])
        normalization = layers.Normalization()
        normalization.adapt(imputation([values, missing]))
        parts.append(normalization(imputation([inputs["numbers"], inputs["missing"]])))
    if "categories" in encoded:
        codes = layers.Input(encoded["categories"].shape[1:], dtype="int32", name="categories")
        inputs["categories"] = codes
        parts += _categories(schema, codes)
    if not parts:
        raise DataError(
            f"no column is left to predict {schema.target!r} from: every other one is constant, "
            "empty or an identifier. Add columns, or keep one by --kind COLUMN=category"
        )
    x = parts[0] if len(parts) == 1 else layers.Concatenate()(parts)
    for units in settings.hidden:
        x = layers.Dense(units, activation="relu")(x)
        if settings.dropout:
            x = layers.Dropout(settings.dropout)(x)
    model = Model(inputs, _head(schema, x), name="table_network")
    loss, metrics = {
        "binary": ("binary_crossentropy", ["accuracy"]),
        "multi-class": ("sparse_categorical_crossentropy", ["accuracy"]),
        "regression": ("mean_squared_error", ["r2_score"]),
    }[schema.task]
    optimizer = Adam(settings.learning_rate, weight_decay=settings.weight_decay)
    model.compile(optimizer=optimizer, loss=loss, metrics=metrics)
    return model


def _categories(schema: Schema, codes: Any) -> list[Any]:
    ways = list(enumerate(schema.representations))
    one_hot = [place for place, way in ways if way == "one-hot"]
    parts = []
    if one_hot:
        parts.append(layers.OneHot(sizes=schema.category_sizes, columns=one_hot)(codes))
    for place, way in ways:
        if way == "embedding":
            size, width = schema.category_sizes[place] + 1, schema.embedding_widths[place]
            parts.append(layers.Embedding(size, width)(codes[:, place]))
    return parts


def _head(schema: Schema, x: Any) -> Any:
    if schema.task == "regression":
        return layers.Dense(1)(x)
    if schema.task == "binary":
        return layers.Dense(1, activation="sigmoid")(x)
    return layers.Dense(len(schema.classes), activation="softmax")(x)
