"""Threefry-2x32 against itself written with Python's integers, and the layout of the stream."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.backends.kernels.random import block
from diptych.ir import dtypes, ops

from tests.backends.runs import on_both, on_reference

MASK = 2**32 - 1
KEY = np.uint32([0x13198A2E, 0x03707344])


def encrypted(key: tuple[int, int], block: int) -> tuple[int, int]:
    """Threefry-2x32 with 20 rounds of one block, as the paper has it."""
    schedule = (*key, key[0] ^ key[1] ^ 0x1BD11BDA)
    low, high = block & MASK, block >> 32
    low, high = (low + schedule[0]) & MASK, (high + schedule[1]) & MASK
    for number in range(20):
        rotation = (13, 15, 26, 6, 17, 29, 16, 24)[number % 8]
        low = (low + high) & MASK
        high = ((high << rotation | high >> (32 - rotation)) & MASK) ^ low
        if number % 4 == 3:
            turn = number // 4 + 1
            low = (low + schedule[turn % 3]) & MASK
            high = (high + schedule[(turn + 1) % 3] + turn) & MASK
    return low, high


@pytest.mark.parametrize("counter", [0, 5, 2**32 - 2, 2**64 - 2])
def test_blocks_count_up_from_the_counter_and_wrap_around(counter: int) -> None:
    words = [word for j in range(4) for word in encrypted((int(KEY[0]), int(KEY[1])), (counter + j) % 2**64)]
    found = on_both(ops.random_bits, [KEY, np.uint64(counter)], shape=(8,))[0]
    assert found.tolist() == words
    pairs = [low | high << 32 for low, high in zip(words[::2], words[1::2], strict=True)]
    assert on_both(ops.random_bits, [KEY, np.uint64(counter)], shape=(4,), dtype=dtypes.u64)[0].tolist() == pairs


@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 5), (0, 4), (33000,)])
@pytest.mark.parametrize("dtype", [dtypes.u32, dtypes.u64])
def test_shape_only_folds_the_stream(shape: tuple[int, ...], dtype: dtypes.DType) -> None:
    """The last size takes several chunks on numpy."""
    found = on_both(ops.random_bits, [KEY, np.uint64(9)], shape=shape, dtype=dtype)[0]
    size = found.size
    flat = on_reference(ops.random_bits, [KEY, np.uint64(9)], shape=(size + 10,), dtype=dtype)[0]
    assert np.array_equal(found.reshape(-1), flat[:size])


def test_counter_plus_blocks_continues_the_stream() -> None:
    whole = on_reference(ops.random_bits, [KEY, np.uint64(3)], shape=(20,))[0]
    rest = on_reference(ops.random_bits, [KEY, np.uint64(3 + 4)], shape=(12,))[0]
    assert np.array_equal(whole[8:], rest)


def test_bits_are_even() -> None:
    """Each of the 32 bits is set in half of a million words, within five standard deviations."""
    words = on_reference(ops.random_bits, [KEY, np.uint64(0)], shape=(2**20,))[0]
    for bit in range(32):
        assert abs(int(((words >> np.uint32(bit)) & np.uint32(1)).sum()) - 2**19) < 5 * 512


@pytest.mark.parametrize(
    ("key", "counter", "wanted"),
    [  # the published vectors, as in tests/samples/random.py
        ((0, 0), 0, (0x6B200159, 0x99BA4EFE)),
        ((0xFFFFFFFF, 0xFFFFFFFF), 2**64 - 1, (0x1CB996FC, 0xBB002BE7)),
        ((0x13198A2E, 0x03707344), 0x85A308D3_243F6A88, (0xC4923A9C, 0x483DF7A0)),
    ],
)
def test_a_block_in_plain_python(key: tuple[int, int], counter: int, wanted: tuple[int, int]) -> None:
    assert block(key, counter) == wanted
