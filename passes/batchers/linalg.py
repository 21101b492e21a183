"""Batches of decompositions and Fourier transforms, whose first axes are a batch as they are."""

from __future__ import annotations

from diptych.ir import OPS

from .table import Reasons, Rules, all_in_front

RULES: Rules = {op: all_in_front for op in OPS.values() if op.group == "linalg"}

REASONS: Reasons = {}
