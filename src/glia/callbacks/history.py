"""What happened in each epoch."""

from __future__ import annotations

from .callback import Callback, Logs
from .readout import line, shown

__all__ = ["History"]


class History(Callback):
    """The numbers of every finished epoch; ``fit`` returns it.

    Attributes
    ----------
    history : dict of str to list of float
        ``"loss"`` and the metrics, and with validation their ``"val_"`` counterparts, one entry
        per epoch. As in Keras, the loss of an epoch is the running mean over its steps: the
        weights changed meanwhile, dropout was on, and regularisation is included. The ``val_``
        numbers are measured after the epoch, in evaluation mode. So the two are not comparable.
    final : dict of str to float
        The same numbers measured once over the training rows after training, in evaluation mode:
        these can be compared with ``val_`` numbers and equal ``evaluate`` (sample weights count,
        class weights do not). Empty after Ctrl-C.
    epoch : list of int
        The epochs, from 0.
    params : dict
        What was known before the run: epochs, steps, verbose, metrics.
    descriptions : dict of str to str
        What each metric means here, such as ``"binary accuracy, threshold 0.5"``.
    is_interrupted : bool
        Whether Ctrl-C ended training.
    """

    remembered = ("epoch", "history")

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.final: dict[str, float] = {}
        self.epoch: list[int] = []
        self.descriptions: dict[str, str] = {}
        self.is_interrupted = False

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.history, self.final, self.epoch = {}, {}, []
        self.is_interrupted = False

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        asked = self.params.get("epochs", len(self.epoch))
        count = f"{len(self.epoch)} epoch" + ("" if len(self.epoch) == 1 else "s")
        ended = f", up to epoch {asked} asked for" if asked != len(self.epoch) else ""
        if self.is_interrupted:
            ended += ", ended by Ctrl-C"
        lines = [f"History of {count}{ended}"]
        lines += self._table()
        if self.final:
            lines.append(f"final, over the training rows in evaluation mode: {line(self.final)}")
        if self.epoch:
            lines.append(
                "loss and metrics of an epoch are running means in training mode (weights moving, "
                "dropout on); val_ and final are in evaluation mode"
            )
        return "\n".join(lines)

    def _table(self) -> list[str]:
        # Entries missing in some epochs (validation_freq > 1) have no row to stand in.
        columns = {k: v for k, v in self.history.items() if len(v) == len(self.epoch)}
        if not columns:
            return []
        widths = [max(len(name), 10) for name in columns]
        heads = [name.rjust(width) for name, width in zip(columns, widths, strict=True)]
        lines = ["  ".join(["epoch", *heads])]
        count = len(self.epoch)
        rows = range(count) if count <= 6 else [0, 1, 2, count - 2, count - 1]
        previous = -1
        for index in rows:
            if index > previous + 1:
                lines.append("  ...")
            cells = [
                shown(values[index]).rjust(width)
                for values, width in zip(columns.values(), widths, strict=True)
            ]
            lines.append("  ".join([f"{self.epoch[index] + 1:5d}", *cells]))
            previous = index
        return lines
