"""Kernels of `ir/ops/shape.py` of jax's own: one primitive each."""

from __future__ import annotations

from diptych.ir import ops
from jax import lax

from .partition import padded

OVERRIDES = {
    ops.iota: lambda xp, shape, axis, dtype: lax.broadcasted_iota(dtype.numpy, shape, axis),
    ops.broadcast: lambda xp, x, shape, axes: lax.broadcast_in_dim(x, shape, axes),
    ops.slice: lambda xp, x, start, limit, stride: lax.slice(x, start, limit, stride),
    ops.pad: lambda xp, x, value, low, high, interior: padded(x, value, list(zip(low, high, interior, strict=True))),
    ops.reverse: lambda xp, x, axes: lax.rev(x, axes),
}
