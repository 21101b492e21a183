"""Gradient rules of `ir/ops/mesh.py`."""

from __future__ import annotations

from diptych.ir import ops

from .table import Reasons, Rules

VJPS: Rules = {
    ops.shard: lambda b, ct, out, x, axes: (b.shard(ct, axes=axes),),
    ops.all_reduce: lambda b, ct, out, x: (b.all_reduce(ct),),
    ops.all_gather: lambda b, ct, out, x, count: (b.reduce_scatter(ct),),
    ops.reduce_scatter: lambda b, ct, out, x: (b.all_gather(ct, count=x.type.static_shape()[0]),),
}

ZERO: Reasons = {}

REFUSED: Reasons = {}
