"""Places in vectors that depend on data: where a mask holds, where elements first come, how they fall into groups."""

from __future__ import annotations

from collections.abc import Sequence

from diptych.ir import Builder, DType, Value, dtypes

from .constants import filled, filled_like


def count_true(b: Builder, mask: Value) -> Value:
    """How many elements of a vector of bools hold, as i64."""
    return b.reduce_sum(b.cast(mask, dtype=dtypes.i64), axes=(0,))


def true_places(b: Builder, mask: Value, count: int, dtype: DType) -> Value:
    """The places at which a vector of bools holds, in order: [count] of `dtype`, `count` being their number."""
    (length,) = mask.shape
    rank = b.sub(b.cumulative_sum(b.cast(mask, dtype=dtypes.i32), axis=0), filled(b, 1, (length,), dtypes.i32))
    target = b.select(mask, rank, filled(b, count, (length,), dtypes.i32))
    places = b.iota(shape=(length,), axis=0, dtype=dtype)
    return b.scatter(filled(b, 0, (count,), dtype), places, target, axes=(0,), combine="set", bounds="drop")


def coordinates(b: Builder, places: Value, sizes: Sequence[int]) -> list[Value]:
    """The index along each axis of places counted through an array of `sizes` row by row."""
    found: list[Value] = []
    for size in reversed(sizes):
        whole = filled_like(b, max(size, 1), places)
        found.append(b.rem(places, whole))
        places = b.floor_div(places, whole)
    return found[::-1]


def first_occurrences(b: Builder, x: Value) -> Value:
    """For every element of a vector the place of the first one equal to it, as i32; nan equals nothing."""
    (length,) = x.shape
    places = b.iota(shape=(length,), axis=0, dtype=dtypes.i32)
    if not length:
        return places
    key = b.cast(x, dtype=dtypes.i32) if x.dtype.is_bool else x
    keys = (b.real(key), b.imag(key)) if x.dtype.is_complex else (key,)
    *ordered, order = b.sort(*keys, places, axis=0, keys=len(keys))
    starts = filled(b, False, (length,), dtypes.bool_)
    for each in ordered:
        before = b.slice(each, start=(0,), limit=(length - 1,), stride=(1,))
        after = b.slice(each, start=(1,), limit=(length,), stride=(1,))
        fresh = b.concatenate(filled(b, True, (1,), dtypes.bool_), b.ne(before, after), axis=0)
        starts = b.bitwise_or(starts, fresh)
    begin = b.cumulative_max(b.select(starts, places, filled_like(b, 0, places)), axis=0)
    first = b.gather(order, begin, axes=(0,))
    return b.scatter(filled_like(b, 0, first), first, order, axes=(0,), combine="set")


def numbered(b: Builder, is_first: Value, first: Value, dtype: DType) -> Value:
    """The number of each element's group, groups counted in the order in which they come."""
    counts = b.cumulative_sum(b.cast(is_first, dtype=dtype), axis=0)
    return b.gather(b.sub(counts, filled_like(b, 1, counts)), first, axes=(0,))


def group_sizes(b: Builder, owners: Value, count: int) -> Value:
    """How many elements of a vector of integers are 0, 1, ... count - 1: i64 [count]."""
    low, high = filled_like(b, 0, owners), filled_like(b, count, owners)
    inside = b.bitwise_and(b.ge(owners, low), b.lt(owners, high))
    places = b.select(inside, owners, high)
    ones = filled(b, 1, owners.shape, dtypes.i64)
    return b.scatter(filled(b, 0, (count,), dtypes.i64), ones, places, axes=(0,), combine="add", bounds="drop")
