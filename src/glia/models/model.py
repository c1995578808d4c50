"""Model: layers from inputs to outputs, by recorded calls or by a class of one's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Unpack

from .. import saving
from ..dtypes import default_dtype
from ..errors import ArgumentError, NotBuiltError, unknown_name
from ..graph import map_tree
from ..layers.layer import Layer, LayerOptions
from ..layers.owning import view
from ..layers.symbol import Symbol, record, symbols_in
from ..training.trainer import Trainer
from .dag import Dag
from .summary import summary_text, write

__all__ = ["Model"]


class Model(Layer, Trainer):
    """A network: a layer made of layers, with ``compile``, ``fit``, ``evaluate`` and ``predict``.

    There are two ways to make one, besides :class:`~glia.Sequential`. By recorded calls::

        x = glia.Input((4,))
        h = layers.Dense(16, activation="relu")(x)
        model = glia.Model(x, layers.Dense(3, activation="softmax")(h))

    Inputs and outputs may be lists or dicts, layers may be shared, and a model may be called like
    a layer. Or by a class of one's own, whose inner layers are found in its attributes::

        class Net(glia.Model):
            def __init__(self):
                super().__init__()
                self.hidden = layers.Dense(16, activation="relu")
                self.head = layers.Dense(3, activation="softmax")

            def call(self, x, training=None):
                return self.head(self.hidden(x))

    Parameters
    ----------
    inputs, outputs : tree of Symbol, optional
        Where the recorded calls begin and end; neither for a class of one's own.
    **options
        As for :class:`~glia.layers.Layer`.

    Raises
    ------
    ArgumentError
        If the outputs depend on an input that is not listed, or an input is not used.
    """

    dag: Dag | None = None
    # Whether a summary has rows for its inputs.
    lists_inputs = True

    def __init__(
        self, inputs: Any = None, outputs: Any = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        if (inputs is None) != (outputs is None):
            raise ArgumentError(
                f"{type(self).__name__} got {'outputs' if inputs is None else 'inputs'} only; give "
                "both, or give neither and define call(self, x)"
            )
        if inputs is not None:
            self.dag = Dag(inputs, outputs, self)
            self._dtype, self.built = self.dtype, True
            self.adopt()

    def sublayers(self) -> list[Any]:
        inner = [] if self.dag is None else self.dag.layers
        return list({id(each): each for each in [*inner, *super().sublayers()]}.values())

    @view
    def layers(self) -> list[Any]:
        """The layers it is made of, in the order they run (of a class of one's own: are set)."""
        self.adopt()
        return self.sublayers()

    @view
    def inputs(self) -> list[Symbol]:
        """The Symbols it begins with; empty for a class of one's own."""
        return [] if self.dag is None else self.dag.sources

    @view
    def outputs(self) -> list[Symbol]:
        """The Symbols it ends with; empty for a class of one's own."""
        return [] if self.dag is None else self.dag.results

    @view
    def input(self) -> Any:
        """The Symbol it begins with, or the tree of them it was given."""
        return self._own_dag().inputs

    @view
    def output(self) -> Any:
        """The Symbol it ends with, or the tree of them it was given."""
        return self._own_dag().outputs

    @view
    def input_names(self) -> list[str]:
        """The names a dict of arrays feeds it by; empty for a class of one's own."""
        return [] if self.dag is None else self.dag.names

    @view
    def output_names(self) -> list[str]:
        """The names of its outputs; empty for a class of one's own."""
        return [] if self.dag is None else self.dag.output_names

    @view
    def input_shape(self) -> Any:
        """The shape of its input, or tree of them, its batch None."""
        if self.dag is not None:
            return map_tree(lambda symbol: symbol.shape, self.dag.inputs)
        return super().input_shape

    @view
    def output_shape(self) -> Any:
        """The shape of its output, or tree of them, its batch None."""
        if self.dag is not None:
            return map_tree(lambda symbol: symbol.shape, self.dag.outputs)
        return super().output_shape

    def _own_dag(self) -> Dag:
        if self.dag is None:
            raise NotBuiltError(
                f"{self} has no Symbols of its own: it is a class of one's own, or its input shape "
                "is not known yet. Call it on Input(shape), or build it first"
            )
        return self.dag

    def build(self, input_shape: Any) -> None:
        """Make the weights by running ``call`` on Symbols of a shape.

        Parameters
        ----------
        input_shape : tuple of int or None
            The shape of the input, its batch None; a list or dict of shapes for several inputs.
        """
        if self.dag is None:
            self.built = True
            self.adopt()
            record(self, [_inputs_of(input_shape)], {})

    def _build(self, shapes: Sequence[Any]) -> None:
        # The call about to follow builds the inner layers; running it twice would be a waste.
        if type(self).build is Model.build:
            self._dtype, self.built = self.dtype, True
        else:
            super()._build(shapes)

    def call(self, *inputs: Any) -> Any:
        """Compute the outputs from the inputs; override it in a class of one's own."""
        if self.dag is None:
            kind = type(self).__name__
            raise NotBuiltError(
                f"{self} has neither inputs and outputs nor a call(); give it Model(inputs, "
                f"outputs), or define {kind}.call(self, x)"
            )
        return self.dag.run(inputs[0] if len(inputs) == 1 else inputs)

    def get_arguments(self) -> dict[str, Any]:
        kept = super().get_arguments()
        # A constructor of one's own records the calls again, or there are none.
        is_own = type(self).__init__ is not Model.__init__
        for end in ("inputs", "outputs"):
            if end in kept and end not in vars(self):
                del kept[end]
                if self.dag is not None and not is_own:
                    kept[end] = getattr(self.dag, end)
        return kept

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if symbols_in(config):
            raise ArgumentError(
                f"{self} is made of recorded calls, which no config describes; model.save(path) "
                "stores them"
            )
        return config

    def save(self, path: str | os.PathLike[str], extra: Mapping[str, Any] | None = None) -> None:
        """Write everything to one file, for :func:`glia.load`; see :func:`glia.saving.save`."""
        saving.save(self, path, extra)

    def save_weights(self, path: str | os.PathLike[str]) -> None:
        """Write the weights to a file; see :func:`glia.saving.save_weights`."""
        saving.save_weights(self, path)

    def load_weights(self, path: str | os.PathLike[str]) -> None:
        """Set the weights from a file; see :func:`glia.saving.load_weights`."""
        saving.load_weights(self, path)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """Return a layer by its name in this model, or by its position.

        Raises
        ------
        ArgumentError
            For an unknown name, with the nearest known one, or a position out of range.
        """
        layers = self.sublayers()
        if name is not None:
            names = self.adopt()
            if name not in names:
                raise unknown_name(f"layer of {self}", name, names)
            return layers[names.index(name)]
        if index is None or not -len(layers) <= index < len(layers):
            raise ArgumentError(f"{self} has {len(layers)} layers and get_layer got index={index}")
        return layers[index]

    def summary(
        self, print_fn: Callable[[str], object] | None = None, expand_nested: bool = False
    ) -> None:
        """Print its layers with output shapes and weights, their totals, and how deep it is.

        Parameters
        ----------
        print_fn : callable, optional
            Given the whole text; it is printed unless given.
        expand_nested : bool
            Whether the layers of inner models are listed too.

        Raises
        ------
        NotBuiltError
            If it has no weights yet, for want of an input shape.
        """
        (print_fn or write)(summary_text(self, expand_nested))


def _inputs_of(shapes: Any) -> Any:
    if isinstance(shapes, dict):
        return {name: _inputs_of(shape) for name, shape in shapes.items()}
    if isinstance(shapes, (list, tuple)) and shapes and isinstance(shapes[0], (list, tuple)):
        return [_inputs_of(shape) for shape in shapes]
    return Symbol((None, *shapes[1:]), default_dtype())
