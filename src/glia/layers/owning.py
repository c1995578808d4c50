"""What a layer owns: its weights and inner layers, found wherever its attributes hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, TypeVar, overload

import numpy as np

from .. import initializers, regularizers
from ..dtypes import DType, default_dtype
from ..errors import ArgumentError, ShapeError
from ..graph import Array, Flat, Variable
from .naming import free_name, snake_case, unique_names

__all__ = ["Owning", "supplying", "view"]

T = TypeVar("T")
Shape = tuple[int, ...]


class view(Generic[T]):  # noqa: N801 - a decorator, like property
    """A computed attribute that a class may hide by storing its own value under that name."""

    def __init__(self, function: Callable[[Any], T]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> view[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> view[T] | T:
        return self if instance is None else self.function(instance)


_supply: ContextVar[Callable[..., Any] | None] = ContextVar("supply", default=None)


@contextmanager
def supplying(values: Callable[[Shape, DType], Any]) -> Iterator[None]:
    """Let new weights start as ``values(shape, dtype)`` within a block, not as initializers say."""
    token = _supply.set(values)
    try:
        yield
    finally:
        _supply.reset(token)


def _found(value: Any) -> Iterator[Variable | Owning]:
    if isinstance(value, (Variable, Owning)):
        # A Flat is the storage of other Variables, not one more weight.
        if not isinstance(value, Flat):
            yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _found(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _found(each)


def _distinct(values: Iterator[T]) -> list[T]:
    return list({id(value): value for value in values}.values())


class Owning:
    """A mixin: variables, inner layers and their names, frozen or trainable, counted and set.

    Everything is read from the object's attributes in the order they were first set. Its own
    variables come before those of inner layers, and a shared layer or variable counts once.
    """

    given_name: str | None = None
    adopted_name: str | None = None
    # The id of the owner that named it, which alone may name it anew.
    _adopter: int | None = None
    # Class-level values serve users' classes that do not call super().__init__().
    _trainable = True
    _dtype: DType | None = None
    _penalties: tuple[tuple[Variable, Callable[[Any], Array]], ...] = ()

    @property
    def name(self) -> str:
        """The name given by the user, else by the layer's first owner, else by its class."""
        return self.given_name or self.adopted_name or snake_case(type(self).__name__)

    @name.setter
    def name(self, name: str | None) -> None:
        if name is not None and (not isinstance(name, str) or not name or "/" in name):
            raise ArgumentError(
                f"{type(self).__name__}: name got {name!r}; expected text without '/'"
            )
        self.given_name = name

    @property
    def dtype(self) -> DType:
        """The dtype of its weights and float inputs; the default until it is built."""
        return self._dtype or default_dtype()

    @property
    def trainable(self) -> bool:
        """Whether training changes its weights; setting it sets it in inner layers too."""
        return self._trainable

    @trainable.setter
    def trainable(self, is_trainable: bool) -> None:
        for layer in self._with_inner():
            layer._trainable = bool(is_trainable)

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.name!r}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def _own(self) -> Iterator[Variable | Owning]:
        for value in list(vars(self).values()):
            yield from _found(value)

    def _own_variables(self) -> list[Variable]:
        return _distinct(each for each in self._own() if isinstance(each, Variable))

    def sublayers(self) -> list[Any]:
        """Return the layers it holds directly, each once."""
        return _distinct(each for each in self._own() if isinstance(each, Owning))

    def _with_inner(self) -> list[Owning]:
        found: dict[int, Owning] = {}
        ahead: list[Owning] = [self]
        while ahead:
            layer = ahead.pop()
            if id(layer) not in found:
                found[id(layer)] = layer
                ahead += reversed(layer.sublayers())
        return list(found.values())

    @view
    def variables(self) -> list[Variable]:
        """Every variable of it and its inner layers, each once."""
        return _distinct(each for layer in self._with_inner() for each in layer._own_variables())

    @view
    def trainable_variables(self) -> list[Variable]:
        """The variables training changes: none where ``trainable`` is False."""
        if not self.trainable:
            return []
        return _distinct(
            each
            for layer in self._with_inner()
            if layer.trainable
            for each in layer._own_variables()
            if each.trainable
        )

    @view
    def non_trainable_variables(self) -> list[Variable]:
        """The variables training leaves to the layers: moving averages and frozen weights."""
        trained = {id(each) for each in self.trainable_variables}
        return [each for each in self.variables if id(each) not in trained]

    @view
    def weights(self) -> list[Variable]:
        """Keras' other name for ``variables``."""
        return self.variables

    @view
    def trainable_weights(self) -> list[Variable]:
        """Keras' other name for ``trainable_variables``."""
        return self.trainable_variables

    @view
    def non_trainable_weights(self) -> list[Variable]:
        """Keras' other name for ``non_trainable_variables``."""
        return self.non_trainable_variables

    def adopt(self) -> list[str]:
        """Name the layers it holds that have no name yet; return the names in this owner.

        Raises
        ------
        ArgumentError
            If two of its layers were given the same name.
        """
        layers = self.sublayers()
        names = unique_names(layers, str(self))
        for layer, name in zip(layers, names, strict=True):
            if layer._adopter in (None, id(self)):
                layer.adopted_name, layer._adopter = name, id(self)
        return names

    def named_variables(self) -> dict[str, Variable]:
        """Return every variable by its path, as in ``dense_1/kernel``; shared ones once."""
        named: dict[str, Variable] = {}
        done: set[int] = set()

        def enter(layer: Owning, prefix: str, within: tuple[int, ...]) -> None:
            for variable in layer._own_variables():
                if id(variable) not in done:
                    done.add(id(variable))
                    named[free_name(prefix + (variable.name or "weight"), named)] = variable
            for inner, name in zip(layer.sublayers(), layer.adopt(), strict=True):
                if id(inner) not in within:
                    enter(inner, f"{prefix}{name}/", (*within, id(inner)))

        enter(self, "", (id(self),))
        return named

    def add_weight(
        self,
        shape: int | Sequence[int] = (),
        initializer: Any = "glorot_uniform",
        name: str = "weight",
        trainable: bool = True,
        regularizer: Any = None,
    ) -> Variable:
        """Make a weight; keep it in an attribute, or in a list or dict that an attribute holds.

        Parameters
        ----------
        shape : int or sequence of int
            Its shape; a scalar unless given.
        initializer : str, Initializer or callable
            What it starts as.
        name : str
            Its name within the layer.
        trainable : bool
            Whether optimizers may change it.
        regularizer : str, Regularizer or callable, optional
            A penalty, added to the loss while the weight is trained.

        Returns
        -------
        Variable
            The weight; operators and :mod:`glia.ops` take it like a tensor.
        """
        if isinstance(shape, str):
            raise ArgumentError(
                f"{self}: add_weight got the shape {shape!r}; the shape comes first, as in "
                f"self.add_weight((4, 8), name={shape!r})"
            )
        sizes = (shape,) if isinstance(shape, int) else tuple(shape)
        if None in sizes:
            raise ShapeError(
                f"{self}: add_weight got the shape {sizes}, whose None is an axis of unknown "
                "size (the batch, or a length that varies); weights need numbers"
            )
        initial = initializers.get(initializer)
        values = (_supply.get() or initial)(sizes, self.dtype)
        weight = Variable(np.asarray(values, self.dtype), name, trainable)
        penalty = regularizers.get(regularizer)
        if penalty is not None:
            self._penalties = (*self._penalties, (weight, penalty))
        return weight

    def regularization(self) -> list[Array]:
        """Return the penalties on its trained weights, a scalar tensor each."""
        trained = {id(each) for each in self.trainable_variables}
        penalties: dict[int, Array] = {}
        for layer in self._with_inner():
            for weight, penalty in layer._penalties:
                if id(weight) in trained and id(weight) not in penalties:
                    penalties[id(weight)] = penalty(weight.value)
        return list(penalties.values())

    @view
    def losses(self) -> list[Array]:
        """Keras' name for what :meth:`regularization` returns."""
        return self.regularization()

    def count_params(self) -> int:
        """Return the number of weights, the untrained ones included."""
        return sum(variable.size for variable in self.variables)

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Return copies of the values of ``variables``, in order."""
        return [variable.numpy() for variable in self.variables]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of ``variables`` from arrays in the order of :meth:`get_weights`.

        Raises
        ------
        ShapeError
            If the number of arrays or the shape of one does not fit; nothing is changed then.
        """
        variables = self.variables
        values = [np.asarray(value) for value in weights]
        if len(values) != len(variables):
            hint = "" if variables else "; it has none before it is built (called once)"
            raise ShapeError(
                f"{self} has {len(variables)} weights and set_weights got {len(values)}{hint}. "
                f"Expected shapes: {[variable.shape for variable in variables]}"
            )
        for (path, variable), value in zip(self._paths().items(), values, strict=True):
            if value.shape != variable.shape:
                raise ShapeError(
                    f"{self}: set_weights got shape {value.shape} for {path!r}, "
                    f"expected {variable.shape}"
                )
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    def _paths(self) -> dict[str, Variable]:
        named = {id(variable): path for path, variable in self.named_variables().items()}
        return {named[id(variable)]: variable for variable in self.variables}
