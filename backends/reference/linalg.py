"""Kernels of `ir/ops/linalg.py` of numpy's own. Where LAPACK fails on a matrix, that matrix alone becomes nan."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from diptych.ir import ops

SMALL = 16  # matrices up to this size are solved row by row, larger ones split in two


def _nan_where_it_fails(
    decompose: Callable[[np.ndarray], tuple[np.ndarray, ...]], x: np.ndarray
) -> tuple[np.ndarray, ...]:
    """decompose(x) of a stack of matrices; matrix by matrix where it raises, as it does when any of them fails."""
    try:
        return decompose(x)
    except np.linalg.LinAlgError:
        matrices = x.reshape(prod(x.shape[:-2]), *x.shape[-2:])
        model = decompose(np.broadcast_to(np.eye(*x.shape[-2:], dtype=x.dtype), x.shape))
        results = [np.full(part.shape, np.nan, part.dtype) for part in model]
        flat = [part.reshape(len(matrices), *part.shape[x.ndim - 2 :]) for part in results]
        for number, matrix in enumerate(matrices):
            try:
                parts = decompose(matrix)
            except np.linalg.LinAlgError:
                continue
            for target, part in zip(flat, parts, strict=True):
                target[number] = part
        return tuple(results)


def cholesky(xp: Any, x: np.ndarray) -> np.ndarray:
    """LAPACK's potrf, which reads the lower triangle. OpenBLAS lets a nan pass and spread over part of the factor."""
    factor = _nan_where_it_fails(lambda matrix: (np.linalg.cholesky(matrix),), x)[0]
    failed = np.isnan(factor).any(axis=(-2, -1), keepdims=True)
    return np.where(failed, np.array(np.nan, x.dtype), factor) if failed.any() else factor


def qr(xp: Any, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """LAPACK's geqrf."""
    return tuple(np.linalg.qr(x, mode="reduced"))


def svd(xp: Any, x: np.ndarray) -> tuple[np.ndarray, ...]:
    """LAPACK's gesdd."""
    return _nan_where_it_fails(lambda matrix: tuple(np.linalg.svd(matrix, full_matrices=False)), x)


def eigh(xp: Any, x: np.ndarray) -> tuple[np.ndarray, ...]:
    """LAPACK's heevd on the lower triangle."""
    return _nan_where_it_fails(lambda matrix: tuple(np.linalg.eigh(matrix, UPLO="L")), x)


def eig(xp: Any, x: np.ndarray) -> tuple[np.ndarray, ...]:
    """LAPACK's geev, of finite matrices: numpy refuses others. It gives real results where all are real."""
    wide = np.result_type(x.dtype, np.complex64)
    return _nan_where_it_fails(lambda matrix: tuple(part.astype(wide) for part in np.linalg.eig(matrix)), x)


def triangular_solve(
    xp: Any, a: np.ndarray, b: np.ndarray, *, lower: bool, left: bool, transform: str, unit_diagonal: bool
) -> np.ndarray:
    """Everything is turned into L X = B with L lower-triangular: by transposing, then by reversing both axes."""
    if transform == "adjoint":
        a = a.conj()
    transposed = transform != "none"
    if not left:  # X op(a) = b is op(a)^T X^T = b^T
        transposed, b = not transposed, b.swapaxes(-1, -2)
    if transposed:
        a, lower = a.swapaxes(-1, -2), not lower
    if lower:
        x = _solve_lower(a, np.array(b), unit_diagonal)
    else:
        x = _solve_lower(a[..., ::-1, ::-1], np.array(b[..., ::-1, :]), unit_diagonal)[..., ::-1, :]
    return x if left else x.swapaxes(-1, -2)


def _solve_lower(a: np.ndarray, b: np.ndarray, unit_diagonal: bool) -> np.ndarray:
    """b, overwritten with the solution of a x = b: the upper half first, its effect taken off the lower half."""
    size = a.shape[-1]
    if size > SMALL:
        half = size // 2
        upper = _solve_lower(a[..., :half, :half], b[..., :half, :], unit_diagonal)
        b[..., half:, :] -= a[..., half:, :half] @ upper
        _solve_lower(a[..., half:, half:], b[..., half:, :], unit_diagonal)
        return b
    for row in range(size):
        if row:
            b[..., row, :] -= (a[..., row : row + 1, :row] @ b[..., :row, :])[..., 0, :]
        if not unit_diagonal:
            b[..., row, :] /= a[..., row, row, None]
    return b


def lu(xp: Any, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Partial pivoting: the first entry of largest |re| + |im| in the column comes up, as in LAPACK."""
    *batch, rows, columns = x.shape
    matrices = np.array(x, order="C").reshape(prod(batch), rows, columns)
    inner = min(rows, columns)
    pivots = np.zeros((len(matrices), inner), np.int32)
    if matrices.size:
        _factor(matrices, pivots, np.arange(len(matrices)))
    permutation = np.tile(np.arange(rows, dtype=np.int32), (len(matrices), 1))
    for column in range(inner):
        _swap_rows(permutation, column, pivots[:, column], np.arange(len(matrices)))
    return (
        matrices.reshape(x.shape),
        pivots.reshape(*batch, inner),
        permutation.reshape(*batch, rows),
    )


def _factor(a: np.ndarray, pivots: np.ndarray, stack: np.ndarray) -> None:
    """Factors a [stack, m, n] in place: the left half of the columns, then what it leaves of the right half."""
    rows, columns = a.shape[1:]
    inner = min(rows, columns)
    if columns == 1:
        column = a[:, :, 0]
        size = np.abs(column.real) + np.abs(column.imag) if column.dtype.kind == "c" else np.abs(column)
        pivots[:, 0] = np.argmax(size, axis=1)
        _swap_rows(column, 0, pivots[:, 0], stack)
        top = column[:, :1]
        column[:, 1:] /= np.where(top == 0, 1, top)  # a column without a pivot is all zeros
        return
    half = max(1, inner // 2)
    _factor(a[:, :, :half], pivots[:, :half], stack)
    right = a[:, :, half:]
    for column in range(half):
        _swap_rows(right, column, pivots[:, column], stack)
    _solve_lower(a[:, :half, :half], right[:, :half], True)
    right[:, half:] -= a[:, half:, :half] @ right[:, :half]
    if half < inner:
        _factor(right[:, half:], pivots[:, half:], stack)
    for column in range(half, inner):
        pivots[:, column] += half
        _swap_rows(a[:, :, :half], column, pivots[:, column], stack)


def _swap_rows(a: np.ndarray, row: int, others: np.ndarray, stack: np.ndarray) -> None:
    """Exchanges row `row` of every matrix of the stack with its row others[matrix]."""
    kept = a[:, row].copy()
    a[:, row] = a[stack, others]
    a[stack, others] = kept


OVERRIDES = {
    ops.cholesky: cholesky,
    ops.triangular_solve: triangular_solve,
    ops.qr: qr,
    ops.svd: svd,
    ops.eigh: eigh,
    ops.eig: eig,
    ops.lu: lu,
}
