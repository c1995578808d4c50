"""The perceptron rule: learning before gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import autodiff, ops
from ..errors import ArgumentError, ShapeError
from ..graph import Array, Flat, Tensor, constant_value
from .optimizer import Optimizer, Slots

__all__ = ["Perceptron"]


class Perceptron(Optimizer):
    """Rosenblatt's rule for threshold neurons: move the boundary by the rows it gets wrong.

    For a neuron ``a = step(w . x + b)`` with target ``y`` of 0 or 1::

        w <- w + learning_rate * (y - a) * x
        b <- b + learning_rate * (y - a)

    added up over the rows of the batch; rows that are right change nothing. The step function
    has slope 0, so gradient descent could not move these weights: the rule takes the error
    ``a - y`` for the gradient of ``z = w . x + b`` and leaves the loss aside. It finds a boundary
    in finitely many steps if one straight boundary separates the classes (AND, OR), and repeats
    itself forever if none does (XOR).

    The model's last activation must be ``step``. Only the last layer learns where the layers
    before it have steps too: in Rosenblatt's machine their weights were fixed.

    Parameters
    ----------
    learning_rate : float, LearningRateSchedule or callable
        Default 1.0; starting from zero weights its size changes nothing but the scale.
    name : str, optional
        A name for printing.

    Raises
    ------
    ArgumentError
        If the learning rate is out of range, or when training a model without a step head.

    Notes
    -----
    Neither Keras nor PyTorch has this rule. scikit-learn's ``Perceptron`` is it, one row at a
    time, for targets of -1 and 1.

    References
    ----------
    Rosenblatt, "The Perceptron: A Probabilistic Model for Information Storage and Organization
    in the Brain", Psychological Review 65, 1958. Minsky and Papert, "Perceptrons", 1969, for
    what it cannot learn.
    """

    def __init__(self, learning_rate: Any = 1.0, name: str | None = None) -> None:
        super().__init__(learning_rate, name=name)

    def update(
        self,
        gradient: Array,
        parameter: Array,
        slots: Slots,
        iteration: Array,
        learning_rate: Array,
    ) -> tuple[Array, Slots]:
        return parameter - learning_rate * gradient, slots

    def gradients(
        self,
        loss: Tensor,
        y_true: Tensor | Sequence[Tensor],
        outputs: Tensor | Sequence[Tensor],
        flat: Flat,
    ) -> Tensor:
        """Return the direction the rule steps against: ``x * (a - y)``, summed over the batch.

        Parameters
        ----------
        loss : Tensor
            Not used.
        y_true, outputs : Tensor (batch, units), or one per output of the model
            Targets, 0 or 1, and the step layer's outputs; targets may also be (batch,) where
            there is one unit.
        flat : Flat
            The parameters.

        Raises
        ------
        ArgumentError
            If the outputs do not come from the step activation.
        ShapeError
            If targets and outputs differ in shape.
        """
        targets = [y_true] if isinstance(y_true, Tensor) else y_true
        heads = [outputs] if isinstance(outputs, Tensor) else outputs
        pairs = [_sum_and_error(y, a) for y, a in zip(targets, heads, strict=True)]
        sums, errors = zip(*pairs, strict=True)
        direction: Tensor = autodiff.gradients(sums, [flat], seeds=errors, missing="zeros")[0]
        return direction


def _sum_and_error(y_true: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
    """Return ``z`` and ``step(z) - y``."""
    z = _threshold_input(outputs)
    if z is None:
        raise ArgumentError(
            "the perceptron rule trains threshold neurons, and this model's outputs come from "
            f"{outputs.node.op.name!r}, not from the step activation. End the model with "
            "Dense(1, activation='step'), or use a gradient rule such as SGD"
        )
    if y_true.shape != outputs.shape:
        if y_true.size != outputs.size:
            raise ShapeError(
                f"the perceptron rule got targets of shape {y_true.shape} for outputs of shape "
                f"{outputs.shape}; expected one target, 0 or 1, for each output"
            )
        y_true = ops.reshape(y_true, outputs.shape)
    return z, outputs - ops.cast(y_true, outputs.dtype)


def _threshold_input(outputs: Tensor) -> Tensor | None:
    """Return ``z`` where the outputs are ``cast(0 <= z)``, else None."""
    cast = outputs.node
    if cast.op.name != "cast" or cast.inputs[0].node.op.name != "less_equal":
        return None
    low, z = cast.inputs[0].node.inputs
    while low.node.op.name in ("broadcast_to", "reshape", "cast"):
        low = low.node.inputs[0]
    zero = constant_value(low)
    return z if zero is not None and not zero.any() else None
