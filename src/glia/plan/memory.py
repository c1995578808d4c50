"""Memory: where each intermediate lies in one arena, sharing space with others in time."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

__all__ = ["ALIGNMENT", "arrange"]

ALIGNMENT = 64


def arrange(
    needs: Sequence[tuple[Hashable, int, int, int]],
) -> tuple[dict[Hashable, int], int]:
    """Give every need an offset such that those alive at the same time do not overlap.

    Parameters
    ----------
    needs : sequence of (key, first, last, bytes)
        When each is made and last read, both counted, and its size.

    Returns
    -------
    offsets, total
        Bytes from the start of the arena, and the arena's size.
    """
    placed: list[tuple[int, int, int, int]] = []
    offsets: dict[Hashable, int] = {}
    total = 0
    # Large ones first leave fewer gaps.
    for key, first, last, size in sorted(needs, key=lambda need: (-need[3], need[1])):
        room = -(-max(size, 1) // ALIGNMENT) * ALIGNMENT
        start = 0
        for begin, end, before, after in sorted(placed):
            if after < first or before > last:
                continue
            if start + room <= begin:
                break
            start = max(start, end)
        placed.append((start, start + room, first, last))
        offsets[key] = start
        total = max(total, start + room)
    return offsets, total
