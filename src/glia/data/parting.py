"""split_table: rows to train on, to stop early by, and to test with once."""

from __future__ import annotations

import numpy as np

from ..errors import ArgumentError, DataError
from ..graph import Array
from ..random import Generator
from ..training.splits import split_rows
from .table import Table
from .target import Target, check_target

__all__ = ["split_table"]

# A class of fewer rows cannot have some in each of three parts; all of them train.
RARE = 4


def split_table(
    table: Table,
    target: str,
    task: str | None = None,
    *,
    validation: float = 0.2,
    test: float = 0.2,
    seed: int = 0,
    order: str = "stratified",
) -> tuple[Table, Table, Table]:
    """Divide a table into training, validation and test rows.

    Rows without a target belong to none of them.

    Parameters
    ----------
    table : Table
        The rows.
    target : str
        The column to predict; its classes are shared out evenly, save those of fewer than four
        rows, which are for training.
    task : str, optional
        As for :meth:`~glia.data.Schema.fit`.
    validation, test : float
        Shares of all rows, from 0 to below 1; 0 gives an empty part.
    seed : int
        Same seed, same rows.
    order : str
        ``"stratified"``, ``"random"``, or ``"tail"`` for time series: the last rows test, those
        before them validate.

    Returns
    -------
    training, validation, test : Table
        In the order of the table.

    Raises
    ------
    ArgumentError
        If the shares leave no training rows.
    DataError
        If the target cannot be learnt.
    """
    for name, share in (("validation", validation), ("test", test)):
        if not 0 <= share < 1:
            raise ArgumentError(f"{name} got {share!r}; expected a share of the rows, 0 to below 1")
    if validation + test >= 1:
        raise ArgumentError(f"validation={validation} and test={test} leave no rows for training")
    check_target(table, target)
    answer = Target.fit(table[target], task, [])
    has_answer = answer.has_answer(table[target])
    if not has_answer.all():
        table = table.select(has_answer)
    labels = None if answer.task == "regression" else answer.codes(table[target])
    wanted = 1 + bool(validation) + bool(test)
    if table.rows < 2 * wanted:
        raise DataError(
            f"{table.source} has {table.rows} rows with a {target!r}, too few to divide into "
            f"{wanted} parts; {2 * wanted} are the least, and hundreds are needed to learn anything"
        )
    generator = Generator(seed)
    rows, rare = np.arange(table.rows), np.empty(0, np.int64)
    if labels is not None and order != "tail":
        is_rare = np.bincount(labels)[labels] < RARE
        if (~is_rare).sum() >= 2 * wanted:
            rows, rare = np.flatnonzero(~is_rare), np.flatnonzero(is_rare)
    rest, tested = _held(rows, test, order, labels, generator)
    training, validated = _held(rest, validation / (1 - test), order, labels, generator)
    training = np.sort(np.concatenate([training, rare]))
    return table.select(training), table.select(validated), table.select(tested)


def _held(
    rows: Array, share: float, order: str, labels: Array | None, generator: Generator
) -> tuple[Array, Array]:
    if not share:
        return rows, rows[:0]
    here = None if labels is None else labels[rows]
    kept, held = split_rows(len(rows), share, order, here, generator.permutation)
    return rows[kept], rows[held]
