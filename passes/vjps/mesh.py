"""Gradient rules of `ir/ops/mesh.py`."""

from __future__ import annotations

from diptych.ir import ops

from .table import Reasons, Rules

VJPS: Rules = {ops.shard: lambda b, ct, out, x, axes: (b.shard(ct, axes=axes),)}

ZERO: Reasons = {}

REFUSED: Reasons = {}
