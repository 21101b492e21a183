"""Norms of vectors and matrices."""

from __future__ import annotations

CASES = """
torch.linalg.vector_norm(leaf(3, 4))
torch.linalg.vector_norm(leaf(3, 4), 3, dim=1, keepdim=True)
torch.linalg.vector_norm(leaf_of([0.0, 1.0]), 0.5)
torch.linalg.vector_norm(ints(3))
torch.linalg.matrix_norm(leaf(2, 3, 4))
torch.linalg.matrix_norm(leaf(3, 4), "nuc")
torch.linalg.matrix_norm(leaf(3, 4), 2)
torch.linalg.matrix_norm(leaf(3, 4), -1, keepdim=True)
torch.linalg.matrix_norm(leaf(3, 4), inf)
torch.linalg.matrix_norm(floats(3, 4), 3)
torch.linalg.matrix_norm(floats(3))
torch.linalg.norm(leaf(3, 4))
torch.linalg.norm(leaf(3, 4), 1)
torch.linalg.norm(leaf(3), inf)
torch.linalg.norm(leaf(3, 4), 2, dim=0)
"""
