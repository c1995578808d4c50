"""What stands where an estimator would, when scikit-learn is not installed."""

from __future__ import annotations

from typing import Any, NoReturn

from ..errors import MissingPackageError

__all__ = ["stand_in"]


def stand_in(name: str) -> type:
    """Return a class of that name whose making raises MissingPackageError."""

    def refuse(self: object, *args: Any, **options: Any) -> NoReturn:
        raise MissingPackageError(
            f"glia.{name} needs scikit-learn, which is not installed; "
            "install it with: pip install 'glia[data]'"
        )

    explanation = f"{name} needs scikit-learn: pip install 'glia[data]'."
    return type(name, (), {"__init__": refuse, "__doc__": explanation, "__module__": __name__})
