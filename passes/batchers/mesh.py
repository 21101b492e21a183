"""Batches of values that are split over a mesh: the batch axis is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diptych.ir import Op, Value, ops
from diptych.ir.ops.mesh import WHOLE

from .table import Batch, Operand, Reasons, Rules


def _shard(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    return [batch.b.shard(batch.front(operands[0]), axes=f"{WHOLE} {attributes['axes']}".rstrip())]


RULES: Rules = {ops.shard: _shard}

REASONS: Reasons = {}
