"""Samples of elementwise ops of one operand. Results of real and complex functions come from math and cmath."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from diptych.ir import Op, ops

from . import Refusal, Sample
from .notation import INF, NAN, b1, bf16, c64, c128, case, f16, f32, f64, i8, i16, i64, refusal, u8, u16, u64

EULER = 0.57721566490153286061
ZETA_3 = 1.20205690315959428540
PI = math.pi
# Functions with branch cuts along the axes, and points on both sides of these: a zero's sign is the side.
CUT = {
    ops.sqrt: cmath.sqrt, ops.asin: cmath.asin, ops.acos: cmath.acos, ops.atan: cmath.atan, ops.asinh: cmath.asinh,
    ops.acosh: cmath.acosh, ops.atanh: cmath.atanh,
}  # fmt: skip
CUTS = [
    complex(*sides)
    for size in (-3.0, -0.5, 0.5, 3.0, INF)
    for zero in (0.0, -0.0)
    for sides in ((size, zero), (zero, size))
]


def _by(function: Callable[[Any], Any], x: np.ndarray, op: Op, called: str = "", *, smooth: bool = True) -> Sample:
    """A sample whose results are `function` of the Python numbers in x, rounded to its dtype."""
    plain = [complex(value) if x.dtype.kind == "c" else float(value) for value in x]
    with np.errstate(over="ignore"):
        results = np.array([function(value) for value in plain]).astype(x.dtype)
    return case(op, [x], [results], called=called, smooth=smooth)


def _real(
    op: Op, function: Callable[[float], float], values: Sequence[float], edges: dict[float, float]
) -> list[Sample]:
    """`values`, where the function is smooth, in four dtypes; `edges` by their limits in two."""
    names = ("f32", "f64", "f16", "bf16")
    samples = [_by(function, make(values), op, name) for make, name in zip((f32, f64, f16, bf16), names, strict=True)]
    points, limits = list(edges), list(edges.values())
    for make, name in ((f32, "f32 edges"), (f64, "f64 edges")):
        samples.append(case(op, [make(points)], [make(limits)], smooth=False, called=name))
    return samples


def _log_of_one_plus(z: complex) -> complex:
    """|1 + z|^2 - 1 = x (2 + x) + y^2, in fractions."""
    x, y = Fraction(z.real), Fraction(z.imag)
    return complex(math.log1p(x * (2 + x) + y * y) / 2, math.atan2(z.imag, 1 + z.real))


def _sine_of_complex(z: complex) -> complex:
    """sin(a + bi) = sin a cosh b + i cos a sinh b."""
    return complex(math.sin(z.real) * math.cosh(z.imag), math.cos(z.real) * math.sinh(z.imag))


SAMPLES: list[Sample] = [
    # -- any numeric dtype ----
    case(ops.identity, [f32([1.5, -0.0, INF])], [f32([1.5, -0.0, INF])]),
    case(ops.identity, [f64([1.5, -2.0])], [f64([1.5, -2.0])]),
    case(ops.identity, [b1([True, False])], [b1([True, False])]),
    case(ops.neg, [f32([1.5, 0.0, -INF, NAN])], [f32([-1.5, -0.0, INF, NAN])]),
    case(ops.neg, [f64([1.5, -2.0])], [f64([-1.5, 2.0])]),
    case(ops.neg, [i8([-128, 5])], [i8([-128, -5])], called="the smallest integer stays"),
    case(ops.neg, [u8([0, 1, 255])], [u8([0, 255, 1])], called="unsigned wraps around"),
    case(ops.neg, [bf16(2.5)], [bf16(-2.5)], called="scalar"),
    case(ops.neg, [c64([1 - 2j])], [c64([-1 + 2j])]),
    case(ops.abs, [f64([1.5, -2.5])], [f64([1.5, 2.5])]),
    case(ops.abs, [f32([-0.0, -INF, NAN])], [f32([0.0, INF, NAN])], smooth=False),
    case(ops.abs, [i16([-32768, -3, 4])], [i16([-32768, 3, 4])], called="the smallest integer stays"),
    case(ops.abs, [u16([65535, 0])], [u16([65535, 0])]),
    case(ops.abs, [c64([3 - 4j, -5 + 12j])], [f32([5, 13])], called="modulus"),
    case(ops.abs, [c128([1e200 + 1e200j])], [f64([math.hypot(1e200, 1e200)])], called="no overflow", smooth=False),
    case(ops.sign, [f32([2.5, -0.1, INF, -INF])], [f32([1, -1, 1, -1])]),
    case(ops.sign, [f64([1.5, -2.0])], [f64([1, -1])]),
    case(ops.sign, [f64([0.0, NAN])], [f64([0.0, NAN])], smooth=False),
    case(ops.sign, [i64([-7, 0, 9])], [i64([-1, 0, 1])]),
    case(ops.sign, [u8([0, 200])], [u8([0, 1])]),
    case(ops.sign, [f16([-3])], [f16([-1])]),
    case(ops.sign, [c128([3 - 4j])], [c128([0.6 - 0.8j])]),
    case(ops.sign, [c64([0j])], [c64([0j])], smooth=False),
    # -- float and complex ----
    *_real(ops.exp, math.exp, [-2.5, -0.1, 0.0, 1.0, 4.0], {-INF: 0.0, INF: INF, 1e4: INF, -1e4: 0.0, NAN: NAN}),
    _by(cmath.exp, c64([1 + 2j, -0.5j]), ops.exp),
    *_real(ops.expm1, math.expm1, [-2.5, -1e-4, 0.0, 3e-5, 4.0], {-INF: -1.0, INF: INF, 1e-30: 1e-30, NAN: NAN}),
    *_real(ops.log, math.log, [0.25, 1.0, 1.001, 7.5], {0.0: -INF, INF: INF, -1.0: NAN, NAN: NAN}),
    _by(cmath.log, c128([1 + 2j, -3 + 0.5j]), ops.log),
    *_real(ops.log1p, math.log1p, [-0.5, 1e-4, 0.0, 7.5], {-1.0: -INF, INF: INF, -2.0: NAN, 1e-30: 1e-30, NAN: NAN}),
    _by(_log_of_one_plus, c128([1e-5 + 1e-5j, 1e-3j, -0.3 + 0.7j, 2 - 3j, -0.5 + 0.8660254037844386j]), ops.log1p),
    *_real(ops.sqrt, math.sqrt, [0.25, 1.0, 2.0, 9.0], {0.0: 0.0, INF: INF, -1.0: NAN, NAN: NAN}),
    case(ops.sqrt, [f32([-0.0])], [f32([-0.0])], smooth=False, called="of -0"),
    _by(cmath.sqrt, c64([3 + 4j, -4 + 0.5j]), ops.sqrt),
    *_real(ops.rsqrt, lambda x: 1 / math.sqrt(x), [0.25, 1.0, 2.0, 9.0], {0.0: INF, INF: 0.0, -1.0: NAN, NAN: NAN}),
    *_real(ops.sin, math.sin, [-2.0, 0.0, 0.5, 3.0], {INF: NAN, -INF: NAN, NAN: NAN}),
    _by(_sine_of_complex, c128([1 + 2j, -0.3 + 0.1j]), ops.sin),
    *_real(ops.cos, math.cos, [-2.0, 0.0, 0.5, 3.0], {INF: NAN, -INF: NAN, NAN: NAN}),
    _by(cmath.cos, c64([1 + 2j, -0.3 + 0.1j]), ops.cos),
    *_real(ops.tan, math.tan, [-1.2, 0.0, 0.5, 1.0], {INF: NAN, -INF: NAN, NAN: NAN}),
    *_real(ops.asin, math.asin, [-0.7, 0.0, 0.25, 0.9], {1.0: PI / 2, -1.0: -PI / 2, 1.5: NAN, -2.0: NAN, NAN: NAN}),
    *_real(ops.acos, math.acos, [-0.7, 0.0, 0.25, 0.9], {1.0: 0.0, -1.0: PI, 1.5: NAN, -2.0: NAN, NAN: NAN}),
    *_real(ops.atan, math.atan, [-5.0, 0.0, 0.25, 1.0], {INF: PI / 2, -INF: -PI / 2, NAN: NAN}),
    *_real(ops.sinh, math.sinh, [-2.0, 0.0, 0.01, 3.0], {INF: INF, -INF: -INF, NAN: NAN}),
    *_real(ops.cosh, math.cosh, [-2.0, 0.0, 0.01, 3.0], {INF: INF, -INF: INF, NAN: NAN}),
    *_real(ops.tanh, math.tanh, [-2.0, 0.0, 0.01, 3.0], {INF: 1.0, -INF: -1.0, 100.0: 1.0, NAN: NAN}),
    _by(cmath.tanh, c128([1 + 0.5j, -0.3 + 0.1j]), ops.tanh),
    *_real(ops.asinh, math.asinh, [-2.0, 0.0, 0.01, 3.0], {INF: INF, -INF: -INF, NAN: NAN}),
    *_real(ops.acosh, math.acosh, [1.25, 2.0, 30.0], {1.0: 0.0, INF: INF, 0.5: NAN, -INF: NAN, NAN: NAN}),
    *_real(ops.atanh, math.atanh, [-0.9, 0.0, 0.01, 0.5], {1.0: INF, -1.0: -INF, 1.5: NAN, NAN: NAN}),
    *[
        _by(function, make(CUTS), op, name, smooth=False)
        for op, function in CUT.items()
        for make, name in ((c64, "on its cuts"), (c128, "on its cuts, in c128"))
    ],
    *_real(
        ops.logistic,
        lambda x: 1 / (1 + math.exp(-x)),
        [-3.0, 0.0, 0.5, 8.0],
        {INF: 1.0, -INF: 0.0, 1e4: 1.0, -1e4: 0.0, NAN: NAN},
    ),
    _by(lambda z: 1 / (1 + cmath.exp(-z)), c64([0.5 + 1j, -2 - 0.5j]), ops.logistic),
    # -- float only ----
    *_real(ops.erf, math.erf, [-2.0, -0.3, 0.0, 0.1, 0.6, 3.0], {INF: 1.0, -INF: -1.0, 30.0: 1.0, NAN: NAN}),
    *_real(ops.erfc, math.erfc, [-2.0, -0.3, 0.0, 0.1, 0.6, 3.0], {INF: 0.0, -INF: 2.0, 30.0: 0.0, NAN: NAN}),
    case(ops.erfinv, [f64([math.erf(0.5), 0.0, -math.erf(1.25)])], [f64([0.5, 0.0, -1.25])], tolerance=1e-15),
    case(ops.erfinv, [f32([0.5, -0.5])], [f32([0.47693627620446987306, -0.47693627620446987306])]),
    case(ops.erfinv, [bf16([0.5])], [bf16([0.47693627620446987306])]),
    case(ops.erfinv, [f64([1, -1, 1.5, -2, NAN])], [f64([INF, -INF, NAN, NAN, NAN])], smooth=False),
    *_real(
        ops.lgamma,
        math.lgamma,
        [-1.5, 0.25, 1.0, 1.5, 2.0, 5.0, 100.0],
        {0.0: INF, -1.0: INF, -7.0: INF, INF: INF, -INF: INF, NAN: NAN},
    ),
    case(ops.digamma, [f64([1, 2, 0.5])], [f64([-EULER, 1 - EULER, -EULER - 2 * math.log(2)])]),
    case(ops.digamma, [f32([1, 3, -0.5])], [f32([-EULER, 1.5 - EULER, 2 - EULER - 2 * math.log(2)])]),
    case(ops.digamma, [f64([-1, -30, 0.0, -0.0, INF, NAN])], [f64([NAN, NAN, -INF, INF, INF, NAN])], smooth=False),
    case(ops.digamma, [f32([0.0, -0.0])], [f32([-INF, INF])], smooth=False),
    case(ops.polygamma, [f64([1, 0.5, 2])], [f64([PI**2 / 6, PI**2 / 2, PI**2 / 6 - 1])], order=1),
    case(ops.polygamma, [f32([1, 0.5])], [f32([-2 * ZETA_3, -14 * ZETA_3])], order=2),
    case(ops.polygamma, [f64([1, -0.5])], [f64([PI**4 / 15, PI**4 + 96])], order=3, called="reflected"),
    case(ops.polygamma, [f16([1, 0.5])], [f16([PI**2 / 6, PI**2 / 2])], order=1),
    case(ops.polygamma, [f64([0, -1, -2, INF, NAN])], [f64([INF, INF, INF, 0, NAN])], order=1, smooth=False),
    *_real(ops.floor, math.floor, [-1.5, 0.25, 2.75], {-0.0: -0.0, 3.0: 3.0, INF: INF, -INF: -INF, NAN: NAN}),
    *_real(ops.ceil, math.ceil, [-1.5, 0.25, 2.75], {3.0: 3.0, INF: INF, -INF: -INF, NAN: NAN}),
    *_real(ops.round_even, round, [-1.25, 0.75, 2.75], {0.5: 0.0, 1.5: 2.0, 2.5: 2.0, -3.5: -4.0, INF: INF, NAN: NAN}),
    case(ops.is_finite, [f32([1, INF, -INF, NAN])], [b1([True, False, False, False])]),
    case(ops.is_finite, [bf16([1, INF, NAN])], [b1([True, False, False])]),
    case(ops.is_finite, [f16([65504, INF])], [b1([True, False])]),
    case(ops.is_finite, [c64([1j, complex(0, INF), complex(NAN, 0)])], [b1([True, False, False])]),
    # -- bits and complex parts ----
    case(ops.bitwise_not, [i8([0, 5, -128])], [i8([-1, -6, 127])]),
    case(ops.bitwise_not, [u64([0, 1])], [u64([2**64 - 1, 2**64 - 2])]),
    case(ops.bitwise_not, [b1([True, False])], [b1([False, True])], called="logical"),
    case(ops.divisor, [i8([5, -128, -1])], [i8([5, -128, -1])]),
    case(ops.divisor, [u64([])], [u64([])], called="empty"),
    case(ops.real, [c64([1 - 2j, complex(-0.0, 3)])], [f32([1, -0.0])]),
    case(ops.real, [c128([[1 - 2j]])], [f64([[1]])]),
    case(ops.imag, [c64([1 - 2j, complex(0, NAN)])], [f32([-2, NAN])]),
    case(ops.imag, [c128(3 + 4j)], [f64(4)], called="scalar"),
    case(ops.conj, [c64([1 - 2j])], [c64([1 + 2j])]),
    case(ops.conj, [c128([1 - 2j, 3j])], [c128([1 + 2j, complex(0, -3)])]),
    case(ops.conj, [c128([complex(INF, 1)])], [c128([complex(INF, -1)])]),
]

NUMERIC = (ops.neg, ops.abs, ops.sign)
INEXACT = (
    ops.exp, ops.expm1, ops.log, ops.log1p, ops.sqrt, ops.rsqrt, ops.sin, ops.cos, ops.tan, ops.asin, ops.acos,
    ops.atan, ops.sinh, ops.cosh, ops.tanh, ops.asinh, ops.acosh, ops.atanh, ops.logistic, ops.is_finite,
)  # fmt: skip
FLOATING = (ops.erf, ops.erfc, ops.erfinv, ops.lgamma, ops.digamma, ops.floor, ops.ceil, ops.round_even)

REFUSALS: list[Refusal] = [
    refusal(ops.identity, "f32[] f32[]", "has 2 operands but must have 1 (x)"),
    *(refusal(op, "bool[2]", "x is bool[2] but must be of a numeric dtype, not bool") for op in NUMERIC),
    *(refusal(op, "i32[2]", "x is i32[2] but must be of a float or complex dtype") for op in INEXACT),
    *(refusal(op, "c64[2]", "x is c64[2] but must be of a float dtype") for op in FLOATING),
    refusal(ops.polygamma, "i32[2]", "x is i32[2] but must be of a float dtype", order=1),
    refusal(ops.polygamma, "f32[2]", "order is 0 but must be from 1 to 20", order=0),
    refusal(ops.polygamma, "f32[2]", "order is 21 but must be from 1 to 20", order=21),
    refusal(ops.divisor, "bool[2]", "x is bool[2] but must be of an integer dtype"),
    refusal(ops.bitwise_not, "f32[2]", "x is f32[2] but must be of an integer dtype or bool"),
    *(refusal(op, "f64[2]", "x is f64[2] but must be of a complex dtype") for op in (ops.real, ops.imag, ops.conj)),
]
