"""Reductions over sliding windows, and the two linear ops that their gradients need.

`window`, `stride`, `padding` (pairs) and `dilation` have one entry for every axis of x; padding never wins.
"""

from __future__ import annotations

from ..attributes import Axes, Pairs
from ..op import op, refuse
from ..types import TensorType, shape_text
from . import checks
from .contraction import window_count


@op
def window_sum(x: TensorType, *, window: Axes, stride: Axes, padding: Pairs, dilation: Axes) -> TensorType:
    """Sum of each window; padding counts as 0."""
    checks.numeric(x)
    return _windows(x, window, stride, padding, dilation)


@op
def window_max(x: TensorType, *, window: Axes, stride: Axes, padding: Pairs, dilation: Axes) -> TensorType:
    """Largest element of each window; nan where one is nan; the dtype's smallest value (-inf) where all is padding."""
    checks.ordered(x)
    return _windows(x, window, stride, padding, dilation)


@op
def window_gather(
    x: TensorType, values: TensorType, *, window: Axes, stride: Axes, padding: Pairs, dilation: Axes
) -> TensorType:
    """From `values`, which have x's shape, the element at the place of the first largest element of each window of x,
    of its last nan where there is one; 0 where a window is all padding. Linear in values."""
    checks.ordered(x)
    checks.ordered(values, "values")
    if values.shape != x.shape:
        refuse("values", values, f"{values.dtype}[{shape_text(x.shape)}], x's shape")
    return _windows(x, window, stride, padding, dilation).with_dtype(values.dtype)


@op
def window_scatter(
    x: TensorType, updates: TensorType, *, window: Axes, stride: Axes, padding: Pairs, dilation: Axes
) -> TensorType:
    """Zeros in x's shape, with each window's update added at the place that window_gather reads. Linear in updates:
    the transpose of window_gather, and the gradient of window_max."""
    checks.ordered(x)
    checks.floating(updates, "updates")
    wanted = _windows(x, window, stride, padding, dilation).with_dtype(updates.dtype)
    if updates != wanted:
        refuse("updates", updates, f"{wanted}, one a window")
    return x.with_dtype(updates.dtype)


def _windows(x: TensorType, window: Axes, stride: Axes, padding: Pairs, dilation: Axes) -> TensorType:
    checks.length(padding, x.rank, "padding")
    for name, values in (("window", window), ("stride", stride), ("dilation", dilation)):
        checks.length(values, x.rank, name)
        if any(value < 1 for value in values):
            refuse(name, list(values), "1 or more along every axis")
    if any(before < 0 or after < 0 for before, after in padding):
        refuse("padding", [list(pair) for pair in padding], "0 or more at every edge")
    return x.with_shape(
        window_count(size, window[axis], stride[axis], padding[axis], 1, dilation[axis])
        for axis, size in enumerate(x.shape)
    )
