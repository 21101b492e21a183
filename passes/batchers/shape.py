"""Batches of the ops that make or move elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diptych.ir import Op, Value, ops

from ..expressions import full, ones, scalar
from .table import Batch, Operand, Reasons, Rules, shifted


def _broadcast(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    shape, axes = attributes["shape"], attributes["axes"]
    return [batch.b.broadcast(operands[0].value, shape=(batch.size, *shape), axes=(0, *shifted(axes)))]


def _reshape(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    return [batch.b.reshape(operands[0].value, shape=(batch.size, *attributes["shape"]))]


def _transpose(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    return [batch.b.transpose(operands[0].value, permutation=(0, *shifted(attributes["permutation"])))]


def _slice(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    start, limit, stride = attributes["start"], attributes["limit"], attributes["stride"]
    x = operands[0].value
    return [batch.b.slice(x, start=(0, *start), limit=(batch.size, *limit), stride=(1, *stride))]


def _pad(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    """Where the value differs from element to element, it is put where a padded mask says so."""
    b = batch.b
    x, value = batch.front(operands[0]), operands[1]
    sizes = {name: (0, *attributes[name]) for name in ("low", "high", "interior")}
    if not value.is_batched:
        return [b.pad(x, value.value, **sizes)]
    padded = b.pad(x, scalar(b, x.dtype, 0), **sizes)
    inside = ones(b, x.type)
    is_inside = b.ne(b.pad(inside, scalar(b, x.dtype, 0), **sizes), full(b, padded.type, 0))
    return [b.select(is_inside, padded, b.broadcast(value.value, shape=padded.shape, axes=(0,)))]


def _concatenate(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    return [batch.b.concatenate(*map(batch.front, operands), axis=attributes["axis"] + 1)]


def _reverse(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    return [batch.b.reverse(operands[0].value, axes=shifted(attributes["axes"]))]


RULES: Rules = {
    ops.broadcast: _broadcast,
    ops.reshape: _reshape,
    ops.transpose: _transpose,
    ops.slice: _slice,
    ops.pad: _pad,
    ops.concatenate: _concatenate,
    ops.reverse: _reverse,
}

_ALIKE = "it has no operands, and is the same for all elements"
REASONS: Reasons = {ops.constant: _ALIKE, ops.iota: _ALIKE, ops.dimension: _ALIKE}
