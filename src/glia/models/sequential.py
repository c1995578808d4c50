"""Sequential: layers one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self, Unpack

from ..dtypes import default_dtype
from ..errors import ArgumentError, ShapeError
from ..layers.layer import Layer, LayerOptions, get
from ..layers.owning import view
from ..layers.symbol import Symbol
from .dag import Dag
from .model import Model

__all__ = ["Sequential"]


class Sequential(Model):
    """A model whose layers run one after another.

    The first element may be an :func:`~glia.layers.Input`, or the first layer may take
    ``input_shape=``; the weights then exist at once. Without either they are made at the first
    call, from the shape of its input.

    Parameters
    ----------
    layers : sequence of Layer or Symbol
        The layers; more can be added by :meth:`add`.
    **options
        As for :class:`~glia.layers.Layer`.

    Raises
    ------
    ArgumentError
        If something is not a layer.
    ShapeError
        If a layer cannot take what the one before it gives.
    """

    lists_inputs = False

    def __init__(
        self, layers: Sequence[Any] | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        if layers is not None and not isinstance(layers, (list, tuple)):
            raise ArgumentError(
                f"Sequential got {_described(layers)}; expected a list of layers, as in "
                "Sequential([Dense(8, activation='relu'), Dense(1)])"
            )
        self._stack: list[Layer] = []
        # The input's Symbol, then each layer's output; empty while the input is unknown.
        self._symbols: list[Any] = []
        if self.given_shape is not None:
            self._begin(Symbol((None, *self.given_shape), default_dtype()))
        self._extend(layers or ())

    def sublayers(self) -> list[Any]:
        return list({id(layer): layer for layer in self._stack}.values())

    @view
    def layers(self) -> list[Any]:
        """The layers, in the order they run."""
        return list(self._stack)

    def add(self, layer: Any) -> None:
        """Put a layer at the end.

        Parameters
        ----------
        layer : Layer
            The layer; an :func:`~glia.layers.Input` if it is the first.

        Raises
        ------
        ArgumentError
            If it is not a layer, or an Input that is not the first.
        ShapeError
            If it cannot take what the layer before it gives.
        """
        self._extend([layer])

    def _extend(self, layers: Sequence[Any]) -> None:
        """Put layers at the end; named and connected together, which takes time once."""
        layers_before, symbols_before = len(self._stack), len(self._symbols)
        try:
            for layer in layers:
                self._put(layer)
            self.adopt()
            if self._stack and not self._symbols:
                self._begin(_input_of(self._stack[0]))
            elif len(self._symbols) <= len(self._stack) and self._symbols:
                for layer in self._stack[len(self._symbols) - 1 :]:
                    self._symbols.append(layer(self._symbols[-1]))
                self._connect()
        except Exception:
            del self._stack[layers_before:], self._symbols[symbols_before:]
            raise

    def _put(self, layer: Any) -> None:
        if isinstance(layer, Symbol):
            self._add_input(layer)
        elif isinstance(layer, Layer):
            self._stack.append(layer)
        else:
            raise ArgumentError(
                f"{self} expected a layer at position {len(self._stack)} and got "
                f"{_described(layer)}{_fix(layer)}"
            )

    def pop(self) -> Layer:
        """Take the last layer off and return it.

        Raises
        ------
        ArgumentError
            If there is none.
        """
        if not self._stack:
            raise ArgumentError(f"{self} has no layer to take off")
        layer = self._stack.pop()
        if len(self._symbols) > 1:
            self._symbols.pop()
            self._connect()
        return layer

    def _add_input(self, symbol: Symbol) -> None:
        if self._stack or self._symbols:
            raise ArgumentError(
                f"{self} got an Input at position {len(self._stack)}; it belongs first, and once. "
                "Models of several inputs are made by glia.Model(inputs, outputs)"
            )
        if symbol.call is not None:
            raise ArgumentError(
                f"{self} got the output of a layer, {symbol!r}; expected Input(shape=...) or "
                "layers that have not been called: Dense(8), not Dense(8)(x)"
            )
        self._begin(symbol)

    def _begin(self, symbol: Symbol | None) -> None:
        if symbol is None:
            return
        self._symbols = [symbol]
        try:
            for layer in self._stack:
                self._symbols.append(layer(self._symbols[-1]))
        except Exception:
            self._symbols = []
            raise
        self._connect()

    def _connect(self) -> None:
        self.dag = Dag(self._symbols[0], self._symbols[-1], self)
        self._dtype, self.built = self.dtype, True
        # What training recorded of the stack as it was is void.
        self._program = self._predictor = None

    def build(self, input_shape: Any) -> None:
        if self.dag is None:
            if not isinstance(input_shape, tuple) or not all(
                size is None or isinstance(size, int) for size in input_shape
            ):
                raise ShapeError(
                    f"{self} takes one input, of a shape such as (None, 20), and got "
                    f"{input_shape}; models of several inputs are made by glia.Model(inputs, "
                    "outputs)"
                )
            self._begin(Symbol((None, *input_shape[1:]), default_dtype()))

    def call(self, *inputs: Any) -> Any:
        if self.dag is None:
            raise ArgumentError(f"{self} has no layers; add one")
        return self.dag.run(inputs[0] if len(inputs) == 1 else inputs)

    def get_arguments(self) -> dict[str, Any]:
        kept = super().get_arguments()
        if type(self).__init__ is not Sequential.__init__:
            # A constructor of one's own stacks its layers again.
            if "layers" not in vars(self):
                kept.pop("layers", None)
        elif self.dag is not None:
            kept["input_shape"] = self.dag.sources[0].shape[1:]
        return kept

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        if "layers" not in config:
            return super().from_config(config)
        stack = [each if isinstance(each, Symbol) else get(each) for each in config["layers"]]
        return super().from_config({**config, "layers": stack})


def _input_of(layer: Layer) -> Symbol | None:
    """Return a new Symbol for the input a first layer was made for, or None if it was not."""
    if isinstance(layer, Model) and layer.dag is not None and len(layer.dag.sources) == 1:
        source = layer.dag.sources[0]
        return Symbol(source.shape, source.dtype, name=source.name)
    if layer.given_shape is not None:
        return Symbol((None, *layer.given_shape), default_dtype())
    return None


def _described(value: object) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return f"{value!r} ({type(value).__name__})"


def _fix(value: object) -> str:
    if isinstance(value, type) and issubclass(value, Layer):
        return f"; make a layer of it by calling it: {value.__name__}(...)"
    if isinstance(value, str):
        return f"; an activation of that name is the layer Activation({value!r})"
    if callable(value):
        return "; a function of a tensor becomes one by Activation(function)"
    return "; layers are made by classes such as Dense(8)"
