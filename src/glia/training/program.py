"""A compiled model meets its first data: weights grouped, heads judged, loops recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import is_float
from ..errors import ArgumentError, NotBuiltError, ShapeError
from ..function import Loop, function
from ..graph import Flat, Tensor, Variable
from ..metrics.metric import Metric, Written
from ..optimizers import Optimizer
from . import heads
from .arrays import Array, Structure
from .notices import warn
from .objectives import Compilation, Measure, objectives_for, resolve_measures
from .step import Layout, Step, outputs_of
from .targets import encode

__all__ = ["Program", "float_dtype", "probe"]


def float_dtype(model: Any) -> Any:
    """Return the float dtype of a built model's weights, or None."""
    for variable in model.variables if model.built else ():
        if is_float(variable.dtype):
            return variable.dtype
    return None


def probe(model: Any, arrays: Sequence[Array], structure: Structure) -> tuple[list[Tensor], Any]:
    """Record the model once on two rows of zeros: this builds it and shows its outputs.

    Returns
    -------
    outputs : list of Tensor
        Its outputs, batch of 2.
    names : list of str or None
        Their names, where the model has any.
    """
    found: list[tuple[list[Tensor], Any]] = []

    def look(x: Any) -> Any:
        result = model(x)
        found.append(outputs_of(result))
        return result

    zeros = [np.zeros((2, *array.shape[1:]), array.dtype) for array in arrays]
    function(look).trace(structure.pack(zeros))
    outputs, names = found[-1]
    given = getattr(model, "output_names", None)
    if names is None and given is not None and len(given) == len(outputs):
        names = list(given)
    return outputs, names


class Program:
    """What compile and the first data decided about a model; made anew by each compile.

    Parameters
    ----------
    model : callable
        The model.
    compilation : Compilation
        What compile was told.
    arrays, structure : sequence of ndarray, Structure
        The inputs of the first data, which build the model.

    Raises
    ------
    ArgumentError
        If head and loss do not fit, or losses and outputs differ in number.
    """

    def __init__(
        self, model: Any, compilation: Compilation, arrays: Sequence[Array], structure: Structure
    ) -> None:
        self.model = model
        self.compilation = compilation
        self.optimizer: Optimizer = compilation.optimizer
        outputs, names = probe(model, arrays, structure)
        self.objectives = objectives_for(compilation, outputs, names, _last_layer(model))
        for objective in self.objectives:
            heads.check(objective.head, objective.loss)
        self.dtype = outputs[0].dtype
        self._trainable = compilation.trainable or list(model.trainable_variables)
        self._flat: Flat | None = None
        self._loops: dict[tuple[Layout, bool], Loop] = {}
        self._shapes = {tuple(array.shape[1:] for array in arrays)}
        self._others: list[Variable] | None = None
        self._has_measures = False
        self._has_warned = False

    @property
    def descriptions(self) -> dict[str, str]:
        """What each metric means, by name."""
        return {each.name: each.metric.describe().partition(" = ")[2] for each in self.measures}

    @property
    def directions(self) -> dict[str, bool]:
        """Whether a higher value is better, by metric name, where a metric says so itself."""
        return {
            each.name: each.metric.direction == "max"
            for each in self.measures
            if _knows_direction(each.metric)
        }

    @property
    def measures(self) -> list[Measure]:
        """Every output's metrics."""
        return [measure for objective in self.objectives for measure in objective.measures]

    @property
    def names(self) -> list[str]:
        """The names the logs of a pass hold, in order."""
        parts = [f"{each.name}_loss" for each in self.objectives]
        return ["loss", *(parts if len(parts) > 1 else []), *(each.name for each in self.measures)]

    def encode(self, targets: Sequence[Array], structure: Structure, name: str) -> list[Array]:
        """Bring targets into the form the losses take, one for each output.

        Raises
        ------
        ArgumentError
            If their number or names do not match the outputs.
        """
        names = structure.names(name)
        if structure.keys is not None:
            expected = [objective.name for objective in self.objectives]
            if sorted(structure.keys) != sorted(expected):
                raise ArgumentError(
                    f"{name} has targets for {', '.join(structure.keys)}; expected one for each "
                    f"output: {', '.join(expected)}"
                )
            order = [structure.keys.index(each) for each in expected]
            targets, names = [targets[i] for i in order], [names[i] for i in order]
        if len(targets) != len(self.objectives):
            raise ArgumentError(
                f"{name} holds {len(targets)} arrays but the model has {len(self.objectives)} "
                "outputs; expected one target for each"
            )
        encoded = [
            encode(y, objective.shape, objective.loss, objective.head, self.dtype, label)
            for y, objective, label in zip(targets, self.objectives, names, strict=True)
        ]
        if not self._has_measures:
            resolve_measures(self.objectives, self.compilation, encoded)
            self._has_measures = True
        return encoded

    def step(self, layout: Layout, is_training: bool) -> Step:
        """Return what happens to one batch in training, or in evaluation."""
        if is_training:
            self._group_weights()
            return Step(self.model, self.objectives, layout, self.optimizer, self._flat)
        return Step(self.model, self.objectives, layout)

    def loop(self, layout: Layout, is_training: bool) -> Loop:
        """Return the loop over steps of training or evaluation, recorded once for each layout."""
        if is_training:
            self._group_weights()
        key = layout, is_training
        if key not in self._loops:
            self._loops[key] = Loop(
                self.step(layout, is_training), is_training=is_training, is_by_rows=True
            )
        return self._loops[key]

    def _group_weights(self) -> None:
        """Put the trainable weights into one vector, again if another model took some away."""
        if not self._trainable:
            raise NotBuiltError(
                f"{self.model.name!r} has no trainable weights; expected at least one layer with "
                "weights whose trainable is True"
            )
        flat = self._flat
        if flat is not None and all(_is_member(v, flat) for v in self._trainable):
            return
        for objective in self.objectives:
            heads.check_slope(objective.head, self.optimizer)
        self._flat = Flat(self._trainable, "trainable")
        self.optimizer.build(self._flat)
        self._loops.clear()

    def notice_trainable(self) -> None:
        """Warn once when what is trainable is no longer what compile settled."""
        now = {id(variable) for variable in self.model.trainable_variables}
        if now != {id(variable) for variable in self._trainable} and not self._has_warned:
            self._has_warned = True
            warn(
                "trainable was changed after compile, which decides what is trained; call compile "
                "again for the change to take effect"
            )

    def changing(self) -> list[Variable]:
        """Return every variable that training changes."""
        flat: list[Variable] = [] if self._flat is None else [self._flat]
        if self._others is None:
            mine = {id(variable) for variable in self._trainable}
            self._others = [each for each in self.model.variables if id(each) not in mine]
        return [*flat, *self._others, *self.optimizer.variables]

    def check_outputs(self, arrays: Sequence[Array], structure: Structure) -> None:
        """Let the model judge the shape of new inputs before anything runs on them.

        Raises
        ------
        ShapeError
            From the layer that cannot take them, or if the output's shape is another.
        """
        shapes = tuple(array.shape[1:] for array in arrays)
        if shapes in self._shapes:
            return
        outputs, _ = probe(self.model, arrays, structure)
        for output, objective in zip(outputs, self.objectives, strict=True):
            if output.shape[1:] != objective.shape:
                raise ShapeError(
                    f"the model gives rows of shape {output.shape[1:]} for this input, but "
                    f"{objective.shape} for the data it was first trained or evaluated on"
                )
        self._shapes.add(shapes)


def _knows_direction(metric: Metric) -> bool:
    """Whether its direction is more than the default a user's own metric inherits."""
    if isinstance(metric, Written):
        return False
    kinds = [kind for kind in type(metric).__mro__ if kind not in (Metric, object)]
    return any("direction" in vars(kind) or kind.__module__.startswith("glia.") for kind in kinds)


def _is_member(variable: Variable, flat: Flat) -> bool:
    return variable.owner is not None and variable.owner[0] is flat


def _last_layer(model: Any) -> str:
    layers = getattr(model, "layers", None)
    name = getattr(layers[-1], "name", None) if layers else None
    return f"layer {name!r}" if name else "the last layer"
