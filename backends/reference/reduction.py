"""Kernels of `ir/ops/reduction.py` of numpy's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import DType, Op, ops

from ..kernels import Kernel
from ..kernels.rounding import BFLOAT16, in_f32


def _running(ufunc: np.ufunc) -> Kernel:
    """ufunc.accumulate along an axis, from its end with `reverse`; the maximum and minimum carry a nan on."""

    def accumulate(xp: Any, x: np.ndarray, *, axis: int, reverse: bool) -> np.ndarray:
        if not reverse:
            return ufunc.accumulate(x, axis=axis, dtype=x.dtype)
        return np.flip(ufunc.accumulate(np.flip(x, axis), axis=axis, dtype=x.dtype), axis)

    return in_f32(accumulate)


def sort(xp: Any, *operands: np.ndarray, axis: int, keys: int) -> tuple[np.ndarray, ...]:
    """numpy's stable sorts put nan last and take -0.0 for 0.0."""
    if len(operands) == 1 and operands[0].dtype != BFLOAT16:
        return (np.sort(operands[0], axis=axis, kind="stable"),)
    order = _stable_order([_sortable(key) for key in operands[:keys]], axis)
    return tuple(np.take_along_axis(operand, order, axis) for operand in operands)


def _stable_order(keys: list[np.ndarray], axis: int) -> np.ndarray:
    if len(keys) == 1:
        return np.argsort(keys[0], axis=axis, kind="stable")
    return np.lexsort(keys[::-1], axis=axis)


def _sortable(key: np.ndarray) -> np.ndarray:
    """bfloat16 as float32, which numpy sorts with nan last."""
    return key.astype(np.float32) if key.dtype == BFLOAT16 else key


def top_k(xp: Any, x: np.ndarray, *, k: int, dtype: DType) -> tuple[np.ndarray, np.ndarray]:
    """The stable ascending order of the reversed axis, read backwards, is descending with the first of equals first."""
    backwards = np.argsort(_sortable(x)[..., ::-1], axis=-1, kind="stable")
    order = x.shape[-1] - 1 - backwards[..., ::-1][..., :k]
    return np.take_along_axis(x, order, axis=-1), order.astype(dtype.numpy)


OVERRIDES: dict[Op, Kernel] = {
    ops.cumulative_sum: _running(np.add),
    ops.cumulative_prod: _running(np.multiply),
    ops.cumulative_max: _running(np.maximum),
    ops.cumulative_min: _running(np.minimum),
    ops.sort: sort,
    ops.top_k: top_k,
}
