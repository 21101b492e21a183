"""Gradient rules of `ir/ops/mesh.py`."""

from __future__ import annotations

from diptych.ir import Builder, Value, ops

from .table import Reasons, Rules


def _shard(b: Builder, ct: Value, out: Value, x: Value, *, axes: str) -> tuple[Value]:
    """What flows back is split alike."""
    return (b.shard(ct, axes=axes),)


def _all_reduce(b: Builder, ct: Value, out: Value, x: Value, *, told: str) -> tuple[Value]:
    return (b.all_reduce(ct, told=_back(told)),)


def _all_gather(b: Builder, ct: Value, out: Value, x: Value, *, count: int, told: str) -> tuple[Value]:
    return (b.reduce_scatter(ct, told=_back(told)),)


def _reduce_scatter(b: Builder, ct: Value, out: Value, x: Value, *, told: str) -> tuple[Value]:
    return (b.all_gather(ct, count=x.type.static_shape()[0], told=_back(told)),)


def _back(told: str) -> str:
    """How what flows back through a collective is called."""
    return f"backward of {told}" if told else ""


VJPS: Rules = {
    ops.shard: _shard,
    ops.all_reduce: _all_reduce,
    ops.all_gather: _all_gather,
    ops.reduce_scatter: _reduce_scatter,
}

ZERO: Reasons = {}

REFUSED: Reasons = {}
