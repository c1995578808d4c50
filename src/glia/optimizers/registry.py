"""The optimizers by name."""

from __future__ import annotations

from ..config import instance
from ..errors import ArgumentError
from .adagrad import Adagrad
from .adam import Adam, AdamW
from .optimizer import Optimizer
from .perceptron import Perceptron
from .rmsprop import RMSprop
from .sgd import SGD

__all__ = ["OPTIMIZERS", "get"]

OPTIMIZERS: dict[str, type[Optimizer]] = {
    kind.__name__.lower(): kind for kind in (Adagrad, Adam, AdamW, Perceptron, RMSprop, SGD)
}


def get(identifier: object) -> Optimizer:
    """Return the optimizer something stands for.

    Parameters
    ----------
    identifier : str, Optimizer, class of Optimizer, or config dict
        A name in any case, ``"adam"``, gives a new optimizer with its default options.

    Returns
    -------
    Optimizer
        The optimizer.

    Raises
    ------
    ArgumentError
        For an unknown name (the nearest is suggested) or anything else.
    """
    optimizer = instance("optimizer", identifier, Optimizer, OPTIMIZERS)
    if optimizer is None:
        raise ArgumentError(
            f"optimizer got {identifier!r}; expected a name such as 'adam' "
            f"({', '.join(sorted(OPTIMIZERS))}) or an object such as glia.optimizers.Adam(0.001)"
        )
    return optimizer
