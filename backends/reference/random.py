"""Kernels of `ir/ops/random.py` of numpy's own."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from diptych.ir import DType, ops

from ..kernels.random import blocks

CHUNK = 1 << 15  # blocks encrypted at a time: their temporaries stay in the cache


def random_bits(xp: Any, key: np.ndarray, counter: np.ndarray, *, shape: tuple[int, ...], dtype: DType) -> np.ndarray:
    """The blocks chunk by chunk, written where the result will stand."""
    size = prod(shape)
    count = size if dtype.bits == 64 else (size + 1) // 2
    words = np.empty((count, 2), "<u4")
    for first in range(0, count, CHUNK):
        last = min(first + CHUNK, count)
        words[first:last, 0], words[first:last, 1] = blocks(xp, key, counter, first, last - first)
    bits = words.reshape(-1).view("<u8" if dtype.bits == 64 else "<u4")
    return bits[:size].astype(dtype.numpy, copy=False).reshape(shape)


OVERRIDES = {
    ops.random_bits: random_bits,
}
