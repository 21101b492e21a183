"""Windows that slide over some axes of an array: their largest elements, with places, and their means.

Axes without windows have windows of one element. Padding never wins a maximum and adds 0 to a sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from diptych.ir import Builder, Constant, Dim, Value, dtypes, ops, product

from . import arithmetic
from .constants import filled
from .reductions import extreme

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows over `axes` of an array, of which the other fields say one thing an axis: how many elements one has, how
    far the next one is, how many elements of padding stand before and behind, how far a window's elements are apart."""

    axes: tuple[int, ...]
    size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[Pair, ...]
    dilation: tuple[int, ...]

    def attributes(self, rank: int) -> dict[str, tuple[int, ...] | tuple[Pair, ...]]:
        """The attributes of the IR's window ops, which have one entry for every axis of an array of `rank` axes."""
        one, nothing = [1] * rank, [(0, 0)] * rank
        found = {"window": list(one), "stride": list(one), "padding": list(nothing), "dilation": list(one)}
        for place, axis in enumerate(self.axes):
            found["window"][axis], found["stride"][axis] = self.size[place], self.stride[place]
            found["padding"][axis], found["dilation"][axis] = self.padding[place], self.dilation[place]
        return {name: tuple(entries) for name, entries in found.items()}

    def are_whole(self, x: Value) -> bool:
        """Whether there is one window, of all that several neighbouring axes of x have."""
        count = len(self.axes)
        return (
            self.axes == tuple(range(self.axes[0], self.axes[0] + count))
            and self.size == tuple([x.shape[axis] for axis in self.axes])
            and self.padding == ((0, 0),) * count
            and self.dilation == (1,) * count
        )


def tiles(axes: Sequence[int], size: Sequence[int]) -> Windows:
    """Windows that lie side by side."""
    count = len(axes)
    return Windows(tuple(axes), tuple(size), tuple(size), ((0, 0),) * count, (1,) * count)


# -- largest elements ----


def max_pool(b: Builder, x: Value, windows: Windows) -> Value:
    """Largest element of each window, nan where one is nan; its gradient goes to the first largest element, or the last
    nan, of a window that is all there is the first one."""
    if not windows.are_whole(x):
        return b.window_max(x, **windows.attributes(x.rank))
    first, last = windows.axes[0], windows.axes[-1]
    before, behind = x.shape[:first], x.shape[last + 1 :]
    flat = b.reshape(x, shape=(*before, product(windows.size), *behind))
    largest, _ = extreme(b, ops.argmax, flat, first)
    return b.reshape(largest, shape=(*before, *(1 for _ in windows.axes), *behind))


def max_places(b: Builder, x: Value, windows: Windows, places: Value | None = None) -> Value:
    """Where each window's first largest element, or last nan, stands, i64: counted row by row over the windows' axes,
    or what `places`, shaped as x, says of it."""
    if places is None:
        places = row_by_row(b, x, windows.axes)
    return b.window_gather(x, places, **windows.attributes(x.rank))


def row_by_row(b: Builder, x: Value, axes: Sequence[int]) -> Value:
    """In x's shape where each element stands, i64, counted row by row over `axes`."""
    shape = tuple(x.shape[axis] for axis in axes)
    counts = b.reshape(b.iota(shape=(math.prod(shape),), axis=0, dtype=dtypes.i64), shape=shape)
    return b.broadcast(counts, shape=x.shape, axes=tuple(axes))


# -- means ----


def average_pool(
    b: Builder,
    x: Value,
    windows: Windows,
    *,
    count_padding: bool,
    divisor: int | None = None,
    counted_padding: Sequence[Pair] | None = None,
) -> Value:
    """Sum of each window over the number of its elements, or over `divisor`; of integers rounded towards 0. f16 and
    bf16 are computed in f32.

    With `count_padding` elements of padding count too: those of `counted_padding` where the windows have more, since
    the last ones may reach beyond.
    """
    if x.dtype in (dtypes.f16, dtypes.bf16):
        wide = average_pool(
            b, b.cast(x, dtype=dtypes.f32), windows, count_padding=count_padding, divisor=divisor,
            counted_padding=counted_padding,
        )  # fmt: skip
        return b.cast(wide, dtype=x.dtype)
    total = b.window_sum(x, **windows.attributes(x.rank))
    if divisor is not None:
        return _divided(b, total, filled(b, divisor, total.shape, total.dtype))
    padding = [(0, 0)] * len(windows.axes)
    if count_padding:
        padding = list(windows.padding if counted_padding is None else counted_padding)
    counts = [
        _counts(x.shape[axis], windows.size[place], windows.stride[place], windows.padding[place], counted)
        for place, (axis, counted) in enumerate(zip(windows.axes, padding, strict=True))
    ]
    return _divided(b, total, products_of(b, counts, windows.axes, total))


def _counts(size: Dim, window: int, stride: int, padding: Pair, counted: Pair) -> np.ndarray:
    """How many elements each window along an axis has, of which the first `counted` of padding count: one number where
    there is no padding, or all of it counts."""
    if counted == padding:
        return np.array([window])
    size = int(size)
    starts = np.arange(0, size + sum(padding) - window + 1, stride) - padding[0]
    return np.minimum(starts + window, size + counted[1]) - np.maximum(starts, -counted[0])


def products_of(b: Builder, factors: Sequence[np.ndarray], axes: Sequence[int], like: Value) -> Value:
    """In the type of `like` the product of numbers that stand along each of `axes`: a single one stands for all, and so
    does the product where all are equal."""
    product = np.ones((1,) * len(factors))
    for place, numbers in enumerate(factors):
        product = product * numbers.reshape([-1 if other == place else 1 for other in range(len(factors))])
    if product.size and (product == product.flat[0]).all():
        return filled(
            b, product.flat[0].item() if like.dtype.is_float else int(product.flat[0]), like.shape, like.dtype
        )
    along = [axis for axis, numbers in zip(axes, factors, strict=True) if len(numbers) != 1]
    product = product.reshape([len(numbers) for numbers in factors if len(numbers) != 1])
    return b.broadcast(b.constant(value=Constant(product, like.dtype)), shape=like.shape, axes=tuple(along))


def _divided(b: Builder, total: Value, count: Value) -> Value:
    return arithmetic.truncated_div(b, total, count) if total.dtype.is_integer else b.div(total, count)


# -- windows of unequal sizes ----


def adaptive_bounds(size: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each of `count` windows that cover an axis of `size` begins and ends: they differ in length, and share
    elements, where `count` does not divide `size`."""
    places = np.arange(count)
    return places * size // count, -(-(places + 1) * size // count)


@dataclass(frozen=True, slots=True)
class Regrouped:
    """An array whose windows of unequal sizes were laid side by side: `value`, the windows, and of each of their axes
    the places that the elements had, None where they are as before."""

    value: Value
    windows: Windows
    places: tuple[np.ndarray | None, ...]


def adaptive_windows(b: Builder, x: Value, axes: Sequence[int], counts: Sequence[int], *, repeat: bool) -> Regrouped:
    """x regrouped so that `counts` windows cover each of `axes`. What a window lacks to the longest one's length is its
    last element again with `repeat`, otherwise 0."""
    lengths: list[int] = []
    places: list[np.ndarray | None] = []
    for axis, count in zip(axes, counts, strict=True):
        size = int(x.shape[axis])
        if count and size % count == 0:
            lengths.append(size // count)
            places.append(None)
            continue
        starts, ends = adaptive_bounds(size, count)
        longest = int((ends - starts).max(initial=1))
        found = starts[:, None] + np.arange(longest)
        found = np.minimum(found, ends[:, None] - 1) if repeat else np.where(found < ends[:, None], found, size)
        if not repeat:
            x = _with_zero(b, x, axis)
        x = taken(b, x, found.reshape(-1), axis)
        lengths.append(longest)
        places.append(found.reshape(-1))
    return Regrouped(x, tiles(axes, lengths), tuple(places))


def _with_zero(b: Builder, x: Value, axis: int) -> Value:
    """x with a 0 behind the end of an axis."""
    nothing = (0,) * x.rank
    high = tuple(int(other == axis) for other in range(x.rank))
    return b.pad(x, filled(b, 0, (), x.dtype), low=nothing, high=high, interior=nothing)


def taken(b: Builder, x: Value, places: np.ndarray, axis: int) -> Value:
    """x's elements at `places` along `axis`."""
    found = b.gather(x, b.constant(value=Constant(places, dtypes.i64)), axes=(axis,))
    order = [*range(1, axis + 1), 0, *range(axis + 1, x.rank)]
    return b.transpose(found, permutation=order) if axis else found


def adaptive_max_pool(b: Builder, x: Value, axes: Sequence[int], counts: Sequence[int]) -> Value:
    """Largest element of each of `counts` windows that cover each of `axes`."""
    regrouped = adaptive_windows(b, x, axes, counts, repeat=True)
    return max_pool(b, regrouped.value, regrouped.windows)


def adaptive_max_places(b: Builder, x: Value, axes: Sequence[int], counts: Sequence[int]) -> Value:
    """Where these elements stand, i64, counted row by row over `axes`."""
    regrouped = adaptive_windows(b, x, axes, counts, repeat=True)
    value = regrouped.value
    step = 1
    flat = np.zeros((1,) * len(axes), np.int64)
    for place in reversed(range(len(axes))):
        size, found = int(x.shape[axes[place]]), regrouped.places[place]
        along = np.arange(size) if found is None else found
        flat = flat + step * along.reshape([-1 if other == place else 1 for other in range(len(axes))])
        step *= size
    constant = b.constant(value=Constant(flat, dtypes.i64))
    return max_places(b, value, regrouped.windows, b.broadcast(constant, shape=value.shape, axes=tuple(axes)))


def adaptive_average_pool(b: Builder, x: Value, axes: Sequence[int], counts: Sequence[int]) -> Value:
    """Mean of each of `counts` windows that cover each of `axes`; f16 and bf16 are computed in f32."""
    if x.dtype in (dtypes.f16, dtypes.bf16):
        return b.cast(adaptive_average_pool(b, b.cast(x, dtype=dtypes.f32), axes, counts), dtype=x.dtype)
    regrouped = adaptive_windows(b, x, axes, counts, repeat=False)
    total = b.window_sum(regrouped.value, **regrouped.windows.attributes(x.rank))
    bounds = [adaptive_bounds(int(x.shape[axis]), count) for axis, count in zip(axes, counts, strict=True)]
    return b.div(total, products_of(b, [ends - starts for starts, ends in bounds], axes, total))
