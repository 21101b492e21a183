"""Which ops compute each element from the operands' elements at the same place."""

from __future__ import annotations

from diptych.ir import ops

UNARY = (
    ops.identity, ops.neg, ops.abs, ops.sign, ops.exp, ops.expm1, ops.log, ops.log1p, ops.sqrt, ops.rsqrt, ops.sin,
    ops.cos, ops.tan, ops.asin, ops.acos, ops.atan, ops.sinh, ops.cosh, ops.tanh, ops.asinh, ops.acosh, ops.atanh,
    ops.logistic, ops.erf, ops.erfc, ops.erfinv, ops.lgamma, ops.digamma, ops.polygamma, ops.floor, ops.ceil,
    ops.round_even, ops.is_finite, ops.bitwise_not, ops.divisor, ops.real, ops.imag, ops.conj, ops.cast, ops.bitcast,
)  # fmt: skip

BINARY = (
    ops.add, ops.sub, ops.mul, ops.div, ops.floor_div, ops.rem, ops.pow, ops.max, ops.min, ops.atan2,
    ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor, ops.shift_left, ops.shift_right, ops.eq, ops.ne, ops.lt, ops.le,
    ops.gt, ops.ge, ops.complex,
)  # fmt: skip

ELEMENTWISE = frozenset((*UNARY, *BINARY, ops.select, ops.clamp))

REDUCTIONS = frozenset((ops.reduce_sum, ops.reduce_prod, ops.reduce_max, ops.reduce_min, ops.reduce_and, ops.reduce_or))
