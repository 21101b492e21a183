"""Kernels of `ir/ops/shape.py` that numpy and jax share. On numpy all but concatenate and iota's count are views."""

from __future__ import annotations

from typing import Any

from diptych.ir import DType, ops


def iota(xp: Any, *, shape: tuple[int, ...], axis: int, dtype: DType) -> Any:
    """The count along `axis`, seen through a broadcast."""
    count = xp.arange(shape[axis]).astype(dtype.numpy)
    return xp.broadcast_to(count.reshape([-1 if i == axis else 1 for i in range(len(shape))]), shape)


def broadcast(xp: Any, x: Any, *, shape: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    """x with axes of size 1 put in, then repeated."""
    return xp.broadcast_to(x.reshape([shape[axis] if axis in axes else 1 for axis in range(len(shape))]), shape)


KERNELS = {
    ops.constant: lambda xp, value: xp.asarray(value.array),
    ops.iota: iota,
    ops.dimension: lambda xp, size, dtype: xp.asarray(size, xp.int64).astype(dtype.numpy),
    ops.broadcast: broadcast,
    ops.reshape: lambda xp, x, shape: xp.reshape(x, shape),
    ops.transpose: lambda xp, x, permutation: xp.transpose(x, permutation),
    ops.slice: lambda xp, x, start, limit, stride: x[tuple(map(slice, start, limit, stride))],
    ops.concatenate: lambda xp, *operands, axis: xp.concatenate(operands, axis=axis),
    ops.reverse: lambda xp, x, axes: xp.flip(x, axes),
}
