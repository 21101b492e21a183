"""Basic indexing: integers, slices with any step, new axes and the ellipsis, as numpy has them."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

from diptych.ir import Builder, Dim, TypeRuleError, Value, floor_divide

Basic = int | builtins.slice | None


def bounds(piece: builtins.slice, size: Dim) -> tuple[Dim, Dim, int]:
    """(start, count, step) of a slice along an axis of `size`. Numbers are clipped as Python clips them; with a named
    size, a bound that is given counts from 0 or, where it is negative, from the end, and is taken to lie inside."""
    step = 1 if piece.step is None else piece.step
    if isinstance(size, int) and all(bound is None or isinstance(bound, int) for bound in (piece.start, piece.stop)):
        places = range(*piece.indices(size))
        return (places.start if len(places) else 0), len(places), step
    forward = step > 0
    first = _counted(piece.start, size, 0 if forward else size - 1)
    last = _counted(piece.stop, size, size if forward else -1)
    if forward:
        return first, last - first if step == 1 else floor_divide(last - first + (step - 1), step), step
    return first, first - last if step == -1 else floor_divide(first - last + (-step - 1), -step), step


def _counted(bound: Dim | None, size: Dim, default: Dim) -> Dim:
    if bound is None:
        return default
    return bound + size if isinstance(bound, int) and bound < 0 else bound


def strided(b: Builder, x: Value, pieces: Sequence[tuple[Dim, Dim, int]]) -> Value:
    """The elements start, start + step, ... along each axis, `count` of them: (start, count, step) an axis, step of
    either sign."""
    low: list[Dim] = []
    high: list[Dim] = []
    strides: list[int] = []
    turned: list[int] = []
    for axis, (start, count, step) in enumerate(pieces):
        if count == 0:
            low.append(0)
            high.append(0)
            strides.append(1)
            continue
        if step < 0:
            start = start + (count - 1) * step
            turned.append(axis)
        low.append(start)
        high.append(start + (count - 1) * builtins.abs(step) + 1)
        strides.append(builtins.abs(step))
    if any(start != 0 for start in low) or any(step != 1 for step in strides) or tuple(high) != x.shape:
        x = b.slice(x, start=low, limit=high, stride=strides)
    return b.reverse(x, axes=turned) if turned else x


def expand_ellipsis(index: Sequence[object], rank: int) -> list[object]:
    """`index` with its ellipsis, and what is missing at the end, replaced by full slices. Raises TypeRuleError."""
    used = sum(1 for entry in index if entry is not None and entry is not Ellipsis)
    if used > rank:
        raise TypeRuleError(f"index: has {used} entries but must have at most {rank}, one an axis")
    full = [builtins.slice(None)] * (rank - used)
    for place, entry in enumerate(index):
        if entry is Ellipsis:
            return [*index[:place], *full, *index[place + 1 :]]
    return [*index, *full]


def basic(b: Builder, x: Value, index: Sequence[Basic]) -> Value:
    """x[index] for integers, slices, None and the ellipsis. Raises TypeRuleError for an integer out of range."""
    entries = expand_ellipsis(index, x.rank)
    pieces: list[tuple[Dim, Dim, int]] = []
    shape: list[Dim] = []
    for entry in entries:
        if entry is None:
            shape.append(1)
            continue
        size = x.shape[len(pieces)]
        if isinstance(entry, builtins.slice):
            piece = bounds(entry, size)
            shape.append(piece[1])
        else:
            piece = (_place(b, entry, size, len(pieces)), 1, 1)
        pieces.append(piece)
    taken = strided(b, x, pieces)
    return taken if taken.shape == tuple(shape) else b.reshape(taken, shape=shape)


def _place(b: Builder, entry: object, size: Dim, axis: int) -> Dim:
    if not isinstance(entry, int):
        raise TypeRuleError(f"index: entry {entry!r} must be an integer, a slice, None or ...").located(b.location)
    place = entry + size if entry < 0 else entry
    gap = size - place
    if (isinstance(place, int) and place < 0) or (isinstance(gap, int) and gap <= 0):
        message = f"index: {entry} along axis {axis} but must be from -{size} to {size} - 1"
        raise TypeRuleError(message).located(b.location)
    return place
