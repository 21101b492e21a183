"""Batches of reductions, running reductions and orderings: along the same axes, behind the batch axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diptych.ir import OPS, Op, Value, ops

from .table import Batch, Operand, Reasons, Rules, all_in_front, shifted


def _along(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    behind = dict(attributes)
    if "axes" in behind:
        behind["axes"] = shifted(behind["axes"])
    else:
        behind["axis"] += 1
    return batch.b.emit(op, [batch.front(operand) for operand in operands], behind)


RULES: Rules = {op: _along for op in OPS.values() if op.group == "reduction"}
RULES[ops.top_k] = all_in_front  # along the last axis

REASONS: Reasons = {}
