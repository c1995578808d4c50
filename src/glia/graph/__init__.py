"""The graph: tensors, nodes, traces and Variables, and how to walk, check and print them."""

from .build import (
    CONSTANT,
    PLACEHOLDER,
    Body,
    canonical_placeholder,
    constant,
    constant_value,
    make_node,
    placeholder,
)
from .op import OPERATIONS, OPS, Array, Op, Spec
from .show import show
from .tensor import Node, Tensor
from .trace import Recorded, Trace, current_trace, eager, is_training, note
from .tree import flatten, map_tree
from .variable import Flat, Variable
from .verify import verify
from .walk import rewrite, walk

__all__ = [
    "CONSTANT",
    "OPERATIONS",
    "OPS",
    "PLACEHOLDER",
    "Array",
    "Body",
    "Flat",
    "Node",
    "Op",
    "Recorded",
    "Spec",
    "Tensor",
    "Trace",
    "Variable",
    "canonical_placeholder",
    "constant",
    "constant_value",
    "current_trace",
    "eager",
    "flatten",
    "is_training",
    "make_node",
    "map_tree",
    "note",
    "placeholder",
    "rewrite",
    "show",
    "verify",
    "walk",
]
