"""Samples of `ir/ops/reduction.py`, worked out by hand."""

from __future__ import annotations

from diptych.ir import dtypes, ops

from . import Refusal, Sample
from .notation import INF, NAN, b1, bf16, c64, case, f16, f32, f64, i8, i32, i64, refusal, u8, u64

TABLE = f32([[1, 2, 3], [4, 5, 6]])
T, F = True, False

SAMPLES: list[Sample] = [
    case(ops.reduce_sum, [TABLE], [f32([6, 15])], axes=(1,)),
    case(ops.reduce_sum, [TABLE], [f32(21)], axes=(0, 1), called="all axes"),
    case(ops.reduce_sum, [f64([[1.5, -0.5]])], [f64([[1.5, -0.5]])], axes=(), called="no axes"),
    case(ops.reduce_sum, [f32([[], []])], [f32([0, 0])], axes=(1,), called="of no elements"),
    case(ops.reduce_sum, [f32([[], []])], [f32([])], axes=(0,), called="empty result"),
    case(ops.reduce_sum, [i8([100, 100, 100])], [i8(44)], axes=(0,), called="wraps around"),
    case(ops.reduce_sum, [u8([[200], [100]])], [u8([44])], axes=(0,), called="wraps around"),
    case(ops.reduce_sum, [f16([2048] + [0.5] * 4)], [f16(2050)], axes=(0,), called="adds up in f32"),
    case(ops.reduce_sum, [bf16([256] + [0.5] * 4)], [bf16(258)], axes=(0,), called="adds up in f32"),
    case(ops.reduce_sum, [c64([1 + 2j, 3 - 1j])], [c64(4 + 1j)], axes=(0,)),
    case(ops.reduce_sum, [f64([INF, -INF])], [f64(NAN)], axes=(0,), smooth=False),
    case(ops.reduce_prod, [TABLE], [f32([4, 10, 18])], axes=(0,)),
    case(ops.reduce_prod, [f64([[], []])], [f64([1, 1])], axes=(1,), called="of no elements"),
    case(ops.reduce_prod, [f64([2, 0, 3])], [f64(0)], axes=(0,), called="one zero"),
    case(ops.reduce_prod, [i8([[16, 16]])], [i8([0])], axes=(1,), called="wraps around"),
    case(ops.reduce_prod, [bf16([3, 5, 0.5])], [bf16(7.5)], axes=(0,)),
    case(ops.reduce_prod, [c64([1j, 1j])], [c64(-1)], axes=(0,)),
    case(ops.reduce_max, [TABLE], [f32([3, 6])], axes=(1,)),
    case(ops.reduce_max, [f64([[1, 3], [4, 2]])], [f64([3, 4])], axes=(1,)),
    case(ops.reduce_max, [f64([[1, NAN], [-INF, 2]])], [f64([NAN, 2])], axes=(1,), smooth=False),
    case(ops.reduce_max, [f32([[], []])], [f32([-INF, -INF])], axes=(1,), called="of no elements"),
    case(ops.reduce_max, [i8([])], [i8(-128)], axes=(0,), called="of no elements"),
    case(ops.reduce_max, [u64([1, 2**64 - 1])], [u64(2**64 - 1)], axes=(0,)),
    case(ops.reduce_max, [b1([[F, T], [F, F]])], [b1([T, F])], axes=(1,)),
    case(ops.reduce_max, [b1([])], [b1(F)], axes=(0,), called="of no elements"),
    case(ops.reduce_max, [bf16([1, 3, 2])], [bf16(3)], axes=(0,)),
    case(ops.reduce_min, [TABLE], [f32([1, 2, 3])], axes=(0,)),
    case(ops.reduce_min, [f64([[1, 3], [4, 2]])], [f64([1, 2])], axes=(1,)),
    case(ops.reduce_min, [f64([[1, NAN], [INF, 2]])], [f64([NAN, 2])], axes=(1,), smooth=False),
    case(ops.reduce_min, [f16([[], []])], [f16([INF, INF])], axes=(1,), called="of no elements"),
    case(ops.reduce_min, [u8([])], [u8(255)], axes=(0,), called="of no elements"),
    case(ops.reduce_min, [b1([[T, T], [T, F]])], [b1([T, F])], axes=(1,)),
    case(ops.reduce_and, [b1([[T, T], [T, F]])], [b1([T, F])], axes=(1,)),
    case(ops.reduce_and, [b1([])], [b1(T)], axes=(0,), called="true of none"),
    case(ops.reduce_and, [b1([T, F])], [b1([T, F])], axes=(), called="no axes"),
    case(ops.reduce_or, [b1([[F, T], [F, F]])], [b1([T, F])], axes=(1,)),
    case(ops.reduce_or, [b1([])], [b1(F)], axes=(0,), called="false of none"),
    case(ops.argmax, [f32([[1, 3, 3], [2, NAN, NAN]])], [i32([1, 1])], axis=1, dtype=dtypes.i32),
    case(ops.argmax, [i8([[1, 5], [5, -9]])], [i64([1, 0])], axis=0, dtype=dtypes.i64),
    case(ops.argmax, [b1([F, T, T])], [u8(1)], axis=0, dtype=dtypes.u8),
    case(ops.argmax, [bf16([0.0, -0.0, 0.0])], [i32(0)], axis=0, dtype=dtypes.i32, called="zeros are equal"),
    case(ops.argmax, [f64([[], []])], [i32([])], axis=0, dtype=dtypes.i32, called="empty result"),
    case(ops.argmin, [f64([[3, 1, 1], [2, NAN, -INF]])], [i32([1, 1])], axis=1, dtype=dtypes.i32),
    case(ops.argmin, [b1([T, F, F])], [i8(1)], axis=0, dtype=dtypes.i8),
    case(ops.argmin, [f16([[2], [1]])], [i64([1])], axis=0, dtype=dtypes.i64),
    case(ops.cumulative_sum, [TABLE], [f32([[1, 3, 6], [4, 9, 15]])], axis=1),
    case(ops.cumulative_sum, [TABLE], [f32([[5, 7, 9], [4, 5, 6]])], axis=0, reverse=True),
    case(ops.cumulative_sum, [i8([100, 100, 100])], [i8([100, -56, 44])], axis=0, called="wraps around"),
    case(ops.cumulative_sum, [f16([2048, 1, 1])], [f16([2048, 2048, 2050])], axis=0, called="adds up in f32"),
    case(ops.cumulative_sum, [f64([])], [f64([])], axis=0, called="empty"),
    case(ops.cumulative_sum, [c64([1j, 1])], [c64([1j, 1 + 1j])], axis=0),
    case(ops.cumulative_prod, [f64([[2, 3, 4]])], [f64([[2, 6, 24]])], axis=1),
    case(ops.cumulative_prod, [f32([2, 0, 4])], [f32([0, 0, 4])], axis=0, reverse=True, called="one zero"),
    case(ops.cumulative_prod, [u8([16, 16, 3])], [u8([16, 0, 0])], axis=0, called="wraps around"),
    case(ops.cumulative_max, [f64([1, 3, 2, 5])], [f64([1, 3, 3, 5])], axis=0),
    case(ops.cumulative_max, [f32([1, NAN, 2])], [f32([1, NAN, NAN])], axis=0, smooth=False, called="nan carries on"),
    case(ops.cumulative_max, [f32([1, NAN, 2])], [f32([NAN, NAN, 2])], axis=0, reverse=True, smooth=False),
    case(ops.cumulative_max, [b1([F, T, F])], [b1([F, T, T])], axis=0),
    case(ops.cumulative_max, [bf16([[1], [0.5]])], [bf16([[1], [1]])], axis=0),
    case(ops.cumulative_min, [i32([[3, 1, 2]])], [i32([[3, 1, 1]])], axis=1),
    case(ops.cumulative_min, [f64([3, 1, 2])], [f64([1, 1, 2])], axis=0, reverse=True),
    case(ops.cumulative_min, [f32([3, NAN, 2])], [f32([3, NAN, NAN])], axis=0, smooth=False),
    case(ops.sort, [f64([3, 1, 2])], [f64([1, 2, 3])], axis=0),
    case(ops.sort, [f32([NAN, 1, -INF, INF])], [f32([-INF, 1, INF, NAN])], axis=0, smooth=False, called="nan last"),
    case(ops.sort, [f32([0.0, -0.0, 0.0]), i32([0, 1, 2])], [f32([0.0, -0.0, 0.0]), i32([0, 1, 2])], axis=0,
         smooth=False, called="zeros are equal"),
    case(ops.sort, [i32([2, 1, 2, 1]), f32([0.5, 1.5, 2.5, 3.5])], [i32([1, 1, 2, 2]), f32([1.5, 3.5, 0.5, 2.5])],
         axis=0, called="stable"),
    case(ops.sort, [i8([1, 1, 0]), f64([2, 1, 3]), c64([1, 2j, 3])], [i8([0, 1, 1]), f64([3, 1, 2]), c64([3, 2j, 1])],
         axis=0, keys=2, called="two keys"),
    case(ops.sort, [bf16([[3], [NAN], [1]]), b1([[T], [F], [T]])], [bf16([[1], [3], [NAN]]), b1([[T], [T], [F]])],
         axis=0, smooth=False),
    case(ops.sort, [b1([T, F]), u64([1, 2])], [b1([F, T]), u64([2, 1])], axis=0),
    case(ops.sort, [f16([[2, 1], [NAN, -1]])], [f16([[1, 2], [-1, NAN]])], axis=1, smooth=False),
    case(ops.sort, [f32([])], [f32([])], axis=0, called="empty"),
    case(ops.top_k, [f64([[1, 4, 2], [6, 5, 7]])], [f64([[4, 2], [7, 6]]), i32([[1, 2], [2, 0]])], k=2),
    case(ops.top_k, [f32([1, NAN, 3, NAN, 3])], [f32([NAN, NAN, 3, 3]), i64([1, 3, 2, 4])], k=4, dtype=dtypes.i64,
         smooth=False, called="nan first, then the first of equals"),
    case(ops.top_k, [f32([-0.0, 0.0, -1])], [f32([-0.0, 0.0]), i32([0, 1])], k=2, smooth=False,
         called="zeros are equal"),
    case(ops.top_k, [i8([-128, 127, -128])], [i8([127, -128, -128]), u8([1, 0, 2])], k=3, dtype=dtypes.u8),
    case(ops.top_k, [u64([1, 2**64 - 1])], [u64([2**64 - 1]), i32([1])], k=1),
    case(ops.top_k, [b1([F, T, T])], [b1([T, T]), i32([1, 2])], k=2),
    case(ops.top_k, [bf16([1, -2, 3])], [bf16([3, 1]), i32([2, 0])], k=2),
    case(ops.top_k, [f16([1, -INF, INF])], [f16([INF, 1, -INF]), i32([2, 0, 1])], k=3, smooth=False),
    case(ops.top_k, [f32([[1], [2]])], [f32([[], []]), i32([[], []])], k=0, called="none"),
]  # fmt: skip

SUMS = (ops.reduce_sum, ops.reduce_prod)
EXTREMES = (ops.reduce_max, ops.reduce_min)
LOGICAL = (ops.reduce_and, ops.reduce_or)
ARGS = (ops.argmax, ops.argmin)
RUNNING_SUMS = (ops.cumulative_sum, ops.cumulative_prod)
RUNNING_EXTREMES = (ops.cumulative_max, ops.cumulative_min)
UNORDERED = "c64[2] but must be of a dtype that has an order, not complex"

REFUSALS: list[Refusal] = [
    *(refusal(op, "bool[2]", "x is bool[2] but must be of a numeric dtype, not bool", axes=(0,)) for op in SUMS),
    *(refusal(op, "c64[2]", f"x is {UNORDERED}", axes=(0,)) for op in EXTREMES),
    *(refusal(op, "i32[2]", "x is i32[2] but must be of dtype bool", axes=(0,)) for op in LOGICAL),
    *(
        refusal(op, f"{'bool' if op in LOGICAL else 'f32'}[{shape}]", message, axes=axes)
        for op in (*SUMS, *EXTREMES, *LOGICAL)
        for shape, axes, message in (
            ("2,3", (2,), "axes is 2 but must be from 0 to 1"),
            ("", (0,), "axes is 0 but must be absent: the operand is a scalar"),
            ("2,3", (1, 0), "axes is [1, 0] but must be in ascending order without repeats"),
        )
    ),
    *(
        refusal(op, operand, message, axis=axis, dtype=dtype)
        for op in ARGS
        for operand, axis, dtype, message in (
            ("c64[2]", 0, dtypes.i32, f"x is {UNORDERED}"),
            ("f32[2]", 1, dtypes.i32, "axis is 1 but must be from 0 to 0"),
            ("f32[]", 0, dtypes.i32, "axis is 0 but must be absent: the operand is a scalar"),
            ("f32[2]", 0, dtypes.f32, "dtype is f32 but must be an integer dtype"),
            ("f32[2,0]", 1, dtypes.i32, "x is f32[2,0] but must be of at least one element along axis 1"),
        )
    ),
    *(refusal(op, "bool[2]", "x is bool[2] but must be of a numeric dtype, not bool", axis=0) for op in RUNNING_SUMS),
    *(refusal(op, "c64[2]", f"x is {UNORDERED}", axis=0) for op in RUNNING_EXTREMES),
    *(
        refusal(op, shape, message, axis=axis)
        for op in (*RUNNING_SUMS, *RUNNING_EXTREMES)
        for shape, axis, message in (
            ("f32[2]", -1, "axis is -1 but must be from 0 to 0"),
            ("f32[]", 0, "axis is 0 but must be absent: the operand is a scalar"),
        )
    ),
    refusal(ops.sort, "", "operands is none but must be at least one", axis=0),
    refusal(ops.sort, "f32[2] i32[2]", "keys is 3 but must be from 1 to 2, the number of operands", axis=0, keys=3),
    refusal(ops.sort, "f32[2]", "keys is 0 but must be from 1 to 1, the number of operands", axis=0, keys=0),
    refusal(ops.sort, "f32[2]", "axis is 1 but must be from 0 to 0", axis=1),
    refusal(ops.sort, "f32[]", "axis is 0 but must be absent: the operand is a scalar", axis=0),
    refusal(ops.sort, "f32[2] i32[3]", "operands[1] is i32[3] but must be i32[2], operands[0]'s shape", axis=0),
    refusal(ops.sort, "c64[2]", f"operands[0] is {UNORDERED}", axis=0),
    refusal(ops.top_k, "c64[2]", f"x is {UNORDERED}", k=1),
    refusal(ops.top_k, "f32[]", "x is f32[] but must be of rank 1 or more", k=1),
    refusal(ops.top_k, "f32[2]", "k is 3 but must be from 0 to 2, the size of the last axis", k=3),
    refusal(ops.top_k, "f32[batch]", "k is -1 but must be from 0 to batch, the size of the last axis", k=-1),
    refusal(ops.top_k, "f32[2]", "dtype is f32 but must be an integer dtype", k=1, dtype=dtypes.f32),
]  # fmt: skip
