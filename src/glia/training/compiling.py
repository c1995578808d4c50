"""compile, and what follows from it: the half of training that prepares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from .. import losses, optimizers
from .. import metrics as metrics_of
from ..callbacks import History
from ..dtypes import default_dtype
from ..errors import ArgumentError, DataError
from . import arrays as door
from .arrays import Array, Structure
from .data import Part
from .notices import note
from .objectives import Compilation, leaves
from .predict import Predictor
from .prepare import part_of
from .program import Program, float_dtype

__all__ = ["Compilable"]

# Options of Keras' compile that choose how its backends run; glia has one way.
IGNORED = ("run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss")


class Compilable:
    """What compile settles, and the checks before anything runs.

    Attributes
    ----------
    optimizer, loss : object or None
        As given to compile, the optimizer as an object.
    history : History or None
        Of the last fit.
    training_record : dict or None
        How the last fit went about it and what came of it, as plain values: it goes into the file.
    stop_training : bool
        Set it to True in a callback to end training.
    """

    # Class-level values serve users' classes that do not call super().__init__().
    optimizer: Any = None
    loss: Any = None
    history: History | None = None
    training_record: dict[str, Any] | None = None
    stop_training: bool = False
    _compilation: Compilation | None = None
    _program: Program | None = None
    _predictor: Predictor | None = None

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        **options: Any,
    ) -> None:
        """Choose how to train; which weights are trainable is settled now, too.

        Parameters
        ----------
        optimizer : str or Optimizer
            Who moves the weights.
        loss : str, Loss, callable, or list or dict of them
            What is minimised; a list or dict has an entry for each output.
        loss_weights : list or dict of float, optional
            The share of each output's loss in the total.
        metrics : list, optional
            What else to measure, ``["accuracy"]`` for example. For several outputs a list of
            lists, or a dict. Sample and class weights do not touch these.
        weighted_metrics : list, optional
            Metrics in which each row counts by its weight.
        **options
            ``run_eagerly``, ``jit_compile``, ``steps_per_execution`` and ``auto_scale_loss`` are
            accepted for programs written for Keras and change nothing.

        Raises
        ------
        ArgumentError
            For an unknown name, with the nearest known one.
        """
        for option in options:
            if option not in IGNORED:
                known = "optimizer, loss, loss_weights, metrics, weighted_metrics"
                raise ArgumentError(f"compile got an unknown option {option!r}; it takes {known}")
            note(f"compile: {option} has no effect in glia")
        for leaf in leaves(loss):
            losses.get(leaf)
        for leaf in (*leaves(metrics), *leaves(weighted_metrics)):
            metrics_of.get(leaf)
        self.optimizer = optimizers.get(optimizer)
        self.loss = loss
        model: Any = self
        trainable = tuple(model.trainable_variables) if model.built else ()
        self._compilation = Compilation(
            self.optimizer, loss, metrics, weighted_metrics, loss_weights, trainable
        )
        self._program = None

    def get_compile_config(self) -> dict[str, Any] | None:
        """Return the arguments of the last compile and the variables it trains, or None."""
        told = self._compilation
        if told is None:
            return None
        return {field.name: getattr(told, field.name) for field in fields(told)}

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compile with what :meth:`get_compile_config` returned, to train the same variables."""
        told = dict(config)
        trainable = tuple(told.pop("trainable"))
        self.compile(**told)
        if self._compilation is not None and trainable:
            self._compilation = replace(self._compilation, trainable=trainable)

    def __getstate__(self) -> dict[str, Any]:
        # What was traced stays behind: a copy records its own programs when it first needs them.
        return {**self.__dict__, "_program": None, "_predictor": None}

    @property
    def metrics_names(self) -> list[str]:
        """The names of what ``evaluate`` returns, known once there has been data."""
        return self._program.names if self._program is not None else []

    def _dtype_of_inputs(self) -> Any:
        return float_dtype(self) or default_dtype()

    def _start(self, method: str, x: Any) -> tuple[Program, list[Array], Structure]:
        """Check that the model is compiled, convert its inputs and make or reuse its program."""
        if self._compilation is None:
            raise ArgumentError(
                f"{method} was called before compile; call, for example, "
                "model.compile(optimizer='adam', loss='mse') first"
            )
        inputs, structure = door.inputs(x, self._dtype_of_inputs())
        if self._program is None:
            self._program = Program(self, self._compilation, inputs, structure)
        else:
            self._program.check_outputs(inputs, structure)
        return self._program, inputs, structure

    def _validation(self, program: Program, data: Any) -> Part | None:
        if data is None:
            return None
        if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
            raise DataError(
                f"validation_data got {type(data).__name__}; expected a tuple (x, y) or "
                "(x, y, sample_weight)"
            )
        names = ("validation x", "validation y", "validation sample_weight")
        inputs, structure = door.inputs(data[0], self._dtype_of_inputs(), names[0])
        program.check_outputs(inputs, structure)
        weights = data[2] if len(data) == 3 else None
        return part_of(program, inputs, structure, data[1], weights, names)
