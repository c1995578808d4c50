"""Layers: the bricks of models, one concept per file."""

from .activation import Activation, LeakyReLU, ReLU, Softmax
from .batch_normalization import BatchNormalization
from .dense import Dense
from .dropout import Dropout
from .embedding import Embedding
from .imputation import Imputation
from .input import Input
from .layer import CUSTOM_LAYERS, LAYERS, Layer, get
from .layer_normalization import LayerNormalization
from .merging import Add, Concatenate
from .normalization import Normalization
from .one_hot import OneHot
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
    "Embedding",
    "Flatten",
    "Imputation",
    "Input",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Normalization",
    "OneHot",
    "ReLU",
    "Rescaling",
    "Reshape",
    "Softmax",
    "Symbol",
    "get",
]
