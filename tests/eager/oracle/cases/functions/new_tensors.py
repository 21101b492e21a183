"""Tensors made like another one, of one number, or spaced by powers."""

from __future__ import annotations

CASES = """
floats(2).new_zeros(size=(2, 3))
floats(2).new_ones(size=(2, 3), dtype=torch.int64)
floats(2).new_empty(size=(2, 0))
floats(2).new_zeros(2, 3)
ints(2).new_zeros((2,), dtype=torch.float64)
floats(2).new_ones((2, 3))
doubles(2).new_full((2,), 7)
floats(2).new_empty(2, 3).shape
floats(2).new_empty_strided((2, 3), (1, 2)).stride()
ints(2).new_tensor([1.5, 2.5])
floats(2).new([1, 2])
torch.scalar_tensor(3)
torch.scalar_tensor(True, dtype=torch.bool)
torch.asarray([1, 2])
torch.asarray([1.0], dtype=torch.float64)
torch.logspace(0, 2, 3)
torch.logspace(0, 3, 4, base=2, dtype=torch.float64)
torch.logspace(0, 3, -1)
torch.vander(tensor([1, 2, 3], "int64"))
torch.vander(doubles(3), 2, increasing=True)
torch.vander(floats(2, 2))
torch.fill(leaf(2), 3.0)
torch.fill(leaf(2), leaf_of(3.0))
torch.range(1, 4)
torch.range(0, 1, 0.5)
"""
