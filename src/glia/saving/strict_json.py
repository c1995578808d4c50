"""JSON with limits: what a stranger wrote can neither exhaust memory nor mean two things."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, NoReturn

from ..errors import FileError

__all__ = ["LONGEST", "dump", "parse"]

# Bytes, values and nesting that no model comes near; long lists of numbers are stored as tensors.
LONGEST = 2**24
MOST_VALUES = 10**6
DEEPEST = 64


def dump(value: Any) -> bytes:
    """Return a value as JSON, the same bytes for equal values; NaN and infinity are refused."""
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode("ascii")


def parse(text: bytes, what: str) -> Any:
    """Return the value a JSON text stands for.

    Parameters
    ----------
    text : bytes
        The text, in UTF-8.
    what : str
        Where it comes from, for messages.

    Raises
    ------
    FileError
        For anything but strict JSON within the limits: a key given twice, NaN, a number that is
        infinite, text longer or nested deeper than models need.
    """
    if len(text) > LONGEST:
        raise FileError(f"{what} has a header of {len(text):,} bytes; expected at most {LONGEST:,}")
    # An upper bound of the number of values, found without making any.
    if sum(map(text.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise FileError(f"{what} has a header of more than {MOST_VALUES:,} values")
    try:
        value = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=lambda pairs: _object(pairs, what),
            parse_float=_finite,
            parse_constant=_refused,
        )
    except RecursionError:
        raise FileError(f"{what} has a header nested deeper than {DEEPEST} levels") from None
    except ValueError as error:
        raise FileError(
            f"{what} has a header that is not valid JSON ({error}); it is damaged or was not "
            "written by glia"
        ) from None
    _check_depth(value, what)
    return value


def _object(pairs: Sequence[tuple[str, Any]], what: str) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise FileError(f"{what} has the key {_short(twice)} twice in one object of its header")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {_short(text)} is not finite")
    return number


def _refused(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _check_depth(value: Any, what: str) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            each
            for group in level
            if isinstance(group, (dict, list))
            for each in (group.values() if isinstance(group, dict) else group)
        ]
        if not level:
            return
    raise FileError(f"{what} has a header nested deeper than {DEEPEST} levels")
