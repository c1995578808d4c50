"""Write each epoch's numbers as a row of a CSV file."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import IO, Any

from .callback import Callback, Logs

__all__ = ["CSVLogger"]


class CSVLogger(Callback):
    """Write one row per epoch: the epoch (from 0), then the logs in alphabetical order.

    The header is known before training, so an epoch without validation (``validation_freq``)
    leaves ``NA`` rather than shifting columns. Each row is on disk when its epoch ends.

    Parameters
    ----------
    filename : str or path
        The file to write.
    separator : str
        What stands between columns.
    append : bool
        Go on with an existing file rather than replacing it.
    """

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        self.filename = Path(filename)
        self.separator = separator
        self.append = append
        self.keys: list[str] | None = None
        self._file: IO[str] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._close()
        self.keys = None
        mode = "a" if self.append or self.params.get("is_resumed") else "w"
        self._file = self.filename.open(mode, newline="", encoding="utf-8")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = logs or {}
        if self._file is None:
            return
        writer = csv.writer(self._file, delimiter=self.separator)
        if self.keys is None:
            self.keys = sorted({*logs, *self.params.get("metrics", ())} - {"learning_rate"})
            self.keys += ["learning_rate"] if "learning_rate" in logs else []
            if self._file.tell() == 0:
                writer.writerow(["epoch", *self.keys])
        writer.writerow([epoch, *(logs.get(key, "NA") for key in self.keys)])
        self._file.flush()

    def get_state(self) -> dict[str, Any]:
        return {"keys": self.keys, "position": 0 if self._file is None else self._file.tell()}

    def set_state(self, state: dict[str, Any]) -> None:
        # Rows written after the checkpoint are written again.
        self.keys = state["keys"]
        if self._file is not None and self._file.seek(0, os.SEEK_END) > state["position"]:
            self._file.truncate(state["position"])
            self._file.seek(0, os.SEEK_END)

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
