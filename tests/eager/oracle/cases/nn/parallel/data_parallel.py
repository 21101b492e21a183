"""Modules on several devices, of which there is one."""

from __future__ import annotations

CASES = """
list(nn.DataParallel(nn.Linear(2, 3)).state_dict())
nn.parallel.DataParallel(nn.ReLU())(leaf(2))
repr(nn.DataParallel(nn.ReLU()))
nn.DataParallel(nn.ReLU()).device_ids
"""
