"""Optimizers: how gradients change the weights.

Each is a class of two pure functions, ``slots`` and ``update``, written in ops with the formula
in its docstring; :class:`Optimizer` holds what they share. Models take them by object or by name,
``compile(optimizer="adam")``.

>>> import numpy as np
>>> from glia.optimizers import SGD, minimize
>>> path, losses = minimize(lambda p: p[0] ** 2 + 3 * p[1] ** 2, [4.0, 3.0], SGD(0.1), steps=20)
>>> round(float(losses[-1]), 4)
0.0021
"""

from . import schedules
from .adagrad import Adagrad
from .adam import Adam, AdamW
from .descent import Descent, minimize
from .optimizer import Optimizer, Slots
from .perceptron import Perceptron
from .registry import OPTIMIZERS, get
from .rmsprop import RMSprop
from .sgd import SGD

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Descent",
    "Optimizer",
    "Perceptron",
    "RMSprop",
    "Slots",
    "get",
    "minimize",
    "schedules",
]
