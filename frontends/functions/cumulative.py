"""Running sums and products along an axis, with the element itself or without."""

from __future__ import annotations

import math

from diptych.ir import Builder, Value

from .constants import Number, filled, filled_like


def running_sum(b: Builder, x: Value, axis: int, *, exclusive: bool = False, reverse: bool = False) -> Value:
    """The sum of all elements up to each, or from each on with `reverse`; without it where `exclusive`."""
    x = _moved(b, x, axis, 0, reverse) if exclusive else x
    return b.cumulative_sum(x, axis=axis, reverse=reverse)


def running_product(b: Builder, x: Value, axis: int, *, exclusive: bool = False, reverse: bool = False) -> Value:
    """The product of all elements up to each, or from each on with `reverse`; without it where `exclusive`."""
    x = _moved(b, x, axis, 1, reverse) if exclusive else x
    return b.cumulative_prod(x, axis=axis, reverse=reverse)


def running_logsumexp(b: Builder, x: Value, axis: int, *, exclusive: bool = False, reverse: bool = False) -> Value:
    """The logarithm of the running sum of exp(x), one element after another, so that nothing overflows."""
    x = _moved(b, x, axis, -math.inf, reverse) if exclusive else x
    order = (axis, *(other for other in range(x.rank) if other != axis))
    rows = b.transpose(x, permutation=order)
    body = b.nested("logaddexp")
    total, row = (
        body.parameter(rows.type.with_shape(rows.shape[1:])),
        body.parameter(rows.type.with_shape(rows.shape[1:])),
    )
    high = body.stop_gradient(body.max(total, row))
    safe = body.select(body.is_finite(high), high, filled_like(body, 0, high))
    added = body.add(body.exp(body.sub(total, safe)), body.exp(body.sub(row, safe)))
    summed = body.add(body.log(added), safe)
    start = filled(b, -math.inf, rows.shape[1:], rows.dtype)
    step = body.finish([summed, summed])
    _, found = b.scan(start, rows, body=step, length=rows.shape[0], carries=1, reverse=reverse)
    return b.transpose(found, permutation=[order.index(place) for place in range(x.rank)])


def _moved(b: Builder, x: Value, axis: int, first: Number, reverse: bool) -> Value:
    """x moved by one place along `axis`, so that `first` comes in and the last element falls out."""
    start, limit = [0] * x.rank, list(x.shape)
    if reverse:
        start[axis] = 1
    else:
        limit[axis] = x.shape[axis] - 1
    kept = b.slice(x, start=start, limit=limit, stride=(1,) * x.rank) if x.shape[axis] else x
    edge = filled(b, first, (*x.shape[:axis], 1, *x.shape[axis + 1 :]), x.dtype)
    if not x.shape[axis]:
        return x
    return b.concatenate(*((kept, edge) if reverse else (edge, kept)), axis=axis)
