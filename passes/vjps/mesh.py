"""Gradient rules of `ir/ops/mesh.py`."""

from __future__ import annotations

from diptych.ir import Builder, Value, ops

from .table import Reasons, Rules


def _shard(b: Builder, ct: Value, out: Value, x: Value, *, axes: str) -> tuple[Value]:
    """What flows back is split alike."""
    return (b.shard(ct, axes=axes),)


VJPS: Rules = {
    ops.shard: _shard,
    ops.all_reduce: lambda b, ct, out, x: (b.all_reduce(ct),),
    ops.all_gather: lambda b, ct, out, x, count: (b.reduce_scatter(ct),),
    ops.reduce_scatter: lambda b, ct, out, x: (b.all_gather(ct, count=x.type.static_shape()[0]),),
}

ZERO: Reasons = {}

REFUSED: Reasons = {}
