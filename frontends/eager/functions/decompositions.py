"""Decompositions of matrices: Cholesky, QR, singular values, eigenvalues, LU; axes before the last two are a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions import matrices as matrix_functions
from diptych.ir import Builder, Value, dtypes

from ..dtypes import of_ir
from ..tapes.batches import Levels, of_whole, whole
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .complexes import conj
from .named_results import named
from .operands import tensors
from .shapes import transpose
from .triangles import tril, triu

eigh_result = named("linalg_eigh", "eigenvalues eigenvectors")
qr_result, svd_result = named("linalg_qr", "Q R"), named("linalg_svd", "U S Vh")
cholesky_result, inverse_result = named("linalg_cholesky_ex", "L info"), named("linalg_inv_ex", "inverse info")
lu_result, factor_result = named("linalg_lu", "P L U"), named("linalg_lu_factor", "LU pivots")
factor_ex_result = named("linalg_lu_factor_ex", "LU pivots info")


class LinAlgError(RuntimeError):
    """A matrix has no such decomposition or inverse."""


# -- operations: what is written as equations ----


@operation
def _cholesky(b: Builder, x: Value) -> Value:
    return b.cholesky(x)


@operation
def _qr(b: Builder, x: Value) -> tuple[Value, Value]:
    return b.qr(x)


@operation
def _complete_qr(b: Builder, x: Value) -> tuple[Value, Value]:
    """Q square: of x with as many zero columns more as it lacks, which leave Q's first columns as they are."""
    rows, columns = (int(size) for size in x.shape[-2:])
    from diptych.functions.constants import scalar

    low = [0] * x.rank
    wide = b.pad(x, scalar(b, 0, x.dtype), low=low, high=[*low[:-1], rows - columns], interior=low)
    q, r = b.qr(wide)
    limit = (*r.shape[:-1], columns)
    return q, b.slice(r, start=low, limit=limit, stride=[1] * x.rank)


@operation
def _svd(b: Builder, x: Value) -> tuple[Value, Value, Value]:
    return b.svd(x)


@operation
def _eigh(b: Builder, x: Value, upper: bool) -> tuple[Value, Value]:
    return b.eigh(matrix_functions.adjoint(b, x) if upper else x)


@operation
def _lu(b: Builder, x: Value) -> tuple[Value, Value, Value]:
    return b.lu(x)


# -- checks ----


def matrix(name: str, x: Tensor, label: str = "A", *, square: bool = False) -> Tensor:
    """x, which must be matrices of floats or complex numbers. Raises RuntimeError."""
    _check_rank(name, x, label)
    if square:
        check_square(name, x, label)
    if not x.dtype.ir.is_differentiable:
        raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got {x.dtype.scalar}")
    if x.dtype.ir.real not in (dtypes.f32, dtypes.f64):
        raise RuntimeError(f"{name}: Low precision dtypes not supported. Got {of_ir(x.dtype.ir).scalar}")
    return x


def _check_rank(name: str, x: Tensor, label: str) -> None:
    if x.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor {label} must have at least 2 dimensions.")


def check_square(name: str, x: Tensor, label: str = "A") -> None:
    """Raises RuntimeError for what are no square matrices."""
    _check_rank(name, x, label)
    if x.shape[-1] != x.shape[-2]:
        raise RuntimeError(
            f"{name}: {label} must be batches of square matrices, but they are {x.shape[-2]} by {x.shape[-1]} matrices"
        )


def first_wrong(wrong: np.ndarray) -> tuple[str, int]:
    """("(Batch element i): ", place from 1) of the first place, along the last axis, that is wrong in any matrix."""
    flat = wrong.reshape(-1, wrong.shape[-1])
    row = int(np.argmax(flat.any(axis=1)))
    lead = f"(Batch element {row}): " if wrong.ndim > 1 else ""
    return lead, int(np.argmax(flat[row])) + 1


def _info(wrong: np.ndarray, levels: Levels) -> Tensor:
    """The place from 1 of what is wrong along the last axis, 0 where nothing is, as int32."""
    place = np.where(wrong.any(axis=-1), wrong.argmax(axis=-1) + 1, 0)
    return of_whole(np.asarray(place, np.int32), levels)


# -- functions: what users call ----


def cholesky(input: Tensor, *, upper: bool = False) -> Tensor:
    """L with L L^H = input for Hermitian positive-definite matrices; L^H with `upper`. Raises LinAlgError for
    others."""
    x = matrix("linalg.cholesky", *tensors("cholesky", input=input), square=True)
    return lower_factor("linalg.cholesky", x, upper)


def lower_factor(name: str, x: Tensor, upper: bool) -> Tensor:
    """The Cholesky factor, for the function `name`. Raises LinAlgError where there is none."""
    turned = conj(transpose(x, -1, -2)) if upper else x
    found = call(_cholesky, (turned,))
    wrong = np.isnan(whole(found)[0]).any(axis=-1)
    if wrong.any():
        batch, place = first_wrong(_bad_minors(turned))
        raise LinAlgError(
            f"{name}: {batch}The factorization could not be completed because the input is not positive-definite (the "
            f"leading minor of order {place} is not positive-definite)."
        )
    return conj(transpose(found, -1, -2)) if upper else found


def _bad_minors(x: Tensor) -> np.ndarray:
    array = whole(x)[0].astype(np.complex128 if x.dtype.is_complex else np.float64)
    array = np.tril(array)
    array = array + np.conj(np.swapaxes(np.tril(array, -1), -1, -2))
    size = array.shape[-1]
    signs = [np.linalg.eigvalsh(array[..., :n, :n]).min(axis=-1) <= 0 for n in range(1, size + 1)]
    return np.stack(signs, axis=-1)


def cholesky_ex(input: Tensor, *, upper: bool = False, check_errors: bool = False) -> Any:
    """(L, info): info is 0, or the order of the first minor that is not positive-definite."""
    x = matrix("linalg.cholesky_ex", *tensors("cholesky_ex", input=input), square=True)
    if check_errors:
        lower_factor("linalg.cholesky_ex", x, upper)
    turned = conj(transpose(x, -1, -2)) if upper else x
    found = call(_cholesky, (turned,))
    array, levels = whole(found)
    wrong = np.isnan(array).any(axis=(-1, -2))
    info = _info(_bad_minors(turned), levels) if wrong.any() else of_whole(np.zeros(wrong.shape, np.int32), levels)
    return cholesky_result(conj(transpose(found, -1, -2)) if upper else found, info)


def qr(A: Tensor, mode: str = "reduced") -> Any:
    """(Q, R) with Q R = A: orthonormal columns, an upper triangle; Q square with "complete", nothing with "r"."""
    x = matrix("linalg.qr", *tensors("qr", A=A))
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        )
    if mode == "complete" and x.shape[-2] > x.shape[-1]:
        if x.requires_grad:
            raise RuntimeError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols")
        return qr_result(*call(_complete_qr, (x,)))
    q, r = call(_qr, (x,))
    if mode == "r":
        if x.requires_grad:
            raise RuntimeError(
                "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use "
                "linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr."
            )
        return qr_result(from_array(np.zeros(0, x.dtype.ir.numpy), x.device), r)
    return qr_result(q, r)


def svd(A: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> Any:
    """(U, S, V^H) with U diag(S) V^H = A, S descending; U and V^H are square with `full_matrices`."""
    x = matrix("linalg.svd", *tensors("svd", A=A))
    if driver is not None:
        raise RuntimeError(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend."
        )
    u, s, vh = call(_svd, (x,))
    rows, columns = x.shape[-2:]
    if full_matrices and rows != columns:
        if rows > columns:
            u = _completed(u)
        else:
            vh = conj(transpose(_completed(conj(transpose(vh, -1, -2))), -1, -2))
    return svd_result(u, s, vh)


def _completed(columns: Tensor) -> Tensor:
    """Orthonormal columns with others behind them, so that they span the whole space; these have no gradient."""
    from .joining import cat

    array, levels = whole(columns)
    others = np.linalg.svd(array, full_matrices=True)[0][..., array.shape[-1] :] if array.size else np.broadcast_to(
        np.eye(array.shape[-2], dtype=array.dtype)[:, array.shape[-1] :],
        (*array.shape[:-1], array.shape[-2] - array.shape[-1]),
    )  # fmt: skip
    return cat([columns, of_whole(np.ascontiguousarray(others), levels)], -1)


def svdvals(A: Tensor, *, driver: str | None = None) -> Tensor:
    """The singular values, descending."""
    return call(_svd, (matrix("linalg.svd", *tensors("svdvals", A=A)),))[1]


def eigh(A: Tensor, UPLO: str = "L") -> Any:
    """(eigenvalues, eigenvectors as columns) of Hermitian matrices, ascending; one triangle is read. Raises
    RuntimeError for another word than L or U."""
    x = matrix("linalg.eigh", *tensors("eigh", A=A), square=True)
    if str(UPLO).upper() not in ("L", "U"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return eigh_result(*call(_eigh, (x,), (str(UPLO).upper() == "U",)))


def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """The eigenvalues of Hermitian matrices, ascending."""
    return eigh(*tensors("eigvalsh", A=A), UPLO).eigenvalues


def lu_factor_ex(A: Tensor, *, pivot: bool = True, check_errors: bool = False) -> Any:
    """(LU, pivots, info): both factors in one matrix; pivots are rows from 1; info is the first zero on the
    diagonal."""
    x = matrix("linalg.lu_factor_ex", *tensors("lu_factor_ex", A=A))
    if not pivot:
        raise RuntimeError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")
    factors, pivots, _ = call(_lu, (x,))
    size = min(x.shape[-2:])
    array, levels = whole(factors)
    wrong = np.diagonal(array, axis1=-2, axis2=-1) == 0 if size else np.zeros((*array.shape[:-2], 1), bool)
    if check_errors and wrong.any():
        batch, place = first_wrong(wrong)
        raise LinAlgError(
            f"linalg.lu_factor_ex: {batch}U[{place},{place}] is zero and using it on lu_solve would result in a "
            "division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, "
            "pivot) or linalg.lu_factor_ex(A, pivot)"
        )
    return factor_ex_result(factors, pivots + 1, _info(wrong, levels))


def lu_factor(A: Tensor, *, pivot: bool = True) -> Any:
    """(LU, pivots). Raises LinAlgError for singular matrices."""
    found = lu_factor_ex(*tensors("lu_factor", A=A), pivot=pivot)
    return factor_result(found.LU, found.pivots)


def lu(A: Tensor, *, pivot: bool = True) -> Any:
    """(P, L, U) with P L U = A."""
    x = matrix("linalg.lu", *tensors("lu", A=A))
    if not pivot:
        raise RuntimeError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")
    factors, _, order = call(_lu, (x,))
    return lu_result(permutation_matrix(order, x), *_both_factors(factors))


def permutation_matrix(order: Tensor, like: Tensor) -> Tensor:
    """The matrices that undo the orders [..., m] of rows, in the dtype of `like`."""
    places, levels = whole(order)
    eye = np.eye(places.shape[-1], dtype=like.dtype.ir.numpy)
    return of_whole(np.ascontiguousarray(np.swapaxes(eye[places], -1, -2)), levels)


def _both_factors(factors: Tensor) -> tuple[Tensor, Tensor]:
    rows, columns = factors.shape[-2:]
    inner = min(rows, columns)
    lower = tril(factors[..., :, :inner], -1) + from_array(
        np.eye(rows, inner, dtype=factors.dtype.ir.numpy), factors.device
    )
    return lower, triu(factors[..., :inner, :])
