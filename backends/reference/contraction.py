"""Kernels of `ir/ops/contraction.py` of numpy's own: both end in numpy's stacked matrix product."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from diptych.ir import ops
from diptych.ir.ops.contraction import ConvolutionLayout, convolution_layout, window_count
from numpy.lib.stride_tricks import sliding_window_view

from ..kernels.rounding import in_f32
from .shape import pad

Ints = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]
CHUNK = 1 << 20  # elements of windows copied at a time
FEW_PLACES = 64  # below, a matrix product an image would be too small
EXACT_IN_F64 = 2**53  # integers up to here are exact in float64


@in_f32
def matmul(
    xp: Any,
    lhs: np.ndarray,
    rhs: np.ndarray,
    *,
    lhs_contract: Ints,
    rhs_contract: Ints,
    lhs_batch: Ints,
    rhs_batch: Ints,
) -> np.ndarray:
    """Both operands as stacks of matrices; copied only where several axes merge that do not lie side by side."""
    lhs_free = [axis for axis in range(lhs.ndim) if axis not in lhs_batch and axis not in lhs_contract]
    rhs_free = [axis for axis in range(rhs.ndim) if axis not in rhs_batch and axis not in rhs_contract]
    batch = [lhs.shape[axis] for axis in lhs_batch]
    rows, columns = [lhs.shape[axis] for axis in lhs_free], [rhs.shape[axis] for axis in rhs_free]
    inner = prod(lhs.shape[axis] for axis in lhs_contract)
    left = lhs.transpose([*lhs_batch, *lhs_free, *lhs_contract]).reshape([*batch, prod(rows), inner])
    right = rhs.transpose([*rhs_batch, *rhs_contract, *rhs_free]).reshape([*batch, inner, prod(columns)])
    return product(left, right).reshape([*batch, *rows, *columns])


def product(left: np.ndarray, right: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """left @ right; integers go through float64, which is some 40 times faster, where that is exact."""
    if left.dtype.kind in "iu" and left.size and right.size:
        bound = left.shape[-1] * _magnitude(left) * _magnitude(right)
        if bound <= EXACT_IN_F64:
            exact = np.matmul(left.astype(np.float64), right.astype(np.float64))
            whole = exact.astype(np.uint64 if left.dtype == np.uint64 else np.int64).astype(left.dtype)
            if out is None:
                return whole
            np.copyto(out, whole)
            return out
    return np.matmul(left, right, out=out)


def _magnitude(x: np.ndarray) -> int:
    return max(abs(int(x.min())), abs(int(x.max())))


@in_f32
def convolution(
    xp: Any,
    x: np.ndarray,
    kernel: np.ndarray,
    *,
    layout: str,
    stride: Ints,
    padding: Pairs,
    x_dilation: Ints,
    kernel_dilation: Ints,
    groups: int,
    batch_groups: int,
) -> np.ndarray:
    """Windows of the dilated and padded x as rows, the kernel as columns, one matrix product a group."""
    roles = convolution_layout(layout)
    rank = roles.spatial_rank
    kernel = kernel.transpose(roles.kernel)  # [o, i, *spatial]
    outputs, inputs, *extent = kernel.shape
    sizes = [x.shape[axis] for axis in roles.x[2:]]
    axes = zip(sizes, extent, stride, padding, x_dilation, kernel_dilation, strict=True)
    places = [int(window_count(*axis)) for axis in axes]
    batch, count = x.shape[roles.x[0]] // batch_groups, groups * batch_groups
    if not (x.size and kernel.size and prod(places)):
        result = np.zeros((batch, outputs, *places), x.dtype)
    else:
        x = spread(x, roles, padding, x_dilation).transpose(roles.x)  # [n, c, *spatial]
        view = windows(x, extent, stride, kernel_dilation)  # [n, c, *places, *extent]
        split = view.reshape(batch_groups, batch, groups, inputs, *places, *extent)
        grouped = kernel.reshape(count, outputs // count, inputs, *extent)
        multiply = _by_rows if roles.x[1] == rank + 1 or prod(places) < FEW_PLACES else _by_columns
        # [count, n, outputs of a group, *places] to [n, outputs, *places]
        result = np.moveaxis(multiply(split, grouped, rank), 0, 1).reshape(batch, outputs, *places)
    return result.transpose(np.argsort(roles.result))


def spread(x: np.ndarray, roles: ConvolutionLayout, padding: Pairs, dilation: Ints) -> np.ndarray:
    """x dilated and padded, its axes and so its memory in their own order."""
    low, high, interior = ([0] * x.ndim for _ in range(3))
    for axis, (before, after), step in zip(roles.x[2:], padding, dilation, strict=True):
        low[axis], high[axis], interior[axis] = before, after, step - 1
    return pad(np, x, 0, low=tuple(low), high=tuple(high), interior=tuple(interior))


def _by_rows(split: np.ndarray, kernel: np.ndarray, rank: int) -> np.ndarray:
    """Windows as rows [.., *extent, channel], which are long runs of x where channels are its last axis."""
    batch, places = split.shape[1], split.shape[4 : 4 + rank]
    source = np.moveaxis(split, (2, 3), (1, -1))  # [outer, groups, n, *places, *extent, i]
    columns = np.moveaxis(kernel, 2, -1).reshape(*kernel.shape[:2], -1).swapaxes(1, 2)
    result = np.empty((kernel.shape[0], batch * prod(places), kernel.shape[1]), split.dtype)
    for first, last, buffer in _chunks(source, axis=2):
        rows = buffer.reshape(kernel.shape[0], (last - first) * prod(places), columns.shape[1])
        product(rows, columns, out=result[:, first * prod(places) : last * prod(places)])
    return np.moveaxis(result.reshape(kernel.shape[0], batch, *places, -1), -1, 2)


def _by_columns(split: np.ndarray, kernel: np.ndarray, rank: int) -> np.ndarray:
    """Windows as columns [channel, *extent, ..], where places are the long runs; the result has x's order of axes."""
    batch, places = split.shape[1], split.shape[4 : 4 + rank]
    # [outer, groups, n, i, *extent, *places]
    source = np.moveaxis(split, 2, 1)
    source = np.moveaxis(source, range(4, 4 + rank), range(-rank, 0))
    rows = kernel.reshape(kernel.shape[0], 1, kernel.shape[1], -1)
    result = np.empty((kernel.shape[0], batch, kernel.shape[1], prod(places)), split.dtype)
    for first, last, buffer in _chunks(source, axis=2):
        columns = buffer.reshape(kernel.shape[0], last - first, rows.shape[3], prod(places))
        product(rows, columns, out=result[:, first:last])
    return result.reshape(kernel.shape[0], batch, kernel.shape[1], *places)


def _chunks(source: np.ndarray, axis: int) -> Iterator[tuple[int, int, np.ndarray]]:
    """Slices along `axis` as contiguous memory, which the next one uses again: (first, last, slice)."""
    whole = source.shape[axis]
    each = source.size // whole
    length = min(whole, max(1, CHUNK // each))
    memory = np.empty(length * each, source.dtype)
    before = (slice(None),) * axis
    for first in range(0, whole, length):
        last = min(first + length, whole)
        part = source[(*before, slice(first, last))]
        if part.flags.c_contiguous:  # as for a kernel of one element
            yield first, last, part
            continue
        buffer = memory[: part.size].reshape(part.shape)
        np.copyto(buffer, part)
        yield first, last, buffer


def windows(x: np.ndarray, extent: list[int], stride: Ints, dilation: Ints) -> np.ndarray:
    """x [..., *spatial] seen as [..., *places, *extent], without a copy."""
    lead, rank = x.ndim - len(extent), len(extent)
    spread = [(size - 1) * step + 1 for size, step in zip(extent, dilation, strict=True)]
    view = sliding_window_view(x, spread, axis=tuple(range(lead, lead + rank)))
    steps = (*(1,) * lead, *stride, *dilation)
    return view[tuple(slice(None, None, step) for step in steps)]


OVERRIDES = {
    ops.matmul: matmul,
    ops.convolution: convolution,
}
