"""Saving and loading models: what goes into a file, and how a model is made from it again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import losses, metrics
from ..dtypes import computing_in, default_dtype, is_float
from ..errors import FileError, GliaError
from ..function import Traced
from ..graph import Flat, Variable, flatten
from ..layers.layer import Layer
from ..layers.owning import supplying
from ..layers.symbol import Symbol
from ..random import generator
from ..version import __version__
from . import container
from .container import Tensors
from .decoding import MALFORMED, Decoder, Supply, dtype_named
from .encoding import MOST_OBJECTS, Encoder
from .weights import assign, generators, tie, ties

__all__ = [
    "Contents",
    "architecture",
    "describe",
    "load",
    "load_weights",
    "load_with_extra",
    "opened",
    "restore",
    "save",
    "save_weights",
]

Location = str | os.PathLike[str]

# How often layers may be used within layers: this, four times an object, and once for so many
# bytes of weights. Only a file that multiplies uses by nesting comes near.
USES = 2_000
BYTES_PER_USE = 256


@dataclass(frozen=True)
class Contents:
    """What a file holds, checked as far as that goes without making a model of it.

    Attributes
    ----------
    path : Path
        The file.
    header : dict
        The JSON that :func:`describe` made.
    tensors : dict of str to ndarray
        The arrays.
    """

    path: Path
    header: dict[str, Any]
    tensors: Tensors

    def part(self, prefix: str) -> Tensors:
        """Return the tensors whose names begin so, by the rest of their names."""
        return {
            name.removeprefix(prefix): array
            for name, array in self.tensors.items()
            if name.startswith(prefix)
        }

    def decoder(self, custom: Mapping[str, Any] | None = None, *, has_objects: bool) -> Decoder:
        """Return what makes values of the file's JSON, its objects being made at once."""
        size = sum(array.nbytes for array in self.tensors.values())
        objects = self.header["objects"] if has_objects else []
        if not isinstance(objects, list) or len(objects) > MOST_OBJECTS:
            raise FileError(f"its objects are not a list of at most {MOST_OBJECTS:,}")
        most_uses = USES + 4 * len(objects) + size // BYTES_PER_USE
        return Decoder(objects, self.tensors, custom or {}, most_uses)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Turn whatever malformed content leads to into errors that name the file."""
        try:
            yield
        except FileError as error:
            raise FileError(f"the file {self.path} cannot be used: {error}") from error
        except GliaError as error:
            error.add_note(f"while reading the file {self.path}")
            raise
        except MALFORMED as error:
            raise FileError(
                f"the file {self.path} was not written by this version of glia, or not by glia: "
                f"{type(error).__name__}: {str(error)[:300]}"
            ) from error


def opened(path: Location) -> Contents:
    """Read and check a file.

    Raises
    ------
    FileError
        If it is anything but an undamaged file of glia's.
    """
    return Contents(Path(path), *container.read(path))


def save(model: Any, path: Location, extra: Mapping[str, Any] | None = None) -> None:
    """Write a model to a file: architecture, weights, how it is compiled, the optimizer's state.

    The file is written beside the old one and takes its place when it is complete.

    Parameters
    ----------
    model : Model
        Any model; classes and functions of one's own are stored by name.
    path : str or path
        The file, ``"model.glia"`` say.
    extra : dict of str to object, optional
        Anything else made of numbers, text, lists, dicts and arrays; :func:`load_with_extra`
        returns it.

    Raises
    ------
    FileError
        If the file cannot be written; what was there before is unchanged.
    ArgumentError
        If something of the model cannot be stored, such as a lambda.
    """
    header, tensors = describe(model, Encoder(), extra=dict(extra or {}))
    container.write(path, header, tensors)


def load(path: Location, custom: Mapping[str, Any] | None = None) -> Any:
    """Return the model that :func:`save` wrote, ready to predict and to be trained further.

    Parameters
    ----------
    path : str or path
        The file.
    custom : dict of str to class or function, optional
        The user's own classes and functions that the model uses, by name. Files hold no code.

    Returns
    -------
    Model
        It predicts, and goes on training, with the same bits.

    Raises
    ------
    FileError
        If the file is damaged, hostile, of a newer version or not a model.
    ArgumentError
        If the model uses something of the user's own that ``custom`` does not name.
    """
    return load_with_extra(path, custom)[0]


def load_with_extra(
    path: Location, custom: Mapping[str, Any] | None = None
) -> tuple[Any, dict[str, Any]]:
    """Return the model and the ``extra`` that :func:`save` was given.

    Parameters
    ----------
    path, custom
        As for :func:`load`.

    Raises
    ------
    FileError, ArgumentError
        As for :func:`load`.
    """
    contents = opened(path)
    if "model" not in contents.header:
        raise FileError(
            f"the file {path} holds weights only; make the model by its program and call "
            "model.load_weights(path)"
        )
    state = generator().state
    before = state.array.copy()
    try:
        with contents.reading():
            return _made(contents, custom)
    finally:
        # Layers of the user's may draw numbers while they are made; nobody asked for those.
        state.array[...] = before


def save_weights(model: Any, path: Location) -> None:
    """Write a model's weights, and nothing else, to a file.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    container.write(path, {"glia": __version__}, _weights(model))


def load_weights(model: Any, path: Location) -> None:
    """Set a model's weights from a file that holds weights or a whole model, by their names.

    Raises
    ------
    FileError
        If the file is damaged, or holds the weights of another model; nothing is changed then.
    NotBuiltError
        If the model has no weights yet.
    """
    assign(model, opened(path).part("weights/"), f"the file {path}")


def describe(model: Any, encoder: Encoder, **sections: Any) -> tuple[dict[str, Any], Tensors]:
    """Return the header and the tensors of a model's file.

    Parameters
    ----------
    model : Model
        The model.
    encoder : Encoder
        A new one.
    **sections : object
        Further values for the header.
    """
    header = {"glia": __version__, **architecture(model, encoder)}
    header["record"] = encoder.value(model.training_record, "the training record")
    header |= {name: encoder.value(value, name) for name, value in sections.items()}
    tensors = _weights(model)
    names = _names(model)
    header["optimizer"] = None
    if model.get_compile_config() is not None:
        flat = model.optimizer.flat
        if flat is not None and all(id(each) in names for each in flat.members):
            header["optimizer"] = [names[id(each)] for each in flat.members]
        for name, variable in _optimizer_state(model.optimizer).items():
            if header["optimizer"] is not None or not name.startswith("slots/"):
                tensors[f"optimizer/{name}"] = variable.array
    for place, state in generators(model).items():
        tensors[f"random/{place}"] = state.array
    encoder.check_sharing()
    header["objects"] = encoder.objects
    return header, tensors | encoder.tensors


def architecture(model: Any, encoder: Encoder) -> dict[str, Any]:
    """Return the part of the header that says what a model is and how it is compiled."""
    told = model.get_compile_config()
    first_inputs = model.first_inputs if model.dag is None else None
    names = _names(model)
    return {
        "dtype": _float_dtype(model).name,
        "model": encoder.value(model, "the model"),
        "first_inputs": encoder.value(first_inputs, "the model's inputs"),
        "frozen": [names[id(each)] for each in model.variables if not each.trainable],
        "ties": ties(model),
        "compile": None if told is None else _compile_config(told, encoder, names),
    }


def _names(model: Any) -> dict[int, str]:
    return {id(variable): name for name, variable in model.named_variables().items()}


def _optimizer_state(optimizer: Any) -> dict[str, Variable]:
    """Return everything an optimizer remembers, by name."""
    state = {"iterations": optimizer.iterations}
    if optimizer.schedule is None:
        state["learning_rate"] = optimizer.learning_rate
    return state | {f"slots/{slot}": each for slot, each in optimizer.slot_variables.items()}


def _weights(model: Any) -> Tensors:
    return {f"weights/{name}": each.array for name, each in model.named_variables().items()}


def _float_dtype(model: Any) -> np.dtype[Any]:
    dtypes = [each.dtype for each in model.variables if is_float(each.dtype)]
    return dtypes[0] if dtypes else default_dtype()


def _compile_config(
    told: Mapping[str, Any], encoder: Encoder, names: Mapping[int, str]
) -> dict[str, Any]:
    objects = {
        "optimizer": told["optimizer"],
        "loss": _as_objects(told["loss"], losses.get),
        "loss_weights": told["loss_weights"],
        "metrics": _as_objects(told["metrics"], metrics.get),
        "weighted_metrics": _as_objects(told["weighted_metrics"], metrics.get),
    }
    config = {key: encoder.value(each, f"compile: {key}") for key, each in objects.items()}
    trained = [names[id(each)] for each in told["trainable"] if id(each) in names]
    return {**config, "trainable": trained}


def _as_objects(tree: Any, get: Callable[[Any], Any]) -> Any:
    """Replace classes, functions and configs in a nesting of lists and dicts by objects."""
    if tree is None or isinstance(tree, str):
        return tree
    if isinstance(tree, (list, tuple)):
        return [_as_objects(each, get) for each in tree]
    if isinstance(tree, Mapping) and "class_name" not in tree:
        return {key: _as_objects(each, get) for key, each in tree.items()}
    return get(tree)


def _made(contents: Contents, custom: Mapping[str, Any] | None) -> tuple[Any, dict[str, Any]]:
    header = contents.header
    weights = contents.part("weights/")
    dtype = dtype_named(header["dtype"])
    if not is_float(dtype):
        raise FileError(f"it says that its numbers are {dtype}; expected float32 or float64")
    with computing_in(dtype), supplying(Supply(list(weights.values()))):
        decoder = contents.decoder(custom, has_objects=True)
        model: Any = decoder.value(header["model"])
        is_layer = isinstance(model, Layer)
        if not is_layer or not hasattr(model, "compile_from_config"):
            raise FileError("what it describes is not a model")
        first_inputs = decoder.value(header["first_inputs"])
        if first_inputs is not None:
            _build(model, first_inputs)
    tie(model, header["ties"])
    assign(model, weights, "it")
    variables = model.named_variables()
    frozen = set(header["frozen"])
    for name, variable in variables.items():
        variable.trainable = name not in frozen
    _set(generators(model), contents.part("random/"))
    if header["compile"] is not None:
        config = {key: decoder.value(each) for key, each in header["compile"].items()}
        config["trainable"] = [variables[name] for name in config["trainable"]]
        model.compile_from_config(config)
        _restore_optimizer(model.optimizer, contents, variables)
    model.training_record = decoder.value(header["record"])
    extra = decoder.value(header.get("extra"))
    return model, extra if isinstance(extra, dict) else {}


def _build(model: Any, first_inputs: Any) -> None:
    """Build a model of a class of one's own by recording its call, as its first call did."""
    leaves, rebuild = flatten(first_inputs)
    if not all(isinstance(leaf, Symbol) for leaf in leaves) or not isinstance(first_inputs, tuple):
        raise FileError("the model's inputs are described by something else")
    specs = [leaf.spec(2) for leaf in leaves]
    Traced(lambda symbols: model(*rebuild(symbols)), specs, is_training=False)


def _restore_optimizer(
    optimizer: Any, contents: Contents, variables: Mapping[str, Variable]
) -> None:
    names = contents.header["optimizer"]
    if names is not None:
        if len(set(names)) < len(names) or not names:
            raise FileError("its optimizer trains a weight twice, or none")
        members = [variables[name] for name in names]
        if len({each.dtype for each in members}) > 1 or not is_float(members[0].dtype):
            raise FileError("its optimizer trains weights of several dtypes")
        optimizer.build(Flat(members, "trainable"))
    _set(_optimizer_state(optimizer), contents.part("optimizer/"))


def restore(contents: Contents, model: Any) -> None:
    """Give a model that is built and compiled alike the numbers of a file.

    Raises
    ------
    FileError
        If they are those of another model.
    """
    assign(model, contents.part("weights/"), f"the file {contents.path}")
    _set(generators(model), contents.part("random/"))
    _set(_optimizer_state(model.optimizer), contents.part("optimizer/"))


def _set(variables: Mapping[str, Variable], arrays: Tensors) -> None:
    if set(variables) != set(arrays):
        different = sorted(set(variables) ^ set(arrays))
        raise FileError(f"its states are those of another model: {', '.join(different)[:200]}")
    for name, variable in variables.items():
        array = arrays[name]
        if (array.shape, array.dtype) != (variable.shape, variable.dtype):
            raise FileError(f"it has {name[:60]!r} in shape {array.shape} and {array.dtype}")
        variable.array[...] = array
