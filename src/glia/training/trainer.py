"""compile, fit, evaluate and predict: what a model gains by being trainable."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any, cast

import numpy as np

from ..callbacks import CallbackList, History
from ..callbacks.readout import line
from ..errors import NotBuiltError
from ..function import Bound
from ..random import generator, permutation
from . import arrays as door
from .arrays import Array
from .batches import batches, count, measuring_rows
from .compiling import Compilable
from .data import Part
from .fit import Fit, Options, measure
from .interrupts import DeferredInterrupt
from .notices import note
from .predict import Predictor, predict_rows
from .prepare import part_of, training_data, with_class_weights
from .program import Program
from .progress import Progress, verbosity
from .resuming import Resumption
from .step import Step
from .tally import Tally

__all__ = ["Trainer"]


class Trainer(Compilable):
    """The training half of a model, mixed into :class:`~glia.models.Model`.

    It asks of the class it is mixed into: ``__call__(x)``, ``built``, ``name``, ``layers``,
    ``variables``, ``trainable_variables`` and ``regularization()``.
    """

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        *,
        validation_batch_size: int | None = None,
        validation_freq: int | Collection[int] = 1,
        validation_order: str = "stratified",
        resume: str | os.PathLike[str] | None = None,
    ) -> History:
        """Train for some epochs; called again, training goes on from where it was.

        Parameters
        ----------
        x, y : array-like, or list or dict of array-like
            Rows to learn from and their targets. Class numbers for a softmax head trained with
            ``categorical_crossentropy`` are one-hot encoded.
        batch_size : int, optional
            Rows per step, 32 if not given: 1 for stochastic descent, ``len(x)`` for all rows.
        epochs : int
            The epoch to end with; with ``initial_epoch=0`` their number.
        verbose : {"auto", 0, 1, 2}
            Silent, a live bar, or a line per epoch; ``"auto"`` is 1 in a terminal or notebook and
            silent elsewhere.
        callbacks : list of Callback, optional
            Code to run at the turning points.
        validation_split : float
            Share of the rows held back. Keras takes the last ones, which for sorted rows are all
            of one class; here every class keeps its share, unless ``validation_order`` says so.
        validation_data : tuple, optional
            ``(x, y)`` or ``(x, y, sample_weight)`` to validate with instead.
        shuffle : bool
            Whether each epoch has its own random order.
        class_weight : dict of int to float, optional
            How much the rows of a class count in training; 1 for classes not named.
        sample_weight : array-like ``(n,)``, optional
            How much each row counts.
        initial_epoch : int
            The number of the first epoch.
        validation_batch_size : int, optional
            Rows measured at once.
        validation_freq : int or collection of int
            Validate every so many epochs, or after these epochs (counted from 1).
        validation_order : {"stratified", "random", "tail"}
            How ``validation_split`` chooses; ``"tail"`` is right for time series.
        resume : str or path, optional
            A file of :class:`~glia.callbacks.Checkpoint` to go on from: with the same model, data
            and settings, training ends with the same bits as if it had never been interrupted.
            Where there is no such file yet, training starts from the beginning.

        Returns
        -------
        History
            Loss and metrics of every epoch.

        Raises
        ------
        ArgumentError
            Without compile, for options out of range, or if head and loss do not fit.
        DataError, ShapeError
            For data that cannot be trained on, naming row and column.
        DivergenceError
            When the loss is no longer finite; the model keeps the last good weights.
        """
        level = verbosity(verbose)
        size = 32 if batch_size is None else count(batch_size, "batch_size")
        stop = count(epochs, "epochs", 0)
        listed = CallbackList(callbacks)
        program, inputs, structure = self._start("fit", x)
        program.notice_trainable()
        validation = self._validation(program, validation_data)
        resumed = Resumption.find(resume)
        if resumed is not None:
            generator().state.array[...] = resumed.origin
        origin = generator().state.array.copy()
        data = training_data(
            program, inputs, structure, y, sample_weight, class_weight,
            validation_split, validation_order, validation,
        )  # fmt: skip
        rows = len(data.training.rows)
        options = Options(
            batch_size=size,
            epochs=stop,
            initial_epoch=count(initial_epoch, "initial_epoch", 0),
            measuring_rows=measuring_rows(validation_batch_size, inputs),
            validation_freq=validation_freq,
            permutation=permutation if shuffle else None,
        )
        history = History()
        progress = Progress(level, rows, program.descriptions)
        listed = CallbackList(listed, [history, progress])
        names = list(program.names)
        if data.validation is not None:
            names += [f"val_{name}" for name in program.names]
        listed.set_model(self)
        listed.set_params(
            {
                "verbose": level,
                "epochs": stop,
                "steps": -(-rows // min(size, rows)),
                "metrics": names,
                "directions": program.directions,
                "is_resumed": resumed is not None,
            }
        )
        history.descriptions = program.descriptions
        self.stop_training = False
        self.history = history
        if listed.wants_every_step:
            text = "a callback wants every single step, so each is a run of its own: slower"
            note(text)
            progress.say(text)
        fit = Fit(self, program, data, options, listed, history, progress, origin, resumed)
        return fit.run()

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Measure loss and metrics in evaluation mode.

        Parameters
        ----------
        x, y, sample_weight : array-like
            As for :meth:`fit`.
        batch_size : int, optional
            Rows measured at once; chosen for speed when not given.
        verbose : {"auto", 0, 1, 2}
            Whether to print the result.
        callbacks : list of Callback, optional
            Their ``on_test_*`` hooks are called.
        return_dict : bool
            Whether to return ``{"loss": ..., ...}``.

        Returns
        -------
        float, list or dict
            The loss; a list ``[loss, metric, ...]`` with metrics.

        Raises
        ------
        ArgumentError, DataError, ShapeError
            As for :meth:`fit`.
        """
        program, inputs, structure = self._start("evaluate", x)
        part = part_of(program, inputs, structure, y, sample_weight)
        listed = self._listed(callbacks)
        with DeferredInterrupt() as interrupt:
            rows = measuring_rows(batch_size, inputs)
            logs = measure(program, part, rows, listed, interrupt)
        if verbosity(verbose):
            print(line(logs))
        return _answer(logs, return_dict)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        callbacks: Any = None,
    ) -> Any:
        """Return the model's outputs for some rows, in evaluation mode.

        Parameters
        ----------
        x : array-like, or list or dict of array-like
            The rows, ``(n, ...)``; for a single one, ``x[None]``.
        batch_size : int, optional
            Rows per chunk; chosen for speed when not given.
        verbose : {"auto", 0, 1, 2}
            Accepted as in Keras; nothing is printed.
        callbacks : list of Callback, optional
            Their ``on_predict_*`` hooks are called.

        Returns
        -------
        ndarray, or list or dict of ndarray
            One row of outputs for each row.

        Raises
        ------
        DataError, ShapeError
            For data the model cannot read.
        """
        if callbacks is None and self._predictor is not None and type(x) is np.ndarray:
            answer = self._predictor.quick(x)
            if answer is not None:
                return answer
        verbosity(verbose)
        inputs, structure = door.inputs(x, self._dtype_of_inputs())
        predictor = self._ready_predictor()
        rows = measuring_rows(batch_size, inputs)
        result = predict_rows(predictor.run, inputs, structure, rows, self._listed(callbacks))
        predictor.learn(x, inputs, result)
        return result

    def compiled(self, batch_size: int = 1) -> Bound:
        """Return the model compiled for a fixed number of rows, with buffers of its own.

        A call copies the rows in, runs, and copies the outputs out: about a microsecond more than
        the arithmetic. Nothing else is checked but the shape. Weights may change meanwhile. Give
        each thread a handle of its own.

        Parameters
        ----------
        batch_size : int
            Rows of each call.

        Returns
        -------
        callable
            ``handle(x)`` for an array ``(batch_size, ...)`` returns the outputs.

        Raises
        ------
        NotBuiltError
            If the model does not know the shape of its input yet.
        """
        rows, model = count(batch_size, "batch_size"), cast(Any, self)
        shape = model.input_shape if model.built else None
        if not isinstance(shape, tuple):
            raise NotBuiltError(
                f"compiled: {model.name!r} does not know the shape of its one input yet; begin it "
                "with Input(shape=...), or call it once"
            )
        zeros = np.zeros((rows, *shape[1:]), self._dtype_of_inputs())
        handle: Bound = self._ready_predictor().run.bind(zeros)
        return handle

    def _ready_predictor(self) -> Predictor:
        if self._predictor is None:
            self._predictor = Predictor(self)
        return self._predictor

    def training_step(self, x: Any, y: Any, sample_weight: Any = None) -> tuple[Step, list[Array]]:
        """Return the step that training records, and checked data for it; nothing is run.

        Parameters
        ----------
        x, y, sample_weight : array-like
            As for :meth:`fit`.

        Returns
        -------
        step, data : Step, list of ndarray
            ``step(row, data)`` inside traced code records one training step on the rows numbered
            ``row``.
        """
        program, inputs, structure = self._start("training_step", x)
        part = part_of(program, inputs, structure, y, sample_weight)
        return program.step(part.layout, is_training=True), list(part.arrays)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Make one step on exactly these rows.

        Returns
        -------
        float, list or dict
            Loss and metrics of these rows before the step (Keras adds up the metrics of successive
            calls; glia does not).
        """
        program, inputs, structure = self._start("train_on_batch", x)
        part = part_of(program, inputs, structure, y, sample_weight)
        part = with_class_weights(program, part, class_weight)
        return self._on_batch(program, part, True, return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Return loss and metrics of these rows in evaluation mode."""
        program, inputs, structure = self._start("test_on_batch", x)
        part = part_of(program, inputs, structure, y, sample_weight)
        return self._on_batch(program, part, False, return_dict)

    def _on_batch(self, program: Program, part: Part, is_training: bool, return_dict: bool) -> Any:
        tally = Tally(program.objectives)
        rows = batches(part.rows, len(part.rows)).blocks[0]
        with DeferredInterrupt() as interrupt, interrupt.hold():
            _, outputs = program.loop(part.layout, is_training).run(rows, part.arrays)
        tally.add(outputs, rows.shape[1])
        return _answer(tally.results(), return_dict)

    def _listed(self, callbacks: Any) -> CallbackList:
        listed = CallbackList(callbacks)
        listed.set_model(self)
        return listed


def _answer(logs: dict[str, Any], return_dict: bool) -> Any:
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
