"""A callback out of plain functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import unknown_name
from .callback import Callback

__all__ = ["LambdaCallback"]


class LambdaCallback(Callback):
    """A callback whose hooks are functions given by name.

    Parameters
    ----------
    on_epoch_begin, on_epoch_end : callable or None
        Called with ``(epoch, logs)``.
    on_train_begin, on_train_end : callable or None
        Called with ``(logs)``.
    on_train_batch_begin, on_train_batch_end : callable or None
        Called with ``(batch, logs)``; they slow training down, see :class:`Callback`.
    **hooks
        Any other hook of :class:`Callback`.

    Raises
    ------
    ArgumentError
        For a name that is no hook.
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
        **hooks: Callable[..., Any] | None,
    ) -> None:
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **hooks,
        }
        known = [name for name in dir(Callback) if name.startswith("on_")]
        for name, function in given.items():
            if name not in known:
                raise unknown_name("callback hook", name, known)
            if function is not None:
                setattr(self, name, function)
