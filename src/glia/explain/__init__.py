"""explain: every number of a network, an activation, a loss or an optimizer, as text."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import activations, losses, optimizers
from ..activations import ACTIVATIONS, Activation
from ..dtypes import default_dtype
from ..errors import ArgumentError, unknown_name
from ..losses import Loss
from ..optimizers import Optimizer
from ..training import Trainer
from .explanation import Explanation
from .formulas import explain_activation, explain_loss, explain_optimizer
from .network import explain_network
from .reading import read_forward, read_step

__all__ = ["Explanation", "explain"]


def explain(subject: Any, *args: Any, **options: Any) -> Explanation:
    """Write out the arithmetic of a model, an activation, a loss or an optimizer.

    The numbers are read from the graph that runs, not computed a second way.

    Parameters
    ----------
    subject : Model, Activation, Loss, Optimizer or str
        What to explain:

        - ``explain(model, x)``: the forward pass, every neuron's sum and activation.
        - ``explain(model, x, y)``: for a compiled model one training step on those rows: forward
          pass, loss, the chain rule backwards, and every weight before and after. Nothing is
          changed in the model.
        - ``explain("sigmoid", z)``: values and slopes of an activation at points ``z``.
        - ``explain("binary_crossentropy", y_true, y_pred)``: a loss row by row.
        - ``explain(SGD(0.1), f, start, steps=20)``: an optimizer's way down a function.
    row : int, keyword
        For a model: the row whose neurons are written out (default 0).

    Returns
    -------
    Explanation
        ``print`` it, or take numbers from it at full precision: ``explanation["dW2"]``.

    Raises
    ------
    ArgumentError
        For anything else, or a row that is not there.
    NotBuiltError
        If ``y`` is given and the model is not compiled.

    Examples
    --------
    >>> print(glia.explain(model, X[:1], y[:1]))
    """
    if isinstance(subject, str):
        subject = _by_name(subject)
    if isinstance(subject, type) and issubclass(subject, (Loss, Optimizer)):
        make: Any = subject
        subject = make()
    if isinstance(subject, Activation):
        return explain_activation(subject, *args, **options)
    if isinstance(subject, Loss):
        return explain_loss(subject, *args, **options)
    if isinstance(subject, Optimizer):
        return explain_optimizer(subject, *args, **options)
    if isinstance(subject, Trainer):
        return _explain_model(subject, *args, **options)
    known = ACTIVATIONS.get(getattr(subject, "__name__", ""))
    if known is not None and known.function is subject:
        return explain_activation(known, *args, **options)
    raise ArgumentError(
        f"explain got {subject!r}; expected a model, an activation, a loss, an optimizer, or the "
        "name of one of the last three"
    )


def _by_name(name: str) -> Any:
    for get in (activations.get, losses.get, optimizers.get):
        try:
            return get(name)
        except ArgumentError:
            continue
    known = {*activations.ACTIVATIONS, *losses.LOSSES, *optimizers.OPTIMIZERS}
    raise unknown_name("activation, loss or optimizer", name, known)


def _explain_model(
    model: Any, x: Any, y: Any = None, sample_weight: Any = None, row: int = 0
) -> Explanation:
    by_name = {name: np.asarray(each) for name, each in x.items()} if isinstance(x, dict) else None
    rows = len(np.asarray(x) if by_name is None else next(iter(by_name.values())))
    if not -rows <= row < rows:
        raise ArgumentError(f"explain: row={row}, but x has {rows} rows; expected 0..{rows - 1}")
    if y is None:
        if sample_weight is not None:
            raise ArgumentError("explain: sample_weight without y has nothing to weigh")
        given = np.asarray(x, default_dtype()) if by_name is None else by_name
        return explain_network(read_forward(model, given), row % rows)
    step, arrays = model.training_step(x, y, sample_weight)
    reading = read_step(step, arrays)
    return explain_network(reading, row % rows, step.objectives[0].loss.name, step.optimizer)
