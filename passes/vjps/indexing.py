"""Gradients of reads and writes at given places: a read's is a write, a write's is a read."""

from __future__ import annotations

from typing import Literal

from diptych.ir import Axes, Builder, Shape, Value, dtypes, ops

from ..expressions import as_dtype, conj, count, full, ones, zeros
from .table import Cotangents, Reasons, Rules

Combine = Literal["set", "add", "mul", "min", "max"]


def _clipped(b: Builder, x: Value, indices: tuple[Value, ...], axes: Axes) -> tuple[Value, ...]:
    """The indices moved to the nearest valid ones, in a dtype that can count every axis."""
    result: list[Value] = []
    for index, axis in zip(indices, axes, strict=True):
        wide = as_dtype(b, index, dtypes.u64 if index.dtype is dtypes.u64 else dtypes.i64)
        last = count(b, x.shape[axis] - 1, wide.dtype)
        result.append(b.clamp(zeros(b, wide.type.with_shape(())), wide, last))
    return tuple(result)


def _inside(b: Builder, x: Value, indices: tuple[Value, ...], axes: Axes, updates: Value) -> Value:
    """Whether all indices are valid, for each element of `updates`."""
    valid = full(b, indices[0].type.with_dtype(dtypes.bool_), True)
    for index, clipped in zip(indices, _clipped(b, x, indices, axes), strict=True):
        valid = b.bitwise_and(valid, b.eq(as_dtype(b, index, clipped.dtype), clipped))
    return b.broadcast(valid, shape=updates.shape, axes=tuple(range(valid.rank)))


def _read(b: Builder, ct: Value, updates: Value, indices: tuple[Value, ...], axes: Axes, bounds: str) -> Value:
    """What a gather at a scatter's places reads; 0 for updates that the scatter dropped."""
    if bounds == "error":
        return b.gather(ct, *indices, axes=axes)
    found = b.gather(ct, *indices, axes=axes, bounds="clip")
    return b.select(_inside(b, ct, indices, axes, updates), found, zeros(b, updates.type))


def _gather(b: Builder, ct: Value, out: Value, x: Value, *indices: Value, axes: Axes, bounds: str) -> Cotangents:
    places = _clipped(b, x, indices, axes) if bounds == "clip" else indices
    return (b.scatter(zeros(b, x.type), ct, *places, axes=axes, combine="add"), *(None for _ in indices))


def _scatter(
    b: Builder,
    ct: Value,
    out: Value,
    x: Value,
    updates: Value,
    *indices: Value,
    axes: Axes,
    combine: Combine,
    bounds: Literal["error", "drop"],
) -> Cotangents:
    def written(base: Value, values: Value, how: Combine) -> Value:
        return b.scatter(base, values, *indices, axes=axes, combine=how, bounds=bounds)

    def read(base: Value) -> Value:
        return _read(b, base, updates, indices, axes, bounds)

    rest = tuple(None for _ in indices)
    if combine == "add":
        return (ct, read(ct), *rest)
    if combine == "set":
        return (written(ct, zeros(b, updates.type), "set"), read(ct), *rest)
    if combine == "mul":
        to_x = b.mul(ct, conj(b, written(ones(b, x.type), updates, "mul")))
        # An update's factor is the product of all others: the result over it, or, where it is the only
        # zero that its place received, the product of what is not zero. (Of two zeros in one place the factors
        # are 0, and so are their derivatives here, which second derivatives by both would have to see.)
        is_zero = b.eq(updates, zeros(b, updates.type))
        one = ones(b, updates.type)
        nonzero = b.select(is_zero, one, updates)
        zeros_there = written(zeros(b, x.type), as_dtype(b, is_zero, x.dtype), "add")
        without = read(b.mul(ct, conj(b, written(x, nonzero, "mul"))))
        is_only = b.eq(read(zeros_there), one)
        zero = zeros(b, updates.type)
        others = b.div(read(b.mul(ct, conj(b, out))), conj(b, nonzero))
        to_updates = b.select(is_zero, b.select(is_only, without, zero), others)
        return (to_x, to_updates, *rest)
    # min and max: an equal share to every operand element that is the extreme one
    x_wins = as_dtype(b, b.eq(x, out), x.dtype)
    updates_win = as_dtype(b, b.eq(updates, read(out)), x.dtype)
    share = b.div(ct, written(x_wins, updates_win, "add"))
    return (b.mul(share, x_wins), b.mul(read(share), updates_win), *rest)


def _dynamic_slice(b: Builder, ct: Value, out: Value, x: Value, *starts: Value, sizes: Shape) -> Cotangents:
    return (b.dynamic_update_slice(zeros(b, x.type), ct, *starts), *(None for _ in starts))


def _dynamic_update_slice(b: Builder, ct: Value, out: Value, x: Value, update: Value, *starts: Value) -> Cotangents:
    return (
        b.dynamic_update_slice(ct, zeros(b, update.type), *starts),
        b.dynamic_slice(ct, *starts, sizes=update.shape),
        *(None for _ in starts),
    )


VJPS: Rules = {
    ops.gather: _gather,
    ops.scatter: _scatter,
    ops.dynamic_slice: _dynamic_slice,
    ops.dynamic_update_slice: _dynamic_update_slice,
}

ZERO: Reasons = {}

REFUSED: Reasons = {}
