"""Functions of analysis that the IR has no op for."""

from __future__ import annotations

import math

import numpy as np
from diptych.ir import Builder, Value, dtypes

from .constants import Number, filled_like


def _number(b: Builder, number: Number, like: Value) -> Value:
    return filled_like(b, number, like)


def x_log_y(b: Builder, x: Value, y: Value) -> Value:
    """x * log(y), and 0 where x is 0."""
    zero, one = _number(b, 0, x), _number(b, 1, x)
    absent = b.eq(x, zero)
    return b.select(absent, zero, b.mul(x, b.log(b.select(absent, one, y))))


def x_log1p_y(b: Builder, x: Value, y: Value) -> Value:
    """x * log(1 + y), and 0 where x is 0."""
    zero = _number(b, 0, x)
    absent = b.eq(x, zero)
    return b.select(absent, zero, b.mul(x, b.log1p(b.select(absent, zero, y))))


def x_div_y(b: Builder, x: Value, y: Value) -> Value:
    """x / y, and 0 where x is 0."""
    zero, one = _number(b, 0, x), _number(b, 1, x)
    absent = b.eq(x, zero)
    return b.select(absent, zero, b.div(x, b.select(absent, one, y)))


def mul_no_nan(b: Builder, x: Value, y: Value) -> Value:
    """x * y, and 0 where y is 0, even if x is infinite or nan."""
    zero = _number(b, 0, x)
    absent = b.eq(y, zero)
    return b.select(absent, zero, b.mul(b.select(absent, zero, x), y))


def next_after(b: Builder, x: Value, y: Value) -> Value:
    """The next number after x towards y, through the integers that floats are ordered like."""
    whole = dtypes.i32 if x.dtype is dtypes.f32 else dtypes.i64
    bits = b.bitcast(x, dtype=whole)
    one = _number(b, 1, bits)
    outward = b.eq(b.gt(y, x), b.gt(x, _number(b, 0, x)))
    moved = b.bitcast(b.select(outward, b.add(bits, one), b.sub(bits, one)), dtype=x.dtype)
    smallest = _number(b, float(np.nextafter(x.dtype.numpy.type(0), x.dtype.numpy.type(1))), x)
    from_zero = b.select(b.gt(y, x), smallest, b.neg(smallest))
    found = b.select(b.eq(x, _number(b, 0, x)), from_zero, moved)
    unordered = b.bitwise_or(b.ne(x, x), b.ne(y, y))
    return b.select(unordered, b.add(x, y), b.select(b.eq(x, y), y, found))


DIRECT = 10  # terms of the zeta function that are added up one by one
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)


def zeta(b: Builder, x: Value, q: Value) -> Value:
    """The sum over k of (q + k)**-x for x > 1 and q > 0, by the formula of Euler and Maclaurin; inf where x is 1, nan
    below."""
    one, minus = _number(b, 1, x), b.neg(x)
    total = b.pow(q, minus)
    for term in range(1, DIRECT):
        total = b.add(total, b.pow(b.add(q, _number(b, term, q)), minus))
    edge = b.add(q, _number(b, DIRECT, q))
    last = b.pow(edge, minus)
    total = b.add(total, b.add(b.div(b.mul(last, edge), b.sub(x, one)), b.mul(_number(b, 0.5, last), last)))
    factor = b.div(b.mul(x, last), edge)
    for place, bernoulli in enumerate(_BERNOULLI, 1):
        weight = bernoulli / math.factorial(2 * place)
        total = b.add(total, b.mul(_number(b, weight, factor), factor))
        rising = b.mul(b.add(x, _number(b, 2 * place - 1, x)), b.add(x, _number(b, 2 * place, x)))
        factor = b.div(b.mul(factor, rising), b.mul(edge, edge))
    at_pole = b.select(b.eq(x, one), _number(b, math.inf, x), _number(b, math.nan, x))
    return b.select(b.gt(x, one), total, at_pole)


def polygamma(b: Builder, order: Value, x: Value) -> Value:
    """The derivative of whole `order` of digamma at x > 0: (-1)**(n + 1) n! zeta(n + 1, x)."""
    one, two = _number(b, 1, order), _number(b, 2, order)
    above = b.add(order, one)
    is_digamma = b.eq(order, _number(b, 0, order))
    half = b.div(order, two)
    sign = b.select(b.eq(b.floor(half), half), b.neg(one), one)
    safe = b.select(is_digamma, two, above)
    value = b.mul(b.mul(sign, b.exp(b.lgamma(safe))), zeta(b, safe, x))
    whole = b.eq(order, b.floor(order))
    found = b.select(is_digamma, b.digamma(x), value)
    return b.select(whole, found, _number(b, math.nan, found))
