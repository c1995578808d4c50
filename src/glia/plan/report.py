"""A plan's kernels and memory as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..graph import Tensor
from .body import Body, Pool
from .fuse import Group
from .layout import plain

__all__ = ["FALLBACKS", "report"]

# Ops that have no machine code yet: inside a plan the reference rule computes them.
FALLBACKS = {"argsort", "convolve", "max_pool", "repool", "unpool"}


def report(inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> str:
    """Return which kernels a graph becomes, what each stores, and how much memory they share.

    Parameters
    ----------
    inputs, outputs : sequence of Tensor
        A plan's graph.
    """
    pool = Pool(64)
    places = {tensor: plain(tensor) for tensor in inputs}
    known = {tensor: pool.slot() for tensor in inputs}
    body = Body(pool, places, known, outputs, [pool.slot() for _ in outputs])
    lines = _kernels(body, "")
    fallbacks = sorted(set(_kinds(body)) & FALLBACKS)
    told = f"by the reference rule: {', '.join(fallbacks)}" if fallbacks else "no fallbacks"
    head = f"kernels: {len(lines)}, arena of {body.size:,} bytes, {told}"
    return "\n".join([head, *lines])


def _kinds(body: Body) -> list[str]:
    kinds = [group.kind for group in body.groups]
    for nested in body.nested.values():
        kinds += _kinds(nested.body)
    return kinds


def _kernels(body: Body, indent: str) -> list[str]:
    lines = []
    for group in body.groups:
        lines.append(f"{indent}  {_kernel(group)}")
        if group in body.nested:
            nested = body.nested[group]
            lines[-1] += f", {nested.length} turns of:"
            lines += _kernels(nested.body, indent + "    ")
    return lines


def _kernel(group: Group) -> str:
    counts = Counter(node.op.name for node in group.nodes)
    ops = ", ".join(f"{name} x{n}" if n > 1 else name for name, n in counts.items())
    stored = ", ".join(f"{root.dtype} {root.shape}" for root in group.roots) or "nothing"
    if group.kind not in ("loop", "contract"):
        return f"{group.kind} -> {stored}"
    over = f" over axes {group.axes}" if group.axes else ""
    return f"{group.kind} {group.shape}{over}: {ops} -> {stored}"
