"""Triangles of matrices."""

from __future__ import annotations

CASES = """
torch.tril(leaf(3, 4))
torch.tril(leaf(2, 3, 3), -1)
torch.tril(floats(3))
leaf(3, 3).tril(1)
floats(3, 3).tril_()
torch.triu(leaf(3, 4))
torch.triu(leaf(3, 4), 1)
leaf(3, 3).triu()
floats(3, 3).triu_()
torch.tril_indices(3, 3)
torch.tril_indices(2, 3, 1)
torch.tril_indices(-1, 3)
torch.triu_indices(3, 4, 1)
torch.triu_indices(3, 4, dtype=torch.int32)
"""
