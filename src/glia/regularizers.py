"""Weight penalties added to the loss, which keep weights small (L2) or many of them zero (L1)."""

from __future__ import annotations

from collections.abc import Callable

from . import ops
from .config import Configurable, checked_number, instance
from .errors import ArgumentError
from .graph import Array

__all__ = ["L1", "L1L2", "L2", "REGULARIZERS", "Regularizer", "get", "l1", "l1_l2", "l2"]


class Regularizer(Configurable):
    """A penalty on a weight: subclass it and return a scalar, written in ops, from ``__call__``."""

    def __call__(self, x: Array) -> Array:
        """Return the penalty, a scalar, of a weight of any shape."""
        raise NotImplementedError(
            f"{type(self).__name__} has no __call__: write def __call__(self, x) "
            "and return a scalar, using glia.ops"
        )


class L1(Regularizer):
    """The penalty ``l1 * sum(|x|)``, which drives unneeded weights to zero (Tibshirani, 1996).

    Parameters
    ----------
    l1 : float
        The factor, at least 0. At a weight of exactly 0 the gradient is 0, as in PyTorch.

    Raises
    ------
    ArgumentError
        If the factor is negative or not finite.
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = checked_number("L1", "l1", l1, example=0.01)

    def __call__(self, x: Array) -> Array:
        return self.l1 * ops.sum(ops.absolute(x))


class L2(Regularizer):
    """The penalty ``l2 * sum(x ** 2)``, which shrinks all weights (Hoerl and Kennard, 1970).

    Parameters
    ----------
    l2 : float
        The factor, at least 0; the gradient is ``2 * l2 * x``, as in Keras (no factor of 1/2).

    Raises
    ------
    ArgumentError
        If the factor is negative or not finite.
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = checked_number("L2", "l2", l2, example=0.01)

    def __call__(self, x: Array) -> Array:
        return self.l2 * ops.sum(ops.square(x))


class L1L2(Regularizer):
    """Both penalties, ``l1 * sum(|x|) + l2 * sum(x ** 2)`` (Zou and Hastie, 2005).

    Parameters
    ----------
    l1, l2 : float
        The factors, at least 0. Both are 0 unless given, as in Keras; asked for by name,
        ``"l1_l2"``, they are 0.01, where Keras' ``"L1L2"`` silently penalises nothing.

    Raises
    ------
    ArgumentError
        If a factor is negative or not finite.
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = checked_number("L1L2", "l1", l1, example=0.01)
        self.l2 = checked_number("L1L2", "l2", l2, example=0.01)

    def __call__(self, x: Array) -> Array:
        return self.l1 * ops.sum(ops.absolute(x)) + self.l2 * ops.sum(ops.square(x))


# Keras spells each both ways.
l1, l2, l1_l2 = L1, L2, L1L2


class Written(Regularizer):
    """A user's own function from a weight to a scalar."""

    def __init__(self, function: Callable[[Array], Array]) -> None:
        self.function = function

    def __call__(self, x: Array) -> Array:
        return self.function(x)


REGULARIZERS: dict[str, type[Regularizer]] = {"l1": L1, "l1_l2": L1L2, "l2": L2}


def get(identifier: object) -> Regularizer | None:
    """Return the regularizer something stands for.

    Parameters
    ----------
    identifier : str, Regularizer, class, callable or None
        ``"l1"``, ``"l2"`` and ``"l1_l2"`` take a factor of 0.01; a function from a weight to a
        scalar, written in ops, is accepted; None is no penalty.

    Returns
    -------
    Regularizer or None
        The penalty.

    Raises
    ------
    ArgumentError
        For an unknown name, with the nearest known one, or anything else.
    """
    if identifier is None:
        return None
    found = instance("regularizer", identifier, Regularizer, REGULARIZERS)
    if found is not None:
        is_named = isinstance(identifier, str)
        return L1L2(0.01, 0.01) if is_named and isinstance(found, L1L2) else found
    if callable(identifier):
        return Written(identifier)
    raise ArgumentError(
        f"regularizer got {identifier!r}; expected a name such as 'l2', an object such as "
        "glia.regularizers.L2(0.01), or a function from a weight to a scalar"
    )
