"""Splitting rules of `ir/ops/random.py`."""

from __future__ import annotations

from diptych.ir import ops

from .table import Reasons, Splitters

RULES: Splitters = {}

REASONS: Reasons = {ops.random_bits: "a part's counter would be another one's"}
