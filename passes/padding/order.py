"""What puts rows elsewhere: reshapes, one value behind another, and the last row first."""

from __future__ import annotations

from functools import reduce

from diptych.ir import Equation, Op, Value, dtypes, ops

from ..expressions import full, scalar
from .axes import behind_one_another, ordered, regrouped
from .rows import ANY_ROW, Made, Rows, Rule, joined, ragged, refused
from .ways import by_ways


def _reshaped(rows: Rows, equation: Equation) -> Made:
    (operand,), (result,) = equation.operands, equation.results
    found = regrouped([rows.lies(operand, axis) for axis in range(operand.rank)], result.shape)
    if found is None:
        raise refused(equation, ANY_ROW)
    return rows.as_it_is(equation), [tuple(found)]


def _concatenated(rows: Rows, equation: Equation) -> Made:
    own: int = equation.attributes["axis"]
    if own not in ragged(equation.results[0]):
        return by_ways(rows, equation)
    operands = equation.operands
    given = [rows.axes[operand] for operand in operands]
    one = behind_one_another([rows.lies(operand, own) for operand in operands])
    is_placed = one is None and any(own in ragged(operand) for operand in operands[:-1])
    if one is None:
        for operand in operands:
            rows.in_order(equation, operand, own)
        one = ordered(equation.results[0].shape[own])
    others = reduce(lambda left, right: joined(equation, left, right), [(*a[:own], None, *a[own + 1 :]) for a in given])
    made = (_placed(rows, equation),) if is_placed else rows.as_it_is(equation)
    return made, [(*others[:own], one, *others[own + 1 :])]


def _placed(rows: Rows, equation: Equation) -> Value:
    """Each piece where the real rows of the one before end."""
    b = rows.b
    own: int = equation.attributes["axis"]
    made, offset = full(b, rows.type(equation.results[0]), 0), scalar(b, dtypes.i64, 0)
    begins = [offset] * made.rank
    for operand in equation.operands:
        begins[own] = offset
        made = b.dynamic_update_slice(made, rows.values[operand], *begins)
        offset = b.add(offset, rows.count(operand.shape[own]))
    return made


def _reversed(rows: Rows, equation: Equation) -> Made:
    """The real rows in reverse, by their places."""
    b, (x,), value = rows.b, equation.operands, rows.values[equation.operands[0]]
    turned, lies = equation.attributes["axes"], list(rows.axes[x])
    for axis in ragged(x):
        if axis not in turned:
            continue
        lies[axis] = rows.in_order(equation, x, axis)
        shape = (value.shape[axis],)
        last = b.sub(rows.count(x.shape[axis]), scalar(b, dtypes.i64, 1))
        places = b.sub(b.broadcast(last, shape=shape, axes=()), b.iota(shape=shape, axis=0, dtype=dtypes.i64))
        value = rows.taken(value, axis, places)
    rest = [axis for axis in turned if axis not in ragged(x)]
    return (b.reverse(value, axes=rest) if rest else value,), [tuple(lies)]


PADDED: dict[Op, Rule] = {ops.reshape: _reshaped, ops.concatenate: _concatenated, ops.reverse: _reversed}
