"""Kernels of `ir/ops/shape.py` of jax's own: one primitive each."""

from __future__ import annotations

from typing import Any

from diptych.ir import ops
from jax import lax

from .partition import padded
from .placement import current

Ints = tuple[int, ...]


def pad(xp: Any, x: Any, value: Any, *, low: Ints, high: Ints, interior: Ints) -> Any:
    mesh, places = current(), list(zip(low, high, interior, strict=True))
    return lax.pad(x, value, places) if mesh is None else padded(x, value, places, mesh.devices)


OVERRIDES = {
    ops.iota: lambda xp, shape, axis, dtype: lax.broadcasted_iota(dtype.numpy, shape, axis),
    ops.broadcast: lambda xp, x, shape, axes: lax.broadcast_in_dim(x, shape, axes),
    ops.slice: lambda xp, x, start, limit, stride: lax.slice(x, start, limit, stride),
    ops.pad: pad,
    ops.reverse: lambda xp, x, axes: lax.rev(x, axes),
}
