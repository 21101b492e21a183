"""Normalisation by neighbouring channels."""

from __future__ import annotations

CASES = """
nn.CrossMapLRN2d(3, 0.5, 0.75, 1)(leaf(1, 6, 1, 2))
nn.CrossMapLRN2d(4, 0.5, 0.5, 2)(leaf(2, 5, 1, 1))
nn.CrossMapLRN2d(5)(leaf(1, 2, 1, 1))
nn.CrossMapLRN2d(3)(floats(2, 3))
repr(nn.CrossMapLRN2d(5))
"""
