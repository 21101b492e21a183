"""Decompositions of matrices."""

from __future__ import annotations

CASES = """
torch.linalg.cholesky(leaf_of([[4.0, 1.0], [1.0, 3.0]]))
torch.linalg.cholesky(leaf_of([[4.0, 1.0], [1.0, 3.0]]), upper=True)
torch.linalg.cholesky(tensor([[1.0, 2.0], [2.0, 1.0]], "float64"))
torch.linalg.cholesky(floats(2, 3))
torch.linalg.cholesky(floats(3))
torch.linalg.cholesky_ex(tensor([[1.0, 2.0], [2.0, 1.0]], "float64")).info
torch.linalg.cholesky_ex(leaf_of([[4.0, 1.0], [1.0, 3.0]]))
torch.linalg.qr(leaf(3, 2))[1].abs()
torch.linalg.qr(leaf(3, 2)).R.shape
torch.linalg.qr(doubles(3, 2), mode="complete").Q.shape
torch.linalg.qr(doubles(3, 2), mode="r").Q
torch.linalg.qr(floats(2, 2), mode="none")
torch.linalg.svd(leaf(3, 2)).S
torch.linalg.svd(doubles(3, 2)).U.shape
torch.linalg.svd(doubles(2, 3), full_matrices=False).Vh.shape
torch.linalg.svdvals(leaf(3, 2))
torch.linalg.eigh(leaf_of([[4.0, 1.0], [1.0, 3.0]])).eigenvalues
torch.linalg.eigh(floats(2, 2), "X")
torch.linalg.eigvalsh(leaf_of([[4.0, 1.0], [1.0, 3.0]]), "U")
torch.linalg.eig(tensor([[1.0, 2.0], [3.0, 4.0]], "float64")).eigenvalues
torch.linalg.eigvals(tensor([[1.0, 2.0], [3.0, 4.0]], "float64"))
torch.linalg.lu(leaf(3, 3))
torch.linalg.lu_factor(leaf(3, 3))
torch.linalg.lu_factor_ex(doubles(3, 3)).info
isinstance(torch.linalg.LinAlgError("singular"), RuntimeError)
"""
