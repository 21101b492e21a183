"""Kernels of `ir/ops/window.py` of jax's own: reduce_window, on pairs of value and place for the first largest."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from diptych.ir import ops
from jax import lax

from ..kernels.reduction import lowest
from ..kernels.rounding import HALVES, in_f32
from .partition import on_windows, whole, window_axes

Ints = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]


@in_f32
def window_sum(xp: Any, x: Any, *, window: Ints, stride: Ints, padding: Pairs, dilation: Ints) -> Any:
    """Padding is 0."""
    return _reduced(x, x.dtype.type(0), lax.add, window, stride, padding, dilation)


@in_f32
def window_max(xp: Any, x: Any, *, window: Ints, stride: Ints, padding: Pairs, dilation: Ints) -> Any:
    """Padding is the smallest value."""
    return _reduced(x, x.dtype.type(lowest(x.dtype)), lax.max, window, stride, padding, dilation)


def _reduced(x: Any, start: Any, add: Any, window: Ints, stride: Ints, padding: Pairs, dilation: Ints) -> Any:
    """One reduce_window, not split along the windows."""
    axes = window_axes(window, stride, padding)
    return whole(lax.reduce_window(whole(x, axes), start, add, window, stride, padding, None, dilation), axes)


def _first_largest(x: Any, window: Ints, stride: Ints, padding: Pairs, dilation: Ints) -> Any:
    """For every window the place in x, counted in row-major order, of its first largest element, or its last nan;
    x.size for padding alone. Padding is the smallest value at a place after all others, so it loses also to that."""
    kind = np.int32 if x.size < 2**31 - 1 else np.int64
    if x.dtype in HALVES:
        x = x.astype(np.float32)

    def larger(left: tuple[Any, Any], right: tuple[Any, Any]) -> tuple[Any, Any]:
        (left_value, left_place), (right_value, right_place) = left, right
        left_nan, right_nan = left_value != left_value, right_value != right_value
        above = (right_value > left_value) | (right_nan & ~left_nan)
        first = (right_value == left_value) & (right_place < left_place)
        last = right_nan & left_nan & (right_place > left_place)
        wins = above | first | last
        return lax.select(wins, right_value, left_value), lax.select(wins, right_place, left_place)

    places = lax.broadcasted_iota(kind, (max(x.size, 1),), 0)[: x.size].reshape(x.shape)
    start = (x.dtype.type(lowest(x.dtype)), kind(x.size))
    return lax.reduce_window((x, places), start, larger, window, stride, padding, None, dilation)[1]


def window_gather(xp: Any, x: Any, values: Any, *, window: Ints, stride: Ints, padding: Pairs, dilation: Ints) -> Any:
    """values at the first largest elements of x; 0 where a window is all padding."""

    def gathered(x: Any, values: Any) -> Any:
        place = _first_largest(x, window, stride, padding, dilation)
        return values.reshape(-1).at[place].get(mode="fill", fill_value=0)

    return on_windows(gathered, window_axes(window, stride, padding), x, values)


def window_scatter(xp: Any, x: Any, updates: Any, *, window: Ints, stride: Ints, padding: Pairs, dilation: Ints) -> Any:
    """Updates added at the first largest elements of x, halves in float32."""

    def scattered(x: Any, updates: Any) -> Any:
        place = _first_largest(x, window, stride, padding, dilation)
        wide = updates.astype(np.float32) if updates.dtype in HALVES else updates
        total = jnp.zeros(x.size, wide.dtype).at[place].add(wide, mode="drop")
        return total.astype(updates.dtype).reshape(x.shape)

    return on_windows(scattered, window_axes(window, stride, padding), x, updates)


OVERRIDES = {
    ops.window_sum: window_sum,
    ops.window_max: window_max,
    ops.window_gather: window_gather,
    ops.window_scatter: window_scatter,
}
