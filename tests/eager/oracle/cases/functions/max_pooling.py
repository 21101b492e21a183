"""Maxima of windows, outside `nn.functional`."""

from __future__ import annotations

CASES = """
torch.max_pool2d(floats(1,4,4), 2)
torch.max_pool2d(floats(1,4,4), 2, return_indices=True)
torch.max_pool1d_with_indices(floats(1,4), 2)
torch.max_pool1d(leaf(1, 4), [2])
torch.max_pool1d(leaf(1, 4), 2, 1, 1, 1, True)
torch.max_pool1d(leaf(1, 4), 2, None)
torch.max_pool1d_with_indices(leaf(2,6), [3], [2], [1], [1], True)
torch.max_pool1d_with_indices(floats(1,4), (2,2))
torch.max_pool1d_with_indices(floats(1,4), 2, (2,2))
torch.max_pool1d_with_indices(floats(1,4), 2, 2, (1,1))
torch.max_pool1d_with_indices(floats(1,4), 2, 2, 0, (1,1))
torch.max_pool1d_with_indices(1.0, 2)
torch.max_pool2d(leaf(1,4,4), 2, ceil_mode=True)
torch.max_pool3d(leaf(1,3,3,3), 2, stride=1)
torch.max_pool3d(leaf(1,3,3,3), 2, ceil_mode=True, padding=1)
"""
