"""Kernels of `ir/ops/window.py` of numpy's own.

Sums and maxima of windows are taken one axis after another, so a window costs the sum of its sizes, not their product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from diptych.ir import Op, ops

from ..kernels import Kernel
from ..kernels.reduction import lowest
from ..kernels.rounding import in_f32
from .shape import pad

Pairs = tuple[tuple[int, int], ...]
Ints = tuple[int, ...]


def _reduced(ufunc: np.ufunc, fill: Callable[[np.dtype[Any]], Any]) -> Kernel:
    def reduce(xp: Any, x: np.ndarray, *, window: Ints, stride: Ints, padding: Pairs, dilation: Ints) -> np.ndarray:
        result = _padded(x, fill(x.dtype), padding)
        for axis in range(x.ndim):
            views = _offsets(result, axis, window[axis], stride[axis], dilation[axis])
            result = next(views)
            for number, view in enumerate(views):
                result = ufunc(result, view) if number == 0 else ufunc(result, view, out=result)
        return result

    return in_f32(reduce)


def _padded(x: np.ndarray, value: Any, padding: Pairs) -> np.ndarray:
    low, high = [before for before, _ in padding], [after for _, after in padding]
    return pad(np, x, value, low=tuple(low), high=tuple(high), interior=(0,) * x.ndim)


def _offsets(x: np.ndarray, axis: int, window: int, stride: int, dilation: int) -> Iterator[np.ndarray]:
    """For each offset into the window, that element of every window along `axis`: `window` views of equal shape."""
    count = max(0, (x.shape[axis] - (window - 1) * dilation - 1) // stride + 1)
    for offset in range(window):
        start = offset * dilation
        places = slice(start, start + max(0, (count - 1) * stride + 1), stride) if count else slice(0, 0)
        yield x[(slice(None),) * axis + (places,)]


def _first_largest(x: np.ndarray, window: Ints, stride: Ints, padding: Pairs, dilation: Ints) -> np.ndarray:
    """For every window the place in x, counted in row-major order, of its first largest element; -1 for padding alone.

    The last axis goes first: each row's winner is known before the rows are compared, and an earlier row wins a tie.
    """
    best = _padded(x, 0, padding)
    place = _padded(np.arange(x.size).reshape(x.shape), -1, padding)
    for axis in reversed(range(x.ndim)):
        values = _offsets(best, axis, window[axis], stride[axis], dilation[axis])
        places = _offsets(place, axis, window[axis], stride[axis], dilation[axis])
        best, place = next(values), next(places)
        for value, where in zip(values, places, strict=True):
            larger = (value > best) | (np.isnan(value) & ~np.isnan(best))
            wins = (where >= 0) & (larger | (place < 0))
            best, place = np.where(wins, value, best), np.where(wins, where, place)
    return place


@in_f32
def window_gather(
    xp: Any, x: np.ndarray, values: np.ndarray, *, window: Ints, stride: Ints, padding: Pairs, dilation: Ints
) -> np.ndarray:
    """values at the first largest elements of x; 0 where a window is all padding."""
    place = _first_largest(x, window, stride, padding, dilation)
    if not x.size:
        return np.zeros(place.shape, x.dtype)
    taken = np.take(values, place, mode="clip")
    return np.where(place >= 0, taken, np.zeros((), x.dtype))


@in_f32
def window_scatter(
    xp: Any, x: np.ndarray, updates: np.ndarray, *, window: Ints, stride: Ints, padding: Pairs, dilation: Ints
) -> np.ndarray:
    """Updates added at the first largest elements of x, in float64."""
    place = _first_largest(x, window, stride, padding, dilation)
    kept = place >= 0
    total = np.bincount(place[kept], weights=updates[kept], minlength=x.size)
    return total.astype(x.dtype).reshape(x.shape)


OVERRIDES: dict[Op, Kernel] = {
    ops.window_sum: _reduced(np.add, lambda dtype: 0),
    ops.window_max: _reduced(np.maximum, lowest),
    ops.window_gather: window_gather,
    ops.window_scatter: window_scatter,
}
