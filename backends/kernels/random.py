"""Kernels of `ir/ops/random.py`: Threefry-2x32 over numpy or jax.

Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from diptych.ir import DType, ops

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))  # of the rounds in turn, four rounds between key injections
PARITY = 0x1BD11BDA
_WORD = 0xFFFFFFFF


def threefry(xp: Any, key: tuple[Any, Any], low: Any, high: Any) -> tuple[Any, Any]:
    """The blocks (low, high) of u32 [n] encrypted with `key`, two u32 [1], by 20 rounds."""
    keys = (*key, key[0] ^ key[1] ^ xp.uint32(PARITY))
    low, high = low + keys[0], high + keys[1]
    for injection in range(5):
        for rotation in ROTATIONS[injection % 2]:
            low = low + high
            high = ((high << xp.uint32(rotation)) | (high >> xp.uint32(32 - rotation))) ^ low
        low = low + keys[(injection + 1) % 3]
        high = high + (keys[(injection + 2) % 3] + xp.uint32(injection + 1))
    return low, high


def block(key: tuple[int, int], counter: int) -> tuple[int, int]:
    """What `threefry` makes of a counter of 64 bits, in plain Python: ten times as fast as an array of one."""
    keys = (*key, key[0] ^ key[1] ^ PARITY)
    low, high = (counter + keys[0]) & _WORD, ((counter >> 32) + keys[1]) & _WORD
    for injection in range(5):
        for rotation in ROTATIONS[injection % 2]:
            low = (low + high) & _WORD
            high = ((high << rotation | high >> (32 - rotation)) & _WORD) ^ low
        low = (low + keys[(injection + 1) % 3]) & _WORD
        high = (high + keys[(injection + 2) % 3] + injection + 1) & _WORD
    return low, high


def blocks(xp: Any, key: Any, counter: Any, first: int, count: int) -> tuple[Any, Any]:
    """The two words of blocks first, ..., first + count - 1 after `counter`."""
    numbers = xp.arange(first, first + count, dtype=np.uint64) + counter
    return threefry(xp, (key[:1], key[1:]), numbers.astype(np.uint32), (numbers >> xp.uint64(32)).astype(np.uint32))


def random_bits(xp: Any, key: Any, counter: Any, *, shape: tuple[int, ...], dtype: DType) -> Any:
    """All blocks at once."""
    size = prod(shape)
    if dtype.bits == 64:
        low, high = blocks(xp, key, counter, 0, size)
        return (low.astype(np.uint64) | (high.astype(np.uint64) << xp.uint64(32))).reshape(shape)
    words = blocks(xp, key, counter, 0, (size + 1) // 2)
    return xp.stack(words, axis=-1).reshape(-1)[:size].reshape(shape)


KERNELS = {
    ops.random_bits: random_bits,
}
