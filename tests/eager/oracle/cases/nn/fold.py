"""Blocks of images as modules."""

from __future__ import annotations

CASES = """
nn.Unfold(2)(leaf(1, 2, 3, 3))
nn.Unfold((2, 1), 2, 1, (1, 2))(leaf(2, 3, 3))
nn.Unfold(kernel_size=4)(floats(1, 2, 3, 3))
nn.Fold((3, 4), 2)(leaf(1, 4, 6))
nn.Fold(4, (2, 1), dilation=(2, 1), padding=(1, 0), stride=2)(leaf(1, 2, 4))
nn.Fold((3, 4), 2)(floats(1, 4, 5))
nn.Fold(4)
repr(nn.Unfold(2))
repr(nn.Unfold((2, 3), 1, 2, (1, 2)))
repr(nn.Fold(5, 2))
repr(nn.Fold((5, 5), (2, 3), dilation=2, padding=1, stride=2))
nn.Fold(5, 2).output_size
"""
