"""Reading the numbers of one training step from the graph that training runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..autodiff import gradients
from ..errors import ArgumentError
from ..function import function
from ..graph import Tensor, Variable, current_trace
from ..layers import Dense, Layer
from ..training.step import Step

__all__ = ["LayerReading", "Reading", "read_forward", "read_step"]

NumPyArray = np.ndarray[Any, Any]


@dataclass
class LayerReading:
    """One call of one layer: what went in and came out, and the gradients that came back.

    Attributes
    ----------
    layer : Layer
        Which.
    number : int
        Its number among the layers with weights of their own, from 1; 0 for the others.
    x, z, output : array
        Input, pre-activation (None but for dense layers) and output.
    dx, dz : array or None
        Gradients of the loss by input and pre-activation.
    weights, gradients, after : dict of str to array
        Each weight by its name: its value, its gradient, and its value after the update.
    follows : bool
        Whether its input is the output of the layer before it in the list.
    """

    layer: Layer
    number: int
    x: NumPyArray
    z: NumPyArray | None
    output: NumPyArray
    dx: NumPyArray | None
    dz: NumPyArray | None
    weights: dict[str, NumPyArray]
    gradients: dict[str, NumPyArray]
    after: dict[str, NumPyArray]
    follows: bool


@dataclass
class Reading:
    """Everything read from one run: layers in order of their calls, prediction and loss."""

    layers: list[LayerReading]
    prediction: NumPyArray
    target: NumPyArray | None = None
    loss: float | None = None
    penalty: float = 0.0


class _Call:
    """The symbols of one layer call, collected from a trace's notes."""

    def __init__(self, layer: Layer, notes: dict[str, Tensor]) -> None:
        self.layer, self.notes = layer, notes
        self.weights = [v for v in vars(layer).values() if isinstance(v, Variable)]


def _calls(notes: Sequence[tuple[object, str, Any]]) -> list[_Call]:
    """Group notes into calls: each ends with its layer's output; containers are left out."""
    calls: list[_Call] = []
    open_notes: dict[int, dict[str, Tensor]] = {}
    for owner, name, value in notes:
        if not isinstance(owner, Layer) or not isinstance(value, Tensor):
            continue
        mine = open_notes.setdefault(id(owner), {})
        mine[name] = value
        if name == "output":
            del open_notes[id(owner)]
            if "input" in mine and not getattr(owner, "layers", None):
                calls.append(_Call(owner, mine))
    if not calls:
        raise ArgumentError(
            "explain found no layer it could look into; expected a model made of glia's layers"
        )
    return calls


def _short_name(variable: Variable) -> str:
    return variable.name.split("/")[-1] or "weight"


def _read_layers(calls: Sequence[_Call], numbers: dict[str, Any]) -> list[LayerReading]:
    count = 0
    layers: list[LayerReading] = []
    for place, call in enumerate(calls):
        count += bool(call.weights) and isinstance(call.layer, Dense)
        found = numbers["calls"][place]
        follows = place > 0 and call.notes["input"] is calls[place - 1].notes["output"]
        names = [_short_name(v) for v in call.weights]
        layers.append(
            LayerReading(
                layer=call.layer,
                number=count if isinstance(call.layer, Dense) else 0,
                x=found["input"],
                z=found.get("z"),
                output=found["output"],
                dx=found.get("dx"),
                dz=found.get("dz"),
                weights={n: v.array.copy() for n, v in zip(names, call.weights, strict=True)},
                gradients={k: v for k, v in found.get("dw", {}).items() if v is not None},
                after=found.get("after", {}),
                follows=follows,
            )
        )
    return layers


def read_forward(model: Any, x: NumPyArray | dict[str, NumPyArray]) -> Reading:
    """Run a model in evaluation mode and read every layer's numbers."""
    kept: list[_Call] = []

    def run(inputs: Any) -> dict[str, Any]:
        trace = current_trace()
        if trace is not None:
            trace.notes = []
        prediction = model(inputs)
        kept[:] = _calls(trace.notes or [] if trace is not None else [])
        return {"prediction": prediction, "calls": [dict(call.notes) for call in kept]}

    numbers = function(run)(x)
    return Reading(_read_layers(kept, numbers), numbers["prediction"])


def read_step(step: Step, data: Sequence[NumPyArray]) -> Reading:
    """Run one training step on all rows of its data and read its numbers, changing nothing.

    Parameters
    ----------
    step : Step
        The very step that training runs; its update is computed and not stored.
    data : sequence of array
        Inputs, targets and perhaps weights, as the step's layout says.
    """
    kept: list[_Call] = []
    rows = np.arange(len(data[0]), dtype=np.int32)

    def run(row: Any, arrays: Any) -> dict[str, Any]:
        trace = current_trace()
        if trace is None:
            return {}
        trace.notes = []
        loss, parts, _ = step(row, tuple(arrays))
        kept[:] = _calls(trace.notes)
        after = [{_short_name(v): v.value for v in call.weights} for call in kept]
        # The step only looks: whatever it assigned goes back to what it was.
        trace.current.update(trace.entry)
        back = _gradients(loss, kept)
        calls = [
            {**call.notes, **grads, "after": new}
            for call, grads, new in zip(kept, back, after, strict=True)
        ]
        return {"calls": calls, "loss": loss, "parts": list(parts)}

    numbers = function(run, is_training=True)(rows, list(data))
    loss, data_loss = float(numbers["loss"]), float(np.sum(numbers["parts"]))
    layers = _read_layers(kept, numbers)
    inputs = step.layout.inputs.count
    return Reading(layers, layers[-1].output, data[inputs], loss, loss - data_loss)


def _gradients(loss: Tensor, calls: Sequence[_Call]) -> list[dict[str, Any]]:
    """Take the gradients by every layer's input, pre-activation and weights, in one pass."""
    wanted: list[Any] = []
    for call in calls:
        wanted += [call.notes["input"], *([call.notes["z"]] if "z" in call.notes else [])]
        wanted += call.weights
    smooth = [each for each in wanted if each.dtype.kind == "f"]
    found = dict(zip(map(id, smooth), gradients(loss, smooth, missing="none"), strict=True))
    return [
        {
            "dx": found.get(id(call.notes["input"])),
            "dz": found.get(id(call.notes["z"])) if "z" in call.notes else None,
            "dw": {_short_name(v): found.get(id(v)) for v in call.weights},
        }
        for call in calls
    ]
