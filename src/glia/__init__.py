"""glia: networks you can see through, at the full speed of your CPU.

>>> import glia
>>> from glia import layers
>>> model = glia.Sequential([layers.Input(shape=(4,)), layers.Dense(3, activation="softmax")])
>>> model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

Programs written for Keras run with their import lines changed: ``import glia as keras``.
"""

import typing as _typing

from . import (
    activations,
    callbacks,
    initializers,
    layers,
    losses,
    metrics,
    models,
    ops,
    optimizers,
    random,
    regularizers,
    utils,
)
from .autodiff import gradients
from .derivatives import grad, value_and_grad
from .dtypes import default_dtype, set_dtype
from .engines import set_engine
from .errors import (
    ArgumentError,
    DataError,
    DivergenceError,
    DtypeError,
    FileError,
    GliaError,
    MissingPackageError,
    NotBuiltError,
    ShapeError,
    TraceError,
)
from .explain import explain
from .function import function
from .graph import Variable
from .layers import Input, Layer
from .models import Model, Sequential, collapse
from .random import seed
from .saving import load
from .validation import cross_validate
from .version import __version__ as __version__

if _typing.TYPE_CHECKING:
    from .estimators import GliaClassifier, GliaRegressor

__all__ = [
    "ArgumentError",
    "DataError",
    "DivergenceError",
    "DtypeError",
    "FileError",
    "GliaClassifier",
    "GliaError",
    "GliaRegressor",
    "Input",
    "Layer",
    "MissingPackageError",
    "Model",
    "NotBuiltError",
    "Sequential",
    "ShapeError",
    "TraceError",
    "Variable",
    "activations",
    "callbacks",
    "collapse",
    "cross_validate",
    "default_dtype",
    "explain",
    "function",
    "grad",
    "gradients",
    "initializers",
    "layers",
    "load",
    "losses",
    "metrics",
    "models",
    "ops",
    "optimizers",
    "random",
    "regularizers",
    "seed",
    "set_dtype",
    "set_engine",
    "utils",
    "value_and_grad",
]


def __getattr__(name: str) -> _typing.Any:
    # scikit-learn is optional and slow to import, so the estimators come when asked for.
    if name in ("GliaClassifier", "GliaRegressor"):
        from . import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module 'glia' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
