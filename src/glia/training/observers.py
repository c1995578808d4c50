"""How higher floors (a doctor, a report, a live page) watch training that knows nothing of them."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["Observer", "observers", "register", "unregister"]


class Observer(Protocol):
    """Who listens to every fit. Unlike a callback it is registered once, by the public face."""

    def before_fit(self, model: Any, data: Any, history: Any) -> None:
        """Look at model and data (:class:`~glia.training.data.Data`) before the first step."""

    def on_return(self, model: Any, epoch: int, step: int, losses: Any) -> None:
        """Look at the losses of the steps just run, each time the compiled loop returns."""

    def after_fit(self, model: Any, data: Any, history: Any) -> None:
        """Look at the result, also after Ctrl-C."""


observers: list[Observer] = []


def register(observer: Observer) -> None:
    """Let an observer listen from now on (once, however often it is registered)."""
    if observer not in observers:
        observers.append(observer)


def unregister(observer: Observer) -> None:
    """Stop telling an observer."""
    if observer in observers:
        observers.remove(observer)
