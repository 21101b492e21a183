"""Batches of random bits: more of them, from the same key and counter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diptych.ir import Op, Value, ops

from .table import Batch, BatchingError, Operand, Reasons, Rules


def _random_bits(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    key, counter = operands
    if key.is_batched or counter.is_batched:
        raise BatchingError("random_bits: key and counter differ between elements of a batch but must be the same")
    shape = (batch.size, *attributes["shape"])
    return [batch.b.random_bits(key.value, counter.value, shape=shape, dtype=attributes["dtype"])]


RULES: Rules = {ops.random_bits: _random_bits}

REASONS: Reasons = {}
