"""The report of `glia train`: columns, notices, the network, the scores and the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import FileError
from ..tables import Interval, Prepared, TableModel, TableResult
from ..tables.scores import SCORES
from ..tables.verdict import signed
from .screen import Screen

__all__ = ["show_columns", "show_network", "show_record", "show_result", "show_scores"]

# Wider tables are shown by their first columns and a count of the rest.
MOST_COLUMNS = 40
# The same of classes in a sentence.
MOST_CLASSES = 6


def show_columns(screen: Screen, prepared: Prepared) -> None:
    """Say what was understood of each column, and what is odd."""
    schema, record = prepared.schema, prepared.record
    table = record["data"]["training"]
    screen.say(f"{table['source']}: {table['rows']:,} rows, {table['columns']:,} columns")
    screen.say(f"target {schema.target}: {_task(prepared)}")
    screen.say()
    _show_rows(screen, schema.describe())
    screen.say()
    if prepared.notices:
        screen.say("to note")
        screen.points(prepared.notices)
        screen.say()


def _task(prepared: Prepared) -> str:
    schema = prepared.schema
    y = prepared.training[1]
    if schema.task == "regression":
        return f"a number (regression), on average {schema.center:.5g} ± {schema.scale:.3g}"
    sizes = Counter(y.tolist())
    shares = [
        f"{name!r} {sizes[place] / len(y):.1%}"
        for place, name in enumerate(schema.classes[:MOST_CLASSES])
    ]
    more = len(schema.classes) - len(shares)
    listed = ", ".join(shares) + (f" and {more} more" if more else "")
    return f"one of {len(schema.classes)} classes ({schema.task}): {listed}"


def show_network(screen: Screen, prepared: Prepared) -> None:
    """Say who trains on what."""
    settings, counts = prepared.settings, prepared.record["rows"]
    hidden = " and ".join(map(str, settings.hidden))
    depth = f"hidden layers of {hidden} neurons" if hidden else "no hidden layer"
    screen.say(
        f"{counts['training']:,} rows train a network with {depth}, {counts['validation']:,} "
        f"decide when to stop, {counts['test']:,} are kept for the test at the end"
    )


def show_result(screen: Screen, prepared: Prepared, result: TableResult) -> None:
    """Show the scores on the test rows, and the verdict."""
    training, found = result.model.record["training"], result.assessment
    names = list(found.scores["network"])
    titles = _titles(result.model)
    how = "was interrupted" if training["interrupted"] else "ended"
    screen.say()
    screen.say(
        f"training {how} after epoch {training['epochs']}; the weights of epoch "
        f"{training['best_epoch']}, the best on the validation rows, are kept"
    )
    screen.say()
    screen.say(f"the {found.rows:,} test rows, looked at only now (95% bootstrap intervals)")
    who = {"network": "network"} | result.titles
    order = sorted(who, key=lambda each: -_rank(found.scores[each][names[0]], names[0]))
    rows = []
    for each in order:
        lead = found.differences.get(each)
        by = "" if lead is None else "{} ({} to {})".format(*signed(lead))
        rows.append((who[each], *_with_interval(found.scores[each][names[0]]), by))
    lead_title = "network leads by" if len(rows) > 1 else ""
    screen.grid(("", titles[names[0]], "interval", lead_title), rows, right=(1,))
    screen.say()
    screen.grid(
        ("", *(titles[name] for name in names[1:])),
        [(who[each], *(_number(found.scores[each][n].value) for n in names[1:])) for each in order],
        right=tuple(range(1, len(names))),
    )
    fresh = [each for each in result.notices if each not in prepared.notices]
    if fresh:
        screen.say()
        screen.points(fresh)
    if result.verdict is not None:
        screen.say()
        screen.say(result.verdict.sentence)
    for suspect in prepared.schema.suspects:
        screen.say(
            f"Mind that {suspect.column!r} alone all but tells the answer. If it is not known when "
            f"a prediction is wanted, train again with --kind {suspect.column}=drop."
        )


def show_scores(screen: Screen, model: TableModel, scores: Mapping[str, Interval]) -> None:
    """Show one model's scores."""
    titles = _titles(model)
    rows = [(titles[name], *_with_interval(each)) for name, each in scores.items()]
    screen.grid(("", "score", "95% interval"), rows, right=(1,))


def show_record(screen: Screen, model: TableModel) -> None:
    """Show what a saved model predicts, from which columns, and how it came about."""
    schema, record = model.schema, model.record
    screen.say(f"predicts {schema.target} ({schema.task}) from {len(schema.columns):,} columns")
    _show_rows(screen, schema.describe())
    try:
        lines = _record_lines(model) if record else []
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileError(f"the record in this model's file is damaged: {error!r}") from None
    screen.say()
    for line in lines:
        screen.say(line)


def _record_lines(model: TableModel) -> list[str]:
    record = model.record
    lines = [
        f"{name} table: {data['source']}, {data['rows']:,} rows, {data['columns']:,} columns, "
        f"fingerprint {data['fingerprint'][:12]}"
        for name, data in record["data"].items()
    ]
    versions = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
    lines += [f"made by: {versions}; engine {record['engine']}", f"again: {record['command']}"]
    test = record.get("test")
    if test:
        titles = _titles(model)
        listed = ", ".join(f"{titles[n]} {_number(test[n])}" for n in titles if test.get(n))
        lines += ["", f"on its {test['rows']:,} test rows: {listed}"]
    if record.get("verdict"):
        lines.append(str(record["verdict"]))
    return lines


def _show_rows(screen: Screen, rows: Sequence[Mapping[str, Any]]) -> None:
    shown = rows[:MOST_COLUMNS] if len(rows) > MOST_COLUMNS + 5 else rows
    screen.grid(
        ("column", "kind", "missing", "what it becomes"),
        [(str(r["column"]), str(r["kind"]), f"{r['missing']:,}", str(r["detail"])) for r in shown],
        right=(2,),
    )
    rest = Counter(str(row["kind"]) for row in rows[len(shown) :])
    if rest:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in rest.most_common())
        screen.say(f"... and {len(rows) - len(shown):,} more columns: {kinds}")


def _titles(model: TableModel) -> dict[str, str]:
    titles = {score.name: score.title for score in SCORES[model.schema.task]}
    if model.schema.task == "binary":
        titles["f1"] += f" of {model.schema.classes[1]}"
    return titles


def _rank(interval: Interval, name: str) -> float:
    is_higher = {s.name: s.is_higher_better for each in SCORES.values() for s in each}[name]
    value = interval.value if interval.value == interval.value else float("-inf")
    return value if is_higher else -value


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.5g}"


def _with_interval(each: Interval) -> tuple[str, str]:
    return _number(each.value), f"{_number(each.low)} to {_number(each.high)}"
