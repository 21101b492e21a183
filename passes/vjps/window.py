"""Gradients of the window ops, each another window op."""

from __future__ import annotations

from typing import Any

from diptych.ir import Axes, Builder, Dim, Pairs, Value, ops

from ..expressions import numbers, repeated, scalar
from .table import Cotangents, Reasons, Rules


def _window_sum(
    b: Builder, ct: Value, out: Value, x: Value, *, window: Axes, stride: Axes, padding: Pairs, dilation: Axes
) -> Cotangents:
    """The cotangents spread out as the windows stand, summed over every window that an element lies in."""
    if _are_tiles(x, window, stride, padding, dilation):
        for axis in reversed(range(x.rank)):  # first the last, whose copies are the slowest
            ct = repeated(b, ct, window[axis], axis) if window[axis] > 1 else ct
        return (ct,)
    low: list[int] = []
    high: list[Dim] = []
    for axis in range(x.rank):
        reach = (window[axis] - 1) * dilation[axis]
        before = reach - padding[axis][0]
        spread = (ct.shape[axis] - 1) * stride[axis] + 1 if ct.shape[axis] != 0 else 0
        low.append(before)
        high.append(x.shape[axis] + reach - before - spread)
    after = numbers(high, "window_sum", "sizes along axes with windows")
    spread_out = b.pad(ct, scalar(b, ct.dtype, 0), low=low, high=after, interior=tuple(step - 1 for step in stride))
    one, none = (1,) * x.rank, ((0, 0),) * x.rank
    return (b.window_sum(spread_out, window=window, stride=one, padding=none, dilation=dilation),)


def _are_tiles(x: Value, window: Axes, stride: Axes, padding: Pairs, dilation: Axes) -> bool:
    """Whether each element lies in one window."""
    return all(
        size == step and pad == (0, 0) and (size == 1 or (spread == 1 and isinstance(whole, int) and whole % size == 0))
        for size, step, pad, spread, whole in zip(window, stride, padding, dilation, x.shape, strict=True)
    )


def _window_max(b: Builder, ct: Value, out: Value, x: Value, **windows: Any) -> Cotangents:
    return (b.window_scatter(x, ct, **windows),)


def _window_gather(b: Builder, ct: Value, out: Value, x: Value, values: Value, **windows: Any) -> Cotangents:
    return None, b.window_scatter(x, ct, **windows)


def _window_scatter(b: Builder, ct: Value, out: Value, x: Value, updates: Value, **windows: Any) -> Cotangents:
    return None, b.window_gather(x, ct, **windows)


VJPS: Rules = {
    ops.window_sum: _window_sum,
    ops.window_max: _window_max,
    ops.window_gather: _window_gather,
    ops.window_scatter: _window_scatter,
}

ZERO: Reasons = {}

REFUSED: Reasons = {}
