"""Samples of `ir/ops/random.py`: the known answers of Random123 for threefry2x32 with 20 rounds.

Source: kat_vectors of the library Random123 that comes with Salmon et al. (2011).
"""

from __future__ import annotations

from diptych.ir import dtypes, ops

from . import Refusal, Sample
from .notation import case, refusal, u32, u64

ALL = 0xFFFFFFFF
COUNTER = 0x85A308D3_243F6A88  # words 243f6a88 85a308d3, the low one first

SAMPLES: list[Sample] = [
    case(ops.random_bits, [u32([0, 0]), u64(0)], [u32([0x6B200159, 0x99BA4EFE])], shape=(2,), called="zeros"),
    case(ops.random_bits, [u32([ALL, ALL]), u64(2**64 - 1)], [u32([0x1CB996FC, 0xBB002BE7])], shape=(2,),
         called="ones"),
    case(ops.random_bits, [u32([0x13198A2E, 0x03707344]), u64(COUNTER)], [u32([[0xC4923A9C], [0x483DF7A0]])],
         shape=(2, 1), called="digits of pi"),
    case(ops.random_bits, [u32([0x13198A2E, 0x03707344]), u64(COUNTER)], [u64(0x483DF7A0_C4923A9C)], shape=(),
         dtype=dtypes.u64, called="the low word first"),
    case(ops.random_bits, [u32([0, 0]), u64(0)], [u32([0x6B200159])], shape=(1,), called="half a block"),
    case(ops.random_bits, [u32([0, 0]), u64(0)], [u32([])], shape=(0,), called="empty"),
]  # fmt: skip

REFUSALS: list[Refusal] = [
    refusal(ops.random_bits, "u32[3] u64[]", "key is u32[3] but must be u32[2]", shape=(1,)),
    refusal(ops.random_bits, "u32[2] u32[]", "counter is u32[] but must be u64[]", shape=(1,)),
    refusal(ops.random_bits, "u32[2] u64[]", "dtype is i32 but must be u32 or u64", shape=(1,), dtype=dtypes.i32),
    refusal(ops.random_bits, "u32[2] u64[]", "shape is [-1] but must be without negative sizes", shape=(-1,)),
    refusal(ops.random_bits, "u32[2] u64[]", f"shape is [{2**62}] but must be under 2**62 elements", shape=(2**62,)),
]
