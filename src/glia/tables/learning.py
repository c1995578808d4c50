"""From a table to an assessed network: prepare, learn, assess, each a function of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

import numpy as np

from ..callbacks import EarlyStopping, History
from ..data import Schema, Table, read_table, split_table
from ..data.target import Target, check_target
from ..engines import current_engine
from ..errors import ArgumentError, DataError
from ..graph import Array
from ..random import Generator, drawing_from
from ..version import __version__
from .baselines import SIMPLEST, baselines_of
from .bootstrap import assess as bootstrap
from .effects import usual_values
from .model import TableModel, answers, truths
from .network import batch_size_for, network_for
from .result import TableResult
from .scores import scores_of
from .settings import Settings
from .verdict import verdict_of

__all__ = ["Prepared", "assess", "learn", "prepare", "train_table"]

# Fewer test rows than this make even an interval a rough guess.
FEW_TEST_ROWS = 100
LEAST_ROWS = 10
# A loss that sinks by less in an epoch counts as standing still.
LEAST_GAIN = 1e-4


@dataclass
class Prepared:
    """A table ready to be learnt from.

    Attributes
    ----------
    settings, schema : Settings, Schema
        How to train, and what the columns are as the training rows show them.
    training, validation, test : dict of str to array, array
        Encoded rows and targets. The test part is looked at by :func:`assess` only.
    record : dict
        What is known so far of how the model comes about.
    notices : list of str
        What the user should know.
    """

    settings: Settings
    schema: Schema
    training: tuple[dict[str, Array], Array]
    validation: tuple[dict[str, Array], Array]
    test: tuple[dict[str, Array], Array]
    record: dict[str, Any]
    notices: list[str] = field(default_factory=list)


def prepare(source: Any, settings: Settings, test: Any = None) -> Prepared:
    """Read a table, split it, fit the schema on the training rows and encode every part.

    Parameters
    ----------
    source : path, str, frame, dict or Table
        As for ``read_table``.
    settings : Settings
        How to go about it.
    test : like source, optional
        Rows to test on; else a share of the table is held back.

    Raises
    ------
    GliaError
        For a table that cannot be trained on.
    """
    table = read_table(source)
    settings = _with_target(settings, table)
    if table.rows < LEAST_ROWS:
        raise DataError(
            f"{table.source} has {table.rows} rows; at least {LEAST_ROWS} are needed to train on "
            "some, to stop by others and to test with the rest"
        )
    check_target(table, settings.target)
    # What the target poses is decided by all rows, and everything else by the training rows.
    task = Target.fit(table[settings.target], settings.task, []).task
    training, validation, held = split_table(
        table,
        settings.target,
        task,
        validation=settings.validation_share,
        test=0.0 if test is not None else settings.test_share,
        seed=settings.seed,
        order=settings.order,
    )
    schema = Schema.fit(training, settings.target, settings.task, kinds=settings.kinds)
    if schema.task != task:
        schema = Schema.fit(training, settings.target, task, kinds=settings.kinds)
    notices = list(schema.notices)
    data = {"training": _described(table)}
    if test is not None:
        held = read_table(test)
        notices += [each for each in held.notices if each not in notices]
        data["test"] = _described(held)
        if held.fingerprint() == table.fingerprint():
            notices.append(
                f"the test table {held.source} holds the very rows trained on, so its scores say "
                "nothing about new ones"
            )
    named = {"training": training, "validation": validation, "test": held}
    parts = {name: _encoded(schema, part, name, notices) for name, part in named.items()}
    rows = {name: len(y) for name, (_, y) in parts.items()}
    if rows["test"] < FEW_TEST_ROWS:
        notices.append(
            f"the test part has only {rows['test']} rows, so take its scores and intervals as rough"
        )
    record = {
        "command": settings.command(table.source, None if test is None else held.source),
        "settings": settings.to_config(),
        "data": data,
        "rows": rows,
        "versions": _versions(),
        "engine": current_engine().name,
    }
    return Prepared(settings, schema, **parts, record=record, notices=notices)


def _with_target(settings: Settings, table: Table) -> Settings:
    if settings.target:
        return settings
    if table.target is None:
        raise ArgumentError(
            f"which column of {table.source} is to be predicted? Name the target; the columns "
            f"are {', '.join(list(table.columns)[:20])}"
        )
    return dataclasses.replace(settings, target=table.target)


def _described(table: Table) -> dict[str, Any]:
    return {
        "source": str(table.source),
        "rows": table.rows,
        "columns": len(table.columns),
        "fingerprint": table.fingerprint(),
    }


def _encoded(
    schema: Schema, table: Table, part: str, notices: list[str]
) -> tuple[dict[str, Array], Array]:
    """Return a part's arrays, without the rows whose class the training rows do not have."""
    known = schema.labelled(table, notices)
    if schema.task != "regression":
        is_unknown = schema.answer.codes(known[schema.target]) == -2
        if is_unknown.any():
            names = sorted({str(each) for each in known[schema.target].values[is_unknown]})
            notices.append(
                f"{int(is_unknown.sum())} {part} rows are of a class that no training row has "
                f"({', '.join(names[:5])}) and were left out: the network cannot answer it"
            )
            known = known.select(~is_unknown)
    if not known.rows:
        raise DataError(
            f"{table.source}: no row of the {part} part has a value of {schema.target!r} to learn"
        )
    return schema.encode(known, notices), schema.encode_target(known)


def _versions() -> dict[str, str]:
    found = {"glia": __version__, "numpy": np.__version__, "python": platform.python_version()}
    with contextlib.suppress(metadata.PackageNotFoundError):
        found["scikit-learn"] = metadata.version("scikit-learn")
    return found


def learn(prepared: Prepared, verbose: Any = "auto") -> tuple[TableModel, History]:
    """Train the default network until the loss on the validation rows no longer improves.

    The weights of the best epoch are kept. Everything random is drawn from the settings' seed;
    the global generator is left alone.

    Parameters
    ----------
    prepared : Prepared
        What :func:`prepare` gave; the test part is not touched.
    verbose : {"auto", 0, 1, 2}
        As for ``fit``.

    Raises
    ------
    GliaError
        If no column is left to learn from, or the loss diverges.
    """
    settings, (x, y) = prepared.settings, prepared.training
    size = settings.batch_size or batch_size_for(len(y))
    stopping = EarlyStopping(
        min_delta=LEAST_GAIN, patience=settings.patience, restore_best_weights=True
    )
    with drawing_from(Generator(settings.seed)):
        network = network_for(prepared.schema, x, settings)
        history = network.fit(
            x,
            y,
            batch_size=size,
            epochs=settings.epochs,
            verbose=verbose,
            callbacks=[stopping],
            validation_data=prepared.validation,
        )
    training = {
        "batch_size": size,
        "epochs": len(history.epoch),
        "best_epoch": stopping.best_epoch + 1,
        "interrupted": history.is_interrupted,
        "history": {name: list(map(float, each)) for name, each in history.history.items()},
    }
    record = prepared.record | {"training": training, "usual": usual_values(x)}
    return TableModel(prepared.schema, network, record), history


def assess(prepared: Prepared, model: TableModel, history: History) -> TableResult:
    """Score the network and its rivals on the test rows, once.

    The rivals learn from training and validation rows together, as they need none for stopping.
    The scores and the verdict also go into the model's record.
    """
    settings, schema, notices = prepared.settings, prepared.schema, list(prepared.notices)
    x, y = prepared.test
    truth = truths(schema, y)
    predictions = {"network": answers(schema, model.network.predict(x, verbose=0))}
    titles = {}
    if settings.has_baselines:
        both, targets = _joined(prepared.training, prepared.validation)
        for each in baselines_of(schema, both, targets, settings.seed, notices):
            predictions[each.name] = answers(schema, each.predict(x))
            titles[each.name] = each.title
    scores = scores_of(schema.task, truth)
    if len(scores) < len(scores_of(schema.task, np.arange(2))):
        notices.append(
            f"every test row has the same value of {schema.target!r}, so some scores do not exist"
        )
    assessment = bootstrap(truth, predictions, scores, settings.seed)
    verdict = verdict_of(assessment, scores[0], titles, SIMPLEST) if titles else None
    result = TableResult(model, assessment, titles, verdict, notices, history)
    model.record = model.record | result.scores_to_json()
    return result


def _joined(
    first: tuple[Mapping[str, Array], Array], second: tuple[Mapping[str, Array], Array]
) -> tuple[dict[str, Array], Array]:
    x = {name: np.concatenate([array, second[0][name]]) for name, array in first[0].items()}
    return x, np.concatenate([first[1], second[1]])


def train_table(
    source: Any, target: str, *, test: Any = None, verbose: Any = "auto", **settings: Any
) -> TableResult:
    """Train the default network on a table and say how good it is: what ``glia train`` does.

    The schema and every statistic come from the training rows only; early stopping looks at the
    validation rows; the test rows are used once, at the end, for scores with 95% bootstrap
    intervals, beside baselines (the majority or mean, a linear model, boosted trees).

    Parameters
    ----------
    source : path, str, frame, dict or Table
        A CSV, TSV or Parquet file, a bundled set's name, a data frame or a dict of columns.
    target : str
        The column to predict.
    test : like source, optional
        Rows to test on, instead of a share of the table.
    verbose : {"auto", 0, 1, 2}
        As for ``fit``.
    **settings
        As for :class:`Settings`.

    Returns
    -------
    TableResult
        The model, its scores and those of the baselines, and the verdict.

    Raises
    ------
    GliaError
        For settings out of range, or a table that cannot be trained on.

    Examples
    --------
    >>> result = train_table("breast_cancer", "diagnosis")
    >>> print(result.verdict.sentence)
    >>> result.model.save("cancer.glia")
    """
    prepared = prepare(source, Settings(target=target, **settings), test)
    model, history = learn(prepared, verbose)
    return assess(prepared, model, history)
