"""Kernels of `ir/ops/contraction.py` of numpy's own: both end in numpy's stacked matrix product."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from diptych.ir import ops
from diptych.ir.ops.contraction import convolution_layout, window_count
from numpy.lib.stride_tricks import sliding_window_view

from ..kernels.rounding import in_f32
from .shape import pad

Ints = tuple[int, ...]
CHUNK = 1 << 22  # elements of window rows copied at a time
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


def product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """left @ right; integers go through float64, which is some 40 times faster, where that is exact."""
    if left.dtype.kind in "iu" and left.size and right.size:
        bound = left.shape[-1] * _magnitude(left) * _magnitude(right)
        if bound <= EXACT_IN_F64:
            exact = np.matmul(left.astype(np.float64), right.astype(np.float64))
            return exact.astype(np.uint64 if left.dtype == np.uint64 else np.int64).astype(left.dtype)
    return np.matmul(left, right)


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
    padding: tuple[tuple[int, int], ...],
    x_dilation: Ints,
    kernel_dilation: Ints,
    groups: int,
    batch_groups: int,
) -> np.ndarray:
    """Windows of the dilated and padded x as rows, the kernel as columns, one matrix product a group."""
    roles = convolution_layout(layout)
    rank = roles.spatial_rank
    kernel = kernel.transpose(roles.kernel)  # [o, i, *spatial]
    x = pad(
        np,
        x.transpose(roles.x),  # [n, c, *spatial]
        0,
        low=(0, 0, *(before for before, _ in padding)),
        high=(0, 0, *(after for _, after in padding)),
        interior=(0, 0, *(dilation - 1 for dilation in x_dilation)),
    )
    outputs, inputs, *extent = kernel.shape
    places = [
        int(window_count(x.shape[axis + 2], extent[axis], stride[axis], (0, 0), 1, kernel_dilation[axis]))
        for axis in range(rank)
    ]
    batch, count = x.shape[0] // batch_groups, groups * batch_groups
    result = np.zeros((count, batch, *places, outputs // count), x.dtype)
    if result.size and kernel.size:
        windows = _windows(x, extent, stride, kernel_dilation)  # [n, c, *places, *extent]
        split = windows.reshape(batch_groups, batch, groups, inputs, *places, *extent)
        # The shortest stride goes last in both, so that the copy into rows reads x in long runs.
        if roles.x[1] == rank + 1:
            split = np.moveaxis(split, 3, -1).transpose(0, 2, 1, *range(3, 4 + 2 * rank))
            kernel = np.moveaxis(kernel, 1, -1)
        else:
            split = np.moveaxis(split, 3, 3 + rank).transpose(0, 2, 1, *range(3, 4 + 2 * rank))
        columns = kernel.reshape(count, outputs // count, inputs * prod(extent)).swapaxes(1, 2)
        each = prod(places) * columns.shape[1]  # elements of one image's rows
        chunk = max(1, CHUNK // (count * each))
        for first in range(0, batch, chunk):
            some = split[:, :, first : first + chunk]
            rows = some.reshape(count, some.shape[2] * prod(places), columns.shape[1])
            result[:, first : first + chunk] = np.matmul(rows, columns).reshape(count, -1, *result.shape[2:])
    # [group, n, *places, o] to [n, group, o, *places], then groups and their outputs are one axis.
    whole = np.moveaxis(result, (1, -1), (0, 2)).reshape(batch, outputs, *places)
    return whole.transpose(np.argsort(roles.result))


def _windows(x: np.ndarray, extent: list[int], stride: Ints, dilation: Ints) -> np.ndarray:
    """x [n, c, *spatial] seen as [n, c, *places, *extent], without a copy."""
    rank = len(extent)
    spread = [(size - 1) * step + 1 for size, step in zip(extent, dilation, strict=True)]
    view = sliding_window_view(x, spread, axis=tuple(range(2, 2 + rank)))
    steps = (1, 1, *stride, *dilation)
    return view[tuple(slice(None, None, step) for step in steps)]


OVERRIDES = {
    ops.matmul: matmul,
    ops.convolution: convolution,
}
