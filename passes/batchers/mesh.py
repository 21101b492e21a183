"""Batches of values that are split over a mesh, where the batch axis is whole, or brought together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diptych.ir import Op, Value, ops
from diptych.ir.ops.mesh import WHOLE

from .table import Batch, Operand, Reasons, Rules, all_in_front


def _shard(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    return [batch.b.shard(batch.front(operands[0]), axes=f"{WHOLE} {attributes['axes']}".rstrip())]


def _all_gather(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    found = batch.b.all_gather(batch.front(operands[0]), **attributes)
    return [batch.b.transpose(found, permutation=(1, 0, *range(2, found.rank)))]


def _reduce_scatter(
    batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]
) -> Sequence[Value]:
    x = batch.front(operands[0])
    return [batch.b.reduce_scatter(batch.b.transpose(x, permutation=(1, 0, *range(2, x.rank))), **attributes)]


RULES: Rules = {
    ops.shard: _shard,
    ops.all_reduce: all_in_front,
    ops.all_gather: _all_gather,
    ops.reduce_scatter: _reduce_scatter,
}

REASONS: Reasons = {}
