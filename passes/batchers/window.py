"""Batches of reductions over sliding windows: windows of one element along the batch axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diptych.ir import OPS, Op, Value

from .table import Batch, Operand, Reasons, Rules


def _windows(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    behind: dict[str, Any] = {name: (1, *attributes[name]) for name in ("window", "stride", "dilation")}
    behind["padding"] = ((0, 0), *attributes["padding"])
    return batch.b.emit(op, [batch.front(operand) for operand in operands], behind)


RULES: Rules = {op: _windows for op in OPS.values() if op.group == "window"}

REASONS: Reasons = {}
