"""Gradients of reductions, running reductions and orderings."""

from __future__ import annotations

from collections.abc import Sequence

from diptych.ir import Axes, Builder, Function, Value, dtypes, ops

from ..expressions import as_dtype, as_order, as_shape, expand, inverse, scalar, zeros
from .table import Cotangents, Reasons, Rules


def _reduce_sum(b: Builder, ct: Value, out: Value, x: Value, *, axes: Axes) -> Cotangents:
    return (expand(b, ct, x.type, axes),)


def _reduce_prod(b: Builder, ct: Value, out: Value, x: Value, *, axes: Axes) -> Cotangents:
    """ct times the product of all other elements, from running products from both ends: no division by zeros."""
    kept = [axis for axis in range(x.rank) if axis not in axes]
    order = (*kept, *axes)
    moved = as_order(b, x, order)
    lead = tuple(x.shape[axis] for axis in kept)
    reduced = x.type.with_shape(x.shape[axis] for axis in axes)
    flat = as_shape(b, moved, (*lead, reduced.size))
    others = b.mul(_product_before(b, flat, reverse=False), _product_before(b, flat, reverse=True))
    if x.dtype.is_complex:
        others = b.conj(others)
    spread = b.broadcast(ct, shape=flat.shape, axes=tuple(range(ct.rank)))
    gradient = as_shape(b, b.mul(spread, others), moved.shape)
    return (as_order(b, gradient, inverse(order)),)


def _product_before(b: Builder, x: Value, *, reverse: bool) -> Value:
    """The product of the elements before each along the last axis (after it, with `reverse`); 1 of none."""
    axis = x.rank - 1
    if x.shape[axis] == 0:
        return x
    return _shifted(b, b.cumulative_prod(x, axis=axis, reverse=reverse), axis, reverse=reverse, fill=1)


def _shifted(b: Builder, x: Value, axis: int, *, reverse: bool, fill: float) -> Value:
    """x moved one place along `axis`, later (earlier with `reverse`), `fill` entering; x is not empty there."""
    low, high = [0] * x.rank, [0] * x.rank
    low[axis], high[axis] = (-1, 1) if reverse else (1, -1)
    return b.pad(x, scalar(b, x.dtype, fill), low=low, high=high, interior=(0,) * x.rank)


def _extreme(b: Builder, ct: Value, out: Value, x: Value, *, axes: Axes) -> Cotangents:
    """An equal share to every element that is the extreme one; nan to all where that is nan, as nothing equals it."""
    wins = as_dtype(b, b.eq(x, expand(b, out, x.type, axes)), x.dtype)
    # Divided last: ct / 0 * 0 is nan too, but XLA takes a product with what was a bool for a selection.
    winners = expand(b, b.reduce_sum(wins, axes=axes), x.type, axes)
    return (b.div(b.mul(expand(b, ct, x.type, axes), wins), winners),)


def _cumulative_sum(b: Builder, ct: Value, out: Value, x: Value, *, axis: int, reverse: bool) -> Cotangents:
    return (b.cumulative_sum(ct, axis=axis, reverse=not reverse),)


def _cumulative_prod(b: Builder, ct: Value, out: Value, x: Value, *, axis: int, reverse: bool) -> Cotangents:
    """Without zeros in x: the running sum of ct * out from the other end, over x. With some, by a recurrence."""
    if x.shape[axis] == 0:
        return (ct,)
    is_zero = b.eq(x, zeros(b, x.type))
    any_zero = b.reduce_or(is_zero, axes=tuple(range(x.rank)))
    by_recurrence, by_division = (
        _cumulative_prod_gradient(b, (ct, out, x), axis=axis, reverse=reverse, by_recurrence=which)
        for which in (True, False)
    )
    return b.cond(any_zero, ct, out, x, on_true=by_recurrence, on_false=by_division)


def _cumulative_prod_gradient(
    outer: Builder, operands: tuple[Value, ...], *, axis: int, reverse: bool, by_recurrence: bool
) -> Function:
    """A function of (ct, out, x)."""
    b = outer.nested("by_recurrence" if by_recurrence else "by_division")
    ct, out, x = (b.parameter(value.type, name) for value, name in zip(operands, ("ct", "out", "x"), strict=True))
    conjugate = b.conj if x.dtype.is_complex else b.identity
    if not by_recurrence:
        running = b.cumulative_sum(b.mul(ct, conjugate(out)), axis=axis, reverse=not reverse)
        return b.finish([b.div(running, conjugate(x))])
    # gradient_i = (product before i) * s_i with s_i = ct_i + x_(i+1) s_(i+1)
    before = _shifted(b, out, axis, reverse=reverse, fill=1)
    following = _shifted(b, x, axis, reverse=not reverse, fill=0)
    front = (axis, *(other for other in range(x.rank) if other != axis))
    sums = _linear_recurrence(b, as_order(b, conjugate(following), front), as_order(b, ct, front), reverse=not reverse)
    return b.finish([b.mul(conjugate(before), as_order(b, sums, inverse(front)))])


def _linear_recurrence(b: Builder, factors: Value, terms: Value, *, reverse: bool) -> Value:
    """s_i = terms_i + factors_i * s_before along the first axis."""
    body = b.nested("recurrence")
    slice_type = terms.type.with_shape(terms.shape[1:])
    state = body.parameter(slice_type, "state")
    factor, term = body.parameter(slice_type, "factor"), body.parameter(slice_type, "term")
    following = body.add(term, body.mul(factor, state))
    step = body.finish([following, following])
    _, sums = b.scan(zeros(b, slice_type), factors, terms, body=step, length=terms.shape[0], carries=1, reverse=reverse)
    return sums


def _running_extreme(b: Builder, ct: Value, out: Value, x: Value, *, axis: int, reverse: bool) -> Cotangents:
    """Each ct goes to the element that set the record, the latest one among equals."""
    places = b.iota(shape=x.shape, axis=axis, dtype=dtypes.i64)
    is_record = b.eq(x, out)
    nowhere = zeros(b, places.type)
    if reverse:  # records are counted from the end
        last = b.broadcast(b.reduce_max(places, axes=(axis,)), shape=x.shape, axes=_all_but(x.rank, axis))
        from_end = b.sub(last, places)
        record = b.cumulative_max(b.select(is_record, from_end, nowhere), axis=axis, reverse=True)
        record = b.sub(last, record)
    else:
        record = b.cumulative_max(b.select(is_record, places, nowhere), axis=axis)
    return (put_along(b, zeros(b, x.type), ct, record, axis),)


def _all_but(rank: int, axis: int) -> tuple[int, ...]:
    return tuple(other for other in range(rank) if other != axis)


def put_along(b: Builder, base: Value, updates: Value, places: Value, axis: int) -> Value:
    """`base` with updates[..., i, ...] added at places[..., i, ...] along `axis`; all of one rank."""
    indices = [  # counted in i64: `places` may be of a dtype too narrow for the other axes
        places if other == axis else b.iota(shape=places.shape, axis=other, dtype=dtypes.i64)
        for other in range(base.rank)
    ]
    return b.scatter(base, updates, *indices, axes=tuple(range(base.rank)), combine="add")


def _sort(
    b: Builder, ct: tuple[Value | None, ...], out: tuple[Value, ...], *operands: Value, axis: int, keys: int
) -> Cotangents:
    """Every cotangent goes back to the place that its element came from."""
    origin = _origin(b, out, operands, axis, keys)
    return tuple(
        None if cotangent is None else put_along(b, zeros(b, operand.type), cotangent, origin, axis)
        for cotangent, operand in zip(ct, operands, strict=True)
    )


def _origin(b: Builder, out: Sequence[Value], operands: Sequence[Value], axis: int, keys: int) -> Value:
    """Where each sorted element stood: sorted along already where an operand counts the places, else sorted again."""
    for result, operand in zip(out[keys:], operands[keys:], strict=True):
        definition = b.definition(operand)
        if definition is not None and definition.op is ops.iota and definition.attributes["axis"] == axis:
            return result
    places = b.iota(shape=operands[0].shape, axis=axis, dtype=dtypes.i64)
    return b.sort(*operands, places, axis=axis, keys=keys)[-1]


def _top_k(
    b: Builder, ct: tuple[Value | None, ...], out: tuple[Value, ...], x: Value, *, k: int, dtype: object
) -> Cotangents:
    if ct[0] is None:
        return (None,)
    return (put_along(b, zeros(b, x.type), ct[0], out[1], x.rank - 1),)


VJPS: Rules = {
    ops.reduce_sum: _reduce_sum,
    ops.reduce_prod: _reduce_prod,
    ops.reduce_max: _extreme,
    ops.reduce_min: _extreme,
    ops.cumulative_sum: _cumulative_sum,
    ops.cumulative_prod: _cumulative_prod,
    ops.cumulative_max: _running_extreme,
    ops.cumulative_min: _running_extreme,
    ops.sort: _sort,
    ops.top_k: _top_k,
}

ZERO: Reasons = {
    ops.reduce_and: "bool has no derivative",
    ops.reduce_or: "bool has no derivative",
    ops.argmax: "an index is piecewise constant",
    ops.argmin: "an index is piecewise constant",
}

REFUSED: Reasons = {}
