"""The hooks a callback may fill in, and the list that calls them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ..errors import ArgumentError, DivergenceError

__all__ = ["Callback", "CallbackList", "Logs"]

Logs = dict[str, Any]


class Callback:
    """Code to run at the turning points of ``fit``, ``evaluate`` and ``predict``.

    Subclass it and define the hooks wanted; the names are those of Keras.

    An epoch runs as one compiled loop that comes up for air about every 50 ms. A callback that
    defines ``on_train_batch_begin`` or ``on_train_batch_end`` asks for every single step, which is
    done, but each step is then a call of its own: training is slower, and says so once.

    Attributes
    ----------
    model : object
        The model being trained; ``model.stop_training = True`` ends training after this epoch,
        or in the middle of it.
    remembered : tuple of str
        Names of the attributes that a resumed fit gives back: what the callback has learnt, not
        what it was told. Numbers, text, arrays, and lists and dicts of them.
    params : dict
        ``"epochs"``, ``"steps"`` (per epoch), ``"verbose"`` and ``"metrics"``, the names that the
        logs of ``on_epoch_end`` will hold.
    """

    model: Any = None
    remembered: tuple[str, ...] = ()
    params: Mapping[str, Any] = MappingProxyType({})

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Receive what is known about the run before it starts."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Receive the model."""
        self.model = model

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Run once before the first epoch."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Run once after the last epoch, also after Ctrl-C."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Run before each epoch, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Run after each epoch; ``logs`` holds loss, metrics and their ``val_`` counterparts."""

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Run before each training step: an older name of ``on_train_batch_begin``."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Run after each training step: an older name of ``on_train_batch_end``."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Run before each training step."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Run after each training step; ``logs`` holds the means over the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Run before an evaluation, the validation of an epoch included."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Run after an evaluation."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Run before each stretch of an evaluation; ``batch`` is the first step's number."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Run after each stretch of an evaluation; ``batch`` is the last step's number."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Run before a prediction."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Run after a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Run before each chunk of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Run after each chunk of a prediction; ``logs["outputs"]`` is what it gave."""

    def on_pause(self, moment: Any) -> None:
        """Run when nothing is half done: after each stretch of steps and after each epoch.

        All other hooks have run. ``moment`` has ``epoch`` and ``steps`` (done in it), and
        ``write(path)``, which stores the state of the fit for ``fit(..., resume=path)``.
        """

    def get_state(self) -> dict[str, Any]:
        """Return what a resumed fit needs to know: by default the attributes ``remembered``."""
        return {name: getattr(self, name) for name in self.remembered}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`get_state` returned, after ``on_train_begin``."""
        for name in self.remembered:
            setattr(self, name, state[name])

    def on_divergence(self, error: DivergenceError) -> bool:
        """Decide what a loss that is no longer finite does; True ends training quietly."""
        return False


STEP_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")


class CallbackList(Callback):
    """Several callbacks called in order.

    Parameters
    ----------
    callbacks : Callback, or any nesting of lists of them, or None
        The user's, in the order they are to run.
    extra : iterable of Callback
        glia's own (history, progress), which run after them.

    Raises
    ------
    ArgumentError
        If something in the list is not a callback.
    """

    def __init__(self, callbacks: Any = None, extra: Iterable[Callback] = ()) -> None:
        self.callbacks = [*_flatten(callbacks), *extra]

    @property
    def wants_every_step(self) -> bool:
        """Whether any callback defines a hook around single training steps."""
        return any(_defines(each, hook) for each in self.callbacks for hook in STEP_HOOKS)

    def set_params(self, params: Mapping[str, Any]) -> None:
        self.params = params
        for each in self.callbacks:
            each.set_params(params)

    def set_model(self, model: Any) -> None:
        self.model = model
        for each in self.callbacks:
            each.set_model(model)

    def _call(self, hook: str, *arguments: Any) -> None:
        for each in self.callbacks:
            getattr(each, hook)(*arguments)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._call("on_train_begin", {} if logs is None else logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._call("on_train_end", {} if logs is None else logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._call("on_epoch_begin", epoch, {} if logs is None else logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._call("on_epoch_end", epoch, {} if logs is None else logs)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_train_batch_begin", batch, {} if logs is None else logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_train_batch_end", batch, {} if logs is None else logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._call("on_test_begin", {} if logs is None else logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._call("on_test_end", {} if logs is None else logs)

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_test_batch_begin", batch, {} if logs is None else logs)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_test_batch_end", batch, {} if logs is None else logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._call("on_predict_begin", {} if logs is None else logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._call("on_predict_end", {} if logs is None else logs)

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_predict_batch_begin", batch, {} if logs is None else logs)

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_predict_batch_end", batch, {} if logs is None else logs)

    def on_pause(self, moment: Any) -> None:
        self._call("on_pause", moment)

    def on_divergence(self, error: DivergenceError) -> bool:
        # Every callback is told, also after one has taken it.
        answers = [each.on_divergence(error) for each in self.callbacks]
        return any(answers)


def _flatten(callbacks: Any) -> list[Callback]:
    if callbacks is None:
        return []
    if isinstance(callbacks, CallbackList):
        return callbacks.callbacks
    if isinstance(callbacks, Callback):
        return [callbacks]
    if isinstance(callbacks, (list, tuple)):
        return [one for part in callbacks for one in _flatten(part)]
    hint = ""
    if isinstance(callbacks, type) and issubclass(callbacks, Callback):
        hint = f": write {callbacks.__name__}() with brackets"
    raise ArgumentError(f"callbacks got {callbacks!r}; expected glia callbacks{hint}")


def _defines(callback: Callback, hook: str) -> bool:
    return hook in vars(callback) or getattr(type(callback), hook) is not getattr(Callback, hook)
