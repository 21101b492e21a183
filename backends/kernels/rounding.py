"""float16 and bfloat16 are computed in float32 and rounded once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import ml_dtypes
import numpy as np

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FLOAT16 = np.dtype(np.float16)
HALVES = frozenset((FLOAT16, BFLOAT16))


def in_f32(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """`kernel` on float32 where its first operand is float16 or bfloat16: a result is rounded back once.

    For +, -, *, / and sqrt this gives the correctly rounded result: float32 has more than twice their digits.
    """

    @wraps(kernel)
    def widened(xp: Any, *operands: Any, **attributes: Any) -> Any:
        dtype = operands[0].dtype
        if dtype.itemsize != 2 or dtype not in HALVES:
            return kernel(xp, *operands, **attributes)
        wide = [operand.astype(np.float32) if operand.dtype == dtype else operand for operand in operands]
        return kernel(xp, *wide, **attributes).astype(dtype)

    return widened


def rounded_once(xp: Any, x: Any, dtype: np.dtype[Any]) -> Any:
    """A float, integer or bool array as float16 or bfloat16, rounded once, to nearest even; integers beyond 2**53 are
    rounded to float64 before.

    Wide types go through float32, where plain rounding would round twice. There they are rounded to odd instead: the
    last bit of an inexact result is set, so that it lies on the same side of every boundary of `dtype` as x.
    """
    if x.dtype.itemsize <= 2 or x.dtype == np.float32:
        return x.astype(np.float32).astype(dtype)
    wide = x.astype(np.float64)
    near = wide.astype(np.float32)
    back = near.astype(np.float64)
    bits = xp.asarray(near).view(np.int32)
    bits = xp.where(xp.abs(back) > xp.abs(wide), bits - 1, bits)  # now x truncated
    odd = xp.where((back != wide) & xp.isfinite(wide), bits | 1, bits)
    return odd.view(np.float32).astype(dtype)
