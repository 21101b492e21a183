"""Samples of `ir/ops/window.py`, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import Op, ops

from . import Refusal, Sample
from .notation import INF, NAN, b1, bf16, c64, case, f16, f32, f64, i8, i32, i64, refusal, u8


def _case(op: Op, operands: list[np.ndarray], result: np.ndarray, window: tuple[int, ...], **given: Any) -> Sample:
    """Stride 1, no padding and no dilation where nothing else is said."""
    ones = (1,) * len(window)
    complete = {"stride": ones, "padding": ((0, 0),) * len(window), "dilation": ones, **given}
    return case(op, operands, [result], window=window, **complete)


ROW = f64([3, 1, 4, 1, 5])
SQUARE = f32([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
TIES = f64([[2, 2], [2, 1]])

SAMPLES: list[Sample] = [
    _case(ops.window_sum, [ROW], f64([8, 6, 10]), (3,)),
    _case(ops.window_sum, [SQUARE], f32([[12, 16], [24, 28]]), (2, 2)),
    _case(ops.window_sum, [SQUARE], f32([[1, 5], [11, 28]]), (2, 2), stride=(2, 2), padding=((1, 0), (1, 0))),
    _case(ops.window_sum, [ROW], f64([7, 2, 9]), (2,), dilation=(2,)),
    _case(ops.window_sum, [i8([100, 100, 1])], i8([-56, 101]), (2,), called="wraps around"),
    _case(ops.window_sum, [f16([2048] + [1] * 8)], f16([2056]), (9,), called="adds up in f32"),
    _case(ops.window_sum, [bf16([1, 2])], bf16([0, 1, 3, 2, 0]), (2,), padding=((2, 2),), called="padding is 0"),
    _case(ops.window_sum, [c64([1j, 1])], c64([1 + 1j]), (2,)),
    _case(ops.window_sum, [f32([1, 2])], f32([]), (3,), called="no window fits"),
    _case(ops.window_sum, [f32(4)], f32(4), (), called="scalar"),
    _case(ops.window_max, [ROW], f64([4, 4, 5]), (3,)),
    _case(ops.window_max, [SQUARE], f32([[5, 6], [8, 9]]), (2, 2)),
    _case(ops.window_max, [f64([1, NAN, 2, 0])], f64([NAN, NAN, 2]), (2,), smooth=False),
    _case(ops.window_max, [f32([1])], f32([-INF, 1, -INF]), (1,), padding=((1, 1),), smooth=False,
          called="padding alone"),
    _case(ops.window_max, [i32([-5])], i32([-5, -5]), (2,), padding=((1, 1),), called="padding never wins"),
    _case(ops.window_max, [u8([0, 9, 3])], u8([3]), (2,), dilation=(2,)),
    _case(ops.window_max, [b1([False, True])], b1([False, True, True]), (2,), padding=((1, 1),)),
    _case(ops.window_max, [bf16([1, 2, 3])], bf16([2]), (2,), stride=(2,)),
    _case(ops.window_gather, [ROW, f64([10, 20, 30, 40, 50])], f64([30, 30, 50]), (3,)),
    _case(ops.window_gather, [TIES, f64([[1, 2], [3, 4]])], f64([[1]]), (2, 2), smooth=False, called="the first wins"),
    _case(ops.window_gather, [TIES, f64([[1, 2], [3, 4]])], f64([[0, 0, 0], [0, 1, 2], [0, 3, 4]]), (1, 1),
          padding=((1, 0), (1, 0)), smooth=False, called="0 of padding alone"),
    _case(ops.window_gather, [f32([1, NAN, NAN]), f32([1, 2, 3])], f32([3]), (3,), smooth=False, called="last nan"),
    _case(ops.window_gather, [f32([-INF, -INF]), f32([5, 6])], f32([5, 5, 6]), (2,), padding=((1, 1),), smooth=False,
          called="padding never wins"),
    _case(ops.window_gather, [bf16([1, 3, 2]), bf16([7, 8, 9])], bf16([9]), (2,), stride=(2,), padding=((0, 0),),
          dilation=(2,)),
    _case(ops.window_gather, [bf16([1, 3, 2]), i64([2**40, 1, 2])], i64([1, 1]), (2,), called="places"),
    _case(ops.window_gather, [i8([-128, -128, 5]), i32([7, 8, 9])], i32([7, 7, 9, 9]), (2,), padding=((1, 1),),
          called="integers, the first wins"),
    _case(ops.window_gather, [b1([False, True]), b1([True, False])], b1([True, False, False]), (2,),
          padding=((1, 1),), called="bools"),
    _case(ops.window_gather, [f64([NAN, 1, 2, NAN, NAN]), f64([1, 2, 3, 4, 5])], f64([1, 5]), (3,), stride=(2,),
          smooth=False, called="nan beside others"),
    _case(ops.window_scatter, [u8([3, 9, 9]), f16([1, 2])], f16([0, 3, 0]), (2,), called="integers"),
    _case(ops.window_scatter, [SQUARE, f32([[INF, -1], [2, NAN]])], f32([[0, 0, 0], [0, INF, -1], [0, 2, NAN]]),
          (2, 2), smooth=False, called="infinite updates stay where they go"),
    _case(ops.window_scatter, [ROW, f64([1, 10, 100])], f64([0, 0, 11, 0, 100]), (3,)),
    _case(ops.window_scatter, [TIES, f64([[5]])], f64([[5, 0], [0, 0]]), (2, 2), smooth=False, called="the first wins"),
    _case(ops.window_scatter, [SQUARE, f32([[1, 2], [3, 4]])], f32([[0, 0, 0], [0, 1, 2], [0, 3, 4]]), (2, 2)),
    _case(ops.window_scatter, [f32([NAN, 1]), f32([1, 2, 3])], f32([3, 3]), (2,), padding=((1, 1),), smooth=False,
          called="nan wins"),
    _case(ops.window_scatter, [f16([1, 2]), f16([7, 1, 2, 8])], f16([1, 2]), (1,), padding=((1, 1),),
          called="padding alone drops"),
    _case(ops.window_scatter, [f64([]), f64([9])], f64([]), (1,), padding=((0, 1),), called="empty"),
]  # fmt: skip

ALL = (ops.window_sum, ops.window_max, ops.window_gather, ops.window_scatter)


def _operands(op: Op) -> str:
    return "f32[4]" if op in (ops.window_sum, ops.window_max) else "f32[4] f32[4]"


PLAIN: dict[str, Any] = {"window": (2,), "stride": (1,), "padding": ((0, 0),), "dilation": (1,)}
WRONG: list[tuple[str, Any, str]] = [
    ("padding", (), "padding is [] but must be 1 entries long, one an axis"),
    ("padding", ((1, -1),), "padding is [[1, -1]] but must be 0 or more at every edge"),
    ("window", (2, 2), "window is [2, 2] but must be 1 entries long, one an axis"),
    ("window", (0,), "window is [0] but must be 1 or more along every axis"),
    ("stride", (), "stride is [] but must be 1 entries long, one an axis"),
    ("stride", (0,), "stride is [0] but must be 1 or more along every axis"),
    ("dilation", (1, 1), "dilation is [1, 1] but must be 1 entries long, one an axis"),
    ("dilation", (-1,), "dilation is [-1] but must be 1 or more along every axis"),
]

REFUSALS: list[Refusal] = [
    refusal(ops.window_sum, "bool[4]", "x is bool[4] but must be of a numeric dtype, not bool", **PLAIN),
    refusal(ops.window_max, "c64[4]", "x is c64[4] but must be of a dtype that has an order, not complex", **PLAIN),
    refusal(
        ops.window_gather, "c64[4] i32[4]", "x is c64[4] but must be of a dtype that has an order, not complex", **PLAIN
    ),
    refusal(
        ops.window_gather,
        "i32[4] c64[4]",
        "values is c64[4] but must be of a dtype that has an order, not complex",
        **PLAIN,
    ),
    refusal(ops.window_gather, "f32[4] i64[5]", "values is i64[5] but must be i64[4], x's shape", **PLAIN),
    refusal(
        ops.window_scatter,
        "c64[4] f32[3]",
        "x is c64[4] but must be of a dtype that has an order, not complex",
        **PLAIN,
    ),
    refusal(ops.window_scatter, "i32[4] i32[3]", "updates is i32[3] but must be of a float dtype", **PLAIN),
    refusal(ops.window_scatter, "f32[4] f32[4]", "updates is f32[4] but must be f32[3], one a window", **PLAIN),
    *(refusal(op, _operands(op), message, **{**PLAIN, name: value}) for op in ALL for name, value, message in WRONG),
]
