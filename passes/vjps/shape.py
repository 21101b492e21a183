"""Gradients of the ops that move elements: each is another such op, or a sum where elements were repeated."""

from __future__ import annotations

from diptych.ir import Axes, Builder, Dim, Shape, Value, ops

from ..expressions import inverse, scalar
from .table import Cotangents, Reasons, Rules


def _broadcast(b: Builder, ct: Value, out: Value, x: Value, *, shape: Shape, axes: Axes) -> Cotangents:
    repeated = tuple(axis for axis in range(len(shape)) if axis not in axes)
    return (b.reduce_sum(ct, axes=repeated) if repeated else ct,)


def _reshape(b: Builder, ct: Value, out: Value, x: Value, *, shape: Shape) -> Cotangents:
    return (b.reshape(ct, shape=x.shape),)


def _slice(b: Builder, ct: Value, out: Value, x: Value, *, start: Shape, limit: Shape, stride: Axes) -> Cotangents:
    """Zeros around and between: padding, the rest of a last stride cut off by negative padding where need be."""
    high: list[Dim] = []
    interior: list[int] = []
    for axis, (size, taken) in enumerate(zip(x.shape, out.shape, strict=True)):
        step = stride[axis]
        if isinstance(taken, int) or step == 1:
            covered = (taken - 1) * step + 1 if taken != 0 else 0
        else:  # elements of which there may be none: each with zeros of its own behind it
            ct, covered, step = _spread(b, ct, axis, step), taken * step, 1
        interior.append(step - 1)
        high.append(size - start[axis] - covered)
    return (b.pad(ct, scalar(b, ct.dtype, 0), low=start, high=high, interior=interior),)


def _spread(b: Builder, x: Value, axis: int, step: int) -> Value:
    """The elements along an axis with step - 1 zeros behind each."""
    before, (size, *after) = x.shape[:axis], x.shape[axis:]
    none = (0,) * (x.rank + 1)
    apart = b.reshape(x, shape=(*before, size, 1, *after))
    high = (*none[: axis + 1], step - 1, *none[axis + 2 :])
    wide = b.pad(apart, scalar(b, x.dtype, 0), low=none, high=high, interior=none)
    return b.reshape(wide, shape=(*before, size * step, *after))


def _pad(
    b: Builder, ct: Value, out: Value, x: Value, value: Value, *, low: Shape, high: Shape, interior: Axes
) -> Cotangents:
    """To x: what landed on its elements, by undoing the padding and then stepping over the interior. To the padding
    value: the rest."""
    undone = b.pad(
        ct,
        scalar(b, ct.dtype, 0),
        low=tuple(-size for size in low),
        high=tuple(-size for size in high),
        interior=(0,) * x.rank,
    )
    own = b.slice(
        undone,
        start=(0,) * x.rank,
        limit=undone.shape,
        stride=tuple(between + 1 for between in interior),
    )
    every = tuple(range(x.rank))
    return own, b.sub(b.reduce_sum(ct, axes=every), b.reduce_sum(own, axes=every))


def _concatenate(b: Builder, ct: Value, out: Value, *operands: Value, axis: int) -> Cotangents:
    parts: list[Value] = []
    offset: Dim = 0
    for operand in operands:
        start: list[Dim] = [0] * ct.rank
        limit = list(ct.shape)
        start[axis] = offset
        offset = offset + operand.shape[axis]
        limit[axis] = offset
        parts.append(b.slice(ct, start=start, limit=limit, stride=(1,) * ct.rank))
    return tuple(parts)


def _transpose(b: Builder, ct: Value, out: Value, x: Value, *, permutation: Axes) -> Cotangents:
    return (b.transpose(ct, permutation=inverse(permutation)),)


def _reverse(b: Builder, ct: Value, out: Value, x: Value, *, axes: Axes) -> Cotangents:
    return (b.reverse(ct, axes=axes),)


VJPS: Rules = {
    ops.broadcast: _broadcast,
    ops.reshape: _reshape,
    ops.transpose: _transpose,
    ops.slice: _slice,
    ops.pad: _pad,
    ops.concatenate: _concatenate,
    ops.reverse: _reverse,
}

_SOURCE = "has no operands"

ZERO: Reasons = {ops.constant: _SOURCE, ops.iota: _SOURCE, ops.dimension: _SOURCE}

REFUSED: Reasons = {}
