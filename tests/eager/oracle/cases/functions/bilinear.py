"""Bilinear maps."""

from __future__ import annotations

CASES = """
F.bilinear(leaf(2, 3), leaf(2, 4), leaf(5, 3, 4))
F.bilinear(leaf(2, 2, 3), leaf(2, 2, 4), leaf(1, 3, 4), leaf(1))
F.bilinear(leaf(3), leaf(4), leaf(2, 3, 4), leaf(2))
F.bilinear(leaf(0, 3), leaf(0, 4), leaf(2, 3, 4))
F.bilinear(floats(2, 3), floats(2, 2, 4), floats(5, 3, 4))
F.bilinear(floats(2, 3), floats(3, 4), floats(5, 3, 4))
F.bilinear(floats(2, 3), floats(2, 4), floats(5, 2, 4))
F.bilinear(floats(2, 3), floats(2, 4), floats(5, 3, 3))
F.bilinear(floats(2, 3), floats(2, 4), floats(5, 3, 4), floats(4))
F.bilinear(floats(2, 3), doubles(2, 4), floats(5, 3, 4))
"""
