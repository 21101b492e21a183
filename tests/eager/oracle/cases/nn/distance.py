"""Distances and angles, as modules."""

from __future__ import annotations

CASES = """
nn.PairwiseDistance()(leaf(2, 3), leaf(2, 3))
nn.PairwiseDistance(1, 0.1, True)(leaf(2, 3), leaf(2, 3))
nn.CosineSimilarity()(leaf(2, 3), leaf(2, 3))
nn.CosineSimilarity(0, 0.1)(leaf(2, 3), leaf(2, 3))
repr(nn.PairwiseDistance())
repr(nn.CosineSimilarity())
"""
