"""Samples of elementwise ops of several operands, and of conversions."""

from __future__ import annotations

import cmath
import math

from diptych.ir import Op, dtypes, ops

from . import Refusal, Sample
from .notation import (
    INF,
    NAN,
    b1,
    bf16,
    c64,
    c128,
    case,
    f16,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    refusal,
    u8,
    u16,
    u32,
    u64,
)  # fmt: skip

T, F = True, False


def _compared(op: Op, less: bool, equal: bool, greater: bool, nan: bool) -> list[Sample]:
    """1 against 2, 2 against 2, 2 against 1 and nan on either side, in several dtypes."""
    lhs, rhs = [1, 2, 2], [2, 2, 1]
    answers = [less, equal, greater]
    zeros = case(op, [f32([0.0]), f32([-0.0])], [b1([equal])], smooth=False, called="zeros are equal")
    bools = case(op, [b1([F, T, T]), b1([T, T, F])], [b1(answers)], called="bool")
    large = case(op, [u64([1, 2**64 - 1]), u64([2**64 - 1, 2**64 - 1])], [b1([less, equal])], called="u64")
    return [
        case(op, [f32([*lhs, NAN, 1, NAN]), f32([*rhs, 1, NAN, NAN])], [b1([*answers, nan, nan, nan])]),
        *(case(op, [make(lhs), make(rhs)], [b1(answers)]) for make in (f64, f16, bf16, i8, i32, u8)),
        zeros,
        bools,
        large,
    ]


SAMPLES: list[Sample] = [
    # -- arithmetic ----
    case(ops.add, [f32([1.5, 0.1]), f32([2.25, 0.2])], [f32([3.75, 0.3])]),
    case(ops.add, [f64([1.5, -2.0]), f64([2.25, 0.5])], [f64([3.75, -1.5])]),
    case(ops.add, [f64([INF, -0.0]), f64([-INF, -0.0])], [f64([NAN, -0.0])], smooth=False),
    case(ops.add, [i8([127, -128]), i8([1, -1])], [i8([-128, 127])], called="wraps around"),
    case(ops.add, [u16([65535]), u16([2])], [u16([1])], called="wraps around"),
    case(ops.add, [f16([1, 2048]), f16([2**-11, 1])], [f16([1, 2048])], called="halves to even"),
    case(ops.add, [bf16([256]), bf16([3])], [bf16([260])], called="halves to even"),
    case(ops.add, [c64(1 + 2j), c64(3 - 1j)], [c64(4 + 1j)], called="scalar"),
    case(ops.sub, [f32([1.5, 0.0]), f32([2.25, 0.0])], [f32([-0.75, 0.0])]),
    case(ops.sub, [f64([1.5, -2.0]), f64([2.25, 0.5])], [f64([-0.75, -2.5])]),
    case(ops.sub, [u8([0, 5]), u8([1, 3])], [u8([255, 2])], called="wraps around"),
    case(ops.sub, [i64([-(2**63)]), i64([1])], [i64([2**63 - 1])], called="wraps around"),
    case(ops.sub, [f64([INF]), f64([INF])], [f64([NAN])], smooth=False),
    case(ops.mul, [f32([1.5, -0.0]), f32([-2.0, 3.0])], [f32([-3.0, -0.0])]),
    case(ops.mul, [f64([1.5, -2.0]), f64([2.25, 0.5])], [f64([3.375, -1.0])]),
    case(ops.mul, [f64([0.0]), f64([INF])], [f64([NAN])], smooth=False),
    case(ops.mul, [i32([2**30, -3]), i32([4, 5])], [i32([0, -15])], called="wraps around"),
    case(ops.mul, [u32([2**31]), u32([3])], [u32([2**31])], called="wraps around"),
    case(ops.mul, [c64([1 + 2j]), c64([3 - 1j])], [c64([5 + 5j])]),
    case(ops.mul, [f16([300]), f16([300])], [f16([INF])], smooth=False, called="overflows once rounded"),
    case(ops.div, [f32([1.0, 3.0]), f32([4.0, -2.0])], [f32([0.25, -1.5])]),
    case(ops.div, [f64([1.5, -2.0]), f64([0.25, 0.5])], [f64([6.0, -4.0])]),
    case(ops.div, [f64([1, -1, 0, INF]), f64([0.0, 0.0, 0.0, INF])], [f64([INF, -INF, NAN, NAN])], smooth=False),
    case(ops.div, [c128([5 + 5j]), c128([3 - 1j])], [c128([1 + 2j])], tolerance=1e-15),
    case(ops.div, [bf16([1]), bf16([3])], [bf16([1 / 3])]),
    case(ops.floor_div, [i32([7, -7, 7, -7, 6]), i32([2, 2, -2, -2, 3])], [i32([3, -4, -4, 3, 2])]),
    case(ops.floor_div, [u8([255, 7]), u8([2, 8])], [u8([127, 0])]),
    case(ops.rem, [i32([7, -7, 7, -7]), i32([3, 3, -3, -3])], [i32([1, -1, 1, -1])], called="sign of lhs"),
    case(ops.rem, [f64([7.5, -7.5, 7.5]), f64([2.0, 2.0, -2.0])], [f64([1.5, -1.5, 1.5])]),
    case(ops.rem, [f32([1, 5, 3]), f32([0.0, INF, NAN])], [f32([NAN, 5, NAN])], smooth=False),
    case(ops.rem, [u64([2**64 - 1]), u64([10])], [u64([5])]),
    case(ops.rem, [f16([5.5]), f16([2])], [f16([1.5])]),
    case(ops.pow, [f64([2.0, 0.5, 9.0]), f64([3.0, 2.0, 0.5])], [f64([8, 0.25, 3])]),
    case(ops.pow, [f32([2.5, 0.5]), f32([1.5, -2.0])], [f32([2.5**1.5, 4.0])]),
    case(ops.pow, [f32([NAN, 0, -8, INF]), f32([0, 0, 0.5, -1])], [f32([1, 1, NAN, 0])], smooth=False),
    case(ops.pow, [f64([-2, -2]), f64([3, 2])], [f64([-8, 4])], smooth=False, called="integer exponents"),
    case(ops.pow, [i32([2, -1, 0, 7]), i32([10, 101, 0, 0])], [i32([1024, -1, 1, 1])], called="integers"),
    case(ops.pow, [i8([3]), i8([100])], [i8([(3**100 + 128) % 256 - 128])], called="wraps around"),
    case(ops.pow, [u64([3]), u64([1000])], [u64([3**1000 % 2**64])], called="wraps around"),
    case(ops.pow, [c128([1 + 1j]), c128([2 + 0.5j])], [c128([cmath.exp((2 + 0.5j) * cmath.log(1 + 1j))])]),
    case(ops.pow, [bf16([3]), bf16([2])], [bf16([9])]),
    case(ops.max, [f32([1, -2]), f32([-1, 3])], [f32([1, 3])]),
    case(ops.max, [f64([1, -2]), f64([-1, 3])], [f64([1, 3])]),
    case(ops.max, [f64([NAN, 1, -INF]), f64([1, NAN, INF])], [f64([NAN, NAN, INF])], smooth=False),
    case(ops.max, [b1([T, F]), b1([F, F])], [b1([T, F])]),
    case(ops.max, [u64([2**64 - 1]), u64([1])], [u64([2**64 - 1])]),
    case(ops.max, [bf16([1.5, NAN]), bf16([2.5, 0])], [bf16([2.5, NAN])], smooth=False),
    case(ops.min, [f32([1, -2]), f32([-1, 3])], [f32([-1, -2])]),
    case(ops.min, [f64([1, -2]), f64([-1, 3])], [f64([-1, -2])]),
    case(ops.min, [f64([NAN, 1, -INF]), f64([1, NAN, INF])], [f64([NAN, NAN, -INF])], smooth=False),
    case(ops.min, [b1([T, T]), b1([F, T])], [b1([F, T])]),
    case(ops.min, [i8([-128]), i8([127])], [i8([-128])]),
    case(
        ops.atan2,
        [f64([1.0, 1.0, -2.0, -0.5]), f64([1.0, -1.0, -0.25, 3.0])],
        [f64([math.pi / 4, 3 * math.pi / 4, math.atan2(-2.0, -0.25), math.atan2(-0.5, 3.0)])],
    ),
    case(
        ops.atan2,
        [f32([0.0, -0.0, 0.0, 1.0, INF]), f32([-1.0, -1.0, 1.0, 0.0, -INF])],
        [f32([math.pi, -math.pi, 0.0, math.pi / 2, 3 * math.pi / 4])],
        smooth=False,
        called="signs of zeros, infinities",
    ),
    # -- bits ----
    case(ops.bitwise_and, [i32([12, -1]), i32([10, 7])], [i32([8, 7])]),
    case(ops.bitwise_and, [b1([T, T, F]), b1([T, F, F])], [b1([T, F, F])]),
    case(ops.bitwise_or, [u8([12, 128]), u8([10, 1])], [u8([14, 129])]),
    case(ops.bitwise_or, [b1([T, T, F]), b1([T, F, F])], [b1([T, T, F])]),
    case(ops.bitwise_xor, [i64([12, -1]), i64([10, 1])], [i64([6, -2])]),
    case(ops.bitwise_xor, [b1([T, T, F]), b1([T, F, F])], [b1([F, T, F])]),
    case(ops.shift_left, [i8([1, 3, 1, 1]), i8([3, 7, 8, 100])], [i8([8, -128, 0, 0])], called="beyond the width"),
    case(ops.shift_left, [u64([1, 5]), u64([63, 64])], [u64([2**63, 0])]),
    case(ops.shift_right, [i8([-128, 100, -3, 3]), i8([3, 2, 9, 9])], [i8([-16, 25, -1, 0])], called="sign comes in"),
    case(ops.shift_right, [u32([2**31, 7]), u32([31, 32])], [u32([1, 0])], called="zeros come in"),
    # -- comparisons ----
    *_compared(ops.eq, F, T, F, F),
    *_compared(ops.ne, T, F, T, T),
    *_compared(ops.lt, T, F, F, F),
    *_compared(ops.le, T, T, F, F),
    *_compared(ops.gt, F, F, T, F),
    *_compared(ops.ge, F, T, T, F),
    case(ops.eq, [c64([1 + 2j, 1 + 2j]), c64([1 + 2j, 1 - 2j])], [b1([T, F])]),
    case(ops.ne, [c128([1 + 2j, complex(NAN, 0)]), c128([1 + 2j, complex(NAN, 0)])], [b1([F, T])]),
    # -- several operands and conversions ----
    case(ops.complex, [f32([1, INF]), f32([-2, NAN])], [c64([1 - 2j, complex(INF, NAN)])], smooth=False),
    case(ops.complex, [f64(1.5), f64(0.5)], [c128(1.5 + 0.5j)], called="scalar"),
    case(ops.select, [b1([T, F]), f32([1, 2]), f32([3, 4])], [f32([1, 4])]),
    case(ops.select, [b1([T, F]), f64([1, 2]), f64([3, 4])], [f64([1, 4])]),
    case(ops.select, [b1(F), i8([1, 2]), i8([3, 4])], [i8([3, 4])], called="scalar condition"),
    case(ops.select, [b1([T, F]), bf16([NAN, NAN]), bf16([1, -0.0])], [bf16([NAN, -0.0])], smooth=False),
    case(ops.select, [b1([[T], [F]]), b1([[F], [F]]), b1([[T], [T]])], [b1([[F], [T]])]),
    case(ops.clamp, [f32(-1), f32([-2, 0.5, 3]), f32(1)], [f32([-1, 0.5, 1])], called="scalar bounds"),
    case(ops.clamp, [f64([0, 0, 0]), f64([-1, 0.5, 5]), f64([1, 1, 1])], [f64([0, 0.5, 1])]),
    case(ops.clamp, [f64(-1), f64([-2, 0.5, 3]), f64(1)], [f64([-1, 0.5, 1])], called="scalar bounds"),
    case(ops.clamp, [f64([0, 0, 2]), f64([-1, NAN, 5]), f64([1, 1, 1])], [f64([0, NAN, 1])], smooth=False),
    case(ops.clamp, [i32([1, 2]), i32([0, 9]), i32([3, 4])], [i32([1, 4])]),
    case(ops.clamp, [u8(3), u8([1, 200]), u8([10, 100])], [u8([3, 100])], called="one scalar bound"),
    case(ops.clamp, [f16(0), f16([-1, 0.5]), f16(1)], [f16([0, 0.5])]),
    case(ops.cast, [f64([1.5, -2.25])], [f32([1.5, -2.25])], dtype=dtypes.f32),
    case(ops.cast, [f32([1.9, -1.9, 0.0])], [i32([1, -1, 0])], dtype=dtypes.i32, called="truncates"),
    case(ops.cast, [f32([0.0, -0.0, 0.5, NAN])], [b1([F, F, T, T])], dtype=dtypes.bool_, called="not equal to 0"),
    case(ops.cast, [c64([0, 1j])], [b1([F, T])], dtype=dtypes.bool_, called="not equal to 0"),
    case(ops.cast, [c64([1.5 + 2j])], [f32([1.5])], dtype=dtypes.f32, called="drops the imaginary part"),
    case(ops.cast, [c128([3.7 + 2j])], [i32([3])], dtype=dtypes.i32, called="drops the imaginary part"),
    case(ops.cast, [b1([T, F])], [f16([1, 0])], dtype=dtypes.f16),
    case(ops.cast, [i64([2**40 + 7, -1])], [i32([7, -1])], dtype=dtypes.i32, called="keeps the low bits"),
    case(ops.cast, [i8([-1])], [u32([2**32 - 1])], dtype=dtypes.u32, called="extends the sign"),
    case(ops.cast, [f32([1.5])], [c128([1.5])], dtype=dtypes.c128),
    case(ops.cast, [f64([1 + 2**-11, 1 + 2**-11 + 2**-40])], [f16([1, 1 + 2**-10])], dtype=dtypes.f16),
    case(
        ops.cast,
        [f64([1 + 2**-8, 1 + 2**-8 + 2**-40, -1 - 2**-8 - 2**-40, INF, NAN, 0.0])],
        [bf16([1, 1 + 2**-7, -1 - 2**-7, INF, NAN, 0.0])],
        dtype=dtypes.bf16,
        smooth=False,
        called="one rounding",
    ),
    case(ops.cast, [i32([257, 2**30 + 2**22 + 1])], [bf16([256, 2**30 + 2**23])], dtype=dtypes.bf16),
    case(ops.cast, [f64([1.5, -2])], [c128([1.5, -2])], dtype=dtypes.c128),
    case(ops.cast, [bf16([1.5])], [f16([1.5])], dtype=dtypes.f16),
    case(ops.bitcast, [f32([1.0, -0.0])], [u32([0x3F800000, 0x80000000])], dtype=dtypes.u32),
    case(ops.bitcast, [i64([-1])], [u64([2**64 - 1])], dtype=dtypes.u64),
    case(ops.bitcast, [u16([0x3FC0])], [bf16([1.5])], dtype=dtypes.bf16),
    case(ops.bitcast, [f16(1.0)], [i16(0x3C00)], dtype=dtypes.i16, called="scalar"),
]

BINARY_NUMERIC = (ops.add, ops.sub, ops.mul, ops.pow)
BINARY_BITS = (ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor)
ORDERED = (ops.rem, ops.max, ops.min, ops.lt, ops.le, ops.gt, ops.ge)
ALIKE = {  # ops of two operands of equal type, with a dtype they take
    **dict.fromkeys((*BINARY_NUMERIC, *ORDERED, ops.div, ops.atan2, ops.eq, ops.ne), "f32"),
    **dict.fromkeys((*BINARY_BITS, ops.floor_div, ops.shift_left, ops.shift_right), "i32"),
}

REFUSALS: list[Refusal] = [
    *(
        refusal(op, f"{dtype}[2] i64[2]", f"rhs is i64[2] but must be {dtype}[2], lhs's dtype")
        for op, dtype in ALIKE.items()
    ),
    *(
        refusal(op, f"{dtype}[2] {dtype}[batch]", f"rhs is {dtype}[batch] but must be {dtype}[2], lhs's shape")
        for op, dtype in ALIKE.items()
    ),
    *(
        refusal(op, "bool[2] bool[2]", "lhs is bool[2] but must be of a numeric dtype, not bool")
        for op in (*BINARY_NUMERIC, ops.rem)
    ),
    *(
        refusal(op, "c64[2] c64[2]", "lhs is c64[2] but must be of a dtype that has an order, not complex")
        for op in ORDERED
    ),
    refusal(ops.div, "i32[2] i32[2]", "lhs is i32[2] but must be of a float or complex dtype"),
    *(
        refusal(op, "f32[2] f32[2]", "lhs is f32[2] but must be of an integer dtype")
        for op in (ops.floor_div, ops.shift_left, ops.shift_right)
    ),
    refusal(ops.atan2, "c64[2] c64[2]", "lhs is c64[2] but must be of a float dtype"),
    *(refusal(op, "f32[2] f32[2]", "lhs is f32[2] but must be of an integer dtype or bool") for op in BINARY_BITS),
    refusal(ops.complex, "f16[2] f16[2]", "real is f16[2] but must be of dtype f32 or f64"),
    refusal(ops.complex, "f32[2] f64[2]", "imag is f64[2] but must be f32[2], real's dtype"),
    refusal(ops.complex, "f32[2] f32[3]", "imag is f32[3] but must be f32[2], real's shape"),
    refusal(ops.select, "i32[2] f32[2] f32[2]", "condition is i32[2] but must be of dtype bool"),
    refusal(ops.select, "bool[2] f32[2] i32[2]", "on_false is i32[2] but must be f32[2], on_true's dtype"),
    refusal(ops.select, "bool[2] f32[2] f32[3]", "on_false is f32[3] but must be f32[2], on_true's shape"),
    refusal(ops.select, "bool[1] f32[2] f32[2]", "condition is bool[1] but must be bool[2] or bool[]"),
    refusal(ops.clamp, "c64[] c64[2] c64[]", "x is c64[2] but must be of a dtype that has an order, not complex"),
    refusal(ops.clamp, "f32[1] f32[2] f32[]", "lower is f32[1] but must be f32[2] or f32[]"),
    refusal(ops.clamp, "f32[] f32[2] f64[]", "upper is f64[] but must be f32[2] or f32[]"),
    refusal(ops.cast, "f32[]", "attribute dtype is missing"),
    refusal(ops.cast, "f32[]", "dtype is 'f32' but must be a dtype", dtype="f32"),
    refusal(ops.bitcast, "bool[2]", "x is bool but must be an integer or float dtype", dtype=dtypes.u8),
    refusal(ops.bitcast, "u64[2]", "dtype is c64 but must be an integer or float dtype", dtype=dtypes.c64),
    refusal(ops.bitcast, "f32[2]", "dtype is i64 but must be 32 bits wide, as f32 is", dtype=dtypes.i64),
]
