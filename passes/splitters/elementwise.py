"""Splitting rules of `ir/ops/elementwise.py`."""

from __future__ import annotations

from diptych.ir import OPS

from .table import Reasons, Splitter, Splitters, cut_alike

RULES: Splitters = {op: Splitter(cut_alike) for op in OPS.values() if op.group == "elementwise"}

REASONS: Reasons = {}
