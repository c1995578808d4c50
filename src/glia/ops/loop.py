"""The one loop primitive: a body run over rows, with what it carries from step to step.

Its gradient saves what the backward body needs as stacked outputs (they join the forward scan),
recomputes mere movement, and runs the body's gradient in reverse. The gradient of a tensor from
outside the loop is a sum over steps: where it commutes with the ops that make it, it is taken
once after the loop (a contraction just gains the letter of time), otherwise it is carried.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from string import ascii_letters
from typing import Any

from ..dtypes import is_float
from ..graph import (
    CONSTANT,
    Array,
    Body,
    Node,
    Op,
    Spec,
    Tensor,
    canonical_placeholder,
    make_node,
    placeholder,
    rewrite,
    walk,
)
from .backward import accumulate_gradients
from .composite import zeros_like
from .contraction import contract, letters
from .interpret import interpreter
from .reduction import sum as sum_
from .words import Words

__all__ = ["close", "scan_node"]

# Cheaper to compute again in the backward loop than to store for every step.
RECOMPUTED = {"broadcast_to", "reshape", "transpose", "split", "slice", "constant", "iota", "cast"}
# Linear ops of one input, and of several: a sum over steps can be taken before them.
LINEAR = {"reshape", "transpose", "pad", "broadcast_to", "negative"}
ADDITIVE = {"add", "subtract", "concatenate"}


def _infer(*specs: Spec, body: Body, consts: int, carries: int, length: int, reverse: bool) -> Any:
    final = [output.spec for output in body.outputs[:carries]]
    return final + [Spec((length, *o.shape), o.dtype) for o in body.outputs[carries:]]


@functools.lru_cache(maxsize=256)
def _body_runner(body: Body, words: Words) -> Callable[..., list[Any]]:
    return interpreter(body.inputs, body.outputs, words)


def _evaluate(
    xp: Any, *inputs: Any, body: Body, consts: int, carries: int, length: int, reverse: bool
) -> Any:
    fixed, xs = inputs[:consts], inputs[consts + carries :]
    run = _body_runner(body, xp)

    def step(carry: list[Any], x: list[Any]) -> tuple[list[Any], list[Any]]:
        out = run(*fixed, *carry, *x)
        return out[:carries], out[carries:]

    specs = [output.spec for output in body.outputs[carries:]]
    carry, ys = xp.scan(step, list(inputs[consts : consts + carries]), xs, length, reverse, specs)
    out = [*carry, *ys]
    return out[0] if len(out) == 1 else out


def scan_node(
    consts: Sequence[Tensor],
    carry: Sequence[Tensor],
    xs: Sequence[Tensor],
    body: Body,
    length: int,
    reverse: bool,
) -> list[Tensor]:
    """Return the outputs of a scan over a closed body: final carries, then stacked outputs."""
    sizes = {"consts": len(consts), "carries": len(carry), "length": length}
    attributes = {"body": body, "reverse": reverse, **sizes}
    return list(make_node(SCAN, [*consts, *carry, *xs], attributes).outputs)


class _ScanGradient:
    """The gradient of one scan node, for the cotangents of its outputs."""

    def __init__(self, node: Node, cotangents: Sequence[Tensor | None]) -> None:
        sizes = node.attributes
        self.node, self.cotangents, self.body = node, cotangents, sizes["body"]
        self.length, self.carries = sizes["length"], sizes["carries"]
        first, second = sizes["consts"], sizes["consts"] + sizes["carries"]
        self.outer = node.inputs[:first], node.inputs[first:second], node.inputs[second:]
        inner = self.body.inputs
        self.consts, self.carry, self.xs = inner[:first], inner[first:second], inner[second:]
        self.level = inner[0].level if inner else 1
        self.seeds = [
            placeholder(t.spec, self.level)
            if is_float(t.dtype) and (i < self.carries or cotangents[i] is not None)
            else None
            for i, t in enumerate(self.body.outputs)
        ]
        wrt = [t for t in inner if is_float(t.dtype)]
        found = accumulate_gradients(self.body.outputs, self.seeds, wrt)
        self.residuals = self._residuals([g for g in found if g is not None])
        self.stacks = self._stacks()
        known = [t for t in (*self.consts, *self.xs, *self.seeds) if t is not None]
        kept = {**{t: t for t in known}, **self.residuals}
        given = [(t, g) for t, g in zip(wrt, found, strict=True) if g is not None]
        rebuilt = rewrite([g for _, g in given], kept)
        self.back = dict(zip([t for t, _ in given], rebuilt, strict=True))
        self.extra: dict[Tensor, int] = {}

    def _residuals(self, gradients: Sequence[Tensor]) -> dict[Tensor, Tensor]:
        """Forward tensors the backward body reads, each with the placeholder it is read by."""
        forward = walk(self.body.outputs)
        made = {t for node in forward for t in node.outputs}
        known = {t for t in (*self.consts, *self.xs, *self.seeds) if t is not None}
        invariant = set(self.consts)
        for node in forward:
            is_source = node.op.name in ("constant", "iota")
            if is_source or (node.inputs and all(t in invariant for t in node.inputs)):
                invariant.update(node.outputs)
        residuals: dict[Tensor, Tensor] = {}
        pending, seen = list(gradients), set(known)
        while pending:
            t = pending.pop()
            if t in seen or t.node.op is CONSTANT:
                continue
            seen.add(t)
            if t in made and t not in invariant and t.node.op.name not in RECOMPUTED:
                residuals[t] = placeholder(t.spec, self.level)
            else:
                pending += t.node.inputs
        return residuals

    def _stacks(self) -> list[Tensor]:
        body = Body(self.body.inputs, [*self.body.outputs, *self.residuals])
        forward = scan_node(*self.outer, body, self.length, self.node.attributes["reverse"])
        return forward[len(self.body.outputs) :]

    def _stacked(self, t: Tensor) -> Callable[[Sequence[Tensor]], Tensor]:
        """How to find a tensor of the backward body stacked over steps, after the loop."""
        outside = dict(zip(self.xs, self.outer[2], strict=True))
        outside.update(zip(self.residuals.values(), self.stacks, strict=True))
        if t in outside:
            return lambda ys: outside[t]
        place = self.extra.setdefault(t, len(self.extra))
        return lambda ys: ys[place]

    def _total(self, t: Tensor) -> Callable[[Sequence[Tensor]], Array] | None:
        """How to find the sum of a tensor over steps after the loop; None: only inside it."""
        node, name = t.node, t.node.op.name
        if name == "contract" and not any(p in self.consts_set for p in node.inputs):
            first, second, out = letters(node.attributes["spec"])
            left, right = map(self._stacked, node.inputs)
            step = next(letter for letter in ascii_letters if letter not in first + second)
            spec = f"{step}{first},{step}{second}->{out}"
            return lambda ys: contract(left(ys), right(ys), spec)
        if name == "sum":
            whole = self._stacked(node.inputs[0])
            axes = (0, *[axis + 1 for axis in node.attributes["axes"]])
            return lambda ys: sum_(whole(ys), axes)
        if name in LINEAR or name in ADDITIVE:
            parts = [self._total(given) for given in node.inputs]
            if any(part is None for part in parts):
                return None
            known = [part for part in parts if part is not None]
            return lambda ys: make_node(
                node.op, [part(ys) for part in known], node.attributes
            ).outputs[t.index]
        return None

    def _sum_of_stack(self, t: Tensor) -> Callable[[Sequence[Tensor]], Array]:
        whole = self._stacked(t)
        return lambda ys: sum_(whole(ys), 0)

    @property
    def consts_set(self) -> set[Tensor]:
        """The body's placeholders of tensors from outside the loop."""
        return set(self.consts)

    def result(self) -> list[Tensor | None]:
        """Return the gradient of each input of the scan node, or None."""
        after: dict[Tensor, Callable[[Sequence[Tensor]], Array]] = {}
        carried: list[Tensor] = []
        for t in self.consts:
            if t not in self.back:
                continue
            before = dict(self.extra)
            total = self._total(self.back[t])
            if total is None:
                self.extra = before
                carried.append(t)
            else:
                after[t] = total
        # A gradient that is stacked for another's contraction is summed after the loop as well.
        stacked = [t for t in carried if self.back[t] in self.extra]
        after.update({t: self._sum_of_stack(self.back[t]) for t in stacked})
        carried = [t for t in carried if t not in after]
        sums = [placeholder(t.spec, self.level) for t in carried]
        smooth = [i for i, t in enumerate(self.carry) if is_float(t.dtype)]
        by_x = [t for t in self.xs if t in self.back]
        outputs = [
            self.back[t] if t in self.back else zeros_like(t)
            for t in (self.carry[i] for i in smooth)
        ]
        outputs += [total + self.back[t] for total, t in zip(sums, carried, strict=True)]
        outputs += [self.back[t] for t in by_x] + list(self.extra)
        ys, final = self._run(smooth, sums, outputs)
        m = len(smooth)
        gradients: dict[Tensor, Any] = dict(zip(carried, final[m:], strict=True))
        gradients.update(zip([self.carry[i] for i in smooth], final[:m], strict=True))
        gradients.update(zip(by_x, ys[: len(by_x)], strict=True))
        gradients.update({t: total(ys[len(by_x) :]) for t, total in after.items()})
        return [gradients.get(t) for t in self.body.inputs]

    def _run(
        self, smooth: list[int], sums: list[Tensor], outputs: list[Tensor]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Put the backward body into a scan: (stacked outputs, final carries)."""
        stepwise = [i for i in range(self.carries, len(self.seeds)) if self.seeds[i] is not None]
        carry_in = [self.seeds[i] for i in smooth] + sums
        x_in = [*self.xs, *self.residuals.values(), *[self.seeds[i] for i in stepwise]]
        start = [
            zeros_like(self.node.outputs[i]) if self.cotangents[i] is None else self.cotangents[i]
            for i in smooth
        ] + [zeros_like(t) for t in sums]
        xs = [*self.outer[2], *self.stacks, *[self.cotangents[i] for i in stepwise]]
        inputs = [t for t in (*self.consts, *carry_in, *x_in) if t is not None]
        result = scan_node(
            self.outer[0],
            [t for t in start if t is not None],
            [t for t in xs if t is not None],
            close(inputs, outputs, self.level),
            self.length,
            not self.node.attributes["reverse"],
        )
        return result[len(start) :], result[: len(start)]


def _gradient(node: Node, *cotangents: Tensor | None) -> list[Tensor | None]:
    return _ScanGradient(node, cotangents).result()


SCAN = Op("scan", "loop", _infer, _evaluate, _gradient)


def close(inputs: Sequence[Tensor], outputs: Sequence[Tensor], level: int) -> Body:
    """Return a body over canonical placeholders, so that equal bodies are the same object."""
    new = [canonical_placeholder(level, i, each.spec) for i, each in enumerate(inputs)]
    return Body(new, rewrite(outputs, dict(zip(inputs, new, strict=True))))
