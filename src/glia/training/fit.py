"""Epoch after epoch: the loop around the one graph."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..callbacks import CallbackList, History
from ..callbacks.readout import line
from ..engines import current_engine
from ..random import generator
from ..version import __version__
from . import observers
from .arrays import Array
from .batches import batches, measuring_batches
from .data import Data, Part
from .divergence import Snapshot, explain, is_finite
from .fingerprint import fingerprint, size
from .interrupts import DeferredInterrupt
from .notices import logger, note
from .passes import run_pass
from .program import Program
from .progress import Progress
from .resuming import Moment, Resumption
from .tally import Tally

__all__ = ["Fit", "Options", "measure"]

# Bytes of data that every fit describes by a hash, which takes 8 ms; more, only where it must.
HASHED = 2**24


@dataclass(frozen=True)
class Options:
    """How one fit goes about it.

    Attributes
    ----------
    batch_size, epochs, initial_epoch : int
        As in ``fit``.
    measuring_rows : int
        Rows per step of validation.
    validation_freq : int or collection of int
        Validate every so many epochs, or after these (counted from 1).
    permutation : callable or None
        Draws the order of the rows of each epoch; None keeps their order.
    """

    batch_size: int
    epochs: int
    initial_epoch: int
    measuring_rows: int
    validation_freq: int | Collection[int]
    permutation: Callable[[int], Array] | None

    def validates_after(self, epoch: int) -> bool:
        """Return whether an epoch, counted from 0, ends with a validation."""
        if isinstance(self.validation_freq, int):
            return (epoch + 1) % self.validation_freq == 0
        return epoch + 1 in self.validation_freq

    def settings(self) -> dict[str, Any]:
        """Return what a resumed fit must have in common with the first one."""
        often = self.validation_freq
        return {
            "batch_size": self.batch_size,
            "shuffle": self.permutation is not None,
            "validation_batch_size": self.measuring_rows,
            "validation_freq": often if isinstance(often, int) else sorted(often),
        }


def measure(
    program: Program,
    part: Part,
    rows_at_once: int,
    callbacks: CallbackList,
    interrupt: DeferredInterrupt,
) -> dict[str, float]:
    """Return loss and metrics over a part's rows in evaluation mode."""
    tally = Tally(program.objectives)

    def after(step: int, *_: object) -> bool:
        callbacks.on_test_batch_end(step, tally.results(with_scores=False))
        return False

    callbacks.on_test_begin()
    loop = program.loop(part.layout, is_training=False)
    passing = measuring_batches(part.rows, rows_at_once)
    run_pass(loop, part, passing, tally, interrupt, callbacks.on_test_batch_begin, after)
    logs = tally.results()
    callbacks.on_test_end(logs)
    return logs


@dataclass
class Fit:
    """One call of ``fit``.

    Attributes
    ----------
    model, program, data, options : object
        Who learns, how it is compiled, from what, and with which settings.
    callbacks : CallbackList
        The user's, then history and progress.
    history, progress : History, Progress
        The last two of them.
    origin : uint32 array
        The random state before rows were chosen for validation.
    resumed : Resumption or None
        Where to go on.
    """

    model: Any
    program: Program
    data: Data
    options: Options
    callbacks: CallbackList
    history: History
    progress: Progress
    origin: Array
    resumed: Resumption | None = None
    now: Moment | None = None
    interrupt: DeferredInterrupt = field(default_factory=DeferredInterrupt)
    snapshot: Snapshot = field(default_factory=lambda: Snapshot([]))

    def run(self) -> History:
        """Train, and return the history.

        Raises
        ------
        DivergenceError
            When the loss is no longer finite, unless a callback takes it quietly.
        """
        training = self.data.training
        self.program.loop(training.layout, is_training=True)
        self.snapshot = Snapshot(self.program.changing())
        if self.resumed is not None:
            self.resumed.check(self)
        for observer in list(observers.observers):
            observer.before_fit(self.model, self.data, self.history)
        try:
            with self.interrupt:
                self._train()
        finally:
            self.progress.close()
        self.model.training_record = self.record()
        for observer in list(observers.observers):
            observer.after_fit(self.model, self.data, self.history)
        return self.history

    def _train(self) -> None:
        try:
            self.callbacks.on_train_begin()
            first = self.options.initial_epoch
            if self.resumed is not None:
                self.resumed.apply(self)
                self.snapshot = Snapshot(self.program.changing())
                first = self.resumed.epoch
            for epoch in range(first, self.options.epochs):
                if self.model.stop_training:
                    break
                self._epoch(epoch)
                self._pause(Moment(self, epoch + 1))
        except KeyboardInterrupt:
            self._recover()
        self.callbacks.on_train_end()
        if self.history.epoch and not self.history.is_interrupted:
            self._measure_training_rows()

    def _recover(self) -> None:
        """End after Ctrl-C; if it struck within a step, with the weights the epoch began with."""
        if self.interrupt.is_torn or not is_finite(self.program.changing()):
            self.snapshot.restore()
        elif self.now is not None:
            self.now.is_last = True
            self.callbacks.on_pause(self.now)
        self.history.is_interrupted = True
        done = len(self.history.epoch)
        text = (
            f"training was interrupted after {done} finished epochs; the model keeps what it has "
            "learnt and can be used or trained further"
        )
        logger.warning(text)
        self.progress.say(text)

    def _epoch(self, epoch: int) -> None:
        training, callbacks = self.data.training, self.callbacks
        callbacks.on_epoch_begin(epoch)
        tally = Tally(self.program.objectives)
        resumed, self.resumed = self.resumed, None
        if resumed is not None and resumed.is_within_epoch:
            resumed.apply_order()
        drawn_from = generator().state.array.copy()
        order = batches(training.rows, self.options.batch_size, self.options.permutation)
        if resumed is not None and resumed.is_within_epoch:
            resumed.apply(self)
            resumed.apply_tally(tally)
        moment = self.now = Moment(self, epoch, tally, drawn_from)
        failure: list[tuple[int, float]] = []
        is_stepwise = callbacks.wants_every_step

        def after(step: int, losses: Array, bad: int | None) -> bool:
            for observer in list(observers.observers):
                observer.on_return(self.model, epoch, step, losses)
            if bad is not None:
                failure.append((bad, float(losses[bad - (step + 1 - len(losses))])))
                return True
            if is_stepwise:
                self.now = None
                callbacks.on_train_batch_end(step, tally.results(with_scores=False))
            self._pause(moment)
            if self.progress.is_due():
                self.progress.draw(tally.rows, tally.results(with_scores=False))
            return bool(self.model.stop_training)

        loop = self.program.loop(training.layout, is_training=True)
        before = callbacks.on_train_batch_begin
        done = tally.steps
        run_pass(loop, training, order, tally, self.interrupt, before, after, is_stepwise, done)
        if not failure and not is_finite(self.program.changing()):
            failure.append((tally.steps - 1, tally.results(with_scores=False)["loss"]))
        if failure:
            logs = self._diverged(epoch, order.steps, *failure[0])
        else:
            logs = dict(tally.results())
            self.snapshot = Snapshot(self.program.changing())
            logs |= self._validate(epoch)
        self.now = None
        callbacks.on_epoch_end(epoch, logs)

    def _pause(self, moment: Moment) -> None:
        """Let callbacks store the state, which is whole."""
        moment.is_last = moment.tally is None and (
            moment.epoch >= self.options.epochs or bool(self.model.stop_training)
        )
        self.now = moment
        self.callbacks.on_pause(moment)

    @cached_property
    def fingerprint(self) -> dict[str, str]:
        """What the data are, down to a hash of every number."""
        return fingerprint(self.data)

    def record(self) -> dict[str, Any]:
        """Return how this fit goes about it and what has come of it so far, as plain values."""
        is_known = "fingerprint" in self.__dict__ or size(self.data) <= HASHED
        engine = current_engine()
        return {
            "glia": __version__,
            "engine": engine.name,
            "threads": getattr(engine, "threads", 1),
            "random": self.origin.tolist(),
            "data": self.fingerprint if is_known else fingerprint(self.data, has_contents=False),
            **self.options.settings(),
            "epoch": list(self.history.epoch),
            "history": {name: list(each) for name, each in self.history.history.items()},
            "final": dict(self.history.final),
            "is_interrupted": self.history.is_interrupted,
        }

    def _validate(self, epoch: int) -> dict[str, float]:
        part = self.data.validation
        if part is None or not self.options.validates_after(epoch):
            return {}
        rows = self.options.measuring_rows
        logs = measure(self.program, part, rows, self.callbacks, self.interrupt)
        return {f"val_{name}": value for name, value in logs.items()}

    def _diverged(self, epoch: int, steps: int, step: int, loss: float) -> dict[str, Any]:
        is_first = epoch == self.options.initial_epoch and step == 0 and not np.isfinite(loss)
        error = explain(
            epoch, step, steps, loss, self.program.optimizer, self.data.training, is_first
        )
        self.snapshot.restore()
        if not self.callbacks.on_divergence(error):
            raise error
        note(str(error))
        self.model.stop_training = True
        names = self.program.names
        if self.data.validation is not None and self.options.validates_after(epoch):
            names = [*names, *(f"val_{name}" for name in names)]
        return dict.fromkeys(names, float("nan")) | {"loss": loss}

    def _measure_training_rows(self) -> None:
        quiet = CallbackList()
        rows = self.options.measuring_rows
        try:
            self.history.final = measure(
                self.program, self.data.measured, rows, quiet, self.interrupt
            )
        except KeyboardInterrupt:
            self.history.is_interrupted = True
            return
        text = line(self.history.final)
        self.progress.say(f"training rows, measured after training in evaluation mode: {text}")
