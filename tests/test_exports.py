"""The public names: complete, present, documented (their order: tests/test_architecture.py)."""

import inspect
import re
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import glia

FOLDER = Path(glia.__file__).parent


def public_classes_and_functions() -> Iterator[tuple[str, object]]:
    """What `glia.__all__` offers, one level into the modules it names."""
    for name in glia.__all__:
        value = getattr(glia, name, None)
        if isinstance(value, types.ModuleType):
            for inner in getattr(value, "__all__", []):
                yield f"{name}.{inner}", getattr(value, inner, None)
        else:
            yield name, value


OFFERED = {name: value for name, value in public_classes_and_functions() if callable(value)}
OWN_CLASSES = {
    name: value
    for name, value in OFFERED.items()
    if inspect.isclass(value) and value.__module__.split(".")[0] == "glia"
}


def test_no_name_is_listed_twice() -> None:
    assert len(glia.__all__) == len(set(glia.__all__))


def test_every_name_resolves() -> None:
    assert [name for name in glia.__all__ if not hasattr(glia, name)] == []


def test_every_public_name_is_listed() -> None:
    submodules = {path.stem for path in FOLDER.glob("*.py")} | {
        path.parent.name for path in FOLDER.glob("*/__init__.py")
    }
    present = {
        name
        for name, value in vars(glia).items()
        if not name.startswith("_")
        and not (name in submodules and isinstance(value, types.ModuleType))
    }
    assert present <= set(glia.__all__), sorted(present - set(glia.__all__))


def test_dir_offers_every_name() -> None:
    assert set(glia.__all__) <= set(dir(glia))


def test_public_modules_say_what_they_offer() -> None:
    offered = {name: getattr(glia, name, None) for name in glia.__all__}
    modules = {
        name: value for name, value in offered.items() if isinstance(value, types.ModuleType)
    }
    assert [name for name, module in modules.items() if not module.__doc__] == []
    assert [name for name, module in modules.items() if not hasattr(module, "__all__")] == []
    missing = [
        f"{name}.{inner}"
        for name, module in modules.items()
        for inner in getattr(module, "__all__", [])
        if not hasattr(module, inner)
    ]
    assert missing == []


@pytest.mark.parametrize("name", sorted(OFFERED))
def test_every_public_callable_has_a_docstring(name: str) -> None:
    assert (inspect.getdoc(OFFERED[name]) or "").strip()


@pytest.mark.parametrize("name", sorted(OWN_CLASSES))
def test_every_public_method_is_documented_where_it_is_first_defined(name: str) -> None:
    undocumented = [
        attribute
        for attribute, value in inspect.getmembers(OWN_CLASSES[name])
        if not attribute.startswith("_")
        and (inspect.isfunction(value) or inspect.ismethod(value) or isinstance(value, property))
        and (getattr(value, "__module__", None) or "glia").startswith("glia")
        and not inspect.getdoc(getattr(OWN_CLASSES[name], attribute))
    ]
    assert undocumented == []


def test_the_version_is_one_that_pip_can_order() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|a\d+|b\d+|rc\d+)?", glia.__version__)
