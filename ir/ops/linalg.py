"""Matrix decompositions over the last two axes, and Fourier transforms. Axes before those are a batch."""

from __future__ import annotations

from typing import Literal

from .. import dtypes
from ..attributes import Axes
from ..op import op, refuse
from ..types import TensorType
from . import checks


@op
def cholesky(x: TensorType) -> TensorType:
    """Lower-triangular L with L L^H = x, of a Hermitian positive-definite x, whose lower triangle alone is read; all
    nan where x is not positive-definite."""
    checks.matrix(x, square=True)
    return x


@op
def triangular_solve(
    a: TensorType,
    b: TensorType,
    *,
    lower: bool,
    left: bool = True,
    transform: Literal["none", "transpose", "adjoint"] = "none",
    unit_diagonal: bool = False,
) -> TensorType:
    """X with op(a) X = b, or X op(a) = b where not `left`. Of a only the `lower` (or upper) triangle is read, and with
    `unit_diagonal` the diagonal counts as 1. Division by 0 on the diagonal gives inf or nan."""
    checks.matrix(a, "a", square=True)
    checks.matrix(b, "b")
    if b.dtype != a.dtype:
        refuse("b", b, f"of dtype {a.dtype}, as a is")
    if b.shape[:-2] != a.shape[:-2]:
        refuse("b", b, f"of a's batch shape, {a}")
    side = b.shape[-2] if left else b.shape[-1]
    if side != a.shape[-1]:
        refuse("b", b, f"{a.shape[-1]} long in its {'second to last' if left else 'last'} axis, as a is")
    return b


@op
def qr(x: TensorType) -> tuple[TensorType, TensorType]:
    """(Q, R) with Q R = x for x [m, n] and k = min(m, n): Q [m, k] with orthonormal columns, R [k, n] upper
    triangular. Signs are LAPACK's."""
    checks.matrix(x)
    *batch, rows, columns = x.shape
    inner = _smaller(x)
    return x.with_shape((*batch, rows, inner)), x.with_shape((*batch, inner, columns))


@op
def svd(x: TensorType) -> tuple[TensorType, TensorType, TensorType]:
    """(U, s, V^H) with U diag(s) V^H = x for x [m, n] and k = min(m, n): U [m, k], s [k] real and descending, V^H
    [k, n]. Signs are LAPACK's."""
    checks.matrix(x)
    *batch, rows, columns = x.shape
    inner = _smaller(x)
    values = TensorType(x.dtype.real, (*batch, inner))
    return x.with_shape((*batch, rows, inner)), values, x.with_shape((*batch, inner, columns))


@op
def eigh(x: TensorType) -> tuple[TensorType, TensorType]:
    """(w, V) with x V = V diag(w) of a Hermitian x, whose lower triangle alone is read: w real and ascending, V's
    columns orthonormal. Signs are LAPACK's."""
    checks.matrix(x, square=True)
    return TensorType(x.dtype.real, x.shape[:-1]), x


@op
def eig(x: TensorType) -> tuple[TensorType, TensorType]:
    """(w, V) with x V = V diag(w) of any square x: both complex, w in LAPACK's order, V's columns of length 1 with
    LAPACK's phases."""
    checks.matrix(x, square=True)
    wide = dtypes.c64 if x.dtype.real is dtypes.f32 else dtypes.c128
    return TensorType(wide, x.shape[:-1]), TensorType(wide, x.shape)


@op
def lu(x: TensorType) -> tuple[TensorType, TensorType, TensorType]:
    """(LU, pivots, permutation) of x [m, n]: L below the diagonal of LU with ones on it, U on and above; pivots i32
    [min(m, n)], the row swapped with each row, from 0; permutation i32 [m] with x[permutation] = L U."""
    checks.matrix(x)
    *batch, rows, _ = x.shape
    return (
        x,
        TensorType(dtypes.i32, (*batch, _smaller(x))),
        TensorType(dtypes.i32, (*batch, rows)),
    )


@op
def fft(x: TensorType, *, kind: Literal["fft", "ifft", "rfft", "irfft"], lengths: Axes) -> TensorType:
    """Discrete Fourier transform over the last len(lengths) axes (1 to 3), whose sizes `lengths` are.

    fft and ifft: complex to complex; ifft divides by the number of points. rfft: real to the n // 2 + 1 first points
    of the last axis; irfft undoes it, `lengths` being its result's sizes.
    """
    if not 1 <= len(lengths) <= min(3, x.rank):
        refuse("lengths", list(lengths), f"1 to {min(3, x.rank)} sizes")
    if any(length < 1 for length in lengths):
        refuse("lengths", list(lengths), "positive sizes")
    half = (*lengths[:-1], lengths[-1] // 2 + 1)
    wanted, given = (half, lengths) if kind == "irfft" else (lengths, half if kind == "rfft" else lengths)
    if x.dtype not in ((dtypes.f32, dtypes.f64) if kind == "rfft" else (dtypes.c64, dtypes.c128)):
        refuse("x", x, f"of dtype {'f32 or f64' if kind == 'rfft' else 'c64 or c128'}")
    if x.shape[x.rank - len(lengths) :] != wanted:
        refuse("x", x, f"of sizes {list(wanted)} in its last axes")
    if kind == "rfft":
        dtype = dtypes.c64 if x.dtype is dtypes.f32 else dtypes.c128
    else:
        dtype = x.dtype.real if kind == "irfft" else x.dtype
    return TensorType(dtype, (*x.shape[: x.rank - len(lengths)], *given))


def _smaller(x: TensorType) -> int:
    rows, columns = x.shape[-2:]
    if not isinstance(rows, int) or not isinstance(columns, int):
        refuse("x", x, "of numeric sizes in its last two axes", hint="specialise the program to its sizes first")
    return min(rows, columns)
