"""Batches of the ops that read or write elements at places that other values give.

Places that differ from element to element are joined by a count of the elements, as the index along the batch axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diptych.ir import DType, Op, Shape, Value, dtypes, ops

from ..expressions import full, scalar
from .table import Batch, Operand, Reasons, Rules, moved, shifted


def _counted(batch: Batch, shape: Shape) -> Value:
    """The number of the element, everywhere in [batch, *shape]."""
    return batch.b.iota(shape=(batch.size, *shape), axis=0, dtype=dtypes.i64)


def _gather(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    b, axes, bounds = batch.b, attributes["axes"], attributes["bounds"]
    x, *indices = operands
    if not any(index.is_batched for index in indices):
        taken = b.gather(x.value, *(index.value for index in indices), axes=shifted(axes), bounds=bounds)
        return [moved(b, taken, indices[0].value.rank, 0)]
    places = [batch.front(index) for index in indices]
    if not x.is_batched:
        return [b.gather(x.value, *places, axes=axes, bounds=bounds)]
    return [b.gather(x.value, _counted(batch, places[0].shape[1:]), *places, axes=(0, *shifted(axes)), bounds=bounds)]


def _scatter(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    b, axes = batch.b, attributes["axes"]
    x, updates = batch.front(operands[0]), batch.front(operands[1])
    indices = operands[2:]
    how = {"combine": attributes["combine"], "bounds": attributes["bounds"]}
    if not any(index.is_batched for index in indices):
        updates = moved(b, updates, 0, indices[0].value.rank)
        return [b.scatter(x, updates, *(index.value for index in indices), axes=shifted(axes), **how)]
    places = [batch.front(index) for index in indices]
    return [b.scatter(x, updates, _counted(batch, places[0].shape[1:]), *places, axes=(0, *shifted(axes)), **how)]


def _places(batch: Batch, shape: Shape, sizes: Shape, starts: Sequence[Operand]) -> tuple[list[int], list[Value]]:
    """The axes along which a block of `sizes` is smaller than x of `shape`, and for each the places in it as
    [batch, sizes along those axes]: starts are moved so that the block lies inside."""
    b = batch.b
    axes = [axis for axis, size in enumerate(sizes) if size != shape[axis]]
    block = (batch.size, *(sizes[axis] for axis in axes))
    found: list[Value] = []
    for number, axis in enumerate(axes):
        start = b.cast(batch.front(starts[axis]), dtype=dtypes.i64)
        room = b.sub(_size(batch, shape[axis]), _size(batch, sizes[axis]))
        first = b.clamp(full(b, start.type, 0), start, b.broadcast(room, shape=start.shape, axes=()))
        counted = b.iota(shape=block, axis=number + 1, dtype=dtypes.i64)
        found.append(b.add(b.broadcast(first, shape=block, axes=(0,)), counted))
    return axes, found


def _size(batch: Batch, size: Any) -> Value:
    b = batch.b
    return scalar(b, dtypes.i64, size) if isinstance(size, int) else b.dimension(size=size, dtype=dtypes.i64)


def _zero(b: Any, starts: Sequence[Operand]) -> Value:
    dtype: DType = starts[0].value.dtype if starts else dtypes.i64
    return scalar(b, dtype, 0)


def _dynamic_slice(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    b, sizes = batch.b, attributes["sizes"]
    x, *starts = operands
    if not any(start.is_batched for start in starts):
        whole = [start.value for start in starts]
        return [b.dynamic_slice(x.value, _zero(b, starts), *whole, sizes=(batch.size, *sizes))]
    axes, places = _places(batch, x.value.shape[int(x.is_batched) :], sizes, starts)
    if not axes:
        return [batch.front(x)]
    if x.is_batched:
        count = _counted(batch, places[0].shape[1:])
        taken = b.gather(x.value, count, *places, axes=(0, *shifted(axes)))
    else:
        taken = b.gather(x.value, *places, axes=axes)
    return [b.transpose(taken, permutation=_in_order(axes, len(sizes)))]


def _in_order(axes: Sequence[int], rank: int) -> list[int]:
    """How [batch, *axes, *others] becomes [batch, *all in order]."""
    now = [*axes, *(axis for axis in range(rank) if axis not in axes)]
    return [0, *(now.index(axis) + 1 for axis in range(rank))]


def _dynamic_update_slice(
    batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]
) -> Sequence[Value]:
    b = batch.b
    x, update, starts = batch.front(operands[0]), batch.front(operands[1]), operands[2:]
    if not any(start.is_batched for start in starts):
        return [b.dynamic_update_slice(x, update, _zero(b, starts), *(start.value for start in starts))]
    axes, places = _places(batch, x.shape[1:], update.shape[1:], starts)
    if not axes:
        return [update]
    now = [0, *shifted(axes), *(axis for axis in range(1, x.rank) if axis - 1 not in axes)]
    updates = b.transpose(update, permutation=now)
    count = _counted(batch, places[0].shape[1:])
    return [b.scatter(x, updates, count, *places, axes=(0, *shifted(axes)), combine="set")]


RULES: Rules = {
    ops.gather: _gather,
    ops.scatter: _scatter,
    ops.dynamic_slice: _dynamic_slice,
    ops.dynamic_update_slice: _dynamic_update_slice,
}

REASONS: Reasons = {}
