"""Kernels of `ir/ops/elementwise.py` that numpy and jax share."""

from __future__ import annotations

from diptych.ir import ops

from .polygamma import polygamma
from .rounding import in_f32

KERNELS = {
    # -- unary: any numeric dtype ----
    ops.identity: lambda xp, x: x,
    ops.neg: lambda xp, x: xp.negative(x),
    ops.abs: lambda xp, x: xp.abs(x),
    ops.sign: in_f32(lambda xp, x: xp.sign(x)),
    # -- unary: float and complex ----
    ops.exp: in_f32(lambda xp, x: xp.exp(x)),
    ops.expm1: in_f32(lambda xp, x: xp.expm1(x)),
    ops.log: in_f32(lambda xp, x: xp.log(x)),
    ops.log1p: in_f32(lambda xp, x: xp.log1p(x)),
    ops.sqrt: in_f32(lambda xp, x: xp.sqrt(x)),
    ops.rsqrt: in_f32(lambda xp, x: 1 / xp.sqrt(x)),
    ops.sin: in_f32(lambda xp, x: xp.sin(x)),
    ops.cos: in_f32(lambda xp, x: xp.cos(x)),
    ops.tan: in_f32(lambda xp, x: xp.tan(x)),
    ops.asin: in_f32(lambda xp, x: xp.arcsin(x)),
    ops.acos: in_f32(lambda xp, x: xp.arccos(x)),
    ops.atan: in_f32(lambda xp, x: xp.arctan(x)),
    ops.sinh: in_f32(lambda xp, x: xp.sinh(x)),
    ops.cosh: in_f32(lambda xp, x: xp.cosh(x)),
    ops.tanh: in_f32(lambda xp, x: xp.tanh(x)),
    ops.asinh: in_f32(lambda xp, x: xp.arcsinh(x)),
    ops.acosh: in_f32(lambda xp, x: xp.arccosh(x)),
    ops.atanh: in_f32(lambda xp, x: xp.arctanh(x)),
    # -- unary: float only ----
    ops.polygamma: in_f32(polygamma),
    ops.floor: in_f32(lambda xp, x: xp.floor(x)),
    ops.ceil: in_f32(lambda xp, x: xp.ceil(x)),
    ops.round_even: in_f32(lambda xp, x: xp.rint(x)),
    ops.is_finite: lambda xp, x: xp.isfinite(x),
    # -- unary: bits and complex parts ----
    ops.bitwise_not: lambda xp, x: xp.invert(x),
    ops.real: lambda xp, x: xp.real(x),
    ops.imag: lambda xp, x: xp.imag(x),
    ops.conj: lambda xp, x: xp.conj(x),
    # -- binary: arithmetic ----
    ops.add: in_f32(lambda xp, lhs, rhs: xp.add(lhs, rhs)),
    ops.sub: in_f32(lambda xp, lhs, rhs: xp.subtract(lhs, rhs)),
    ops.mul: in_f32(lambda xp, lhs, rhs: xp.multiply(lhs, rhs)),
    ops.div: in_f32(lambda xp, lhs, rhs: xp.divide(lhs, rhs)),
    ops.divisor: lambda xp, x: x,
    ops.floor_div: lambda xp, lhs, rhs: xp.floor_divide(lhs, rhs),
    ops.rem: in_f32(lambda xp, lhs, rhs: xp.fmod(lhs, rhs)),
    ops.max: in_f32(lambda xp, lhs, rhs: xp.maximum(lhs, rhs)),
    ops.min: in_f32(lambda xp, lhs, rhs: xp.minimum(lhs, rhs)),
    ops.atan2: in_f32(lambda xp, lhs, rhs: xp.arctan2(lhs, rhs)),
    # -- binary: bits ----
    ops.bitwise_and: lambda xp, lhs, rhs: xp.bitwise_and(lhs, rhs),
    ops.bitwise_or: lambda xp, lhs, rhs: xp.bitwise_or(lhs, rhs),
    ops.bitwise_xor: lambda xp, lhs, rhs: xp.bitwise_xor(lhs, rhs),
    # -- binary: comparisons ----
    ops.eq: lambda xp, lhs, rhs: xp.equal(lhs, rhs),
    ops.ne: lambda xp, lhs, rhs: xp.not_equal(lhs, rhs),
    ops.lt: lambda xp, lhs, rhs: xp.less(lhs, rhs),
    ops.le: lambda xp, lhs, rhs: xp.less_equal(lhs, rhs),
    ops.gt: lambda xp, lhs, rhs: xp.greater(lhs, rhs),
    ops.ge: lambda xp, lhs, rhs: xp.greater_equal(lhs, rhs),
    # -- several operands and conversions ----
    ops.select: lambda xp, condition, on_true, on_false: xp.where(condition, on_true, on_false),
    ops.clamp: in_f32(lambda xp, lower, x, upper: xp.minimum(xp.maximum(x, lower), upper)),
}
