"""What puts rows elsewhere: reshapes, one value behind another, and the last row first."""

from __future__ import annotations

from functools import reduce

from diptych.ir import Equation, Op, dtypes, ops

from ..expressions import scalar
from .axes import behind_one_another, regrouped
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
    if not all(own in ragged(operand) for operand in equation.operands):
        return by_ways(rows, equation)
    given = [rows.axes[operand] for operand in equation.operands]
    one = behind_one_another([rows.lies(operand, own) for operand in equation.operands])
    if one is None:
        raise refused(equation, ANY_ROW)
    others = reduce(lambda left, right: joined(equation, left, right), [(*a[:own], None, *a[own + 1 :]) for a in given])
    return rows.as_it_is(equation), [(*others[:own], one, *others[own + 1 :])]


def _reversed(rows: Rows, equation: Equation) -> Made:
    """The real rows in reverse, by their places."""
    b, (x,), value = rows.b, equation.operands, rows.values[equation.operands[0]]
    turned, lies = equation.attributes["axes"], list(rows.axes[x])
    for axis in ragged(x):
        if axis not in turned:
            continue
        lies[axis] = rows.in_order(equation, x, axis)
        shape = (value.shape[axis],)
        last = b.sub(rows.count(equation, x.shape[axis]), scalar(b, dtypes.i64, 1))
        places = b.sub(b.broadcast(last, shape=shape, axes=()), b.iota(shape=shape, axis=0, dtype=dtypes.i64))
        value = rows.taken(value, axis, places)
    rest = [axis for axis in turned if axis not in ragged(x)]
    return (b.reverse(value, axes=rest) if rest else value,), [tuple(lies)]


PADDED: dict[Op, Rule] = {ops.reshape: _reshaped, ops.concatenate: _concatenated, ops.reverse: _reversed}
