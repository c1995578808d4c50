"""Trees of values: any nesting of tuples, lists and dicts, taken apart and put together again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["flatten", "map_tree"]


def map_tree(function: Callable[[Any], Any], tree: Any) -> Any:
    """Return a tree of the same nesting with ``function`` applied to every leaf; None is empty."""
    if tree is None:
        return None
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*[map_tree(function, branch) for branch in tree])
    if isinstance(tree, (tuple, list)):
        return type(tree)([map_tree(function, branch) for branch in tree])
    if isinstance(tree, dict):
        return {key: map_tree(function, branch) for key, branch in tree.items()}
    return function(tree)


def flatten(tree: Any) -> tuple[list[Any], Callable[[Sequence[Any]], Any]]:
    """Return a tree's leaves in order, and the function that builds the tree from new leaves."""
    leaves: list[Any] = []
    map_tree(leaves.append, tree)

    def rebuild(new: Sequence[Any]) -> Any:
        remaining = iter(new)
        return map_tree(lambda _: next(remaining), tree)

    return leaves, rebuild
