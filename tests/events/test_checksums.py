"""CRC-32C, against published values and the definition, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.events.checksums import BLOCK, SHORT, crc32c, masked_crc32c

PUBLISHED = [  # RFC 3720, B.4
    (bytes(32), 0x8A9136AA),
    (b"\xff" * 32, 0x62A8AB43),
    (bytes(range(32)), 0x46DD794E),
    (bytes(range(31, -1, -1)), 0x113FDB5C),
    (b"123456789", 0xE3069283),
    (b"", 0),
]


@pytest.mark.parametrize("data, checksum", PUBLISHED)
def test_published_values(data: bytes, checksum: int) -> None:
    assert crc32c(data) == checksum


def by_definition(data: bytes) -> int:
    state = 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0x82F63B78 if state & 1 else 0)
    return state ^ 0xFFFFFFFF


@pytest.mark.parametrize(
    "size", [1, 2, 3, SHORT - 1, SHORT, SHORT + 1, SHORT + 2, SHORT + 3, 5003, BLOCK + 1, BLOCK + 7]
)
def test_sizes_around_every_step(size: int) -> None:
    data = np.random.default_rng(size).bytes(size)
    assert crc32c(data) == by_definition(data)


def test_the_mask_turns_and_shifts() -> None:
    assert masked_crc32c(b"") == 0xA282EAD8
    assert masked_crc32c(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF
