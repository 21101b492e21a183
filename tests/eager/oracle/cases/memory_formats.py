"""Names for how elements lie."""

from __future__ import annotations

CASES = """
torch.strided
torch.contiguous_format
torch.preserve_format
torch.channels_last
torch.channels_last_3d
isinstance(torch.strided, torch.layout)
isinstance(torch.channels_last, torch.memory_format)
floats(2).float(memory_format=torch.preserve_format).shape
"""
