"""cross_validate: how well a kind of network does on rows it has not seen, and how surely."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .dtypes import default_dtype
from .errors import ArgumentError, DataError
from .graph import Array, eager, map_tree
from .layers.symbol import Symbol
from .models import Model
from .models.dag import Dag, arranged, fitted
from .random import Generator, drawing_from, generator
from .training import arrays as door
from .training.program import float_dtype, probe

__all__ = ["CrossValidation", "cross_validate"]

# A column of numbers with more distinct values than this is a quantity, not a class.
MOST_CLASSES = 100


@dataclass(frozen=True)
class CrossValidation:
    """The scores of every fold; printing it shows them with mean and spread.

    Attributes
    ----------
    scores : dict of str to ndarray ``(repeats, folds)``
        Each metric on the rows its model had not seen.
    folds, repeats, rows : int
        What was done, and with how many rows.
    is_stratified : bool
        Whether every fold has its share of each class.
    seed : int
        What repeats it.
    """

    scores: dict[str, Array]
    folds: int
    repeats: int
    rows: int
    is_stratified: bool
    seed: int

    @property
    def mean(self) -> dict[str, float]:
        """Each metric's mean over all folds of all repeats."""
        return {name: float(values.mean()) for name, values in self.scores.items()}

    @property
    def spread(self) -> dict[str, float]:
        """Each metric's standard deviation between folds, with n - 1."""
        return {name: float(values.std(ddof=1)) for name, values in self.scores.items()}

    def __str__(self) -> str:
        names = list(self.scores)
        widths = [max(len(name), 18) for name in names]
        times = f", {self.repeats} times" if self.repeats > 1 else ""
        kind = "stratified by class" if self.is_stratified else "drawn at random"
        lines = [
            f"{self.folds} folds of {self.rows} rows{times}, {kind}, seed {self.seed}",
            "  ".join(["fold".ljust(9), *map(str.rjust, names, widths)]),
        ]
        for repeat in range(self.repeats):
            for fold in range(self.folds):
                label = f"{fold + 1}" if self.repeats == 1 else f"{repeat + 1}.{fold + 1}"
                cells = [f"{self.scores[name][repeat, fold]:.4f}" for name in names]
                lines.append("  ".join([label.ljust(9), *map(str.rjust, cells, widths)]))
        cells = [f"{self.mean[name]:.4f} +- {self.spread[name]:.4f}" for name in names]
        lines.append("  ".join(["mean".ljust(9), *map(str.rjust, cells, widths)]))
        lines.append("+- is the standard deviation between folds; folds share training rows")
        return "\n".join(lines)

    __repr__ = __str__


def cross_validate(
    build: Callable[..., Any],
    X: Any,
    y: Any,
    folds: int = 5,
    repeats: int = 1,
    stratify: Any = None,
    *,
    sample_weight: Any = None,
    seed: int | None = None,
    **options: Any,
) -> CrossValidation:
    """Train on all folds but one and measure on that one, for each fold in turn.

    Nothing of a fold's test rows reaches its model: ``build`` is called anew for each fold, and
    layers that learn from data before training, such as ``Normalization``, are adapted to the
    fold's training rows.

    Parameters
    ----------
    build : callable
        ``build()`` returns a new compiled model, or an estimator with ``fit`` and ``score``. If it
        takes an argument, ``build(X_train)``, it gets the training rows and adapts layers itself.
    X, y : array-like, data frame, or list or dict of array-like
        All rows and their targets.
    folds, repeats : int
        Number of parts, and how often all is done anew with other parts.
    stratify : bool or array-like ``(n,)``, optional
        Whether each fold gets its share of every class; an array names the classes to use. As the
        targets suggest when not given: classes are stratified, quantities are not.
    sample_weight : array-like ``(n,)``, optional
        How much each row counts, in training and in the scores.
    seed : int, optional
        Draws folds, weights and the order of training; from glia's generator when not given.
    **options
        For ``fit``: ``epochs=50, batch_size=16, callbacks=[...]``.

    Returns
    -------
    CrossValidation
        Scores of each fold with mean and spread.

    Raises
    ------
    ArgumentError
        For fewer than two folds, more folds than rows, or a ``build`` that returns something else.

    References
    ----------
    Stone: Cross-validatory choice and assessment of statistical predictions. JRSS B, 1974.
    """
    rows = _count(y, "y")
    if _count(X, "X") != rows:
        raise DataError(f"X has {_count(X, 'X')} rows and y has {rows}; expected as many targets")
    _check_number("folds", folds, 2, rows)
    _check_number("repeats", repeats, 1, None)
    if not callable(build) or isinstance(build, Model):
        raise ArgumentError(
            f"build got {type(build).__name__}; expected a function that makes a new model each "
            "time it is called, so that no fold starts from another's weights"
        )
    labels = _strata(y, stratify, rows)
    with eager():
        start = int(generator().bits((1,))[0]) if seed is None else seed
    draw = Generator(start)
    found: dict[str, list[float]] = {}
    for repeat in range(repeats):
        parts = _parts(rows, folds, labels, draw)
        for fold in range(folds):
            test, training = np.flatnonzero(parts == fold), np.flatnonzero(parts != fold)
            with drawing_from(Generator((start + 1 + repeat * folds + fold) % 2**64)):
                scores = _score(build, X, y, sample_weight, training, test, options)
            for name, value in scores.items():
                found.setdefault(name, []).append(value)
    shaped = {name: np.reshape(values, (repeats, folds)) for name, values in found.items()}
    return CrossValidation(shaped, folds, repeats, rows, labels is not None, start)


def _score(
    build: Callable[..., Any],
    X: Any,
    y: Any,
    sample_weight: Any,
    training: Array,
    test: Array,
    options: Mapping[str, Any],
) -> dict[str, float]:
    """Return the scores of one fold."""
    seen, unseen = (_taken(X, training), _taken(y, training)), (_taken(X, test), _taken(y, test))
    weights: list[dict[str, Any]] = [{}, {}]
    if sample_weight is not None:
        weights = [{"sample_weight": _taken(sample_weight, part)} for part in (training, test)]
    takes_rows = bool(_required(build))
    made = build(seen[0]) if takes_rows else build()
    if isinstance(made, Model):
        if not takes_rows:
            adapt(made, seen[0])
        fit: Callable[..., Any] = made.fit
        fit(*seen, **{"verbose": 0, **options}, **weights[0])
        measured = made.evaluate(*unseen, verbose=0, return_dict=True, **weights[1])
        return {name: float(value) for name, value in measured.items()}
    if hasattr(made, "fit") and hasattr(made, "score"):
        made.fit(*seen, **options, **weights[0])
        return {"score": float(made.score(*unseen, **weights[1]))}
    raise ArgumentError(
        f"build() returned a {type(made).__name__}; expected a compiled glia model, or an "
        "estimator with fit and score"
    )


def adapt(model: Model, X: Any) -> None:
    """Adapt every layer that learns from data before training to the rows that reach it.

    Parameters
    ----------
    model : Model
        Made of recorded calls; nothing is done to a class of one's own.
    X : array-like, or list or dict of array-like
        Training rows. Layers that were given their statistics keep them.
    """
    arrays, structure = door.inputs(X, float_dtype(model) or default_dtype(), "X")
    if not model.built:
        probe(model, arrays, structure)
    if model.dag is not None:
        _adapt_layers(model.dag, structure.pack(arrays))


def _adapt_layers(dag: Dag, values: Any) -> None:
    """Run the recorded calls on arrays, as far as there are layers to adapt on the way."""
    last = max((i for i, call in enumerate(dag.calls) if _learns(call.function)), default=-1)
    if last < 0:
        return
    given = arranged(values, dag.names, dag.owner)
    known = {
        id(source): fitted(dag.owner, source, name, value)
        for source, name, value in zip(dag.sources, dag.names, given, strict=True)
    }
    for call in dag.calls[: last + 1]:
        layer: Any = call.function
        if _learns(layer):
            reaching = map_tree(
                lambda leaf: known[id(leaf)] if isinstance(leaf, Symbol) else leaf, call.args[0]
            )
            if isinstance(layer, Model):
                _adapt_layers(layer.dag, reaching)  # type: ignore[arg-type]
            else:
                layer.adapt(reaching)
        call.run(known)


def _learns(function: Any) -> bool:
    if isinstance(function, Model):
        return function.dag is not None and any(_learns(c.function) for c in function.dag.calls)
    has_been_told = any(getattr(function, name, None) is not None for name in ("mean", "fill"))
    return hasattr(function, "adapt") and not has_been_told


def _required(build: Callable[..., Any]) -> list[str]:
    """Return the names of the arguments a function cannot be called without."""
    try:
        parameters = inspect.signature(build).parameters.values()
    except ValueError:  # what is written in C may not say
        return []
    return [
        each.name
        for each in parameters
        if each.default is each.empty
        and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]


def _parts(rows: int, folds: int, labels: Array | None, draw: Generator) -> Array:
    """Deal rows out to folds like cards, class after class: sizes and shares differ by one."""
    order = draw.permutation(rows)
    if labels is not None:
        order = order[np.argsort(labels[order], kind="stable")]
    parts = np.empty(rows, np.int64)
    parts[order] = np.arange(rows) % folds
    return parts


def _strata(y: Any, stratify: Any, rows: int) -> Array | None:
    """Return each row's class number, or None where folds are drawn at random."""
    if stratify is False:
        return None
    if stratify is not None and stratify is not True:
        given = np.asarray(stratify)
        if given.shape != (rows,):
            raise DataError(
                f"stratify has shape {given.shape}; expected True, False, or one class for each "
                f"row, ({rows},)"
            )
        return np.unique(given, return_inverse=True)[1]
    targets = None if isinstance(y, (dict, list, tuple)) and _is_several(y) else np.asarray(y)
    if targets is not None and targets.ndim == 2:
        targets = targets[:, 0] if targets.shape[1] == 1 else _one_hot_classes(targets)
    if targets is not None and targets.ndim == 1:
        classes, numbers, sizes = np.unique(targets, return_inverse=True, return_counts=True)
        is_quantity = targets.dtype.kind == "f" and np.any(targets % 1)
        is_rare = sizes.min() < 2 or len(classes) > MOST_CLASSES
        if stratify is True or not (is_quantity or is_rare):
            return numbers
    if stratify is True:
        raise ArgumentError(
            "stratify=True needs y with one class for each row; give the classes: stratify=classes"
        )
    return None


def _one_hot_classes(targets: Array) -> Array | None:
    is_one_hot = np.all((targets == 0) | (targets == 1)) and np.all(targets.sum(axis=1) == 1)
    return targets.argmax(axis=1) if is_one_hot else None


def _is_several(value: Any) -> bool:
    """Return whether a dict, or a list of arrays, holds several arrays rather than one."""
    if isinstance(value, dict):
        return True
    return bool(value) and all(hasattr(each, "__array__") and np.ndim(each) for each in value)


def _count(value: Any, name: str) -> int:
    if isinstance(value, (dict, list, tuple)) and _is_several(value):
        parts = list(value.values()) if isinstance(value, dict) else list(value)
        counts = [len(part) for part in parts]
        if len(set(counts)) != 1:
            raise DataError(f"the arrays of {name} have {counts} rows; expected the same number")
        return counts[0]
    if not hasattr(value, "__len__"):
        raise DataError(f"{name} is a {type(value).__name__}; expected an array or a data frame")
    return len(value)


def _taken(value: Any, rows: Array) -> Any:
    """Return some rows of an array, a data frame, or a list or dict of arrays."""
    if isinstance(value, dict):
        return {key: _taken(each, rows) for key, each in value.items()}
    if isinstance(value, (list, tuple)) and _is_several(value):
        return [_taken(each, rows) for each in value]
    if hasattr(value, "iloc"):
        return value.iloc[rows]
    if hasattr(value, "columns"):
        return value[rows.tolist()]
    return np.asarray(value)[rows]


def _check_number(name: str, value: Any, least: int, most: int | None) -> None:
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not is_whole or value < least or (most is not None and value > most):
        limit = f" and at most {most}, the number of rows" if most is not None else ""
        raise ArgumentError(
            f"{name} got {value!r}; expected a whole number of at least {least}{limit}"
        )
