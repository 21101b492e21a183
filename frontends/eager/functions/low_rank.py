"""Singular values of large matrices of low rank, by a random basis (Halko, Martinsson and Tropp, 2009)."""

from __future__ import annotations

from ..random import randn
from ..tensors.tensor import Tensor
from .decompositions import qr, svd
from .products import matmul
from .reductions import mean


def _basis(A: Tensor, q: int, niter: int) -> Tensor:
    """q orthonormal columns that nearly span A's, after so many rounds of A A^H."""
    found = qr(matmul(A, randn(A.shape[-1], q, dtype=A.dtype, device=A.device))).Q
    for _ in range(niter):
        found = qr(matmul(A.mH, found)).Q
        found = qr(matmul(A, found)).Q
    return found


def svd_lowrank(
    A: Tensor, q: int | None = 6, niter: int | None = 2, M: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """(U, S, V), V not transposed, of the q largest singular values of A - M, nearly."""
    rows, columns = A.shape[-2:]
    whole = A if M is None else A - M.broadcast_to(tuple(A.shape))
    tall = whole.mH if rows < columns else whole
    basis = _basis(tall, 6 if q is None else q, 2 if niter is None else niter)
    u, s, vh = svd(matmul(basis.mH, tall), full_matrices=False)
    left, right = matmul(basis, u), vh.mH
    return (right, s, left) if rows < columns else (left, s, right)


def pca_lowrank(A: Tensor, q: int | None = None, center: bool = True, niter: int = 2) -> tuple[Tensor, Tensor, Tensor]:
    """`svd_lowrank` of A with its columns' means taken out, unless `center` is False: the principal components are the
    columns of V. Raises ValueError for a q and rounds that there are not."""
    rows, columns = A.shape[-2:]
    if q is None:
        q = min(6, rows, columns)
    elif not 0 <= q <= min(rows, columns):
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(rows, columns)}")
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    return svd_lowrank(A - mean(A, (-2,), keepdim=True) if center else A, q, niter)
