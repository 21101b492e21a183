"""What is made of no rows: sizes, numbers in order, and random bits."""

from __future__ import annotations

from diptych.ir import Dimension, Equation, Op, TensorType, dtypes, ops

from ..expressions import full, scalar
from .axes import ordered
from .rows import Made, Rows, Rule, own_axes, ragged
from .ways import by_ways


def _size(rows: Rows, equation: Equation) -> Made:
    """A size that is computed with: of how many rows are real."""
    size, dtype = equation.attributes["size"], equation.attributes["dtype"]
    if isinstance(size, int):
        return rows.as_it_is(equation), [()]
    count = rows.count(size)
    return (count if dtype is dtypes.i64 else rows.b.cast(count, dtype=dtype),), [()]


def _made_of_nothing(rows: Rows, equation: Equation) -> Made:
    """What counts along one axis, and is the same everywhere else."""
    (result,) = equation.results
    found = list(own_axes(result))
    if equation.op is ops.iota:
        own: int = equation.attributes["axis"]
        found[own] = rows.in_order(equation, result, own)
    return rows.as_it_is(equation), [tuple(found)]


def _broadcast(rows: Rows, equation: Equation) -> Made:
    return by_ways(rows, equation) if ragged(equation.operands[0]) else _made_of_nothing(rows, equation)


def _random(rows: Rows, equation: Equation) -> Made:
    """Random bits: those of real rows are the ones that come in turn where there are no others."""
    b, (result,) = rows.b, equation.results
    shape = result.shape
    axes = tuple(map(ordered, shape))
    first = next(place for place, dim in enumerate(shape) if isinstance(dim, Dimension))
    if all(dim == 1 for dim in shape[:first]) and len(ragged(result)) == 1:
        return rows.as_it_is(equation), [axes]
    type = rows.type(result)
    whole = type.static_shape()
    key, counter = rows.operands(equation)
    bits = b.random_bits(key, counter, shape=(type.size,), dtype=equation.attributes["dtype"])
    place, stride = full(b, TensorType(dtypes.i64, whole), 0), scalar(b, dtypes.i64, 1)
    for axis in reversed(range(len(whole))):
        own = b.iota(shape=whole, axis=axis, dtype=dtypes.i64)
        place = b.add(place, b.mul(own, b.broadcast(stride, shape=whole, axes=())))
        stride = b.mul(stride, rows.count(shape[axis]))
    return (b.gather(bits, place, axes=(0,), bounds="clip"),), [axes]


PADDED: dict[Op, Rule] = {
    ops.dimension: _size,
    ops.constant: _made_of_nothing,
    ops.iota: _made_of_nothing,
    ops.broadcast: _broadcast,
    ops.random_bits: _random,
}
