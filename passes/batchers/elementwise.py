"""Batches of the ops that compute each element by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diptych.ir import OPS, Op, Value

from .table import Batch, Operand, Reasons, Rules


def _elementwise(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    """One condition or bound for a whole tensor stays one, unless it differs from element to element of the batch."""
    ranks = [operand.value.rank - operand.is_batched for operand in operands]
    whole = [batch.front(operand) for operand, rank in zip(operands, ranks, strict=True) if rank == max(ranks)]
    shape = whole[0].shape
    given: list[Value] = []
    for operand, rank in zip(operands, ranks, strict=True):
        if rank == max(ranks):
            given.append(whole.pop(0))
        else:
            value = operand.value
            given.append(batch.b.broadcast(value, shape=shape, axes=(0,)) if operand.is_batched else value)
    return batch.b.emit(op, given, attributes)


RULES: Rules = {op: _elementwise for op in OPS.values() if op.group == "elementwise"}

REASONS: Reasons = {}
