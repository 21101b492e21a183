"""Kernels of `ir/ops/random.py` of numpy's own."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from diptych.ir import DType, ops

from ..kernels.random import PARITY, ROTATIONS, block

CHUNK = 1 << 15  # blocks encrypted at a time: their temporaries stay in the cache
FEW = 8  # blocks that plain Python encrypts in less time than numpy's functions are called in
_COUNTERS = 1 << 64
_SHIFTS = tuple(
    tuple((np.uint32(rotation), np.uint32(32 - rotation)) for rotation in ROTATIONS[injection % 2])
    for injection in range(5)
)


def random_bits(xp: Any, key: np.ndarray, counter: np.ndarray, *, shape: tuple[int, ...], dtype: DType) -> np.ndarray:
    """The blocks chunk by chunk, written where the result will stand."""
    size = prod(shape)
    count = size if dtype.bits == 64 else (size + 1) // 2
    if count <= FEW:
        pair, start = (int(key[0]), int(key[1])), int(counter)
        few = [block(pair, (start + number) % _COUNTERS) for number in range(count)]
        words = np.array(few, "<u4").reshape(count, 2)
    else:
        words = np.empty((count, 2), "<u4")
        for first in range(0, count, CHUNK):
            last = min(first + CHUNK, count)
            numbers = np.arange(first, last, dtype=np.uint64)
            numbers += counter
            _encrypt(key, numbers, words[first:last])
    bits = words.reshape(-1).view("<u8" if dtype.bits == 64 else "<u4")
    return bits[:size].astype(dtype.numpy, copy=False).reshape(shape)


def _encrypt(key: np.ndarray, numbers: np.ndarray, words: np.ndarray) -> None:
    """As `kernels.random.threefry`, of counters u64 [n] into words u32 [n, 2], in place."""
    keys = (key[0], key[1], key[0] ^ key[1] ^ np.uint32(PARITY))
    low = numbers.astype(np.uint32)
    high = (numbers >> np.uint64(32)).astype(np.uint32)
    turned = np.empty_like(low)
    low += keys[0]
    high += keys[1]
    for injection, shifts in enumerate(_SHIFTS, 1):
        for left, right in shifts:
            np.add(low, high, low)
            np.left_shift(high, left, turned)
            np.right_shift(high, right, high)
            np.bitwise_or(high, turned, high)
            np.bitwise_xor(high, low, high)
        np.add(low, keys[injection % 3], low)
        np.add(high, keys[(injection + 1) % 3] + np.uint32(injection), high)
    words[:, 0] = low
    words[:, 1] = high


OVERRIDES = {
    ops.random_bits: random_bits,
}
