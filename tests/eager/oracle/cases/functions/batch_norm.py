"""Normalisation of channels over a batch, or over each of its elements, as torch has it."""

from __future__ import annotations

CASES = """
torch.batch_norm(leaf(1, 3), None, None, None, None, True, 0.1, 1e-5, False)
torch.batch_norm(leaf(2, 3), leaf(3), leaf(3), doubles(3), doubles(3, low=1), False, 0.1, 1e-5, True)
torch.instance_norm(leaf(2, 3, 1), None, None, None, None, True, 0.1, 1e-5, False)
"""
