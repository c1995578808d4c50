"""Stop when the watched number no longer improves."""

from __future__ import annotations

from typing import Any

from .callback import Logs
from .monitor import MonitorCallback

__all__ = ["EarlyStopping"]


class EarlyStopping(MonitorCallback):
    """End training once a number has not improved for ``patience`` epochs in a row.

    Early stopping is regularisation: the weights of the epoch that did best on rows not trained
    on are usually better than the last ones. (Prechelt, *Early Stopping, But When?*, 1998.)

    Parameters
    ----------
    monitor : str
        What is watched.
    min_delta : float
        The least change counted as an improvement.
    patience : int
        Epochs without improvement that are tolerated.
    verbose : int
        1 prints why training ended.
    mode : {"auto", "min", "max"}
        Whether smaller or larger is better.
    baseline : float or None
        Waiting starts anew only with values better than this.
    restore_best_weights : bool
        Put the best epoch's weights back at the end.
    start_from_epoch : int
        Epochs before this one are ignored.

    Attributes
    ----------
    best_weights : list of ndarray or None
        The best epoch's weights, always kept (Keras keeps them only when told to restore them):
        ``model.set_weights(callback.best_weights)``.
    best_epoch : int
        That epoch, from 0.
    stopped_epoch : int
        The epoch training was stopped in, 0 if it was not.
    """

    remembered = ("best", "best_epoch", "best_weights", "stopped_epoch", "wait")

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.best_weights: list[Any] | None = None
        self.best_epoch = 0
        self.stopped_epoch = 0
        self.wait = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        super().on_train_begin(logs)
        self.best_weights = None
        self.best_epoch = self.stopped_epoch = self.wait = 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        value = self.current(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self.is_improvement(value, self.best):
            self.best, self.best_epoch = value, epoch
            self.best_weights = self.model.get_weights()
            if self.baseline is None or self.is_improvement(value, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.verbose and self.stopped_epoch:
            print(
                f"Epoch {self.stopped_epoch + 1}: {self.monitor} has not improved for "
                f"{self.wait} epochs; training stops"
            )
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose:
                print(f"The weights of the best epoch, {self.best_epoch + 1}, are restored")
            self.model.set_weights(self.best_weights)
