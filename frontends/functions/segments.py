"""Reductions of rows by the number of the segment that each belongs to."""

from __future__ import annotations

import ml_dtypes
import numpy as np
from diptych.ir import Builder, Dim, Value, dtypes

from .constants import Number, filled, filled_like, size_of


def reduced(b: Builder, data: Value, ids: Value, count: Dim, how: str, *, empty: Number | None = None) -> Value:
    """`how` (sum, mean, sqrt_n, prod, min, max) of the parts of `data` that each number below `count` has in `ids`.

    The axes of `ids` are data's first: [count, ...]. Other numbers are left out. A segment without parts is `empty`, by
    default what the reduction starts from.
    """
    rest = data.shape[ids.rank :]
    sums = how in ("sum", "mean", "sqrt_n")
    start = 0 if sums else 1 if how == "prod" else _edge(data, how)
    negative = b.lt(ids, filled_like(b, 0, ids))
    places = b.select(negative, _beyond(b, count, ids), ids)
    combine = "add" if sums else "mul" if how == "prod" else "min" if how == "min" else "max"
    base = filled(b, start, (count, *rest), data.dtype)
    found = b.scatter(base, data, places, axes=(0,), combine=combine, bounds="drop")
    if how in ("mean", "sqrt_n"):
        divisor = b.max(parts(b, places, count, found), filled(b, 1, (count,), found.dtype))
        if how == "sqrt_n":
            divisor = b.sqrt(divisor)
        wide = b.broadcast(divisor, shape=found.shape, axes=(0,))
        found = b.floor_div(found, wide) if found.dtype.is_integer else b.div(found, wide)
    if empty is None or empty == start:
        return found
    is_empty = b.eq(parts(b, places, count, found), filled(b, 0, (count,), found.dtype))
    wide = b.broadcast(is_empty, shape=found.shape, axes=(0,))
    return b.select(wide, filled_like(b, empty, found), found)


def parts(b: Builder, places: Value, count: Dim, like: Value) -> Value:
    """How many parts each segment has, in the dtype of `like`."""
    ones = filled(b, 1, places.shape, like.dtype)
    none = filled(b, 0, (count,), like.dtype)
    return b.scatter(none, ones, places, axes=(0,), combine="add", bounds="drop")


def by_number(b: Builder, numbers: Value, data: Value, beyond: Dim) -> tuple[Value, Value]:
    """The parts of `data` [parts, ...] added up that have the same of `numbers` [parts]: (the different numbers,
    ascending, then `beyond` as often as one came again; the sums in their order, then zeros)."""
    count = numbers.type.static_shape()[0]
    order = b.iota(shape=(count,), axis=0, dtype=numbers.dtype)
    ascending, order = b.sort(numbers, order, axis=0, keys=1)
    first = filled(b, True, (1,), dtypes.bool_)
    if count > 1:
        before = b.slice(ascending, start=(0,), limit=(count - 1,), stride=(1,))
        after = b.slice(ascending, start=(1,), limit=(count,), stride=(1,))
        first = b.concatenate(first, b.ne(before, after), axis=0)
    groups = b.cumulative_sum(b.cast(first, dtype=numbers.dtype), axis=0)
    groups = b.sub(groups, filled_like(b, 1, groups))
    parts = b.gather(data, order, axes=(0,))
    sums = b.scatter(filled(b, 0, data.shape, data.dtype), parts, groups, axes=(0,), combine="add")
    none = b.broadcast(size_of(b, beyond, numbers.dtype), shape=(count,), axes=())
    return b.scatter(none, ascending, groups, axes=(0,), combine="min"), sums


def _beyond(b: Builder, count: Dim, ids: Value) -> Value:
    return b.broadcast(size_of(b, count, ids.dtype), shape=ids.shape, axes=())


def _edge(data: Value, how: str) -> Number:
    """The finite number that no other lies beyond."""
    limits = np.iinfo if data.dtype.is_integer else ml_dtypes.finfo
    number = getattr(limits(data.dtype.numpy), "max" if how == "min" else "min")
    return int(number) if data.dtype.is_integer else float(number)
