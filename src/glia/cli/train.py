"""`glia train`: a table in, a tested and saved network out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..data import BUNDLED
from ..errors import ArgumentError, FileError
from ..tables import Settings, assess, learn, prepare
from .exits import INTERRUPTED
from .models import write_data
from .report import show_columns, show_network, show_result
from .screen import Screen

__all__ = ["check_folder", "train"]

SUFFIX = ".glia"
DEFAULTS = Settings(target="")


def train(
    file: Annotated[
        str,
        typer.Argument(
            help="A CSV, TSV or Parquet file with a header, or a bundled set: "
            + ", ".join(sorted(BUNDLED))
            + ".",
            metavar="FILE",
        ),
    ],
    target: Annotated[
        str, typer.Option("--target", "-t", help="The column to predict.", metavar="COL")
    ] = "",
    test: Annotated[
        str | None,
        typer.Option(help="Rows to test on, instead of a share of FILE.", metavar="FILE"),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            help="classification or regression, where the guess is wrong.", metavar="TASK"
        ),
    ] = None,
    hidden: Annotated[
        str, typer.Option(help="Neurons of each hidden layer, or none.", metavar="N,N")
    ] = ",".join(map(str, DEFAULTS.hidden)),
    epochs: Annotated[
        int, typer.Option(help="The most passes over the training rows.")
    ] = DEFAULTS.epochs,
    seed: Annotated[
        int, typer.Option(help="The same seed gives the same numbers.")
    ] = DEFAULTS.seed,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Where to save the model; FILE's name with .glia unless given."
        ),
    ] = None,
    json_path: Annotated[
        str | None,
        typer.Option(
            "--json", help="Write the whole report as data; - for stdout.", metavar="FILE"
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="What a column is, where the guess is wrong: numeric, category, boolean, date "
            "or drop. May be repeated.",
            metavar="COL=KIND",
        ),
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Rows per step; chosen by the number of rows unless given.")
    ] = None,
    learning_rate: Annotated[float, typer.Option(help="Adam's.")] = DEFAULTS.learning_rate,
    dropout: Annotated[
        float, typer.Option(help="Share of hidden outputs left out in training.")
    ] = DEFAULTS.dropout,
    weight_decay: Annotated[
        float, typer.Option(help="Share of each weight a step takes away, per learning rate.")
    ] = DEFAULTS.weight_decay,
    patience: Annotated[
        int, typer.Option(help="Epochs without a better validation loss before it stops.")
    ] = DEFAULTS.patience,
    test_share: Annotated[
        float, typer.Option(help="Share of the rows kept for the test.")
    ] = DEFAULTS.test_share,
    validation_share: Annotated[
        float, typer.Option(help="Share of the rows that decide when to stop.")
    ] = DEFAULTS.validation_share,
    order: Annotated[
        str,
        typer.Option(
            help="How rows are held back: stratified, random, or tail (the last ones, right for "
            "time series)."
        ),
    ] = DEFAULTS.order,
    baselines: Annotated[
        bool, typer.Option(help="Whether to compare with other methods.")
    ] = DEFAULTS.has_baselines,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Train a network on a table, test it once, compare it, and save it.

    Columns are understood, filled in and scaled by themselves. A part of the rows decides when to
    stop; another part, never used for any choice, gives the scores.
    """
    settings = Settings(
        target=target,
        task=task,
        hidden=_sizes(hidden),
        epochs=epochs,
        seed=seed,
        batch_size=batch_size,
        learning_rate=learning_rate,
        dropout=dropout,
        weight_decay=weight_decay,
        patience=patience,
        test_share=test_share,
        validation_share=validation_share,
        order=order,
        kinds=_kinds(kind or []),
        has_baselines=baselines,
    )
    goal = _goal(file, out)
    if json_path not in (None, "-"):
        check_folder(Path(str(json_path)))
    screen = Screen(is_quiet=quiet, stream=sys.stderr if json_path == "-" else None)
    prepared = prepare(file, settings, test)
    show_columns(screen, prepared)
    show_network(screen, prepared)
    model, history = learn(prepared, verbose=0 if quiet or json_path == "-" else 1)
    model.save(goal)  # nothing that goes wrong from here on loses the training
    result = assess(prepared, model, history)
    show_result(screen, prepared, result)
    result.model.save(goal)
    if json_path is not None:
        report = json.dumps(result.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
        write_data(report + "\n", json_path)
    screen.say()
    screen.verbatim(f"saved as {goal}; next: glia predict {goal} FILE -o predictions.csv")
    if history.is_interrupted:
        raise typer.Exit(INTERRUPTED)


def _sizes(text: str) -> tuple[int, ...]:
    if text.strip().lower() in ("", "none", "0"):
        return ()
    try:
        return tuple(int(each) for each in text.replace(" ", ",").split(",") if each)
    except ValueError:
        raise ArgumentError(
            f"--hidden got {text!r}; expected whole numbers with commas, such as 64,32, or none"
        ) from None


def _kinds(given: list[str]) -> dict[str, str]:
    kinds = {}
    for each in given:
        column, sign, kind = each.rpartition("=")
        if not sign or not column:
            raise ArgumentError(
                f"--kind got {each!r}; expected COLUMN=KIND, such as zip=category or id=drop"
            )
        kinds[column] = kind
    return kinds


def _goal(file: str, out: Path | None) -> Path:
    """Return where the model goes; without ``--out`` no file that is there is overwritten."""
    if out is not None:
        check_folder(out)
        return out
    stem = Path(file).stem or "model"
    goal, number = Path(f"{stem}{SUFFIX}"), 2
    while goal.exists():
        goal, number = Path(f"{stem}-{number}{SUFFIX}"), number + 1
    return goal


def check_folder(path: Path) -> None:
    """Refuse before the training what could not be written after it."""
    if path.is_dir():
        raise FileError(f"cannot write {path}: it is a folder; give the name of a file in it")
    if not path.parent.is_dir():
        raise FileError(f"cannot write {path}: there is no folder {path.parent}")
