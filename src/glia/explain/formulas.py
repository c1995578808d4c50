"""Activations, losses and optimizers explained on numbers, without a network around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import ops
from ..activations import Activation
from ..autodiff import gradients
from ..errors import ShapeError
from ..function import function
from ..losses import Loss
from ..optimizers import Optimizer, minimize
from .explanation import Explanation
from .writing import elided, number, table

__all__ = ["explain_activation", "explain_loss", "explain_optimizer"]

MOST_ROWS = 20


def explain_activation(activation: Activation, z: Any = (-3, -1, 0, 1, 3)) -> Explanation:
    """Show an activation's values and slopes at some points.

    Parameters
    ----------
    activation : Activation
        Which.
    z : array_like
        Points; for softmax they are the scores of one row.

    Returns
    -------
    Explanation
        With numbers ``z``, ``value`` and ``derivative`` (for softmax, the slope of each output
        in its own score).
    """
    points = np.atleast_1d(np.asarray(z, np.float64))
    is_joint = activation.name in ("softmax", "log_softmax")

    def both(x: Any) -> tuple[Any, Any]:
        y = activation(x)
        if not is_joint:
            return y, gradients(y, [x], missing="zeros")[0]
        # Each output depends on every score; shown is its slope in its own.
        own = [ops.index(gradients(y[i], [x])[0], i) for i in range(points.size)]
        return y, ops.stack(own)

    value, slope = function(both)(points)
    rows = [[number(a) for a in row] for row in zip(points, value, slope, strict=True)]
    name = activation.name
    text = f"{activation!r}\n\n{table(['z', f'{name}(z)', 'derivative'], rows)}"
    if name == "softmax":
        text += f"\n\nsum of the outputs: {number(value.sum())}"
    return Explanation(text, {"z": points, "value": value, "derivative": slope})


def explain_loss(loss: Loss, y_true: Any, y_pred: Any) -> Explanation:
    """Show each row's part of a loss, their mean, and the gradient by the predictions.

    Parameters
    ----------
    loss : Loss
        Which.
    y_true, y_pred : array_like
        Targets and predictions, (rows,) or (rows, outputs).

    Returns
    -------
    Explanation
        With numbers ``per_row``, ``loss`` and ``gradient``.
    """
    target, prediction = np.asarray(y_true), np.asarray(y_pred, np.float64)
    if prediction.ndim == 1:
        prediction = prediction[:, None]
    if target.ndim == 1 and prediction.ndim == 2 and not loss.name.startswith("sparse"):
        target = target[:, None]
    if target.shape[0] != prediction.shape[0]:
        raise ShapeError(
            f"{loss.name}: got {target.shape[0]} targets and {prediction.shape[0]} predictions; "
            "expected as many rows in each"
        )
    if target.dtype.kind != "i" or not loss.name.startswith("sparse"):
        target = target.astype(np.float64)

    def all_of_it(y: Any, p: Any) -> tuple[Any, Any, Any]:
        mean = loss(y, p)
        return loss.call(y, p), mean, gradients(mean, [p])[0]

    per_row, mean, gradient = function(all_of_it)(target, prediction)
    rows = [
        [str(i), _row(target[i]), _row(prediction[i]), number(per_row[i]), _row(gradient[i])]
        for i in range(min(len(per_row), MOST_ROWS))
    ]
    heads = ["row", "y_true", "y_pred", "loss", "dL/dy_pred"]
    parts = [f"{loss.name}", table(heads, rows), elided(len(per_row), MOST_ROWS, "rows")]
    shown = " + ".join(number(value) for value in per_row[:MOST_ROWS])
    if len(per_row) <= MOST_ROWS:
        parts.append(f"mean = ({shown}) / {len(per_row)} = {number(mean)}")
    else:
        parts.append(f"mean over {len(per_row):,} rows = {number(mean)}")
    text = "\n".join(part for part in parts if part)
    return Explanation(text, {"per_row": per_row, "loss": mean, "gradient": gradient})


def _row(values: Any) -> str:
    return " ".join(number(value) for value in np.atleast_1d(values))


def explain_optimizer(
    optimizer: Optimizer, f: Callable[[Any], Any], start: Any, steps: int = 20
) -> Explanation:
    """Show an optimizer's steps on a function of a few numbers.

    Parameters
    ----------
    optimizer : Optimizer
        Which; its own state is not touched.
    f : callable
        A scalar function of an array, written in ops or operators.
    start : array_like
        Where it begins.
    steps : int
        How many steps it takes.

    Returns
    -------
    Explanation
        With numbers ``path`` (steps + 1, ...) and ``losses`` (steps + 1,).
    """
    path, losses = minimize(f, start, optimizer, steps)
    points = path.reshape(len(path), -1)
    names = [f"w[{i}]" for i in range(points.shape[1])]
    rows = [
        [str(i), *map(number, point), number(loss)]
        for i, (point, loss) in enumerate(zip(points, losses, strict=True))
    ]
    text = f"{optimizer!r}, {steps} steps\n{table(['step', *names, 'loss'], rows)}"
    return Explanation(text, {"path": path, "losses": losses})
