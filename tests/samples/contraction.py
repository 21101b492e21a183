"""Samples of `ir/ops/contraction.py`, worked out by hand."""

from __future__ import annotations

from typing import Any

from diptych.ir import ops

from . import Refusal, Sample
from .notation import INF, NAN, bf16, c64, case, f16, f32, f64, i8, i32, i64, refusal, u8, u64

LEFT, RIGHT = [[1, 2, 3], [4, 5, 6]], [[1, 0], [0, 1], [2, -1]]
PRODUCT = [[7, -1], [16, -1]]

SAMPLES: list[Sample] = [
    case(ops.matmul, [f32(LEFT), f32(RIGHT)], [f32(PRODUCT)]),
    case(ops.matmul, [bf16(LEFT), bf16(RIGHT)], [bf16(PRODUCT)]),
    case(ops.matmul, [i8(LEFT), i8(RIGHT)], [i8(PRODUCT)]),
    case(ops.matmul, [f64([1, 2, 3]), f64([4, 5, 6])], [f64(32)], lhs_contract=(0,), called="dot of vectors"),
    case(ops.matmul, [f64([1, 2]), f64([3, 4])], [f64([[3, 4], [6, 8]])], lhs_contract=(), rhs_contract=(),
         called="outer product"),
    case(ops.matmul, [f32([1, 2]), f32([3, 4])], [f32([3, 8])], lhs_contract=(), rhs_contract=(), lhs_batch=(0,),
         rhs_batch=(0,), called="batch alone"),
    case(ops.matmul, [f32([[[1, 2]], [[3, 4]]]), f32([[[5], [6]], [[7], [8]]])], [f32([[[17]], [[53]]])],
         lhs_contract=(2,), rhs_contract=(1,), lhs_batch=(0,), rhs_batch=(0,), called="batch"),
    case(ops.matmul, [f64([[[1, 2], [3, 4]]]), f64([[1, 10], [100, 1000]])], [f64([4231])], lhs_contract=(1, 2),
         rhs_contract=(1, 0), called="two pairs, crossed"),
    case(ops.matmul, [f64([[1, 2], [3, 4]]), f64([[5, 6], [7, 8]])], [f64([[5, 18], [14, 32]])], lhs_contract=(),
         rhs_contract=(), lhs_batch=(1, 0), rhs_batch=(0, 1), called="batch in another order"),
    case(ops.matmul, [f32([[], []]), f32([]).reshape(0, 3)], [f32([[0, 0, 0], [0, 0, 0]])], called="of no elements"),
    case(ops.matmul, [f32([]).reshape(0, 2), f32([[1], [2]])], [f32([]).reshape(0, 1)], called="empty result"),
    case(ops.matmul, [i32([[2**30, 1]]), i32([[4], [5]])], [i32([[5]])], called="wraps around"),
    case(ops.matmul, [u64([[2**63 + 1]]), u64([[3]])], [u64([[2**63 + 3]])], called="wraps around"),
    case(ops.matmul, [u8([[200, 100]]), u8([[2], [3]])], [u8([[700 % 256]])], called="wraps around"),
    case(ops.matmul, [f16([[2048] + [1] * 8]), f16([[1]] * 9)], [f16([[2056]])], called="adds up in f32"),
    case(ops.matmul, [c64([[1j, 2]]), c64([[1j], [1 - 1j]])], [c64([[1 - 2j]])]),
    case(ops.matmul, [f64([[INF, 1]]), f64([[0], [1]])], [f64([[NAN]])], smooth=False),
]  # fmt: skip


def _line(x: Any, kernel: Any, result: Any, called: str, **attributes: Any) -> Sample:
    """A convolution of one image of one channel along one axis, layout nc0."""
    plain = {"stride": (1,), "padding": ((0, 0),), "x_dilation": (1,), "kernel_dilation": (1,)}
    operands = [x[None, None], kernel[None, None]]
    return case(
        ops.convolution,
        operands,
        [result[None, None]],
        called=called,
        layout="nc0,oi0->nc0",
        **{**plain, **attributes},
    )


SAMPLES += [
    _line(f32([1, 2, 3, 4]), f32([1, 10]), f32([21, 32, 43]), "not flipped"),
    _line(f64([1, 2, 3, 4, 5]), f64([1, 10]), f64([21, 43]), "stride", stride=(2,)),
    _line(f32([1, 2]), f32([1, 10, 100]), f32([210, 21]), "padding", padding=((1, 1),)),
    _line(f64([1, 2, 3, 4]), f64([1, 10]), f64([32]), "negative padding", padding=((-1, -1),)),
    _line(f32([1, 2]), f32([1, 10, 100]), f32([201]), "x_dilation", x_dilation=(2,)),
    _line(f64([1, 2, 3]), f64([1, 10]), f64([31]), "kernel_dilation", kernel_dilation=(2,)),
    _line(f64([1, 2]), f64([1, 1]), f64([1, 1, 2, 2]), "both ends", x_dilation=(2,), padding=((1, 1),)),
    _line(bf16([1, 2, 3]), bf16([2, 1]), bf16([4, 7]), "bf16"),
    _line(f16([2048] + [1] * 8), f16([1] * 9), f16([2056]), "adds up in f32"),
    _line(i64([2**53 + 1, 1, 3]), i64([1, 1]), i64([2**53 + 2, 4]), "integers are exact"),
    _line(u8([255, 2]), u8([2, 1]), u8([0]), "integers wrap around"),
    _line(c64([1j, 2]), c64([1j, 1]), c64([1]), "complex"),
    _line(f32([1]), f32([1, 2]), f32([]), "no window fits"),
    _line(f32([1, 2]), f32([]), f32([0, 0, 0]), "empty kernel"),
    _line(f32([1]), f32([2]), f32([]), "padding removes more than there is", padding=((-1, -1),)),
    case(
        ops.convolution,
        [f32([[[1], [2]], [[3], [4]]])[None], f32([[[[1]], [[10]]], [[[100]], [[1000]]]])],
        [f32([[[[4321]]]])],
        called="two axes, n01c",
        layout="n01c,01io->n01c", stride=(1, 1), padding=((0, 0), (0, 0)), x_dilation=(1, 1), kernel_dilation=(1, 1),
    ),
    case(
        ops.convolution,
        [f64([[[1, 2], [3, 4]]]), f64([[[1]], [[10]], [[100]], [[1000]]])],
        [f64([[[1, 2], [10, 20], [300, 400], [3000, 4000]]])],
        called="groups",
        layout="nc0,oi0->nc0", stride=(1,), padding=((0, 0),), x_dilation=(1,), kernel_dilation=(1,), groups=2,
    ),
    case(
        ops.convolution,
        [f32([[[1]], [[2]], [[3]], [[4]]]), f32([[[1]], [[10]]])],
        [f32([[[1], [30]], [[2], [40]]])],
        called="batch_groups",
        layout="nc0,oi0->nc0", stride=(1,), padding=((0, 0),), x_dilation=(1,), kernel_dilation=(1,), batch_groups=2,
    ),
    case(
        ops.convolution,
        [f64(LEFT), f64(RIGHT)],
        [f64(PRODUCT)],
        called="no spatial axis: a matrix product",
        layout="nc,io->nc", stride=(), padding=(), x_dilation=(), kernel_dilation=(),
    ),
    case(
        ops.convolution,
        [f64([[[[[1, 2]]]]]), f64([[[[[3, 5]]]]])],
        [f64([[[[[13]]]]])],
        called="three axes",
        layout="nc012,oi012->c012n", stride=(1, 2, 1), padding=((0, 0),) * 3, x_dilation=(1,) * 3,
        kernel_dilation=(1,) * 3,
    ),
]  # fmt: skip


def _refused(operands: str, message: str, **attributes: Any) -> Refusal:
    plain = {
        "layout": "nc0,oi0->nc0",
        "stride": (1,),
        "padding": ((0, 0),),
        "x_dilation": (1,),
        "kernel_dilation": (1,),
    }
    return refusal(ops.convolution, operands, message, **{**plain, **attributes})


REFUSALS: list[Refusal] = [
    refusal(ops.matmul, "bool[2,3] bool[3,4]", "lhs is bool[2,3] but must be of a numeric dtype, not bool"),
    refusal(ops.matmul, "f32[2,3] f64[3,4]", "rhs is f64[3,4] but must be of dtype f32, as lhs is"),
    refusal(ops.matmul, "f32[2] f32[2]", "lhs_batch and lhs_contract is 1 but must be from 0 to 0"),
    refusal(ops.matmul, "f32[2,3] f32[]",
            "rhs_batch and rhs_contract is 0 but must be absent: the operand is a scalar"),
    refusal(ops.matmul, "f32[2,2] f32[2,2]", "lhs_batch and lhs_contract is [1, 1] but must be without repeats",
            lhs_batch=(1,), rhs_batch=(1,)),
    refusal(ops.matmul, "f32[2,2] f32[2,2]", "rhs_batch and rhs_contract is [0, 0] but must be without repeats",
            lhs_batch=(0,), rhs_batch=(0,)),
    refusal(ops.matmul, "f32[2,3] f32[3,4]", "rhs_contract is [0] but must be as long as lhs_contract, []",
            lhs_contract=()),
    refusal(ops.matmul, "f32[2,3] f32[3,4]", "rhs_batch is [] but must be as long as lhs_batch, [0]", lhs_batch=(0,)),
    refusal(ops.matmul, "f32[2,3] f32[4,5]",
            "rhs is f32[4,5] but must be 3 long along axis 0, as lhs f32[2,3] is along axis 1"),
    _refused("bool[1,2,5] bool[4,2,3]", "x is bool[1,2,5] but must be of a numeric dtype, not bool"),
    _refused("f32[1,2,5] f64[4,2,3]", "kernel is f64[4,2,3] but must be of dtype f32, as x is"),
    _refused("f32[1,2,5] f32[4,2,3]",
             "layout is 'nc0->nc0' but must be like n01c,01io->n01c: n c digits, o i digits, n c digits",
             layout="nc0->nc0"),
    _refused("f32[1,2,5] f32[4,2,3]", "layout is 'nn0,oi0->nc0' but must be of nc0 once each in every part, nn0 is not",
             layout="nn0,oi0->nc0"),
    _refused("f32[1,2] f32[4,2,3]", "x is f32[1,2] but must be of rank 3, as layout nc0,oi0->nc0 says"),
    _refused("f32[1,2,5] f32[4,2]", "kernel is f32[4,2] but must be of rank 3, as layout nc0,oi0->nc0 says"),
    _refused("f32[1,2,5] f32[4,2,3]", "padding is [] but must be 1 entries long, one an axis", padding=()),
    _refused("f32[1,2,5] f32[4,2,3]", "stride is [1, 1] but must be 1 entries long, one an axis", stride=(1, 1)),
    _refused("f32[1,2,5] f32[4,2,3]", "x_dilation is [] but must be 1 entries long, one an axis", x_dilation=()),
    _refused("f32[1,2,5] f32[4,2,3]", "kernel_dilation is [] but must be 1 entries long, one an axis",
             kernel_dilation=()),
    _refused("f32[1,2,5] f32[4,2,3]", "stride is [0] but must be 1 or more along every axis", stride=(0,)),
    _refused("f32[1,2,5] f32[4,2,3]", "x_dilation is [0] but must be 1 or more along every axis", x_dilation=(0,)),
    _refused("f32[1,2,5] f32[4,2,3]", "kernel_dilation is [-1] but must be 1 or more along every axis",
             kernel_dilation=(-1,)),
    _refused("f32[1,2,5] f32[4,2,3]", "groups and batch_groups is 0 and 1 but must be 1 or more, and one of them 1",
             groups=0),
    _refused("f32[2,2,5] f32[4,1,3]", "groups and batch_groups is 2 and 2 but must be 1 or more, and one of them 1",
             groups=2, batch_groups=2),
    _refused("f32[1,2,5] f32[4,3,3]",
             "kernel is 3 input channels times 1 groups but must be 2 in product, x's channels"),
    _refused("f32[1,2,5] f32[3,1,3]", "groups is 2 but must be a divisor of 3, the output channels", groups=2),
    _refused("f32[2,2,5] f32[3,2,3]", "batch_groups is 2 but must be a divisor of 3, the output channels",
             batch_groups=2),
    _refused("f32[3,2,5] f32[4,2,3]", "batch_groups is 2 but must be a divisor of 3, the batch", batch_groups=2),
]  # fmt: skip
