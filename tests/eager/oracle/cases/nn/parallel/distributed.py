"""Modules that several processes train."""

from __future__ import annotations

CASES = """
nn.parallel.DistributedDataParallel(nn.Linear(2, 3))
"""
