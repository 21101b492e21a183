"""The checksum of a record: CRC-32C (Castagnoli, RFC 3720), masked as TensorFlow masks it.

Appending zero bytes to a message is a linear map of the 32 bits of its checksum. So a long message is folded in halves:
neighbouring words become one, all pairs at once, and each fold skips twice as many bytes as the one before.
"""

from __future__ import annotations

import struct
from functools import cache

import numpy as np

POLYNOMIAL = 0x82F63B78  # bits in the order in which they are sent
SHORT = 768  # bytes; up to here a loop is quicker than numpy
BLOCK = 1 << 17  # bytes that are folded at once, so that they stay in the cache
MASK_DELTA = 0xA282EAD8


def crc32c(data: bytes) -> int:
    """The CRC-32C of `data`."""
    if len(data) <= SHORT:
        return _looped(data, 0xFFFFFFFF) ^ 0xFFFFFFFF
    state = 0xFFFFFFFF
    whole = len(data) - len(data) % 4
    words = np.frombuffer(data, "<u4", whole // 4)
    for start in range(0, len(words), BLOCK // 4):
        state = _folded(words[start : start + BLOCK // 4], state)
    return _looped(data[whole:], state) ^ 0xFFFFFFFF


def masked_crc32c(data: bytes) -> int:
    """The checksum as files hold it, turned by 15 bits and shifted: data may hold checksums themselves."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + MASK_DELTA) & 0xFFFFFFFF


def _looped(data: bytes, state: int) -> int:
    """The state after `data`, two bytes at a time."""
    table = _pairs()
    for pair in struct.unpack_from(f"<{len(data) // 2}H", data):
        state = table[(state ^ pair) & 0xFFFF] ^ state >> 16
    if len(data) % 2:
        state = table[(state ^ data[-1]) << 8 & 0xFFFF] ^ state >> 8
    return state


def _folded(words: np.ndarray, state: int) -> int:
    """The state after words [n], which a copy is made of."""
    words = words.copy()
    words[0] ^= np.uint32(state)
    fold = 0
    while len(words) > 1:
        if len(words) % 2:
            words = np.concatenate([np.zeros(1, np.uint32), words])
        words = _skipped(words[::2], fold) ^ words[1::2]
        fold += 1
    return int(_skipped(words, 0)[0])


def _skipped(words: np.ndarray, fold: int) -> np.ndarray:
    """The states words [n] after 4 * 2**fold zero bytes."""
    tables = _skips(fold)
    parts = np.ascontiguousarray(words).view(np.uint16).reshape(-1, 2)
    return tables[0].take(parts[:, 0]) ^ tables[1].take(parts[:, 1])


@cache
def _pairs() -> list[int]:
    """The state after two zero bytes, for each state of 16 bits."""
    states = np.arange(1 << 16, dtype=np.uint32)
    for _ in range(16):
        states = states >> 1 ^ (states & 1) * np.uint32(POLYNOMIAL)
    return states.tolist()


@cache
def _skips(fold: int) -> np.ndarray:
    """The states after 4 * 2**fold zero bytes, tables [2, 65536] for the low and the high half of a state."""
    if not fold:
        low = np.array(_pairs(), np.uint32)
        two = np.stack([low, np.arange(1 << 16, dtype=np.uint32)])  # the high half moves down
        return _joined(two, two)
    return _joined(_skips(fold - 1), _skips(fold - 1))


def _joined(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """One linear map after another."""
    return second[0].take(first & 0xFFFF) ^ second[1].take(first >> 16)
