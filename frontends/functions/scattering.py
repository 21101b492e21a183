"""Writes along one axis at places that other values give, and what is combined there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from diptych.ir import Builder, Value, dtypes

from .constants import Number, filled, filled_like

COMBINES = {"sum": "add", "mean": "add", "prod": "mul", "amin": "min", "amax": "max"}


def along(b: Builder, index: Value, axis: int) -> list[Value]:
    """For every axis the places that `index` reads or writes: itself along `axis`, its own place along the others."""
    return [
        index if other == axis else b.iota(shape=index.shape, axis=other, dtype=index.dtype)
        for other in range(index.rank)
    ]


def moved_to_front(b: Builder, x: Value, axis: int) -> Value:
    """x with one axis before all others."""
    order = (axis, *(other for other in range(x.rank) if other != axis))
    return x if axis == 0 else b.transpose(x, permutation=order)


def moved_from_front(b: Builder, x: Value, count: int, axis: int) -> Value:
    """x with its first `count` axes moved so that they begin at `axis`."""
    rest = range(count, x.rank)
    order = (*rest[:axis], *range(count), *rest[axis:])
    return x if axis == 0 else b.transpose(x, permutation=order)


def combined(
    b: Builder,
    x: Value,
    updates: Value,
    places: Sequence[Value],
    axes: Sequence[int],
    how: str,
    *,
    include_self: bool = True,
) -> Value:
    """x with `updates` combined at `places` by `how` (sum, mean, prod, amin, amax), with what x holds there or without.

    Means of integers are rounded down.
    """
    base = x
    if not include_self:
        start = filled_like(b, _start(x, how), updates)
        base = b.scatter(x, start, *places, axes=axes, combine="set")
    found = b.scatter(base, updates, *places, axes=axes, combine=COMBINES[how])
    if how != "mean":
        return found
    kind = x.dtype if x.dtype.is_differentiable else dtypes.i64
    none = filled(b, 1, x.shape, kind)
    ones = filled(b, 1, updates.shape, kind)
    if not include_self:
        none = b.scatter(none, filled_like(b, 0, ones), *places, axes=axes, combine="set")
    counts = b.scatter(none, ones, *places, axes=axes, combine="add")
    if x.dtype.is_differentiable:
        return b.div(found, counts)
    return b.floor_div(found, b.cast(counts, dtype=x.dtype))


def _start(x: Value, how: str) -> Number:
    """What combining starts from."""
    if how in ("sum", "mean"):
        return 0
    if how == "prod":
        return 1
    if x.dtype.is_bool:
        return how == "amin"
    if x.dtype.is_integer:
        limits = np.iinfo(x.dtype.numpy)
        return int(limits.max if how == "amin" else limits.min)
    return float("inf") if how == "amin" else -float("inf")
