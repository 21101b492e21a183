"""Kernels of `ir/ops/reduction.py` of jax's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from diptych.ir import DType, Op, ops
from jax import lax

from ..kernels import Kernel
from ..kernels.rounding import HALVES, in_f32


def _running(cumulate: Callable[..., Any]) -> Kernel:
    """A cumulative primitive of lax; they know no bool, which is ordered as u8 is."""

    def accumulate(xp: Any, x: Any, *, axis: int, reverse: bool) -> Any:
        if x.dtype == np.bool_:
            return cumulate(x.astype(np.uint8), axis=axis, reverse=reverse).astype(np.bool_)
        return cumulate(x, axis=axis, reverse=reverse)

    return in_f32(accumulate)


def sort(xp: Any, *operands: Any, axis: int, keys: int) -> tuple[Any, ...]:
    """lax.sort puts nan last and takes -0.0 for 0.0."""
    return tuple(lax.sort(operands, dimension=axis, is_stable=True, num_keys=keys))


def top_k(xp: Any, x: Any, *, k: int, dtype: DType) -> tuple[Any, Any]:
    """lax.top_k of integers in the same order as x: it promises ties for them, and floats bring nan and -0.0."""
    if not k or not x.size:
        shape = (*x.shape[:-1], k)
        return jnp.zeros(shape, x.dtype), jnp.zeros(shape, dtype.numpy)
    order = lax.top_k(_ordered_integers(x), k)[1]
    return jnp.take_along_axis(x, order, axis=-1), order.astype(dtype.numpy)


def _ordered_integers(x: Any) -> Any:
    """Integers in the order of x; of floats, nan on top and -0.0 equal to 0.0."""
    if x.dtype == np.bool_:
        return x.astype(np.int8)
    if x.dtype.kind in "iu":
        return x
    if x.dtype in HALVES:
        x = x.astype(np.float32)
    kind = np.int64 if x.dtype == np.float64 else np.int32
    plain = jnp.where(x == 0, 0, jnp.where(jnp.isnan(x), np.nan, x)).astype(x.dtype)
    bits = lax.bitcast_convert_type(plain, kind)
    return jnp.where(bits < 0, bits ^ np.iinfo(kind).max, bits)  # the more negative the float, the larger its bits


OVERRIDES: dict[Op, Kernel] = {
    ops.cumulative_sum: _running(lax.cumsum),
    ops.cumulative_prod: _running(lax.cumprod),
    ops.cumulative_max: _running(lax.cummax),
    ops.cumulative_min: _running(lax.cummin),
    ops.sort: sort,
    ops.top_k: top_k,
}
