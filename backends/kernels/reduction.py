"""Kernels of `ir/ops/reduction.py` that numpy and jax share."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import ops

from .rounding import in_f32


def lowest(dtype: np.dtype[Any]) -> Any:
    """The smallest value of an ordered dtype, -inf where it has that: the maximum of no elements."""
    if dtype == np.bool_:
        return False
    return int(np.iinfo(dtype).min) if dtype.kind in "iu" else -np.inf


def highest(dtype: np.dtype[Any]) -> Any:
    """The largest value of an ordered dtype, inf where it has that: the minimum of no elements."""
    if dtype == np.bool_:
        return True
    return int(np.iinfo(dtype).max) if dtype.kind in "iu" else np.inf


KERNELS = {
    ops.reduce_sum: in_f32(lambda xp, x, axes: xp.sum(x, axis=axes, dtype=x.dtype)),
    ops.reduce_prod: in_f32(lambda xp, x, axes: xp.prod(x, axis=axes, dtype=x.dtype)),
    ops.reduce_max: in_f32(lambda xp, x, axes: xp.max(x, axis=axes, initial=lowest(x.dtype))),
    ops.reduce_min: in_f32(lambda xp, x, axes: xp.min(x, axis=axes, initial=highest(x.dtype))),
    ops.reduce_and: lambda xp, x, axes: xp.all(x, axis=axes),
    ops.reduce_or: lambda xp, x, axes: xp.any(x, axis=axes),
    ops.argmax: lambda xp, x, axis, dtype: xp.argmax(x, axis=axis).astype(dtype.numpy),
    ops.argmin: lambda xp, x, axis, dtype: xp.argmin(x, axis=axis).astype(dtype.numpy),
}
