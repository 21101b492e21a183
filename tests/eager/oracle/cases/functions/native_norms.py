"""Normalisations with their statistics."""

from __future__ import annotations

CASES = """
torch.native_layer_norm(leaf(2, 3, 4), (4,), None, None, 1e-5)
torch.native_layer_norm(leaf(2, 3, 4), (3, 4), leaf(3, 4), leaf(3, 4), 0.5)
torch.native_layer_norm(floats(2, 3), (), None, None, 1e-5)
torch.native_layer_norm(floats(2, 3), (3,), floats(2), None, 1e-5)
torch.native_group_norm(leaf(2, 6, 4), leaf(6), leaf(6), 2, 6, 4, 3, 1e-5)
torch.native_batch_norm(leaf(2, 3, 4), leaf(3), leaf(3), None, None, True, 0.1, 1e-5)
torch.native_batch_norm(leaf(2, 3, 4), None, None, doubles(3), doubles(3, low=0.5), False, 0.1, 1e-5)
torch.native_batch_norm(floats(2, 3, 4), None, None, None, None, True, 0.1, 1e-5, out=(torch.empty(2, 3, 4), torch.empty(3), torch.empty(3)))
"""
