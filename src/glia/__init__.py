"""glia: networks you can see through, at the full speed of your CPU.

>>> import glia
>>> from glia import layers
>>> model = glia.Sequential([layers.Input(shape=(4,)), layers.Dense(3, activation="softmax")])
>>> model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

Programs written for Keras run with their import lines changed: ``import glia as keras``.
"""

from . import (
    activations,
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
from .dtypes import default_dtype, set_dtype
from .engines import set_engine
from .errors import (
    ArgumentError,
    DataError,
    DivergenceError,
    DtypeError,
    GliaError,
    NotBuiltError,
    ShapeError,
    TraceError,
)
from .explain import explain
from .function import function, grad, value_and_grad
from .graph import Variable
from .layers import Input, Layer
from .models import Model, Sequential, collapse
from .random import seed
from .training import callbacks

__version__ = "0.1.0"

__all__ = [
    "ArgumentError",
    "DataError",
    "DivergenceError",
    "DtypeError",
    "GliaError",
    "Input",
    "Layer",
    "Model",
    "NotBuiltError",
    "Sequential",
    "ShapeError",
    "TraceError",
    "Variable",
    "activations",
    "callbacks",
    "collapse",
    "default_dtype",
    "explain",
    "function",
    "grad",
    "gradients",
    "initializers",
    "layers",
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
