"""The errors glia raises: each says what happened, what was got, what was expected, and the fix.

Every class derives from :class:`GliaError` and from the fitting builtin, so that both
``except glia.GliaError`` and ``except ValueError`` work.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "ArgumentError",
    "DataError",
    "DivergenceError",
    "DtypeError",
    "FileError",
    "GliaError",
    "IndexingError",
    "MissingPackageError",
    "NotBuiltError",
    "ShapeError",
    "TraceError",
    "unknown_name",
]


class GliaError(Exception):
    """The root of every error glia raises on purpose."""


class ShapeError(GliaError, ValueError):
    """Arrays or tensors whose shapes do not fit together."""


class IndexingError(GliaError, IndexError):
    """A position outside the axis it looks into."""


class MissingPackageError(GliaError, ImportError):
    """A feature whose optional package is not installed; the message names the extra to install."""


class DtypeError(GliaError, TypeError):
    """A dtype that an operation cannot take, or dtypes that do not fit together."""


class TraceError(GliaError, TypeError):
    """Python that cannot be recorded as a graph, such as ``if`` on a symbol."""


class ArgumentError(GliaError, ValueError):
    """An option out of its range, or a name nobody knows."""


class DataError(GliaError, ValueError):
    """Data that cannot be trained on or predicted from as it stands."""


class FileError(GliaError, OSError):
    """A file that cannot be read or written, or does not hold what it should."""


class NotBuiltError(GliaError, RuntimeError):
    """A model or layer asked for something it only has once built or compiled."""


class DivergenceError(GliaError, ArithmeticError):
    """Training whose loss is no longer a finite number."""


def unknown_name(kind: str, got: object, known: Iterable[str]) -> ArgumentError:
    """Build the error for a name that is not in a registry, suggesting the nearest one.

    Parameters
    ----------
    kind : str
        What was looked up, such as ``"optimizer"``.
    got : object
        What the user gave.
    known : iterable of str
        Every name that would have worked.

    Returns
    -------
    ArgumentError
        The error, to be raised by the caller.
    """
    names = sorted(set(known))
    lowered = {name.lower(): name for name in reversed(names)}
    near = difflib.get_close_matches(str(got).lower(), lowered, n=1, cutoff=0.5)
    hint = f" Did you mean {lowered[near[0]]!r}?" if near else ""
    return ArgumentError(f"unknown {kind} {got!r}.{hint} Known names: {', '.join(names)}")
