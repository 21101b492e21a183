"""Ranks, inverses of Moore and Penrose, least squares."""

from __future__ import annotations

CASES = """
torch.linalg.matrix_rank(tensor([[1.0, 2.0], [2.0, 4.0]], "float64"))
torch.linalg.pinv(leaf(3, 2))
torch.linalg.pinv(tensor([[4.0, 1.0], [1.0, 3.0]], "float64"), hermitian=True)
torch.linalg.lstsq(leaf(4, 2), leaf(4, 1)).solution
"""
