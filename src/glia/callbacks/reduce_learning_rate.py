"""Lower the learning rate when the watched number stands still."""

from __future__ import annotations

from ..errors import ArgumentError
from .callback import Logs
from .monitor import MonitorCallback

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(MonitorCallback):
    """Multiply the learning rate by ``factor`` after ``patience`` epochs without improvement.

    Parameters
    ----------
    monitor : str
        What is watched.
    factor : float
        New rate over old rate, below 1.
    patience : int
        Epochs without improvement that are tolerated.
    verbose : int
        1 prints each reduction.
    mode : {"auto", "min", "max"}
        Whether smaller or larger is better.
    min_delta : float
        The least change counted as an improvement.
    cooldown : int
        Epochs after a reduction in which nothing is counted.
    min_lr : float
        The rate never goes below this.

    Raises
    ------
    ArgumentError
        If ``factor`` is not in (0, 1), or before the first epoch for a wrong ``monitor``.
    """

    remembered = ("best", "cooldown_counter", "wait")

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        if not 0 < factor < 1:
            raise ArgumentError(
                f"ReduceLROnPlateau: factor got {factor!r}; expected a number between 0 and 1, "
                "such as 0.5 to halve the rate"
            )
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.wait = 0
        self.cooldown_counter = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        super().on_train_begin(logs)
        self.wait = self.cooldown_counter = 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        optimizer = self.model.optimizer
        rate = float(optimizer.learning_rate)
        if logs is not None:
            logs["learning_rate"] = rate
        value = self.current(logs)
        if value is None:
            return
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.is_improvement(value, self.best):
            self.best, self.wait = value, 0
            return
        if self.cooldown_counter > 0:
            return
        self.wait += 1
        if self.wait >= self.patience and rate > self.min_lr:
            lower = max(rate * self.factor, self.min_lr)
            optimizer.learning_rate = lower
            self.cooldown_counter, self.wait = self.cooldown, 0
            if self.verbose:
                print(
                    f"Epoch {epoch + 1}: {self.monitor} stands still; learning rate "
                    f"{rate:g} -> {lower:g}"
                )
