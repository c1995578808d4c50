"""Whether a file was written from a model like this one."""

from __future__ import annotations

from typing import Any

from .encoding import Encoder
from .filing import Contents, architecture
from .strict_json import dump, parse

__all__ = ["difference"]


def difference(contents: Contents, model: Any) -> str | None:
    """Return in words how a model differs from the one in a file, or None.

    Weights and the learning rate, which training changes, are not looked at.
    """
    encoder = Encoder(allows_lambdas=True)
    mine = architecture(model, encoder)
    mine["objects"] = encoder.objects
    # Through JSON and back, as the file's was.
    mine = parse(dump(mine), "this model")
    theirs = contents.header
    for one, other in zip(mine["objects"], theirs["objects"], strict=False):
        found = _of_objects(one, other)
        if found:
            return found
    for part in ("model", "compile", "ties", "frozen"):
        if mine[part] != theirs[part]:
            return f"{part} is {_short(mine[part])} and was {_short(theirs[part])}"
    for name, array in encoder.tensors.items():
        if name not in contents.tensors or contents.tensors[name].tobytes() != array.tobytes():
            return "an array among the arguments of its layers has other numbers"
    return None


def _of_objects(one: Any, other: Any) -> str | None:
    if one == other:
        return None
    label = f"{one.get('class', one['is'])} {one.get('adopted', '')}".strip()
    if (one["is"], one.get("class")) != (other.get("is"), other.get("class")):
        return f"it has a {label} where there was a {other.get('class', other.get('is'))}"
    now, then = ({**each, **each.get("config", {})} for each in (one, other))
    for key in sorted({*now, *then} - {"config"}):
        is_rate = one["is"] == "optimizer" and key == "learning_rate"
        if now.get(key) != then.get(key) and not is_rate:
            return f"{key} of its {label} is {_short(now.get(key))} and was {_short(then.get(key))}"
    return None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
