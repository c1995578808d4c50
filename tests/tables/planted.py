"""Small tables whose truth is known, and quick settings to learn them with."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from glia.data import Table, read_table
from glia.tables import Settings, TableResult, train_table

QUICK: dict[str, Any] = {"hidden": (8,), "epochs": 3, "dropout": 0.0}


def columns(rows: int = 120, seed: int = 0) -> dict[str, list[Any]]:
    """Columns of every kind; `leaves` follows `age` and `plan`, `cost` follows `age` alone."""
    random = np.random.default_rng(seed)
    age = random.normal(40, 10, rows).round(1)
    plan = random.choice(["basic", "gold", "plus"], rows)
    noise = random.normal(0, 0.3, rows)
    leaves = (age - 40) / 10 + (plan == "gold") - 0.3 + noise > 0
    return {
        "id": [f"c{number:05d}" for number in range(rows)],
        "age": [None if place % 17 == 3 else float(each) for place, each in enumerate(age)],
        "plan": [None if place % 19 == 5 else str(each) for place, each in enumerate(plan)],
        "since": [f"2024-{1 + place % 12:02d}-{1 + place % 28:02d}" for place in range(rows)],
        "member": ["yes" if each else "no" for each in random.random(rows) < 0.5],
        "cost": [round(float(1000 + 50 * each), 2) for each in age],
        "leaves": ["yes" if each else "no" for each in leaves],
    }


def without(names: list[str], rows: int = 120, seed: int = 0) -> dict[str, list[Any]]:
    """The same without some columns."""
    return {name: each for name, each in columns(rows, seed).items() if name not in names}


def table(rows: int = 120, seed: int = 0) -> Table:
    """The columns as a table, without the one that gives `leaves` and `cost` away."""
    return read_table(without(["cost"], rows, seed))


def write(path: Path, content: dict[str, list[Any]]) -> Path:
    """Write columns as CSV, missing cells empty."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(content)
        writer.writerows(
            ["" if cell is None else cell for cell in row]
            for row in zip(*content.values(), strict=True)
        )
    return path


def quick(**changes: Any) -> Settings:
    """Settings for a training of a moment."""
    return Settings(**{"target": "leaves", **QUICK, **changes})


def trained(source: Any, target: str = "leaves", **changes: Any) -> TableResult:
    """A training of a moment."""
    return train_table(source, target, verbose=0, **{**QUICK, **changes})
