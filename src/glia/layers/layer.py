"""Layer: a function with weights, the brick every model is built from."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, TypedDict

import numpy as np

from .. import graph, ops
from ..config import Configurable, arguments_of, instance
from ..dtypes import DType, canonical, is_float, to_array
from ..errors import ArgumentError, GliaError, NotBuiltError, unknown_name
from ..graph import Tensor, Variable, flatten, map_tree
from .owning import Owning, view
from .symbol import Call, Shape, Symbol, record, symbols_in

__all__ = ["CUSTOM_LAYERS", "LAYERS", "MODELS", "Layer", "LayerOptions", "checked_shape", "get"]

# glia's own layers, and those of users, by class name: defining a class enters it here.
LAYERS: dict[str, type[Layer]] = {}
CUSTOM_LAYERS: dict[str, type[Layer]] = {}
# glia's models, which are layers too.
MODELS: dict[str, type[Layer]] = {}

# The explicit training= of the nearest enclosing call, which inner layers follow.
_mode: ContextVar[bool | None] = ContextVar("training", default=None)


class LayerOptions(TypedDict, total=False):
    """The options every layer takes besides its own."""

    trainable: bool
    name: str | None
    dtype: Any
    input_shape: Sequence[int | None] | None


def checked_shape(owner: str, shape: Any) -> Shape:
    """Return the shape of one row as a tuple.

    Raises
    ------
    ArgumentError
        If it is not a sequence of positive ints and Nones.
    """
    if isinstance(shape, (list, tuple)) and all(
        size is None
        or (isinstance(size, (int, np.integer)) and type(size) is not bool and size > 0)
        for size in shape
    ):
        return tuple(None if size is None else int(size) for size in shape)
    fix = f"shape=({shape},)" if type(shape) is int and shape > 0 else "shape=(20,)"
    raise ArgumentError(
        f"{owner}: the shape of one row got {shape!r}; expected a tuple of sizes without the "
        f"batch, such as {fix}"
    )


class Layer(Owning, Configurable):
    """A function of tensors that owns weights.

    Subclass it, make the weights in ``build`` (or in ``__init__``) and compute in ``call``::

        class Scale(glia.layers.Layer):
            def build(self, input_shape):
                self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")

            def call(self, x):
                return x * self.factor

    ``call`` may take ``training``, which is then a bool. Weights and inner layers are found
    wherever attributes hold them, lists and dicts included.

    Parameters
    ----------
    trainable : bool
        Whether training changes its weights.
    name : str, optional
        A name of your choice; else the model that owns the layer numbers it, as in ``dense_1``.
    dtype : dtype, optional
        Dtype of weights and float inputs; ``glia.dtypes.default_dtype()`` at build unless given.
    input_shape : sequence of int, optional
        Shape of one row, for the first layer of a :class:`~glia.Sequential` (Keras 2 style).

    Raises
    ------
    ArgumentError
        For an option the layer does not have.
    """

    built = False
    # Whether integers that enter become floats; layers that only move numbers leave them.
    takes_floats = False
    # Class-level values serve users' classes that do not call super().__init__().
    given_dtype: DType | None = None
    given_shape: Shape | None = None
    calls: tuple[Call, ...] = ()
    _shapes: tuple[Any, Any] | None = None
    # Symbols like the inputs of its first call, from which a saved class of one's own is built.
    first_inputs: tuple[Any, ...] | None = None

    def __init__(
        self,
        *,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
        input_shape: Sequence[int | None] | None = None,
        **unknown: Any,
    ) -> None:
        kind = type(self).__name__
        for option in unknown:
            raise unknown_name(f"argument of {kind}", option, arguments_of(type(self)))
        self.name = name
        self.given_dtype = None if dtype is None else canonical(dtype)
        self._dtype = self.given_dtype
        if input_shape is not None:
            self.given_shape = checked_shape(kind, input_shape)
        self._trainable = bool(trainable)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "build" in vars(cls):
            cls.build = _building(cls.build)  # type: ignore[method-assign]
        place = cls.__module__.split(".")
        own = LAYERS if place[1:2] == ["layers"] else MODELS
        (own if place[0] == "glia" else CUSTOM_LAYERS)[cls.__name__] = cls

    def build(self, input_shape: Any) -> None:
        """Make the weights; runs once, before the first call.

        Parameters
        ----------
        input_shape : tuple of int or None
            Shape of the first input, its batch None; a list of shapes for a list of inputs.
        """
        self._dtype = self.dtype
        self.built = True

    def call(self, *args: Any, **options: Any) -> Any:
        """Compute the output from the inputs, with operators and :mod:`glia.ops`."""
        kind = type(self).__name__
        raise NotBuiltError(
            f"{self} has no call(); define {kind}.call(self, x), returning a tensor"
        )

    def check_input(self, input_shape: Any) -> None:
        """Raise if the layer, which is built, cannot take inputs of this shape."""

    def __call__(self, *args: Any, training: bool | None = None, **options: Any) -> Any:
        if symbols_in((args, options)):
            return self._recorded(args, training, options)
        args = tuple(self._entered(each, self.takes_floats) for each in args)
        options = {key: self._entered(value) for key, value in options.items()}
        shapes = [map_tree(_unbatched, each) for each in args]
        token = None if training is None else _mode.set(bool(training))
        try:
            self._ready(shapes)
            if "training" in _parameters(type(self).call):
                mode = _mode.get()
                options["training"] = graph.is_training() if mode is None else mode
            result = self.call(*args, **options)
        except GliaError as error:
            error.add_note(f"in layer {self}, called on shape {', '.join(map(str, shapes))}")
            raise
        finally:
            if token is not None:
                _mode.reset(token)
        if isinstance(result, Tensor):
            graph.note(self, "input", args[0])
            graph.note(self, "output", result)
        if self._shapes is None:
            self._shapes = _single(shapes), map_tree(_unbatched, result)
            self.first_inputs = map_tree(_symbol_like, args)
        return result

    def _recorded(self, args: Any, training: bool | None, options: dict[str, Any]) -> Any:
        self._ready([map_tree(_unbatched, each) for each in args])
        if training is not None:
            options = {**options, "training": training}
        result = record(self, args, options)
        self.calls += tuple(each.call for each in symbols_in(result)[:1] if each.call is not None)
        return result

    def _ready(self, shapes: Sequence[Any]) -> None:
        if not shapes:
            raise ArgumentError(f"{self} was called on nothing; give it an input: layer(x)")
        if not self.built:
            self._build(shapes)
            self.adopt()
        self.check_input(shapes[0])

    def _build(self, shapes: Sequence[Any]) -> None:
        # A build with several arguments gets the shapes of as many inputs.
        arity = len(_parameters(type(self).build)) - 1
        with graph.eager():
            self.build(*shapes[:arity])

    def _entered(self, value: Any, takes_floats: bool = False) -> Any:
        """Return an argument with arrays for lists of numbers, and floats in the layer's dtype."""
        if isinstance(value, (list, tuple)):
            leaves, _ = flatten(value)
            if leaves and all(isinstance(leaf, (bool, int, float)) for leaf in leaves):
                return self._entered(to_array(value), takes_floats)
            return type(value)([self._entered(each, takes_floats) for each in value])
        if isinstance(value, dict):
            return {key: self._entered(each, takes_floats) for key, each in value.items()}
        if isinstance(value, Variable):
            value = value.value
        elif not isinstance(value, Tensor) and hasattr(value, "__array__"):
            value = to_array(value)
        dtype = getattr(value, "dtype", None)
        if dtype is not None and dtype != self.dtype and (is_float(dtype) or takes_floats):
            return ops.cast(value, self.dtype)
        return value

    @view
    def input(self) -> Any:
        """The Symbol, or tree of them, of its only call in a functional model."""
        args = self._only_call().args
        return args[0] if len(args) == 1 else args

    @view
    def output(self) -> Any:
        """The Symbol, or tree of them, that its only call in a functional model returned."""
        return self._only_call().result

    def _only_call(self) -> Call:
        if len(self.calls) != 1:
            raise NotBuiltError(
                f"{self} was called {len(self.calls)} times on Symbols, so it has no single input "
                "and output; use layer.calls[i].inputs and .outputs"
            )
        return self.calls[0]

    @view
    def input_shape(self) -> Any:
        """The shape of its input, its batch None; None before it is built."""
        if self.calls:
            return _single([map_tree(_unbatched, each) for each in self.calls[0].args])
        if self._shapes is not None:
            return self._shapes[0]
        return None if self.given_shape is None else (None, *self.given_shape)

    @view
    def output_shape(self) -> Any:
        """The shape of its output, its batch None; None before its first call."""
        if self.calls:
            return map_tree(_unbatched, self.calls[0].result)
        return None if self._shapes is None else self._shapes[1]

    @property
    def has_neurons(self) -> bool:
        """Whether it weighs and adds up its inputs by a weight matrix of its own."""
        return any(each.ndim >= 2 and each.trainable for each in self._own_variables())

    def get_arguments(self) -> dict[str, Any]:
        kept = super().get_arguments()
        given = {
            "trainable": None if self.trainable else False,
            "name": self.given_name,
            "dtype": None if self.given_dtype is None else self.given_dtype.name,
            "input_shape": self.given_shape,
        }
        for option, value in given.items():
            if option in kept:
                del kept[option]
                if value is not None:
                    kept[option] = value
        return kept


def get(identifier: object) -> Layer:
    """Return the layer an object, class name, class or config stands for.

    Raises
    ------
    ArgumentError
        For an unknown name, with the nearest known one, or for something that is no layer.
    """
    found = instance("layer", identifier, Layer, {**CUSTOM_LAYERS, **MODELS, **LAYERS})
    if found is None:
        raise ArgumentError(f"expected a layer such as Dense(8), got {identifier!r}")
    return found


def _building(build: Callable[..., None]) -> Callable[..., None]:
    """Wrap a class's build: outside any trace, in one dtype, and marked as done."""

    @functools.wraps(build)
    def wrapper(layer: Layer, *shapes: Any, **named: Any) -> None:
        with graph.eager():
            layer._dtype = layer.dtype
            build(layer, *shapes, **named)
        layer.built = True

    return wrapper


@functools.cache
def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


def _unbatched(value: Any) -> Any:
    """Return a value's shape with None for the batch; None for what has no shape."""
    shape = getattr(value, "shape", None)
    if shape is None:
        return None
    return (None, *shape[1:]) if isinstance(value, Symbol) or shape else ()


def _symbol_like(value: Any) -> Symbol | None:
    is_tensor = hasattr(value, "shape") and hasattr(value, "dtype")
    return Symbol(_unbatched(value), value.dtype) if is_tensor else None


def _single(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else list(values)
