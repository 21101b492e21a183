"""Elementwise ops: one result element from the operands' elements at the same place.

Operands of one op have equal shapes and, where nothing else is said, equal dtypes.
"""

from __future__ import annotations

from .. import dtypes
from ..dtypes import DType
from ..op import op, refuse
from ..types import TensorType
from . import checks

# -- unary: any numeric dtype ----


@op
def identity(x: TensorType) -> TensorType:
    """x itself, as a value of its own: a gradient with respect to it does not see x's other uses."""
    return x


@op
def neg(x: TensorType) -> TensorType:
    """-x. Unsigned integers wrap around."""
    checks.numeric(x)
    return x


@op
def abs(x: TensorType) -> TensorType:
    """|x|. A complex operand gives its modulus in the real dtype; the smallest signed integer stays itself."""
    checks.numeric(x)
    return x.with_dtype(x.dtype.real)


@op
def sign(x: TensorType) -> TensorType:
    """-1, 0 or 1; nan of nan; x / |x| of complex x and 0 of 0."""
    checks.numeric(x)
    return x


# -- unary: float and complex ----


@op
def exp(x: TensorType) -> TensorType:
    """e**x."""
    checks.inexact(x)
    return x


@op
def expm1(x: TensorType) -> TensorType:
    """e**x - 1, accurate near 0."""
    checks.inexact(x)
    return x


@op
def log(x: TensorType) -> TensorType:
    """Natural logarithm; nan below 0, -inf at 0. Complex: principal branch."""
    checks.inexact(x)
    return x


@op
def log1p(x: TensorType) -> TensorType:
    """log(1 + x), accurate near 0."""
    checks.inexact(x)
    return x


@op
def sqrt(x: TensorType) -> TensorType:
    """Square root; nan below 0, -0 of -0. Complex: principal branch."""
    checks.inexact(x)
    return x


@op
def rsqrt(x: TensorType) -> TensorType:
    """1 / sqrt(x)."""
    checks.inexact(x)
    return x


@op
def sin(x: TensorType) -> TensorType:
    """Sine of x radians."""
    checks.inexact(x)
    return x


@op
def cos(x: TensorType) -> TensorType:
    """Cosine of x radians."""
    checks.inexact(x)
    return x


@op
def tan(x: TensorType) -> TensorType:
    """Tangent of x radians."""
    checks.inexact(x)
    return x


@op
def asin(x: TensorType) -> TensorType:
    """Inverse sine in [-pi/2, pi/2]; nan outside [-1, 1]."""
    checks.inexact(x)
    return x


@op
def acos(x: TensorType) -> TensorType:
    """Inverse cosine in [0, pi]; nan outside [-1, 1]."""
    checks.inexact(x)
    return x


@op
def atan(x: TensorType) -> TensorType:
    """Inverse tangent in [-pi/2, pi/2]."""
    checks.inexact(x)
    return x


@op
def sinh(x: TensorType) -> TensorType:
    """Hyperbolic sine."""
    checks.inexact(x)
    return x


@op
def cosh(x: TensorType) -> TensorType:
    """Hyperbolic cosine."""
    checks.inexact(x)
    return x


@op
def tanh(x: TensorType) -> TensorType:
    """Hyperbolic tangent."""
    checks.inexact(x)
    return x


@op
def asinh(x: TensorType) -> TensorType:
    """Inverse hyperbolic sine."""
    checks.inexact(x)
    return x


@op
def acosh(x: TensorType) -> TensorType:
    """Inverse hyperbolic cosine; nan below 1."""
    checks.inexact(x)
    return x


@op
def atanh(x: TensorType) -> TensorType:
    """Inverse hyperbolic tangent; infinite at -1 and 1, nan outside."""
    checks.inexact(x)
    return x


@op
def logistic(x: TensorType) -> TensorType:
    """1 / (1 + exp(-x)), without overflow at either end."""
    checks.inexact(x)
    return x


# -- unary: float only ----


@op
def erf(x: TensorType) -> TensorType:
    """2/sqrt(pi) times the integral of exp(-t**2) from 0 to x."""
    checks.floating(x)
    return x


@op
def erfc(x: TensorType) -> TensorType:
    """1 - erf(x), accurate for large x."""
    checks.floating(x)
    return x


@op
def erfinv(x: TensorType) -> TensorType:
    """Inverse of erf; infinite at -1 and 1, nan outside."""
    checks.floating(x)
    return x


@op
def lgamma(x: TensorType) -> TensorType:
    """log|gamma(x)|; +inf at 0, the negative integers and both infinities."""
    checks.floating(x)
    return x


@op
def digamma(x: TensorType) -> TensorType:
    """Derivative of lgamma; nan at the negative integers, -inf at +0 and +inf at -0."""
    checks.floating(x)
    return x


@op
def polygamma(x: TensorType, *, order: int) -> TensorType:
    """The derivative of order `order` of digamma, order from 1 to 20; infinite at 0 and the negative integers."""
    checks.floating(x)
    if not 1 <= order <= 20:
        refuse("order", order, "from 1 to 20", hint="digamma is the derivative of order 0")
    return x


@op
def floor(x: TensorType) -> TensorType:
    """The largest integer not above x."""
    checks.floating(x)
    return x


@op
def ceil(x: TensorType) -> TensorType:
    """The smallest integer not below x."""
    checks.floating(x)
    return x


@op
def round_even(x: TensorType) -> TensorType:
    """The nearest integer, halves to the even one."""
    checks.floating(x)
    return x


@op
def is_finite(x: TensorType) -> TensorType:
    """Whether x is neither infinite nor nan, as bool. Complex: both parts."""
    checks.inexact(x)
    return x.with_dtype(dtypes.bool_)


# -- unary: bits and complex parts ----


@op
def bitwise_not(x: TensorType) -> TensorType:
    """Every bit flipped; logical not of bool."""
    checks.bits(x)
    return x


@op
def real(x: TensorType) -> TensorType:
    """Real part of a complex x, in the real dtype."""
    _complex(x)
    return x.with_dtype(x.dtype.real)


@op
def imag(x: TensorType) -> TensorType:
    """Imaginary part of a complex x, in the real dtype."""
    _complex(x)
    return x.with_dtype(x.dtype.real)


@op
def conj(x: TensorType) -> TensorType:
    """Complex conjugate."""
    _complex(x)
    return x


# -- binary: arithmetic ----


@op
def add(lhs: TensorType, rhs: TensorType) -> TensorType:
    """lhs + rhs. Integers wrap around."""
    checks.numeric(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


@op
def sub(lhs: TensorType, rhs: TensorType) -> TensorType:
    """lhs - rhs. Integers wrap around."""
    checks.numeric(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


@op
def mul(lhs: TensorType, rhs: TensorType) -> TensorType:
    """lhs * rhs. Integers wrap around."""
    checks.numeric(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


@op
def div(lhs: TensorType, rhs: TensorType) -> TensorType:
    """lhs / rhs of float or complex operands, as IEEE 754 has it. Integers: floor_div."""
    checks.inexact(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


@op
def divisor(x: TensorType) -> TensorType:
    """x, integers to divide by: one that is 0 is an error, where a backend can raise it."""
    checks.integral(x)
    return x


@op
def floor_div(lhs: TensorType, rhs: TensorType) -> TensorType:
    """The integer quotient rounded down. What division by 0 gives is not defined."""
    checks.integral(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


@op
def rem(lhs: TensorType, rhs: TensorType) -> TensorType:
    """lhs - trunc(lhs / rhs) * rhs, with the sign of lhs, as C's fmod. Float by 0 is nan, integer by 0 undefined."""
    checks.numeric(lhs, "lhs")
    checks.ordered(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


@op
def pow(lhs: TensorType, rhs: TensorType) -> TensorType:
    """lhs ** rhs. pow(x, 0) is 1, of nan too. What a negative integer exponent gives is not defined."""
    checks.numeric(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


@op
def max(lhs: TensorType, rhs: TensorType) -> TensorType:
    """The larger operand; nan where either is nan."""
    checks.ordered(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


@op
def min(lhs: TensorType, rhs: TensorType) -> TensorType:
    """The smaller operand; nan where either is nan."""
    checks.ordered(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


@op
def atan2(lhs: TensorType, rhs: TensorType) -> TensorType:
    """The angle of the point (rhs, lhs) in [-pi, pi], as C's atan2(lhs, rhs)."""
    checks.floating(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


# -- binary: bits ----


@op
def bitwise_and(lhs: TensorType, rhs: TensorType) -> TensorType:
    """Bits set in both operands; logical and of bool."""
    checks.bits(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


@op
def bitwise_or(lhs: TensorType, rhs: TensorType) -> TensorType:
    """Bits set in either operand; logical or of bool."""
    checks.bits(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


@op
def bitwise_xor(lhs: TensorType, rhs: TensorType) -> TensorType:
    """Bits set in one operand only; logical exclusive or of bool."""
    checks.bits(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


@op
def shift_left(lhs: TensorType, rhs: TensorType) -> TensorType:
    """lhs * 2**rhs, bits shifted out lost; 0 where rhs is not below the width."""
    checks.integral(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


@op
def shift_right(lhs: TensorType, rhs: TensorType) -> TensorType:
    """floor(lhs / 2**rhs): copies of the sign bit of a signed lhs come in, zeros of an unsigned one."""
    checks.integral(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs


# -- binary: comparisons ----


@op
def eq(lhs: TensorType, rhs: TensorType) -> TensorType:
    """lhs == rhs as bool; false where either is nan."""
    return _compared(lhs, rhs, ordered=False)


@op
def ne(lhs: TensorType, rhs: TensorType) -> TensorType:
    """lhs != rhs as bool; true where either is nan."""
    return _compared(lhs, rhs, ordered=False)


@op
def lt(lhs: TensorType, rhs: TensorType) -> TensorType:
    """lhs < rhs as bool; false where either is nan."""
    return _compared(lhs, rhs, ordered=True)


@op
def le(lhs: TensorType, rhs: TensorType) -> TensorType:
    """lhs <= rhs as bool; false where either is nan."""
    return _compared(lhs, rhs, ordered=True)


@op
def gt(lhs: TensorType, rhs: TensorType) -> TensorType:
    """lhs > rhs as bool; false where either is nan."""
    return _compared(lhs, rhs, ordered=True)


@op
def ge(lhs: TensorType, rhs: TensorType) -> TensorType:
    """lhs >= rhs as bool; false where either is nan."""
    return _compared(lhs, rhs, ordered=True)


# -- several operands and conversions ----


@op
def complex(real: TensorType, imag: TensorType) -> TensorType:
    """real + i * imag of f32 or f64 parts."""
    if real.dtype not in (dtypes.f32, dtypes.f64):
        refuse("real", real, "of dtype f32 or f64")
    checks.same(real, imag, ("real", "imag"))
    return real.with_dtype(dtypes.c64 if real.dtype is dtypes.f32 else dtypes.c128)


@op
def select(condition: TensorType, on_true: TensorType, on_false: TensorType) -> TensorType:
    """on_true where condition holds, on_false elsewhere; all of one shape, or condition a scalar."""
    checks.boolean(condition, "condition")
    checks.same(on_true, on_false, ("on_true", "on_false"))
    if condition.shape and condition.shape != on_true.shape:
        refuse("condition", condition, f"{condition.with_shape(on_true.shape)} or bool[]", hint="insert a broadcast")
    return on_true


@op
def clamp(lower: TensorType, x: TensorType, upper: TensorType) -> TensorType:
    """min(max(x, lower), upper); nan of nan. The bounds are of x's type, or scalars of its dtype."""
    checks.ordered(x)
    for name, bound in (("lower", lower), ("upper", upper)):
        if bound not in (x, x.with_shape(())):
            refuse(name, bound, f"{x} or {x.dtype}[]")
    return x


@op
def cast(x: TensorType, *, dtype: DType) -> TensorType:
    """x in another dtype: floats round to nearest even, floats to integers truncate (out of range is not
    defined), complex to real drops the imaginary part, anything to bool is x != 0."""
    return x.with_dtype(dtype)


@op
def bitcast(x: TensorType, *, dtype: DType) -> TensorType:
    """The same bits read as another dtype of equal width; neither is bool or complex."""
    for name, candidate in (("x", x.dtype), ("dtype", dtype)):
        if candidate.is_bool or candidate.is_complex:
            refuse(name, candidate, "an integer or float dtype")
    if dtype.bits != x.dtype.bits:
        refuse("dtype", dtype, f"{x.dtype.bits} bits wide, as {x.dtype} is")
    return x.with_dtype(dtype)


def _complex(x: TensorType) -> None:
    if not x.dtype.is_complex:
        refuse("x", x, "of a complex dtype")


def _compared(lhs: TensorType, rhs: TensorType, *, ordered: bool) -> TensorType:
    if ordered:
        checks.ordered(lhs, "lhs")
    checks.same(lhs, rhs)
    return lhs.with_dtype(dtypes.bool_)
