"""Channels made into pixels and back, as modules."""

from __future__ import annotations

CASES = """
nn.PixelShuffle(2)(leaf(1, 4, 2, 3))
nn.PixelShuffle(3)(floats(4, 2, 2))
nn.PixelUnshuffle(2)(leaf(1, 1, 4, 2))
nn.PixelUnshuffle(2)(floats(1, 3, 2))
nn.ChannelShuffle(2)(leaf(1, 4, 2))
nn.ChannelShuffle(3)(floats(1, 4, 2))
repr(nn.PixelShuffle(3))
repr(nn.PixelUnshuffle(2))
repr(nn.ChannelShuffle(groups=4))
"""
