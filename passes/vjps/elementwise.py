"""Gradients of the elementwise ops. Where f is holomorphic, ct * conj(f'(x)) flows back."""

from __future__ import annotations

import math
from collections.abc import Callable

from diptych.ir import Builder, DType, Value, ops

from ..expressions import as_dtype, conj, ones, plus, reciprocal, scale, square, zeros
from .table import Cotangents, Reasons, Rule, Rules


def _times(derivative: Callable[[Builder, Value, Value], Value]) -> Rule:
    """The rule of a unary op with this derivative, a function of the result and the operand."""

    def rule(b: Builder, ct: Value, out: Value, x: Value) -> Cotangents:
        return (b.mul(ct, conj(b, derivative(b, out, x))),)

    return rule


def _one_minus(b: Builder, x: Value) -> Value:
    return b.sub(ones(b, x.type), x)


def _one_plus(b: Builder, x: Value) -> Value:
    return plus(b, x, 1)


def _negated(derivative: Callable[[Builder, Value, Value], Value]) -> Rule:
    return _times(lambda b, out, x: b.neg(derivative(b, out, x)))


def _asin(b: Builder, out: Value, x: Value) -> Value:
    return b.rsqrt(_one_minus(b, square(b, x)))


def _erf(b: Builder, out: Value, x: Value) -> Value:
    return scale(b, b.exp(b.neg(square(b, x))), 2 / math.sqrt(math.pi))


def _acosh(b: Builder, out: Value, x: Value) -> Value:
    # Two roots rather than one keep the branch that acosh has in the complex plane.
    return b.mul(b.rsqrt(plus(b, x, -1)), b.rsqrt(_one_plus(b, x)))


def _rsqrt(b: Builder, out: Value, x: Value) -> Value:
    return scale(b, b.mul(out, square(b, out)), -0.5)


def _abs(b: Builder, ct: Value, out: Value, x: Value) -> Cotangents:
    return (b.mul(as_dtype(b, ct, x.dtype), b.sign(x)),)


def _sign(b: Builder, ct: Value, out: Value, x: Value) -> Cotangents:
    """0 for real x. Complex s = x/|x|: (ct - s Re(conj(s) ct)) / |x|, and 0 at 0."""
    if not x.dtype.is_complex:
        return (None,)
    radial = as_dtype(b, b.real(b.mul(b.conj(out), ct)), x.dtype)
    zero = zeros(b, x.type)
    at_zero = b.eq(x, zero)
    modulus = b.abs(b.select(at_zero, ones(b, x.type), x))  # not 0, or nan would come back with the next derivative
    tangent = b.div(b.sub(ct, b.mul(out, radial)), as_dtype(b, modulus, x.dtype))
    return (b.select(at_zero, zero, tangent),)


def _div(b: Builder, ct: Value, out: Value, x: Value, y: Value) -> Cotangents:
    quotient = b.div(ct, conj(b, y))
    return quotient, b.neg(b.mul(quotient, conj(b, out)))


def _rem(b: Builder, ct: Value, out: Value, x: Value, y: Value) -> Cotangents:
    whole = b.round_even(b.div(b.sub(x, out), y))  # trunc(x / y), exactly
    return ct, b.neg(b.mul(ct, whole))


def _pow(b: Builder, ct: Value, out: Value, x: Value, y: Value) -> Cotangents:
    """y x^(y-1), and x^y log x; at x = 0 they are 0 where y is 0, and where x^y is not infinite.

    There another x stands in, rather than a selection behind: nan would come back with the next derivative.
    """
    zero, one = zeros(b, x.type), ones(b, x.type)
    at_zero = b.eq(x, zero)
    slope = b.mul(y, b.pow(b.select(b.bitwise_and(at_zero, b.eq(y, zero)), one, x), plus(b, y, -1)))
    real_y = b.real(y) if y.dtype.is_complex else y
    flat = b.bitwise_and(at_zero, b.ge(real_y, zeros(b, real_y.type)))
    growth = b.mul(out, b.log(b.select(flat, one, x)))
    return b.mul(ct, conj(b, slope)), b.mul(ct, conj(b, growth))


def _picked(b: Builder, ct: Value, loses: Value, ties: Value) -> Value:
    """ct where the operand wins, half of it where both are equal, 0 where it loses."""
    return b.select(loses, zeros(b, ct.type), b.select(ties, scale(b, ct, 0.5), ct))


def _max(b: Builder, ct: Value, out: Value, x: Value, y: Value) -> Cotangents:
    ties = b.eq(x, y)
    return _picked(b, ct, b.lt(x, y), ties), _picked(b, ct, b.lt(y, x), ties)


def _min(b: Builder, ct: Value, out: Value, x: Value, y: Value) -> Cotangents:
    ties = b.eq(x, y)
    return _picked(b, ct, b.gt(x, y), ties), _picked(b, ct, b.gt(y, x), ties)


def _atan2(b: Builder, ct: Value, out: Value, y: Value, x: Value) -> Cotangents:
    part = b.div(ct, b.add(square(b, x), square(b, y)))
    return b.mul(part, x), b.neg(b.mul(part, y))


def _select(b: Builder, ct: Value, out: Value, condition: Value, x: Value, y: Value) -> Cotangents:
    zero = zeros(b, ct.type)
    return None, b.select(condition, ct, zero), b.select(condition, zero, ct)


def _clamp(b: Builder, ct: Value, out: Value, lower: Value, x: Value, upper: Value) -> Cotangents:
    """To x where it lies within the bounds, them included; elsewhere to the bound that it was moved to."""

    def spread(bound: Value) -> Value:
        return bound if bound.shape == x.shape else b.broadcast(bound, shape=x.shape, axes=())

    def gathered(part: Value, bound: Value) -> Value:
        return part if bound.shape == x.shape else b.reduce_sum(part, axes=tuple(range(part.rank)))

    low, high, zero = spread(lower), spread(upper), zeros(b, ct.type)
    below = b.bitwise_and(b.lt(x, low), b.le(low, high))
    above = b.bitwise_or(b.gt(x, high), b.lt(high, low))
    inside = b.bitwise_and(b.ge(x, low), b.le(x, high))
    return (
        gathered(b.select(below, ct, zero), lower),
        b.select(inside, ct, zero),
        gathered(b.select(above, ct, zero), upper),
    )


def _cast(b: Builder, ct: Value, out: Value, x: Value, *, dtype: DType) -> Cotangents:
    return (as_dtype(b, ct, x.dtype) if x.dtype.is_differentiable else None,)


def _polygamma(b: Builder, ct: Value, out: Value, x: Value, *, order: int) -> Cotangents:
    return (b.mul(ct, b.polygamma(x, order=order + 1)),)


def _imag(b: Builder, ct: Value, out: Value, x: Value) -> Cotangents:
    return (b.complex(zeros(b, ct.type), ct),)


VJPS: Rules = {
    ops.identity: lambda b, ct, out, x: (ct,),
    ops.neg: lambda b, ct, out, x: (b.neg(ct),),
    ops.abs: _abs,
    ops.sign: _sign,
    ops.exp: _times(lambda b, out, x: out),
    ops.expm1: _times(lambda b, out, x: _one_plus(b, out)),
    ops.log: lambda b, ct, out, x: (b.div(ct, conj(b, x)),),
    ops.log1p: lambda b, ct, out, x: (b.div(ct, conj(b, _one_plus(b, x))),),
    ops.sqrt: lambda b, ct, out, x: (b.div(scale(b, ct, 0.5), conj(b, out)),),
    ops.rsqrt: _times(_rsqrt),
    ops.sin: _times(lambda b, out, x: b.cos(x)),
    ops.cos: _negated(lambda b, out, x: b.sin(x)),
    ops.tan: _times(lambda b, out, x: _one_plus(b, square(b, out))),
    ops.asin: _times(_asin),
    ops.acos: _negated(_asin),
    ops.atan: _times(lambda b, out, x: reciprocal(b, _one_plus(b, square(b, x)))),
    ops.sinh: _times(lambda b, out, x: b.cosh(x)),
    ops.cosh: _times(lambda b, out, x: b.sinh(x)),
    ops.tanh: _times(lambda b, out, x: _one_minus(b, square(b, out))),
    ops.asinh: _times(lambda b, out, x: b.rsqrt(_one_plus(b, square(b, x)))),
    ops.acosh: _times(_acosh),
    ops.atanh: _times(lambda b, out, x: reciprocal(b, _one_minus(b, square(b, x)))),
    ops.logistic: _times(lambda b, out, x: b.mul(out, _one_minus(b, out))),
    ops.erf: _times(_erf),
    ops.erfc: _negated(_erf),
    ops.erfinv: _times(lambda b, out, x: scale(b, b.exp(square(b, out)), math.sqrt(math.pi) / 2)),
    ops.lgamma: _times(lambda b, out, x: b.digamma(x)),
    ops.digamma: _times(lambda b, out, x: b.polygamma(x, order=1)),
    ops.polygamma: _polygamma,
    ops.real: lambda b, ct, out, x: (as_dtype(b, ct, x.dtype),),
    ops.imag: _imag,
    ops.conj: lambda b, ct, out, x: (b.conj(ct),),
    ops.add: lambda b, ct, out, x, y: (ct, ct),
    ops.sub: lambda b, ct, out, x, y: (ct, b.neg(ct)),
    ops.mul: lambda b, ct, out, x, y: (b.mul(ct, conj(b, y)), b.mul(ct, conj(b, x))),
    ops.div: _div,
    ops.rem: _rem,
    ops.pow: _pow,
    ops.max: _max,
    ops.min: _min,
    ops.atan2: _atan2,
    ops.complex: lambda b, ct, out, real, imag: (b.real(ct), b.imag(ct)),
    ops.select: _select,
    ops.clamp: _clamp,
    ops.cast: _cast,
}

_FLAT = "piecewise constant: the derivative is 0 wherever there is one"
_BITS = "integers and bool have no derivatives"

ZERO: Reasons = {
    ops.floor: _FLAT,
    ops.ceil: _FLAT,
    ops.round_even: _FLAT,
    ops.is_finite: _BITS,
    ops.bitwise_not: _BITS,
    ops.divisor: _BITS,
    ops.floor_div: _BITS,
    ops.bitwise_and: _BITS,
    ops.bitwise_or: _BITS,
    ops.bitwise_xor: _BITS,
    ops.shift_left: _BITS,
    ops.shift_right: _BITS,
    ops.eq: _BITS,
    ops.ne: _BITS,
    ops.lt: _BITS,
    ops.le: _BITS,
    ops.gt: _BITS,
    ops.ge: _BITS,
}

REFUSED: Reasons = {
    ops.bitcast: "a change of bits has no derivative",
}
