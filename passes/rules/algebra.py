"""Arithmetic and logic. Beside each rule stands its algebra.

IEEE arithmetic bounds what is exact: x + 0.0 turns -0.0 into 0.0, x * 0 keeps nan and infinities, and sums and
products may not be regrouped. Integers wrap around, so for them all of this is exact. Complex products are sums: not
even x * 1 keeps the signs of zeros, nor does x * y have the last bit of y * x where products and sums are fused.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from diptych.ir import Builder, Constant, DType, Op, Value, ops

from ..expressions import full, ones, zeros
from ..pattern import Build, Built, Known, P, Rule, Var, is_number, known_constant

x, y, z, c, d = Var("x"), Var("y"), Var("z"), Known("c"), Known("d")


def _where(fits: Callable[[DType], bool], build: Build) -> Build:
    """`build` for the dtypes of x that fit."""
    whole: Callable[..., Built] = build

    def guarded(b: Builder, x: Value, **others: Value) -> Built:
        return whole(b, x, **others) if fits(x.dtype) else None

    return guarded


def _if_integer(build: Build) -> Build:
    return _where(lambda dtype: dtype.is_integer, build)


def _unless_complex(build: Build) -> Build:
    return _where(lambda dtype: not dtype.is_complex, build)


def _constant_right(b: Builder, op: Op, c: Value, x: Value) -> Built:
    if known_constant(b, x) is not None or (op is ops.mul and x.dtype.is_complex):
        return None
    return b.emit(op, (x, c), {})


def _negated(b: Builder, c: Value) -> Value:
    """-c, as a constant at once: as an equation it would match again, and two constants trade signs for ever."""
    constant = known_constant(b, c)
    if constant is None:
        return b.neg(c)
    value = b.constant(value=Constant(np.negative(constant.array)))
    return b.broadcast(value, shape=c.shape, axes=()) if c.shape else value


def _commutative(op: Op) -> Rule:
    """c op x -> x op c"""
    return Rule(f"{op.name}_constant_right", P.of(op, c, x), lambda b, c, x: _constant_right(b, op, c, x))


def _div_by_power_of_two(b: Builder, x: Value, c: Value) -> Built:
    constant = known_constant(b, c)
    if constant is None or not x.dtype.is_float or x.dtype.bits < 32:
        return None
    number = float(constant.item())
    if number == 0 or not math.isfinite(number) or abs(math.frexp(number)[0]) != 0.5:
        return None
    if not -100 < math.frexp(number)[1] < 100:  # the reciprocal must be a normal number
        return None
    return b.mul(x, full(b, x.type, 1 / number))


def _regrouped(op: Op) -> Build:
    """(x op c) op d -> x op (c op d); of three constants, which would go round and round, nothing is moved"""

    def build(b: Builder, x: Value, c: Value, d: Value) -> Built:
        if known_constant(b, x) is not None:
            return None
        return b.emit(op, (x, b.emit(op, (c, d), {})[0]), {})

    return build


def _true(b: Builder, x: Value) -> Built:
    return full(b, x.type, True) if x.dtype.is_bool else None


_ROUNDINGS = (ops.floor, ops.ceil, ops.round_even)


def _rounded_twice(outer: Op, inner: Op) -> Rule:
    """floor(ceil(x)) -> ceil(x)"""
    return Rule(f"{outer.name}_{inner.name}", P.of(outer, P.of(inner, x)), lambda b, x: b.emit(inner, (x,), {}))


def _rounded_integer(op: Op) -> Rule:
    """floor(cast(i)) -> cast(i)"""

    def build(b: Builder, x: Value, dtype: DType) -> Built:
        return b.cast(x, dtype=dtype) if not x.dtype.is_differentiable else None

    return Rule(f"{op.name}_integer", P.of(op, P.cast(x, dtype=Var("dtype"))), build)


ALGEBRA: list[Rule] = [
    *(_commutative(op) for op in (ops.add, ops.mul, ops.max, ops.min, ops.eq, ops.ne)),
    *(_commutative(op) for op in (ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor)),
    # -- signs ----
    Rule("neg_neg", P.neg(P.neg(x)), lambda b, x: x),  # -(-x) -> x
    Rule("add_neg", P.add(x, P.neg(y)), lambda b, x, y: b.sub(x, y)),  # x + -y -> x - y
    Rule("neg_add", P.add(P.neg(x), y), lambda b, x, y: b.sub(y, x)),  # -x + y -> y - x
    Rule("sub_neg", P.sub(x, P.neg(y)), lambda b, x, y: b.add(x, y)),  # x - -y -> x + y
    Rule("mul_neg_neg", P.mul(P.neg(x), P.neg(y)), lambda b, x, y: b.mul(x, y)),  # -x * -y -> x * y
    Rule("mul_neg_constant", P.mul(P.neg(x), c), lambda b, x, c: b.mul(x, _negated(b, c))),  # -x * c -> x * -c
    Rule("neg_mul_constant", P.neg(P.mul(x, c)), _unless_complex(lambda b, x, c: b.mul(x, _negated(b, c)))),
    # -(x * c) -> x * -c
    Rule("div_neg_neg", P.div(P.neg(x), P.neg(y)), _unless_complex(lambda b, x, y: b.div(x, y))),  # -x / -y -> x / y
    Rule("abs_neg", P.abs(P.neg(x)), lambda b, x: None if x.dtype.kind == "unsigned" else b.abs(x)),  # |-x| -> |x|
    Rule("abs_abs", P.abs(P.abs(x)), lambda b, x: b.abs(x)),  # ||x|| -> |x|
    Rule("neg_sub", P.neg(P.sub(x, y)), lambda b, x, y: b.sub(y, x) if x.dtype.is_integer else None),  # -(x-y) -> y-x
    # -- units ----
    Rule("add_minus_zero", P.add(x, -0.0), lambda b, x: x),  # x + -0.0 -> x
    Rule("add_zero_integer", P.add(x, 0), _if_integer(lambda b, x: x)),  # x + 0 -> x
    Rule("sub_zero", P.sub(x, 0), lambda b, x: x),  # x - 0 -> x
    Rule("mul_one", P.mul(x, 1), _unless_complex(lambda b, x: x)),  # x * 1 -> x
    Rule("mul_minus_one", P.mul(x, -1), _unless_complex(lambda b, x: b.neg(x))),  # x * -1 -> -x
    Rule("mul_zero_integer", P.mul(x, 0), _if_integer(lambda b, x: zeros(b, x.type))),  # x * 0 -> 0
    Rule("div_one", P.div(x, 1), _unless_complex(lambda b, x: x)),  # x / 1 -> x
    Rule("div_power_of_two", P.div(x, c), _div_by_power_of_two),  # x / 2**n -> x * 2**-n
    Rule("floor_div_one", P.floor_div(x, 1), lambda b, x: x),  # x // 1 -> x
    Rule("sub_self_integer", P.sub(x, x), _if_integer(lambda b, x: zeros(b, x.type))),  # x - x -> 0
    Rule("pow_one", P.pow(x, 1), lambda b, x: x),  # x ** 1 -> x
    Rule("pow_zero", P.pow(x, 0), lambda b, x: ones(b, x.type)),  # x ** 0 -> 1
    Rule("max_self", P.max(x, x), lambda b, x: x),  # max(x, x) -> x
    Rule("min_self", P.min(x, x), lambda b, x: x),  # min(x, x) -> x
    Rule("add_add_integer", P.add(P.add(x, c), d), _if_integer(_regrouped(ops.add))),  # (x + c) + d -> x + (c + d)
    Rule("mul_mul_integer", P.mul(P.mul(x, c), d), _if_integer(_regrouped(ops.mul))),  # (x * c) * d -> x * (c * d)
    # -- logic ----
    Rule("not_not", P.bitwise_not(P.bitwise_not(x)), lambda b, x: x),  # ~~x -> x
    Rule("not_eq", P.bitwise_not(P.eq(x, y)), lambda b, x, y: b.ne(x, y)),  # not x == y -> x != y
    Rule("not_ne", P.bitwise_not(P.ne(x, y)), lambda b, x, y: b.eq(x, y)),  # not x != y -> x == y
    Rule("and_self", P.bitwise_and(x, x), lambda b, x: x),  # x & x -> x
    Rule("or_self", P.bitwise_or(x, x), lambda b, x: x),  # x | x -> x
    Rule("xor_self", P.bitwise_xor(x, x), lambda b, x: full(b, x.type, 0)),  # x ^ x -> 0
    Rule("and_zero", P.bitwise_and(x, 0), lambda b, x: full(b, x.type, 0)),  # x & 0 -> 0
    Rule("and_true", P.bitwise_and(x, 1), lambda b, x: x if x.dtype.is_bool else None),  # x & true -> x
    Rule("or_zero", P.bitwise_or(x, 0), lambda b, x: x),  # x | 0 -> x
    Rule("or_true", P.bitwise_or(x, 1), _true),  # x | true -> true
    Rule("xor_zero", P.bitwise_xor(x, 0), lambda b, x: x),  # x ^ 0 -> x
    Rule("xor_true", P.bitwise_xor(x, 1), lambda b, x: b.bitwise_not(x) if x.dtype.is_bool else None),  # x ^ 1 -> ~x
    Rule("shift_left_zero", P.shift_left(x, 0), lambda b, x: x),  # x << 0 -> x
    Rule("shift_right_zero", P.shift_right(x, 0), lambda b, x: x),  # x >> 0 -> x
    # -- rounding and complex parts ----
    *(_rounded_twice(outer, inner) for outer in _ROUNDINGS for inner in _ROUNDINGS),
    *(_rounded_integer(op) for op in _ROUNDINGS),
    Rule("conj_conj", P.conj(P.conj(x)), lambda b, x: x),  # conj(conj(x)) -> x
    Rule("real_complex", P.real(P.complex(x, y)), lambda b, x, y: x),  # real(x + iy) -> x
    Rule("imag_complex", P.imag(P.complex(x, y)), lambda b, x, y: y),  # imag(x + iy) -> y
    Rule("complex_parts", P.complex(P.real(x), P.imag(x)), lambda b, x: x),  # real(x) + i imag(x) -> x
    Rule("conj_complex", P.conj(P.complex(x, y)), lambda b, x, y: b.complex(x, b.neg(y))),  # conj(x+iy) -> x-iy
    Rule("real_conj", P.real(P.conj(x)), lambda b, x: b.real(x)),  # real(conj(x)) -> real(x)
]  # fmt: skip


def _pow_small(b: Builder, x: Value, c: Value) -> Built:
    """x ** 2, 3, 4 by products"""
    if is_number(b, c, 2):
        return b.mul(x, x)
    if is_number(b, c, 3):
        return b.mul(b.mul(x, x), x)
    if is_number(b, c, 4):
        square = b.mul(x, x)
        return b.mul(square, square)
    return None


def _half(b: Builder, x: Value) -> Built:
    return b.sqrt(x) if x.dtype.is_float else None


FAST_ALGEBRA: list[Rule] = [
    Rule("add_zero", P.add(x, 0), lambda b, x: x, exact=False),  # x + 0.0 -> x, wrong for -0.0
    Rule("mul_zero", P.mul(x, 0), lambda b, x: zeros(b, x.type), exact=False),  # x * 0 -> 0, wrong for nan and inf
    Rule("sub_self", P.sub(x, x), lambda b, x: zeros(b, x.type), exact=False),  # x - x -> 0, wrong for nan and inf
    Rule("div_self", P.div(x, x), lambda b, x: ones(b, x.type), exact=False),  # x / x -> 1, wrong for 0, nan, inf
    Rule("pow_small", P.pow(x, c), _pow_small, exact=False),  # x ** 2 -> x * x, and so for 3 and 4
    Rule("pow_half", P.pow(x, 0.5), _half, exact=False),  # x ** 0.5 -> sqrt(x), wrong for -inf
    Rule("pow_minus_one", P.pow(x, -1), lambda b, x: b.div(ones(b, x.type), x) if x.dtype.is_differentiable else None,
         exact=False),  # x ** -1 -> 1 / x
    Rule("exp_log", P.exp(P.log(x)), lambda b, x: x, exact=False),  # exp(log(x)) -> x, wrong below 0
    Rule("log_exp", P.log(P.exp(x)), _unless_complex(lambda b, x: x), exact=False),  # log(exp(x)) -> x
    Rule("sqrt_square", P.sqrt(P.mul(x, x)), lambda b, x: b.abs(x) if x.dtype.is_float else None, exact=False),
    Rule("reciprocal_sqrt", P.div(1, P.sqrt(x)), lambda b, x: b.rsqrt(x), exact=False),  # 1 / sqrt(x) -> rsqrt(x)
    Rule("mul_reciprocal", P.mul(x, P.div(1, y)), lambda b, x, y: b.div(x, y), exact=False),  # x * (1 / y) -> x / y
    Rule("exp_minus_one", P.sub(P.exp(x), 1), lambda b, x: b.expm1(x), exact=False),  # exp(x) - 1 -> expm1(x)
    Rule("log_one_plus", P.log(P.add(x, 1)), lambda b, x: b.log1p(x), exact=False),  # log(x + 1) -> log1p(x)
    Rule("mul_mul", P.mul(P.mul(x, c), d), _regrouped(ops.mul), exact=False),
    Rule("add_add", P.add(P.add(x, c), d), _regrouped(ops.add), exact=False),
    Rule("distribute", P.add(P.mul(x, z), P.mul(y, z)), lambda b, x, y, z: b.mul(b.add(x, y), z), exact=False),
]  # fmt: skip
