"""What stands where an estimator would, when scikit-learn is not installed."""

from __future__ import annotations

from typing import Any

from ..errors import MissingPackageError

__all__ = ["stand_in"]


def stand_in(name: str) -> type:
    """Return a class of that name whose making raises MissingPackageError."""

    class StandIn:
        def __init__(self, *_: Any, **__: Any) -> None:
            raise MissingPackageError(
                f"glia.{name} needs scikit-learn, which is not installed; "
                "install it with: pip install 'glia[data]'"
            )

    StandIn.__name__ = StandIn.__qualname__ = name
    StandIn.__doc__ = f"{name} needs scikit-learn: pip install 'glia[data]'."
    return StandIn
