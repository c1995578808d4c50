"""Libraries of the ``data`` extra, imported when something needs them."""

from __future__ import annotations

import importlib
from types import ModuleType

from ..errors import MissingPackageError

__all__ = ["extra"]


def extra(module: str, purpose: str) -> ModuleType:
    """Import a library that may be absent.

    Parameters
    ----------
    module : str
        Its name, such as ``"polars"``.
    purpose : str
        What needs it, for the message: ``"reading Parquet"``.

    Raises
    ------
    MissingPackageError
        If it is not installed, naming what to install.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        library = module.partition(".")[0].replace("sklearn", "scikit-learn")
        raise MissingPackageError(
            f'{purpose} needs {library}, which is not installed: pip install "glia[data]"'
        ) from None
