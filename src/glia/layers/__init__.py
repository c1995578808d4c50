"""Layers: the bricks of models, one concept per file."""

from .activation import Activation, LeakyReLU, ReLU, Softmax
from .batch_normalization import BatchNormalization
from .dense import Dense
from .dropout import Dropout
from .input import Input
from .layer import CUSTOM_LAYERS, LAYERS, Layer, get
from .layer_normalization import LayerNormalization
from .merging import Add, Concatenate
from .normalization import Normalization
from .rescaling import Rescaling
from .reshaping import Flatten, Reshape
from .symbol import Symbol

__all__ = [
    "CUSTOM_LAYERS",
    "LAYERS",
    "Activation",
    "Add",
    "BatchNormalization",
    "Concatenate",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Normalization",
    "ReLU",
    "Rescaling",
    "Reshape",
    "Softmax",
    "Symbol",
    "get",
]
