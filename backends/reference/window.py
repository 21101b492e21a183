"""Kernels of `ir/ops/window.py` of numpy's own.

All go along one axis after another, so a window costs the sum of its sizes, not their product. Padding is never made:
each offset into the windows is a strided view of the elements that lie there, and of the windows that have one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from math import prod
from typing import Any

import numpy as np
from diptych.ir import Op, ops
from diptych.ir.ops.contraction import window_count

from ..kernels import Kernel
from ..kernels.reduction import lowest
from ..kernels.rounding import HALVES, in_f32

Pairs = tuple[tuple[int, int], ...]
Ints = tuple[int, ...]
Places = tuple[slice, ...]
BLOCK = 1 << 18  # elements of x that are worked on at a time


class Axis:
    """The windows along one axis of x, which may share elements, or have each of x's in one of them. `visits` has, for
    each offset into them, the windows that have an element there and those elements, in order."""

    def __init__(self, axis: int, shape: Ints, window: Ints, stride: Ints, padding: Pairs, dilation: Ints) -> None:
        self.axis = axis
        size, step = shape[axis], stride[axis]
        self.count = int(window_count(size, window[axis], step, padding[axis], 1, dilation[axis]))
        self.is_trivial = window[axis] == step == 1 and padding[axis] == (0, 0)
        self.overlaps = (window[axis] - 1) * dilation[axis] >= step
        self.covers = window[axis] == step and padding[axis] == (0, 0) and self.count * step == size
        self.visits: list[tuple[Places, Places]] = []
        before = (slice(None),) * axis
        for offset in range(window[axis]):
            start = offset * dilation[axis] - padding[axis][0]
            first = max(0, -(start // step))
            end = min(self.count, (size - 1 - start) // step + 1)
            if first < end:
                place = start + first * step
                elements = slice(place, place + (end - first - 1) * step + 1, step)
                self.visits.append(((*before, slice(first, end)), (*before, elements)))

    def shape(self, shape: Ints) -> Ints:
        """The shape of one element a window."""
        return (*shape[: self.axis], self.count, *shape[self.axis + 1 :])

    def reduced(self, x: np.ndarray, ufunc: np.ufunc, fill: Any) -> np.ndarray:
        """ufunc over each window's elements; `fill` of none."""
        if self.is_trivial:
            return x
        whole = [visit for visit in self.visits if visit[0][-1] == slice(0, self.count)][:2]
        if len(whole) == 2:
            result = ufunc(x[whole[0][1]], x[whole[1][1]])
        elif whole:
            result = np.array(x[whole[0][1]], order="C")
        else:
            result = np.full(self.shape(x.shape), fill, x.dtype)
        for windows, elements in self.visits:
            if not any(windows is one for one, _ in whole):
                part = result[windows]
                ufunc(part, x[elements], out=part)
        return result


@lru_cache(maxsize=1024)
def axes_of(shape: Ints, window: Ints, stride: Ints, padding: Pairs, dilation: Ints) -> tuple[Axis, ...]:
    return tuple(Axis(axis, shape, window, stride, padding, dilation) for axis in range(len(shape)))


def _in_blocks(kernel: Kernel) -> Kernel:
    """`kernel` on so many of the leading rows at a time that what it makes on the way stays in the cache."""

    @wraps(kernel)
    def run(xp: Any, *operands: np.ndarray, **windows: Any) -> np.ndarray:
        x = operands[0]
        lead = next((axis.axis for axis in axes_of(x.shape, **windows) if not axis.is_trivial), x.ndim)
        if not lead or lead == x.ndim or x.size <= BLOCK:
            return kernel(xp, *operands, **windows)
        flat = [operand.reshape(-1, *operand.shape[lead:]) for operand in operands]
        inner = {name: values[lead - 1 :] for name, values in windows.items()}
        step = max(1, BLOCK // prod(x.shape[lead:]))
        rows = len(flat[0])
        result = np.empty(0)
        for first in range(0, rows, step):
            part = kernel(xp, *(each[first : first + step] for each in flat), **inner)
            if not first:
                result = np.empty((rows, *part.shape[1:]), part.dtype)
            result[first : first + step] = part
        return result.reshape(*x.shape[:lead], *result.shape[1:])

    return run


def _reduction(ufunc: np.ufunc, fill: Callable[[np.dtype[Any]], Any]) -> Kernel:
    def reduce(xp: Any, x: np.ndarray, **windows: Any) -> np.ndarray:
        for axis in axes_of(x.shape, **windows):
            x = axis.reduced(x, ufunc, fill(x.dtype))
        return x

    return in_f32(reduce)


def _peaks(x: np.ndarray, axes: tuple[Axis, ...]) -> list[np.ndarray]:
    """x, and x's maxima over windows along the last axis, the last two, ... to all.

    The last axis goes first: each row's winner is known before rows are compared, and an earlier row wins a tie.
    """
    found = [x]
    for axis in reversed(axes):
        found.append(axis.reduced(found[-1], np.maximum, lowest(x.dtype)))
    return found


def _has_nan(peak: np.ndarray) -> bool:
    return peak.dtype.kind == "f" and bool(np.isnan(peak.max(initial=-np.inf)))


@_in_blocks
def window_gather(xp: Any, x: np.ndarray, values: np.ndarray, **windows: Any) -> np.ndarray:
    """values at the first largest elements of x, or the last nan; 0 where a window is all padding."""
    axes = axes_of(x.shape, **windows)
    peaks = _peaks(_widened(x), axes)
    has_nan = _has_nan(peaks[-1])
    for axis, source, peak in zip(reversed(axes), peaks, peaks[1:], strict=False):
        if axis.is_trivial:
            continue
        taken = np.zeros(axis.shape(values.shape), values.dtype)
        for at, elements in reversed(axis.visits):  # so that the first of equals is written last
            np.copyto(taken[at], values[elements], where=source[elements] == peak[at])
        for at, elements in axis.visits if has_nan else ():
            np.copyto(taken[at], values[elements], where=np.isnan(source[elements]))
        values = taken
    return values


@_in_blocks
def window_scatter(xp: Any, x: np.ndarray, updates: np.ndarray, **windows: Any) -> np.ndarray:
    """Updates added at the first largest elements of x, or the last nan, halves in float32.

    Along each axis `left` is what of the updates no element got yet: an element that is the largest of its window takes
    it, bit by bit, since 0 * inf would not be 0.
    """
    axes = axes_of(x.shape, **windows)
    peaks = _peaks(_widened(x), axes)
    has_nan = _has_nan(peaks[-1])
    dtype = updates.dtype
    left = _widened(updates)
    for axis, source, peak in zip(axes, peaks[-2::-1], peaks[:0:-1], strict=True):
        if axis.is_trivial:
            continue
        given = (np.empty if axis.covers else np.zeros)(source.shape, left.dtype)
        if left is updates:
            left = updates.copy()
        if has_nan:  # whose last takes all
            given[...] = 0
            for at, elements in reversed(axis.visits):
                given[elements] += _taken(left, at, np.isnan(source[elements]))
        for number, (at, elements) in enumerate(axis.visits, 1):
            # what is left at the last belongs to it
            is_last = number == len(axis.visits)
            taken = left[at] if is_last else _taken(left, at, source[elements] == peak[at])
            if axis.overlaps or has_nan:
                target = given[elements]
                np.add(target, taken, out=target)
            else:
                given[elements] = taken
        left = given
    return left.astype(dtype, copy=False)


def _taken(left: np.ndarray, at: Places, where: np.ndarray) -> np.ndarray:
    """What is `left` there, 0 elsewhere; it is taken from it."""
    bits = np.dtype(f"i{left.dtype.itemsize}")
    mask = np.negative(where.view(np.int8)).astype(bits)
    rest = left.view(bits)[at]
    taken = np.bitwise_and(rest, mask, out=mask)
    np.bitwise_xor(rest, taken, out=rest)
    return taken.view(left.dtype)


def _widened(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float32) if x.dtype in HALVES else x


OVERRIDES: dict[Op, Kernel] = {
    ops.window_sum: _reduction(np.add, lambda dtype: 0),
    ops.window_max: _reduction(np.maximum, lowest),
    ops.window_gather: window_gather,
    ops.window_scatter: window_scatter,
}
