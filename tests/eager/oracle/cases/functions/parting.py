"""Taken apart, and sizes that broadcast."""

from __future__ import annotations

CASES = """
torch.tensor_split(leaf(5), 3)
torch.tensor_split(leaf(5), (1, 3))
torch.tensor_split(floats(5), 0)
leaf(5).tensor_split(2)
torch.hsplit(leaf(2, 4), 2)
leaf(4).hsplit([1])
torch.hsplit(floats(2, 3), 2)
torch.vsplit(leaf(4, 2), 2)
leaf(4, 2).vsplit(2)
torch.vsplit(floats(4), 2)
torch.dsplit(leaf(1, 2, 4), 2)
leaf(1, 2, 4).dsplit(2)
torch.dsplit(floats(4, 4), 2)
torch.split_with_sizes(leaf(5), [2, 3])
leaf(5).split_with_sizes([2, 3])
torch.unsafe_split(leaf(5), 2)
leaf(5).unsafe_split(2)
torch.unsafe_chunk(leaf(5), 2)
leaf(5).unsafe_chunk(2)
leaf(2, 3).sum_to_size(1, 3)
floats(2, 3).sum_to_size(2, 2)
torch.broadcast_shapes((2, 1), (3,), 1)
torch.broadcast_shapes((2,), (3,))
"""
