"""Sorting along an axis, and what is found in sorted data: medians, modes, places for new elements."""

from __future__ import annotations

import math

from diptych.ir import Builder, Value, dtypes

from .constants import filled, filled_like
from .scattering import along


def sort(b: Builder, x: Value, axis: int, *, descending: bool = False) -> tuple[Value, Value]:
    """(values, their places as i64) in order along `axis`, equal ones as they come; nan is larger than all numbers."""
    key = b.cast(x, dtype=dtypes.u8) if x.dtype.is_bool else x
    places = b.iota(shape=x.shape, axis=axis, dtype=dtypes.i64)
    if descending:
        key, places = b.reverse(key, axes=(axis,)), b.reverse(places, axes=(axis,))
    values, order = b.sort(key, places, axis=axis, keys=1)
    if descending:
        values, order = b.reverse(values, axes=(axis,)), b.reverse(order, axes=(axis,))
    return (b.cast(values, dtype=dtypes.bool_) if x.dtype.is_bool else values), order


def taken(b: Builder, x: Value, places: Value, axis: int) -> Value:
    """The elements of x at `places` [..., count, ...] along `axis`."""
    return b.gather(x, *along(b, places, axis), axes=tuple(range(x.rank)))


def one_of_sorted(b: Builder, x: Value, rank: Value, axis: int) -> tuple[Value, Value]:
    """(value, place) of the element that comes at `rank` [..., 1, ...] in the order along `axis`, the axis kept."""
    order = sort(b, b.stop_gradient(x) if x.dtype.is_differentiable else x, axis)[1]
    place = taken(b, order, rank, axis)
    return taken(b, x, place, axis), place


def median_rank(b: Builder, x: Value, axis: int, *, ignore_nan: bool) -> Value:
    """The rank of the lower median along `axis`, which stays with size 1: of the first nan where there is one, or of
    the median of what is not nan."""
    shape = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    size = x.type.static_shape()[axis]
    middle = filled(b, (size - 1) // 2, shape, dtypes.i64)
    if not x.dtype.is_float:
        return middle
    numbers = b.reshape(b.reduce_sum(b.cast(b.eq(x, x), dtype=dtypes.i64), axes=(axis,)), shape=shape)
    if not ignore_nan:
        return b.select(b.eq(numbers, filled_like(b, size, numbers)), middle, numbers)
    lower = b.floor_div(b.sub(numbers, filled_like(b, 1, numbers)), filled_like(b, 2, numbers))
    return b.max(lower, filled_like(b, 0, lower))


def mode_place(b: Builder, x: Value, axis: int) -> Value:
    """The place of the last of the most frequent elements along `axis`, the smallest of several: [..., 1, ...]."""
    values, order = sort(b, x, axis)
    places = b.iota(shape=x.shape, axis=axis, dtype=dtypes.i64)
    size = x.type.static_shape()[axis]
    lead, start = [0] * x.rank, [0] * x.rank
    start[axis] = 1
    limit = list(x.type.static_shape())
    limit[axis] = size - 1
    before = b.slice(values, start=lead, limit=limit, stride=(1,) * x.rank)
    after = b.slice(values, start=start, limit=x.shape, stride=(1,) * x.rank)
    first = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    fresh = b.concatenate(filled(b, True, first, dtypes.bool_), b.ne(before, after), axis=axis)
    begins = b.cumulative_max(b.select(fresh, places, filled_like(b, 0, places)), axis=axis)
    longest = b.argmax(b.sub(places, begins), axis=axis, dtype=dtypes.i64)
    return taken(b, order, b.reshape(longest, shape=first), axis)


def insertion_places(b: Builder, sequence: Value, values: Value, *, right: bool) -> Value:
    """Where `values` [..., m] would be put into sorted rows [..., n], before equal elements or behind them: i64. By
    bisection, one step for each halving."""
    size = sequence.type.static_shape()[-1]
    low = filled(b, 0, values.shape, dtypes.i64)
    if not size:
        return low
    high = filled_like(b, size, low)
    lead = [b.iota(shape=values.shape, axis=axis, dtype=dtypes.i64) for axis in range(sequence.rank - 1)]
    for _ in range(math.ceil(math.log2(size + 1))):
        middle = b.floor_div(b.add(low, high), filled_like(b, 2, low))
        found = b.gather(sequence, *lead, middle, axes=tuple(range(sequence.rank)), bounds="clip")
        is_open = b.lt(low, high)
        beyond = b.bitwise_not(b.gt(found, values) if right else b.ge(found, values))
        low = b.select(b.bitwise_and(is_open, beyond), b.add(middle, filled_like(b, 1, low)), low)
        high = b.select(b.bitwise_and(is_open, b.bitwise_not(beyond)), middle, high)
    return low
