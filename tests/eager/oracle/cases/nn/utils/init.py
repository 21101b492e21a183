"""Modules whose parameters are not set."""

from __future__ import annotations

CASES = """
repr(nn.utils.skip_init(nn.Linear, 2, 3, bias=False))
nn.utils.skip_init(nn.Linear, 2, 3).weight.shape
nn.utils.skip_init(nn.Dropout)
"""
