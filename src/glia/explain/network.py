"""A network's arithmetic as text: forward, loss, chain rule and update, with their numbers."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..activations import Activation
from ..autodiff import gradients
from ..function import function
from .explanation import Explanation
from .reading import LayerReading, Reading
from .writing import elided, factor, matrix, number, weighted_sum

__all__ = ["explain_network"]

# Layers wider than this are shown by their first neurons.
MOST_NEURONS = 16


def explain_network(
    reading: Reading, row: int, loss: str = "", optimizer: Any = None
) -> Explanation:
    """Write out a reading.

    Parameters
    ----------
    reading : Reading
        The numbers.
    row : int
        The row whose neurons are written out term by term.
    loss : str
        The loss's name, if there is one.
    optimizer : Optimizer, optional
        Who moves the weights.
    """
    numbers: dict[str, Any] = {}
    parts = [_forward(reading, row, numbers)]
    if reading.loss is not None:
        parts.append(_loss(reading, loss, numbers))
        parts.append(_backward(reading, numbers))
        parts.append(_update(reading, optimizer, numbers))
    return Explanation("\n\n".join(parts), numbers)


def _title(text: str) -> str:
    return f"{text}\n{'=' * len(text)}"


def _activation(each: LayerReading) -> Activation:
    found: Activation = each.layer.activation  # type: ignore[attr-defined]
    return found


def _forward(reading: Reading, row: int, numbers: dict[str, Any]) -> str:
    rows = reading.layers[0].x.shape[0]
    lines = [_title("Forward pass"), f"x: row {row} of {rows}"]
    lines.append(matrix(reading.layers[0].x[row]))
    for each in reading.layers:
        name, kind = each.layer.name, type(each.layer).__name__
        shapes = f"{each.x.shape} -> {each.output.shape}"
        if each.number:
            k = each.number
            numbers[f"z{k}"], numbers[f"a{k}"] = each.z, each.output
            act = _activation(each)
            lines += ["", f"layer {k}: {name} ({kind}, {act.name})  {shapes}"]
            source = f"a{k - 1}" if k > 1 and each.follows else "x" if k == 1 else "input"
            bias = f" + b{k}" if "bias" in each.weights else ""
            lines.append(f"  z{k} = {source} W{k}{bias},  a{k} = {act.name}(z{k}),  {act.formula}")
            lines += _neurons(each, row)
        else:
            numbers[name] = each.output
            lines += ["", f"{name} ({kind})  {shapes}", matrix(each.output[row])]
    return "\n".join(lines)


def _neurons(each: LayerReading, row: int) -> list[str]:
    k, act, kernel = each.number, _activation(each), each.weights["kernel"]
    x = each.x[row].reshape(-1, each.x.shape[-1])[0]
    z = np.asarray(each.z)[row].reshape(-1, kernel.shape[1])[0]
    a = each.output[row].reshape(-1, kernel.shape[1])[0]
    bias = each.weights.get("bias")
    lines = []
    for j in range(min(len(z), MOST_NEURONS)):
        total = weighted_sum(x, kernel[:, j], None if bias is None else bias[j])
        lines.append(f"  z{k}[{j}] = {total} = {number(z[j])}")
        if act.name == "softmax":
            top = float(np.max(z))
            scores = " + ".join(f"e^{factor(v - top)}" for v in z[:MOST_NEURONS])
            scores += " + ..." if len(z) > MOST_NEURONS else ""
            shown = f"e^{factor(z[j] - top)} / ({scores})"
        else:
            shown = f"{act.name}({number(z[j])})"
        lines.append(f"  a{k}[{j}] = {shown} = {number(a[j])}")
    more = elided(len(z), MOST_NEURONS, "neurons")
    return [*lines, f"  {more}"] if more else lines


def _loss(reading: Reading, loss: str, numbers: dict[str, Any]) -> str:
    numbers["loss"] = np.asarray(reading.loss)
    lines = [_title("Loss"), "target", matrix(np.asarray(reading.target)), "prediction"]
    lines += [matrix(reading.prediction), f"{loss} = {number(reading.loss)}"]
    if reading.penalty:
        lines[-1] += f", of which regularisation adds {number(reading.penalty)}"
    return "\n".join(lines)


def _fused(reading: Reading, last: LayerReading) -> str | None:
    """Return ``dz`` of the head in one formula, if the numbers bear it out."""
    dz, target, name = last.dz, np.asarray(reading.target), _activation(last).name
    if dz is None or last is not reading.layers[-1]:
        return None
    if target.dtype.kind in "iu" and target.shape != dz.shape:
        target = np.eye(dz.shape[-1])[target.reshape(-1)].reshape(dz.shape)
    if target.shape != dz.shape:
        return None
    k, error = last.number, last.output - target
    squared = (2 / dz.size, f"2 (a{k} - y) / {dz.size}")
    shares = [(1 / n, f"(a{k} - y) / {n}" if n > 1 else f"a{k} - y") for n in (len(dz), dz.size)]
    for scale, formula in [squared, *shares] if name == "linear" else [*shares, squared]:
        if np.allclose(dz, error * scale, rtol=1e-4, atol=1e-9):
            kind = f"{name} and loss together" if name != "linear" else "of the squared error"
            return f"{formula}  ({kind})"
    return None


def _backward(reading: Reading, numbers: dict[str, Any]) -> str:
    dense = [each for each in reading.layers if each.number]
    lines = [_title("Backward pass: the chain rule"), *_chains(reading, dense)]
    for place in range(len(reading.layers) - 1, -1, -1):
        each = reading.layers[place]
        after = reading.layers[place + 1] if place + 1 < len(reading.layers) else None
        lines.append("")
        if not each.number:
            lines += _other_layer(each, numbers)
            continue
        k, act = each.number, _activation(each)
        source = f"a{k}" if after is not None and after.follows else "its output"
        if after is not None and after.follows and after.dx is not None:
            numbers[f"da{k}"] = after.dx
            through = f"dz{after.number} W{after.number}^T" if after.number else after.layer.name
            lines.append(f"da{k} = dL/da{k} = {through}  {after.dx.shape}")
            lines.append(matrix(after.dx))
        if each.dz is not None:
            numbers[f"dz{k}"] = each.dz
            rule = _fused(reading, each) or f"(dL/d{source}) {act.name}'(z{k})"
            lines.append(f"dz{k} = dL/dz{k} = {rule}  {each.dz.shape}")
            if act.is_smooth is False and each.z is not None:
                lines.append(f"  with {act.name}'(z{k}) =")
                lines.append(matrix(_slopes(act, each.z), "      "))
            lines.append(matrix(each.dz))
        inputs = "x" if k == 1 else f"a{k - 1}" if each.follows else "its input"
        for name, symbol, rule in (
            ("kernel", f"dW{k}", f"{inputs}^T dz{k}"),
            ("bias", f"db{k}", f"sum of dz{k} over rows"),
        ):
            if name in each.gradients:
                gradient = numbers[symbol] = each.gradients[name]
                extra = " + regularisation" if _is_regularised(each, name) else ""
                lines.append(f"{symbol} = {rule}{extra}  {gradient.shape}")
                lines.append(matrix(gradient))
        if place == 0 and each.dx is not None:
            numbers["dX"] = each.dx
            lines += [f"dX = dz{k} W{k}^T  {each.dx.shape}", matrix(each.dx)]
    return "\n".join(lines)


def _is_regularised(each: LayerReading, name: str) -> bool:
    return getattr(each.layer, f"{name}_regularizer", None) is not None


def _other_layer(each: LayerReading, numbers: dict[str, Any]) -> list[str]:
    name, lines = each.layer.name, []
    if each.dx is not None:
        numbers[f"d{name}"] = each.dx
        lines += [f"through {name} ({type(each.layer).__name__}): dL/d input  {each.dx.shape}"]
        lines.append(matrix(each.dx))
    for weight, gradient in each.gradients.items():
        numbers[f"d{name}.{weight}"] = gradient
        lines += [f"d {name}.{weight}  {gradient.shape}", matrix(gradient)]
    return lines or [f"{name}: nothing flows back through it"]


def _chains(reading: Reading, dense: list[LayerReading]) -> list[str]:
    """Return each weight's gradient as a product of slopes along the path from the loss."""
    is_plain = all(each.number for each in reading.layers)
    if not is_plain or not all(each.follows for each in reading.layers[1:]):
        return []
    lines = []
    for first in range(len(dense), 0, -1):
        path = [f"dL/da{len(dense)}", f"da{len(dense)}/dz{len(dense)}"]
        for k in range(len(dense) - 1, first - 1, -1):
            path += [f"dz{k + 1}/da{k}", f"da{k}/dz{k}"]
        lines.append(f"dL/dW{first} = {' * '.join([*path, f'dz{first}/dW{first}'])}")
    return lines


@functools.lru_cache(maxsize=32)
def _slope_of(activation: Activation) -> Any:
    return function(lambda z: gradients(activation(z), [z], missing="zeros")[0])


def _slopes(activation: Activation, z: Any) -> Any:
    return _slope_of(activation)(z)


def _update(reading: Reading, optimizer: Any, numbers: dict[str, Any]) -> str:
    lines = [_title(f"Update by {optimizer!r}")]
    rate = float(optimizer.learning_rate) if _is_plain(optimizer) else None
    for each in reversed(reading.layers):
        for name, before in each.weights.items():
            if name not in each.gradients or name not in each.after:
                continue
            letter = {"kernel": "W", "bias": "b"}.get(name, f"{each.layer.name}.{name}")
            symbol = f"{letter}{each.number}" if each.number else letter
            after = each.after[name]
            numbers[f"{symbol} before"], numbers[f"{symbol} after"] = before, after
            if rate is not None:
                at = np.unravel_index(int(np.abs(each.gradients[name]).argmax()), before.shape)
                place = ",".join(map(str, at))
                lines.append(
                    f"{symbol}[{place}] = {number(before[at])} - {number(rate)} * "
                    f"{factor(each.gradients[name][at])} = {number(after[at])}"
                )
            lines += [f"{symbol} before", matrix(before), f"{symbol} after", matrix(after)]
    return "\n".join(lines)


def _is_plain(optimizer: Any) -> bool:
    """Return whether an update is just ``w - rate * gradient``."""
    if type(optimizer).__name__ != "SGD" or optimizer.schedule is not None:
        return False
    options = ("momentum", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm")
    return not any(getattr(optimizer, name, None) for name in options)
