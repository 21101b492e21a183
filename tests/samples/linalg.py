"""Samples of `ir/ops/linalg.py`, worked out by hand, with LAPACK's signs where a decomposition leaves them open."""

from __future__ import annotations

import math

from diptych.ir import Op, ops

from . import Refusal, Sample
from .notation import INF, NAN, c64, c128, case, f32, f64, i32, refusal

# L L^T with L = [[2, 0], [1, 3]]; what stands above the diagonal is not read.
POSITIVE, FACTOR = [[4, 777], [2, 10]], [[2, 0], [1, 3]]
LOWER = [[2, 555], [1, 4]]
HALF = math.sqrt(0.5)

SAMPLES: list[Sample] = [
    case(ops.cholesky, [f64(POSITIVE)], [f64(FACTOR)]),
    case(ops.cholesky, [f32([POSITIVE, [[-1, 0], [0, 1]]])], [f32([FACTOR, [[NAN, NAN], [NAN, NAN]]])], smooth=False,
         called="nan where it is not positive-definite"),
    case(ops.cholesky, [c64([[4, 0], [2j, 2]])], [c64([[2, 0], [1j, 1]])]),
    case(ops.cholesky, [f64([]).reshape(0, 0)], [f64([]).reshape(0, 0)], called="empty"),
    case(ops.triangular_solve, [f64(LOWER), f64([[4], [10]])], [f64([[2], [2]])], lower=True),
    case(ops.triangular_solve, [f64([[2, 1], [555, 4]]), f64([[4], [8]])], [f64([[1], [2]])], lower=False),
    case(ops.triangular_solve, [f32(LOWER), f32([[4], [8]])], [f32([[1], [2]])], lower=True, transform="transpose"),
    case(ops.triangular_solve, [f64(LOWER), f64([[4, 8]])], [f64([[1, 2]])], lower=True, left=False),
    case(ops.triangular_solve, [f64(LOWER), f64([[4, 10]])], [f64([[2, 2]])], lower=True, left=False,
         transform="transpose"),
    case(ops.triangular_solve, [f64([[9, 0], [3, 9]]), f64([[1], [5]])], [f64([[1], [2]])], lower=True,
         unit_diagonal=True),
    case(ops.triangular_solve, [c128([[1j, 0], [1, 2]]), c128([[1 + 1j], [2]])], [c128([[-1], [1]])],
         lower=True, transform="adjoint"),
    case(ops.triangular_solve, [c128([[1j, 0], [1, 2]]), c128([[-1j, 3]])], [c128([[1, 1]])], lower=True,
         left=False, transform="adjoint"),
    case(ops.triangular_solve, [f64([[[2]], [[4]]]), f64([[[2, 4]], [[2, 4]]])], [f64([[[1, 2]], [[0.5, 1]]])],
         lower=True, called="batch"),
    case(ops.triangular_solve, [f64([[0]]), f64([[1, -1, 0]])], [f64([[INF, -INF, NAN]])], lower=True, smooth=False,
         called="division by 0"),
    case(ops.qr, [f64([[3, 1], [4, 2]])], [f64([[-0.6, -0.8], [-0.8, 0.6]]), f64([[-5, -2.2], [0, 0.4]])]),
    case(ops.qr, [f32([[3], [4]])], [f32([[-0.6], [-0.8]]), f32([[-5]])], called="tall"),
    case(ops.qr, [f64([[-2, 6]])], [f64([[1]]), f64([[-2, 6]])], called="wide"),
    case(ops.qr, [c64([[2j]])], [c64([[-1j]]), c64([[-2]])], called="complex"),
    case(ops.svd, [f64([[0, 2], [3, 0]])], [f64([[0, -1], [-1, 0]]), f64([3, 2]), f64([[-1, 0], [0, -1]])]),
    case(ops.svd, [f32([[3], [4]])], [f32([[0.6], [0.8]]), f32([5]), f32([[1]])], called="tall"),
    case(ops.svd, [c128([[2j]])], [c128([[1j]]), f64([2]), c128([[1]])], called="complex"),
    case(ops.eigh, [f64([[2, 888], [1, 2]])], [f64([1, 3]), f64([[-HALF, HALF], [HALF, HALF]])]),
    case(ops.eigh, [f32([[5]])], [f32([5]), f32([[1]])]),
    case(ops.eigh, [f64([[3, 0], [0, 1]])], [f64([1, 3]), f64([[0, 1], [1, 0]])], called="ascending"),
    case(ops.eig, [f64([[2, 1], [0, 3]])], [c128([2, 3]), c128([[1, HALF], [0, HALF]])]),
    case(ops.eig, [f64([[0, -4], [4, 0]])], [c128([4j, -4j]), c128([[HALF, HALF], [-HALF * 1j, HALF * 1j]])],
         called="a turn"),
    case(ops.eig, [c64([[2j]])], [c64([2j]), c64([[1]])], called="complex"),
    case(ops.lu, [f64([[1, 2], [4, 8.5]])], [f64([[4, 8.5], [0.25, -0.125]]), i32([1, 1]), i32([1, 0])]),
    case(ops.lu, [f32([[0, 1], [0, 2], [0, 4]])], [f32([[0, 1], [0, 4], [0, 0.5]]), i32([0, 2]), i32([0, 2, 1])],
         smooth=False, called="tall and singular"),
    case(ops.lu, [f64([[2, 4, 6]])], [f64([[2, 4, 6]]), i32([0]), i32([0])], called="wide"),
    case(ops.lu, [f64([[[1, 2], [3, 4]], [[2, 0], [1, 1]]])],
         [f64([[[3, 4], [1 / 3, 2 / 3]], [[2, 0], [0.5, 1]]]), i32([[1, 1], [0, 1]]), i32([[1, 0], [0, 1]])],
         called="batch"),
    case(ops.lu, [c64([[3, 0], [2 + 2j, 1]])], [c64([[2 + 2j, 1], [0.75 - 0.75j, -0.75 + 0.75j]]), i32([1, 1]),
         i32([1, 0])], called="pivots by |re| + |im|"),
    case(ops.fft, [c64([1, 2, 3, 4])], [c64([10, -2 + 2j, -2, -2 - 2j])], kind="fft", lengths=(4,)),
    case(ops.fft, [c128([10, -2 + 2j, -2, -2 - 2j])], [c128([1, 2, 3, 4])], kind="ifft", lengths=(4,)),
    case(ops.fft, [f32([1, 2, 3, 4])], [c64([10, -2 + 2j, -2])], kind="rfft", lengths=(4,)),
    case(ops.fft, [f64([1, 2, 4])], [c128([7, complex(-2, math.sqrt(3))])], kind="rfft", lengths=(3,), called="odd"),
    case(ops.fft, [c128([10, -2 + 2j, -2])], [f64([1, 2, 3, 4])], kind="irfft", lengths=(4,)),
    case(ops.fft, [c64([7, complex(-2, math.sqrt(3))])], [f32([1, 2, 4])], kind="irfft", lengths=(3,), called="odd"),
    case(ops.fft, [c64([[1, 2], [3, 4]])], [c64([[10, -2], [-4, 0]])], kind="fft", lengths=(2, 2)),
    case(ops.fft, [f64([[[1, 2], [3, 4]]])], [c128([[[10, -2], [-4, 0]]])], kind="rfft", lengths=(1, 2, 2)),
    case(ops.fft, [c64([[1, 2], [3, 4]])], [c64([[3, -1], [7, -1]])], kind="fft", lengths=(2,), called="batch"),
]  # fmt: skip


def _matrix(op: Op, other: str = "", **attributes: object) -> list[Refusal]:
    """What every decomposition refuses of its operand."""
    return [
        refusal(op, f"f16[2,2]{other}", "x is f16[2,2] but must be of dtype f32, f64, c64 or c128", **attributes),
        refusal(op, f"f32[2]{other}", "x is f32[2] but must be of rank 2 or more", **attributes),
    ]


def _solve(operands: str, message: str, *, left: bool = True) -> Refusal:
    return refusal(ops.triangular_solve, operands, message, lower=True, left=left)


NAMED = "x is f32[batch,2] but must be of numeric sizes in its last two axes"

REFUSALS: list[Refusal] = [
    *(found for op in (ops.cholesky, ops.qr, ops.svd, ops.eigh, ops.eig, ops.lu) for found in _matrix(op)),
    *(
        refusal(op, "f32[2,3]", "x is f32[2,3] but must be square in its last two axes")
        for op in (ops.cholesky, ops.eigh, ops.eig)
    ),
    *(refusal(op, "f32[batch,2]", NAMED) for op in (ops.qr, ops.svd, ops.lu)),
    _solve("i32[2,2] i32[2,2]", "a is i32[2,2] but must be of dtype f32, f64, c64 or c128"),
    _solve("f32[2] f32[2,2]", "a is f32[2] but must be of rank 2 or more"),
    _solve("f32[2,3] f32[2,2]", "a is f32[2,3] but must be square in its last two axes"),
    _solve("f32[2,2] bf16[2,2]", "b is bf16[2,2] but must be of dtype f32, f64, c64 or c128"),
    _solve("f32[2,2] f32[2]", "b is f32[2] but must be of rank 2 or more"),
    _solve("f32[2,2] f64[2,2]", "b is f64[2,2] but must be of dtype f32, as a is"),
    _solve("f32[3,2,2] f32[2,2]", "b is f32[2,2] but must be of a's batch shape, f32[3,2,2]"),
    _solve("f32[2,2] f32[3,2]", "b is f32[3,2] but must be 2 long in its second to last axis, as a is"),
    _solve("f32[2,2] f32[2,3]", "b is f32[2,3] but must be 2 long in its last axis, as a is", left=False),
    refusal(ops.triangular_solve, "f32[2,2] f32[2,2]",
            "transform is 'inverse' but must be one of none, transpose, adjoint", lower=True, transform="inverse"),
    refusal(ops.fft, "c64[4]", "lengths is [] but must be 1 to 1 sizes", kind="fft", lengths=()),
    refusal(ops.fft, "c64[1,1,1,4]", "lengths is [1, 1, 1, 4] but must be 1 to 3 sizes",
            kind="fft", lengths=(1, 1, 1, 4)),
    refusal(ops.fft, "c64[0]", "lengths is [0] but must be positive sizes", kind="fft", lengths=(0,)),
    refusal(ops.fft, "f32[4]", "x is f32[4] but must be of dtype c64 or c128", kind="fft", lengths=(4,)),
    refusal(ops.fft, "c64[4]", "x is c64[4] but must be of dtype f32 or f64", kind="rfft", lengths=(4,)),
    refusal(ops.fft, "c64[4]", "x is c64[4] but must be of sizes [5] in its last axes", kind="ifft", lengths=(5,)),
    refusal(ops.fft, "c64[4]", "x is c64[4] but must be of sizes [3] in its last axes", kind="irfft", lengths=(4,)),
    refusal(ops.fft, "f32[batch]", "x is f32[batch] but must be of sizes [4] in its last axes",
            kind="rfft", lengths=(4,)),
]  # fmt: skip
