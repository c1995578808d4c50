"""The state of a fit between two steps: written to a file, and taken up again from it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..callbacks import Callback
from ..engines import current_engine
from ..errors import ArgumentError, DataError, FileError
from ..random import generator
from ..saving.comparing import difference
from ..saving.container import write
from ..saving.encoding import Encoder
from ..saving.filing import Contents, describe, opened, restore
from .arrays import Array
from .notices import note
from .tally import Tally

if TYPE_CHECKING:
    from .fit import Fit

__all__ = ["Moment", "Resumption"]


@dataclass
class Moment:
    """A point of a fit at which nothing is half done.

    Attributes
    ----------
    fit : Fit
        The fit.
    epoch : int
        The epoch under way, or about to begin; from 0.
    tally : Tally or None
        What has been added up in it; None if it has not begun.
    order : uint32 array or None
        The random state from which the order of its rows was drawn.
    is_last : bool
        Whether training ends here.
    """

    fit: Fit
    epoch: int
    tally: Tally | None = None
    order: Array | None = None
    is_last: bool = False

    @property
    def steps(self) -> int:
        """Steps done in the epoch."""
        return 0 if self.tally is None else self.tally.steps

    @property
    def total_steps(self) -> int:
        """Steps done since the first epoch."""
        return self.epoch * int(self.fit.callbacks.params["steps"]) + self.steps

    def write(self, path: str | os.PathLike[str]) -> None:
        """Store the model and the whole state of the fit in a file, in one step.

        Raises
        ------
        FileError
            If it cannot be written; an older file stays as it was.
        """
        fit = self.fit
        fit.model.training_record = fit.record()
        state = {
            "epoch": self.epoch,
            "tally": None if self.tally is None else self.tally.get_state(),
            "order": self.order,
            "origin": fit.origin,
            "random": generator().state.array.copy(),
            "settings": fit.options.settings(),
            "data": fit.fingerprint,
            "engine": current_engine().name,
            "callbacks": [_state_of(each) for each in fit.callbacks.callbacks],
            "is_stopping": bool(fit.model.stop_training),
        }
        header, tensors = describe(fit.model, Encoder(allows_lambdas=True), fit=state)
        write(path, header, tensors)


def _state_of(callback: Callback) -> dict[str, Any]:
    return {"class": type(callback).__name__, "state": callback.get_state()}


class Resumption:
    """A fit to be gone on with.

    Parameters
    ----------
    contents : Contents
        What a :class:`~glia.callbacks.Checkpoint` wrote.

    Raises
    ------
    FileError
        If the file is not one.
    """

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        if "fit" not in contents.header:
            raise FileError(
                f"the file {contents.path} holds a model but no state of training to resume; load "
                "it by glia.load and call fit without resume, or write it by callbacks.Checkpoint"
            )
        with contents.reading():
            decoder = contents.decoder(has_objects=False)
            self.state: dict[str, Any] = decoder.value(contents.header["fit"])
            self.origin: Array = self.state["origin"]
            self.epoch: int = self.state["epoch"]
            self.is_within_epoch: bool = self.state["tally"] is not None

    @classmethod
    def find(cls, path: str | os.PathLike[str] | None) -> Resumption | None:
        """Return what a file says, or None where there is no path or no file yet."""
        if path is None:
            return None
        if not Path(path).exists():
            note(f"there is no checkpoint {path} yet; training starts from the beginning")
            return None
        return cls(opened(path))

    def check(self, fit: Fit) -> None:
        """Refuse to go on with another model, other data or other settings.

        Raises
        ------
        ArgumentError, DataError
            Naming the first thing that differs.
        """
        path, state = self.contents.path, self.state
        fix = (
            "To resume, repeat the call exactly; to train on in another way, use "
            f"glia.load({str(path)!r}) and fit without resume"
        )
        with self.contents.reading():
            different = difference(self.contents, fit.model)
            if different:
                raise ArgumentError(f"resume: {path} belongs to another model: {different}. {fix}")
            for name, now in fit.options.settings().items():
                then = state["settings"][name]
                if now != then:
                    raise ArgumentError(
                        f"resume: {name} is {now!r} and was {then!r} when {path} was written. {fix}"
                    )
            for name, now in fit.fingerprint.items():
                then = state["data"].get(name, "absent")
                if now != then:
                    raise DataError(
                        f"resume: the data differ from those {path} was written with: {name} is "
                        f"{now} and was {then}. {fix}"
                    )
            for name in state["data"]:
                if name not in fit.fingerprint:
                    raise DataError(f"resume: {path} was written with {name}, missing now. {fix}")
            self._matched(fit)
        if state["engine"] != current_engine().name:
            note(
                f"{path} was written by the engine {state['engine']!r}; going on with "
                f"{current_engine().name!r} may change the last digits"
            )

    def _matched(self, fit: Fit) -> list[tuple[Callback, dict[str, Any]]]:
        """Pair the states of the file with the callbacks of this fit, by class and order."""
        left = list(fit.callbacks.callbacks)
        pairs = []
        for each in self.state["callbacks"]:
            found = next((one for one in left if type(one).__name__ == each["class"]), None)
            if found is not None:
                left.remove(found)
                pairs.append((found, each["state"]))
            elif each["state"]:
                raise ArgumentError(
                    f"resume: {self.contents.path} holds the state of a callback "
                    f"{each['class']}, which is not among those given; pass it to fit again"
                )
        return pairs

    def apply(self, fit: Fit) -> None:
        """Give model, optimizer, random numbers and callbacks the state of the file."""
        with self.contents.reading():
            restore(self.contents, fit.model)
            for callback, state in self._matched(fit):
                callback.set_state(dict(state))
            generator().state.array[...] = self.state["random"]
            fit.model.stop_training = bool(self.state["is_stopping"])

    def apply_order(self) -> None:
        """Set the random state from which the order of the rows under way was drawn."""
        with self.contents.reading():
            generator().state.array[...] = self.state["order"]

    def apply_tally(self, tally: Tally) -> None:
        """Give a new tally what had been added up."""
        with self.contents.reading():
            tally.set_state(self.state["tally"])
