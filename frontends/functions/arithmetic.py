"""Arithmetic, comparisons and logic with broadcasting. Operands of one call have equal dtypes."""

from __future__ import annotations

import math

from diptych.ir import Builder, Op, Value, ops

from .broadcasting import broadcast_together
from .constants import Number, as_operand, filled_like, scalar


def binary(b: Builder, op: Op, lhs: Value, rhs: Value) -> Value:
    """`op` of both operands, broadcast to their common shape."""
    return b.emit(op, broadcast_together(b, lhs, rhs), {})[0]


def add(b: Builder, lhs: Value, rhs: Value) -> Value:
    """lhs + rhs."""
    return binary(b, ops.add, lhs, rhs)


def sub(b: Builder, lhs: Value, rhs: Value) -> Value:
    """lhs - rhs."""
    return binary(b, ops.sub, lhs, rhs)


def mul(b: Builder, lhs: Value, rhs: Value) -> Value:
    """lhs * rhs."""
    return binary(b, ops.mul, lhs, rhs)


def multiplied(b: Builder, lhs: Value, rhs: Value) -> Value:
    """lhs * rhs; of bools both."""
    return binary(b, ops.bitwise_and if lhs.dtype.is_bool else ops.mul, lhs, rhs)


def div(b: Builder, lhs: Value, rhs: Value) -> Value:
    """lhs / rhs of float or complex operands."""
    return binary(b, ops.div, lhs, rhs)


def floor_div(b: Builder, lhs: Value, rhs: Value) -> Value:
    """floor(lhs / rhs)."""
    lhs, rhs = broadcast_together(b, lhs, rhs)
    return b.floor_div(lhs, rhs) if lhs.dtype.is_integer else b.floor(b.div(lhs, rhs))


def truncated_div(b: Builder, lhs: Value, rhs: Value) -> Value:
    """The quotient rounded towards 0, as C's integer division."""
    lhs, rhs = broadcast_together(b, lhs, rhs)
    if not lhs.dtype.is_integer:
        return truncate(b, b.div(lhs, rhs))
    if lhs.dtype.kind == "unsigned":
        return b.floor_div(lhs, rhs)
    return b.floor_div(b.sub(lhs, b.rem(lhs, rhs)), rhs)


def floor_mod(b: Builder, lhs: Value, rhs: Value) -> Value:
    """lhs - floor(lhs / rhs) * rhs: the remainder with the sign of rhs, as Python's %."""
    lhs, rhs = broadcast_together(b, lhs, rhs)
    remainder = b.rem(lhs, rhs)
    if lhs.dtype.kind == "unsigned":
        return remainder
    zero = filled_like(b, 0, lhs)
    differ = b.ne(b.lt(remainder, zero), b.lt(rhs, zero))
    return b.select(b.bitwise_and(differ, b.ne(remainder, zero)), b.add(remainder, rhs), remainder)


def pow(b: Builder, lhs: Value, rhs: Value) -> Value:
    """lhs ** rhs."""
    return binary(b, ops.pow, lhs, rhs)


def maximum(b: Builder, lhs: Value, rhs: Value) -> Value:
    """The larger operand; nan where either is nan."""
    return binary(b, ops.max, lhs, rhs)


def minimum(b: Builder, lhs: Value, rhs: Value) -> Value:
    """The smaller operand; nan where either is nan."""
    return binary(b, ops.min, lhs, rhs)


def square(b: Builder, x: Value) -> Value:
    """x * x."""
    return b.mul(x, x)


def squared_difference(b: Builder, lhs: Value, rhs: Value) -> Value:
    """(lhs - rhs)**2, of complex numbers |lhs - rhs|**2."""
    difference = sub(b, lhs, rhs)
    return b.mul(b.conj(difference), difference) if difference.dtype.is_complex else square(b, difference)


def reciprocal(b: Builder, x: Value) -> Value:
    """1 / x."""
    return b.div(filled_like(b, 1, x), x)


def truncate(b: Builder, x: Value) -> Value:
    """x rounded towards 0."""
    return b.select(b.lt(x, filled_like(b, 0, x)), b.ceil(x), b.floor(x))


def is_nan(b: Builder, x: Value) -> Value:
    """Whether x is nan, as bool."""
    return b.ne(x, x)


def is_infinite(b: Builder, x: Value) -> Value:
    """Whether x is inf or -inf, as bool."""
    return b.eq(b.abs(x), filled_like(b, math.inf, x))


def clip(b: Builder, x: Value, lower: Value | Number, upper: Value | Number) -> Value:
    """min(max(x, lower), upper). Bounds are numbers, scalars, or shaped as x."""
    bounds = [bound if isinstance(bound, Value) else scalar(b, bound, x.dtype) for bound in (lower, upper)]
    return b.clamp(bounds[0], x, bounds[1])


def where(b: Builder, condition: Value, on_true: Value, on_false: Value) -> Value:
    """on_true where condition holds, on_false elsewhere, all three broadcast together."""
    return b.select(*broadcast_together(b, condition, on_true, on_false))


def scaled(b: Builder, x: Value, factor: Value | Number) -> Value:
    """x * factor, for a Python number or a scalar value."""
    return b.mul(x, as_operand(b, factor, x))


def shifted(b: Builder, x: Value, term: Value | Number) -> Value:
    """x + term, for a Python number or a scalar value."""
    return b.add(x, as_operand(b, term, x))


def lerp(b: Builder, start: Value, end: Value, weight: Value | Number) -> Value:
    """start + weight * (end - start)."""
    return b.add(start, scaled(b, b.sub(end, start), weight))
