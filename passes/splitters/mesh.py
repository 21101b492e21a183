"""Splitting rules of `ir/ops/mesh.py`."""

from __future__ import annotations

from diptych.ir import ops

from .table import Reasons, Splitters

RULES: Splitters = {}

REASONS: Reasons = {
    ops.shard: "it is gone where steps are split",
    **dict.fromkeys((ops.all_reduce, ops.all_gather, ops.reduce_scatter), "processes come together once for each"),
}
