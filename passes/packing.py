"""Places for buffers whose lifetimes are all known: the largest first, each in the smallest gap that it fits.

Source: Y. Pisarchyk, J. Lee, "Efficient memory management for deep neural net inference" (2020), greedy by size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Buffer:
    """`size` bytes that are in use from the equation at place `first` to that at `last`, both included."""

    size: int
    first: int
    last: int


def most_in_use(buffers: Sequence[Buffer]) -> int:
    """The most bytes in use at one time: no packing takes less."""
    changes: dict[int, int] = {}
    for buffer in buffers:
        changes[buffer.first] = changes.get(buffer.first, 0) + buffer.size
        changes[buffer.last + 1] = changes.get(buffer.last + 1, 0) - buffer.size
    total = most = 0
    for place in sorted(changes):
        total += changes[place]
        most = max(most, total)
    return most


def pack(buffers: Sequence[Buffer]) -> tuple[list[int], int]:
    """Where each buffer begins, so that none overlaps another that is in use at the same time; and where the last one
    ends. Takes time quadratic in their number."""
    placed: list[tuple[int, int, Buffer]] = []  # begin, end
    found = [0] * len(buffers)
    for number in sorted(range(len(buffers)), key=lambda number: (-buffers[number].size, buffers[number].first)):
        buffer = buffers[number]
        taken = sorted(
            (begin, end) for begin, end, other in placed if other.first <= buffer.last and buffer.first <= other.last
        )
        best, free, reach = None, 0, 0
        for begin, end in taken:
            gap = begin - reach
            if gap >= buffer.size and (best is None or gap < free):
                best, free = reach, gap
            reach = max(reach, end)
        found[number] = reach if best is None else best
        placed.append((found[number], found[number] + buffer.size, buffer))
    return found, max((end for _, end, _ in placed), default=0)
