"""What stands in torch itself of linear algebra, mostly under older names."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..calling.telling import warn_once
from ..tensors import views
from ..tensors.creation import eye
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .complexes import conj
from .decompositions import lower_factor, lu_factor_ex, matrix
from .decompositions import qr as linalg_qr
from .decompositions import svd as linalg_svd
from .least_squares import pinv
from .logic import where
from .named_results import named
from .operands import tensors
from .products import matmul
from .shapes import transpose
from .solving import det as linalg_det
from .solving import inv as linalg_inv
from .solving import lu_solve as linalg_lu_solve
from .solving import matrix_exp as linalg_exp
from .solving import matrix_power as linalg_power
from .solving import slogdet as linalg_slogdet
from .solving import solve_triangular, unpacked
from .triangles import tril, triu

triangular_result = named("triangular_solve", "solution cloned_coefficient")
unpacked_result = named("lu_unpack", "P L U")
qr_result, svd_result = named("qr", "Q R"), named("svd", "U S V")
slogdet_result = named("slogdet", "sign logabsdet")
geqrf_result = named("geqrf", "a tau")


def inverse(input: Tensor) -> Tensor:
    """As `linalg.inv`."""
    return linalg_inv(input)


def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    """As `linalg.pinv`, with a relative tolerance."""
    return pinv(input, rtol=rcond)


def logdet(input: Tensor) -> Tensor:
    """The logarithm of the determinant: nan where that is negative."""
    (x,) = tensors("logdet", input=input)
    sign, size = linalg_slogdet(x)
    if x.dtype.is_complex:
        return sign.log() + size
    return where(sign < 0, float("nan"), where(sign == 0, float("-inf"), size))


def cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """As `linalg.cholesky`; with `upper` the factor's adjoint."""
    warn_once(
        "cholesky",
        "torch.cholesky is deprecated in favor of torch.linalg.cholesky and will be removed in a future PyTorch "
        "release.\nL = torch.cholesky(A)\nshould be replaced with\nL = torch.linalg.cholesky(A)\nand\n"
        "U = torch.cholesky(A, upper=True)\nshould be replaced with\nU = torch.linalg.cholesky(A).mH\nThis transform "
        "will produce equivalent results for all valid (symmetric positive definite) inputs.",
    )
    return lower_factor("cholesky", matrix("cholesky", *tensors("cholesky", input=input), square=True), upper)


def cholesky_inverse(L: Tensor, upper: bool = False) -> Tensor:
    """The inverse of the matrix whose Cholesky factor is given."""
    (factor,) = tensors("cholesky_inverse", L=L)
    if factor.ndim < 2:
        raise RuntimeError("cholesky_inverse: The input tensor A must have at least 2 dimensions.")
    matrix("cholesky_inverse", factor, square=True)
    return cholesky_solve(eye(factor.shape[-1], dtype=factor.dtype, device=factor.device), factor, upper)


def cholesky_solve(B: Tensor, L: Tensor, upper: bool = False) -> Tensor:
    """X with A X = B for the matrix A whose Cholesky factor is given."""
    rhs, factor = tensors("cholesky_solve", B=B, L=L)
    for label, each in (("b", rhs), ("u", factor)):
        if each.ndim < 2:
            raise RuntimeError(f"{label} should have at least 2 dimensions, but has {each.ndim} dimensions instead")
    lower = conj(transpose(factor, -1, -2)) if upper else factor
    half = solve_triangular(lower, rhs, upper=False)
    return solve_triangular(conj(transpose(lower, -1, -2)), half, upper=True)


def triangular_solve(
    b: Tensor, A: Tensor, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """(X, A) with A X = b for triangular A, or its transpose."""
    rhs, x = tensors("triangular_solve", b=b, A=A)
    half = triu(x) if upper else tril(x)
    turned = half.mT if transpose else half
    found = solve_triangular(turned, rhs, upper=upper is not transpose, unitriangular=unitriangular)
    return triangular_result(found, x.expand((*found.shape[:-2], *x.shape[-2:])).clone())


def qr(input: Tensor, some: bool = True) -> Any:
    """As `linalg.qr`: complete unless `some`."""
    warn_once(
        "qr",
        "torch.qr is deprecated in favor of torch.linalg.qr and will be removed in a future PyTorch release.\nThe "
        "boolean parameter 'some' has been replaced with a string parameter 'mode'.\nQ, R = torch.qr(A, some)\nshould "
        "be replaced with\nQ, R = torch.linalg.qr(A, 'reduced' if some else 'complete')",
    )
    return qr_result(*linalg_qr(input, "reduced" if some else "complete"))


def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
    """(U, S, V), V not transposed; U and V are zeros unless `compute_uv`."""
    (x,) = tensors("svd", input=input)
    u, s, vh = linalg_svd(x, full_matrices=not some)
    if not compute_uv:
        rows, columns = x.shape[-2:]
        zeros = [
            from_array(np.zeros((*x.shape[:-2], size, size), x.dtype.ir.numpy), x.device) for size in (rows, columns)
        ]
        return svd_result(zeros[0], s, zeros[1])
    return svd_result(u, s, conj(transpose(vh, -1, -2)))


def lu_unpack(LU_data: Tensor, LU_pivots: Tensor, unpack_data: bool = True, unpack_pivots: bool = True) -> Any:
    """(P, L, U) of the decomposition that `linalg.lu_factor` gives; empty tensors for what is not to be unpacked."""
    factors, pivots = tensors("lu_unpack", LU_data=LU_data, LU_pivots=LU_pivots)
    if pivots.dtype.name != "int32":
        raise RuntimeError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\n"
            "Note: this function is intended to be used with the output produced by torch.linalg.lu_factor"
        )
    p, lower, upper = unpacked(factors, pivots)
    nothing = from_array(np.zeros(0, factors.dtype.ir.numpy), factors.device)
    return unpacked_result(
        p if unpack_pivots else nothing, lower if unpack_data else nothing, upper if unpack_data else nothing
    )


def lu(A: Tensor, pivot: bool = True, get_infos: bool = False) -> Any:
    """(LU, pivots), or (LU, pivots, info)."""
    factors, pivots, info = lu_factor_ex(*tensors("lu", A=A), pivot=pivot)
    return (factors, pivots, info) if get_infos else (factors, pivots)


def _reflections(x: Tensor) -> tuple[np.ndarray, np.ndarray]:
    array = np.asarray(x.detach()._array())
    h, tau = np.linalg.qr(array, mode="raw")
    return np.ascontiguousarray(np.swapaxes(h, -1, -2)).astype(array.dtype), np.asarray(tau).astype(array.dtype)


def geqrf(input: Tensor) -> Any:
    """(a, tau): LAPACK's form of a QR decomposition, R on and above the diagonal and reflections below. Computed now,
    without gradients."""
    x = matrix("geqrf", *tensors("geqrf", input=input), "input")
    h, tau = _reflections(x)
    return geqrf_result(from_array(h, x.device), from_array(tau, x.device))


def householder_product(input: Tensor, tau: Tensor) -> Tensor:
    """The first columns of the product of reflections I - tau v v^H, whose v are the columns below the diagonal."""
    x, factors = tensors("householder_product", A=input, tau=tau)
    rows, columns = x.shape[-2:]
    count = factors.shape[-1]
    found = views.with_history(
        eye(rows, columns, dtype=x.dtype, device=x.device).expand((*x.shape[:-2], rows, columns)), x
    )
    vectors = tril(x, -1) + eye(rows, columns, dtype=x.dtype, device=x.device)
    for place in range(count - 1, -1, -1):
        v = vectors[..., :, place : place + 1]
        found = found - factors[..., place, None, None] * matmul(v, matmul(conj(transpose(v, -1, -2)), found))
    return found


def orgqr(input: Tensor, input2: Tensor) -> Tensor:
    """As `linalg.householder_product`."""
    return householder_product(input, input2)


def ormqr(input: Tensor, tau: Tensor, other: Tensor, left: bool = True, transpose: bool = False) -> Tensor:
    """other times the whole product of reflections, or its adjoint, from the left or the right."""
    x, factors, rhs = tensors("ormqr", input=input, tau=tau, other=other)
    if x.ndim < 2:
        raise RuntimeError("torch.ormqr: input must have at least 2 dimensions.")
    count = factors.shape[-1]
    if count != min(rhs.shape[-2 if left else -1], x.shape[-1]):
        raise RuntimeError(
            f"torch.ormqr: tau.shape[-1] must be equal to min(other.shape[{-2 if left else -1}], input.shape[-1])"
        )
    vectors = tril(x, -1) + eye(*x.shape[-2:], dtype=x.dtype, device=x.device)
    found = rhs
    order = range(count) if left is transpose else range(count - 1, -1, -1)
    for place in order:
        v = vectors[..., :, place : place + 1]
        adjoint = conj(v.mT)
        weight = factors[..., place, None, None]
        weight = conj(weight) if transpose else weight
        product = matmul(v, matmul(adjoint, found)) if left else matmul(matmul(found, v), adjoint)
        found = found - weight * product
    return found


def det(input: Tensor) -> Tensor:
    """The determinant."""
    return linalg_det(input)


def slogdet(input: Tensor) -> Any:
    """(sign, log |determinant|)."""
    return slogdet_result(*linalg_slogdet(input))


def matrix_exp(input: Tensor) -> Tensor:
    """The matrix exponential."""
    return linalg_exp(input)


def matrix_power(input: Tensor, n: int) -> Tensor:
    """input @ input @ ... n times; of the inverse for n below 0."""
    return linalg_power(input, n)


def lu_solve(b: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
    """X with A X = b, of the LU decomposition of A."""
    rhs, factors, pivots = tensors("lu_solve", b=b, LU_data=LU_data, LU_pivots=LU_pivots)
    return linalg_lu_solve(factors, pivots, rhs)
