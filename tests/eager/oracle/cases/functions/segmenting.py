"""Reductions of runs of rows."""

from __future__ import annotations

CASES = """
torch.segment_reduce(leaf(5), "sum", lengths=torch.tensor([2, 0, 3]))
torch.segment_reduce(leaf(5, 2), "max", lengths=torch.tensor([2, 0, 3]))
torch.segment_reduce(leaf(5), "min", lengths=torch.tensor([2, 0, 3]), initial=0.5)
torch.segment_reduce(leaf(5), "mean", lengths=torch.tensor([2, 0, 3]))
torch.segment_reduce(leaf(5), "mean", lengths=torch.tensor([2, 0, 3]), initial=3)
torch.segment_reduce(leaf(5), "prod", lengths=torch.tensor([2, 0, 3]))
torch.segment_reduce(leaf(5), "sum", offsets=torch.tensor([0, 2, 5]))
torch.segment_reduce(leaf(2, 3), "sum", lengths=torch.tensor([[1, 2], [3, 0]]), axis=1)
torch.segment_reduce(floats(5), "sum", lengths=torch.tensor([0, 4]))
torch.segment_reduce(floats(5), "sum", lengths=torch.tensor([0, 4]), unsafe=True)
torch.segment_reduce(floats(5), "sum", lengths=torch.tensor([8, -3]))
torch.segment_reduce(floats(2, 3), "sum", lengths=torch.tensor([1, 1]), axis=1)
torch.segment_reduce(ints(5), "sum", lengths=torch.tensor([2, 3]))
torch.segment_reduce(floats(5), "median", lengths=torch.tensor([2, 3]))
torch.segment_reduce(floats(5), "sum")
torch.segment_reduce(floats(5), "sum", lengths=torch.tensor([2, 3]), indices=torch.tensor([0]))
torch.segment_reduce(floats(5), "sum", lengths=torch.tensor([2.0, 3.0]))
"""
