"""The house's rules, read from the source: imports point downwards, files short, names clear."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "glia"

# From the ground up. A module may import what stands on a row above its own in this list,
# or earlier in its own row; `glia` itself is the public face and stands over everything.
FLOORS = {
    "ground": ["version", "errors", "dtypes", "graph", "ops"],
    "running": ["plan", "autodiff", "engines", "function", "derivatives"],
    "blocks": [
        "random",
        "config",
        "utils",
        "initializers",
        "regularizers",
        "activations",
        "losses",
        "metrics",
        "optimizers",
        "layers",
    ],
    "training": ["saving", "callbacks", "training", "data", "models", "validation", "tables"],
    "insight": ["explain"],
    "doors": ["estimators", "cli", "__main__"],
    "face": ["__init__"],
}
FLOOR_OF = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
HEIGHT = {room: height for height, room in enumerate(FLOOR_OF)}

LONGEST_FILE = 400
SAYS_NOTHING = re.compile(
    r"_?(utils?|helpers?|common|misc|shared|stuff|tools|base|manager)|base_.*"
)
SAYS_NOTHING_CLASS = re.compile(r"_?(Base([A-Z].*)?|.*(Base|Manager|Helper|Utils?))")
PUBLIC_UTILS = Path("utils.py")  # Keras' own name for to_categorical's home


@dataclass(frozen=True)
class Import:
    """One imported module of the package, as a path relative to it ("graph/tensor.py")."""

    file: Path
    line: int
    target: Path
    is_for_types_only: bool


def sources(package: Path) -> list[Path]:
    """Every source file of the package, relative to it."""
    return sorted(path.relative_to(package) for path in package.rglob("*.py"))


def room(file: Path) -> str:
    """The name FLOORS knows a file by: its folder at the top level, or its own name."""
    return file.parts[0].removesuffix(".py")


def module_file(package: Path, parts: list[str]) -> Path | None:
    """The file of a dotted name within the package, or None when there is no such module."""
    inside = package.joinpath(*parts)
    if (inside / "__init__.py").is_file():
        return (inside / "__init__.py").relative_to(package)
    if parts and inside.with_suffix(".py").is_file():
        return inside.with_suffix(".py").relative_to(package)
    return None


def type_checking_nodes(tree: ast.Module) -> set[ast.AST]:
    """Everything under `if TYPE_CHECKING:`."""
    return {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for child in ast.walk(statement)
    }


def dotted_names(node: ast.AST, file: Path, name: str) -> Iterator[list[str]]:
    """Absolute dotted names, longest useful form first, that an import statement asks for."""
    if isinstance(node, ast.Import):
        yield from (alias.name.split(".") for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = [name, *file.parts[:-1]][: len(file.parts) - node.level + 1] if node.level else []
        start = start + (node.module.split(".") if node.module else [])
        yield from ([*start, alias.name] for alias in node.names)
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
        ("import_module", "__import__")
    ):
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value.split(".")


def imports(package: Path, file: Path) -> list[Import]:
    """Every import of the package's own modules in one file, wherever in the file it stands.

    Imports inside functions count like those at the top: they may save time, never dodge a cycle.
    """
    tree = ast.parse((package / file).read_text(encoding="utf-8"))
    for_types = type_checking_nodes(tree)
    found = []
    for node in ast.walk(tree):
        for parts in dotted_names(node, file, package.name):
            if parts[0] != package.name:
                continue
            target = module_file(package, parts[1:]) or module_file(package, parts[1:-1])
            found.append(
                Import(file, getattr(node, "lineno", 0), target or Path(*parts), node in for_types)
            )
    return found


def misplaced(package: Path) -> list[str]:
    """Imports that point upwards, and files that no floor knows."""
    complaints = []
    for file in sources(package):
        if room(file) not in HEIGHT:
            complaints.append(f"{file}: stands on no floor; give {room(file)!r} a place in FLOORS")
            continue
        for item in imports(package, file):
            here, there = room(file), room(item.target)
            if there not in HEIGHT:
                complaints.append(f"{file}:{item.line}: imports {item.target}, which is no module")
            elif here != there and HEIGHT[there] > HEIGHT[here]:
                complaints.append(
                    f"{file}:{item.line}: {here} ({FLOOR_OF[here]}) imports {there}"
                    f" ({FLOOR_OF[there]}), which stands above it"
                )
    return complaints


def cycles(package: Path) -> list[str]:
    """Circles of imports between files, those for type checkers left out."""
    edges = {
        file: sorted({i.target for i in imports(package, file) if not i.is_for_types_only} - {file})
        for file in sources(package)
    }
    found: list[str] = []
    done: set[Path] = set()

    def visit(file: Path, trail: list[Path]) -> None:
        if file in trail:
            circle = [*trail[trail.index(file) :], file]
            found.append(" -> ".join(map(str, circle)))
        elif file not in done:
            for target in edges.get(file, []):
                visit(target, [*trail, file])
            done.add(file)

    for file in edges:
        visit(file, [])
    return found


def badly_named(package: Path) -> list[str]:
    """Files, folders and classes whose names say nothing."""
    complaints = []
    for file in sources(package):
        if file != PUBLIC_UTILS:
            complaints += [
                f"{file}: {part!r} says nothing; name the concept"
                for part in (*file.parts[:-1], file.stem)
                if SAYS_NOTHING.fullmatch(part)
            ]
        complaints += [
            f"{file}:{node.lineno}: class {node.name} says nothing; name the concept"
            for node in ast.walk(ast.parse((package / file).read_text(encoding="utf-8")))
            if isinstance(node, ast.ClassDef) and SAYS_NOTHING_CLASS.fullmatch(node.name)
        ]
    return complaints


def star_imports(package: Path) -> list[str]:
    """Lines that import everything."""
    return [
        f"{file}:{node.lineno}: imports *; name what you need"
        for file in sources(package)
        for node in ast.walk(ast.parse((package / file).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]


def export_order(name: str) -> tuple[int, list[tuple[str, int]]]:
    """CONSTANTS, then Classes, then the rest, digits by value: ruff's order."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return kind, [(text, int(digits or -1)) for text, digits in re.findall(r"(\D*)(\d*)", name)]


def unsorted_exports(package: Path) -> list[str]:
    """Modules whose `__all__` is not one plain list, sorted, without repetition."""
    complaints = []
    for file in sources(package):
        for node in ast.parse((package / file).read_text(encoding="utf-8")).body:
            if not (isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value):
                continue
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if "__all__" not in map(ast.unparse, targets):
                continue
            try:
                names = list(ast.literal_eval(node.value))
            except ValueError:
                names = []
            if isinstance(node, ast.AugAssign) or not names:
                complaints.append(f"{file}:{node.lineno}: __all__ is not a plain list of names")
            elif names != (in_order := sorted(set(names), key=export_order)):
                wanted = ", ".join(f'"{name}"' for name in in_order)
                complaints.append(f"{file}:{node.lineno}: __all__ is not sorted: [{wanted}]")
    return complaints


def too_long(folder: Path) -> list[str]:
    """Files with more than LONGEST_FILE lines."""
    counts = {
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in folder.rglob("*.py")
    }
    return [
        f"{path.relative_to(folder)}: {count} lines; which two ideas live in it?"
        for path, count in sorted(counts.items())
        if count > LONGEST_FILE
    ]


RULES = [misplaced, cycles, badly_named, star_imports, unsorted_exports, too_long]


@pytest.mark.parametrize("rule", RULES)
def test_the_source_keeps_the_rule(rule) -> None:
    assert sources(PACKAGE), f"no source found under {PACKAGE}"
    assert not (complaints := rule(PACKAGE)), "\n" + "\n".join(complaints)


@pytest.mark.parametrize("folder", ["tests", "benchmarks", "gallery"])
def test_files_beside_the_source_are_short_too(folder: str) -> None:
    assert not (complaints := too_long(ROOT / folder)), "\n" + "\n".join(complaints)


GOOD_HOUSE = {
    "__init__.py": "from glia.models import Model\n__all__ = ['Model']\n",
    "errors.py": "import os.path\n",
    "graph/__init__.py": "from glia.graph.tensor import Tensor\n__all__ = ['Tensor']\n",
    "graph/tensor.py": "from glia.errors import ShapeError\n",
    "engines/__init__.py": "def cpu():\n    import glia.engines.cpu\n",
    "engines/cpu.py": "from ..graph import Tensor\nfrom . import words\n",
    "engines/words.py": "import numpy as np\n",
    "layers/__init__.py": "",
    "models/__init__.py": "from .sequential import Model\n",
    "models/sequential.py": "from glia import graph, layers\nimport glia.engines.words\n",
    "utils.py": "",
    "dtypes.py": "__all__ = ['L1', 'L1L2', 'NAMES', 'A', 'float32', 'uint8', 'uint32']\n",
}


def build(folder: Path, files: dict[str, str]) -> Path:
    package = folder / "glia"
    for name, text in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text, encoding="utf-8")
    return package


@pytest.mark.parametrize("rule", RULES)
def test_a_good_house_has_no_complaints(rule, tmp_path: Path) -> None:
    assert rule(build(tmp_path, GOOD_HOUSE)) == []


@pytest.mark.parametrize(
    ("rule", "file", "text", "complaint"),
    [
        (
            misplaced,
            "graph/walk.py",
            "from glia.layers import Dense",
            "graph (ground) imports layers",
        ),
        (misplaced, "graph/walk.py", "from ..layers import Dense", "graph (ground) imports layers"),
        (misplaced, "graph/walk.py", "from .. import models", "graph (ground) imports models"),
        (misplaced, "errors.py", "from . import graph", "errors (ground) imports graph"),
        (misplaced, "errors.py", "import glia.graph.tensor as t", "errors (ground) imports graph"),
        (misplaced, "layers/dense.py", "from glia import models", "layers (blocks) imports models"),
        (misplaced, "layers/dense.py", "from glia import Model", "imports __init__ (face)"),
        (misplaced, "layers/dense.py", "import glia", "imports __init__ (face)"),
        (
            misplaced,
            "layers/dense.py",
            "def late():\n    from glia.models import Model",
            "dense.py:2: layers (blocks) imports models (training)",
        ),
        (
            misplaced,
            "layers/dense.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import glia.models",
            "layers (blocks) imports models (training)",
        ),
        (
            misplaced,
            "layers/dense.py",
            "import importlib\nimportlib.import_module('glia.models')",
            "layers (blocks) imports models (training)",
        ),
        (misplaced, "attic.py", "", "'attic' a place in FLOORS"),
        (misplaced, "models/fit.py", "import glia.cellar", "imports __init__ (face)"),
        (cycles, "engines/words.py", "def late():\n    from . import cpu", "engines/words.py"),
        (cycles, "graph/tensor.py", "from glia import graph", "graph/tensor.py"),
        (badly_named, "layers/utils.py", "", "'utils' says nothing"),
        (badly_named, "helpers/__init__.py", "", "'helpers' says nothing"),
        (badly_named, "layers/base_layer.py", "", "'base_layer' says nothing"),
        (badly_named, "layers/dense.py", "class BaseLayer: ...", "class BaseLayer says nothing"),
        (badly_named, "layers/dense.py", "class RunManager: ...", "class RunManager says nothing"),
        (star_imports, "layers/dense.py", "from glia.ops import *", "dense.py:1: imports *"),
        (unsorted_exports, "__init__.py", "__all__ = ['b', 'a']", 'not sorted: ["a", "b"]'),
        (unsorted_exports, "__init__.py", "__all__ = ['a', 'a']", 'not sorted: ["a"]'),
        (unsorted_exports, "__init__.py", "__all__ = names()", "not a plain list"),
        (unsorted_exports, "__init__.py", "__all__ = ['a']\n__all__ += ['b']", "not a plain list"),
        (too_long, "layers/dense.py", "x = 1\n" * (LONGEST_FILE + 1), "401 lines"),
    ],
)
def test_a_planted_violation_is_found(
    rule, file: str, text: str, complaint: str, tmp_path: Path
) -> None:
    complaints = rule(build(tmp_path, GOOD_HOUSE | {file: text}))
    assert any(complaint in line for line in complaints), complaints
