"""Periodic windows."""

from __future__ import annotations

CASES = """
torch.hann_window(5)
torch.hann_window(5, periodic=False, dtype=torch.float64)
torch.hann_window(1)
torch.hann_window(-1)
torch.hamming_window(5)
torch.hamming_window(5, False, 0.6, 0.4)
torch.blackman_window(5)
torch.bartlett_window(5)
torch.bartlett_window(6, periodic=False)
torch.kaiser_window(5)
torch.kaiser_window(5, periodic=False, beta=3.0)
"""
