"""Addresses: where tensors lie at run time, relative to a table of pointers."""

from __future__ import annotations

from typing import Any, NamedTuple

from .layout import Layout

__all__ = ["Address", "Reference"]


class Address(NamedTuple):
    """A place in memory: so many bytes after the pointer in a slot of the table."""

    slot: int
    offset: int


class Reference(NamedTuple):
    """A tensor in memory, as a kernel sees it."""

    address: Address
    layout: Layout
    dtype: Any
