"""Functions of one number that are made of others: powers and logarithms of 2 and 10, degrees, signs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from diptych.functions import arithmetic, special
from diptych.functions.constants import filled_like
from diptych.functions.own_gradients import with_gradient
from diptych.ir import Builder, DType, Value, dtypes

from ..dtypes import default_type
from ..promotion import promoted_floats
from ..tapes.batches import of_whole, whole
from ..tapes.callers import renamed
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .named_results import named
from .operands import not_implemented, tensors

frexp_result = named("frexp", "mantissa exponent")

# -- operations: what is written as equations ----


def _float(name: str, summary: str, write: Callable[[Builder, Value], Value], *, takes_complex: bool = False) -> Any:
    """The function `name` of floats, and of integers as floats."""

    def written(b: Builder, x: Value, default: DType) -> Value:
        (x,) = promoted_floats(b, x, default=default)
        if x.dtype.is_complex and not takes_complex:
            raise not_implemented(f"{name}_cpu", x)
        if x.dtype in (dtypes.f16, dtypes.bf16):
            return b.cast(write(b, b.cast(x, dtype=dtypes.f32)), dtype=x.dtype)
        return write(b, x)

    written.__name__ = name
    made = operation(written)

    def function(input: Tensor) -> Tensor:
        return call(made, tensors(name, input=input), (default_type(),))

    renamed(function, name)
    function.__doc__ = summary
    return function


def _times(b: Builder, x: Value, number: float) -> Value:
    return b.mul(x, filled_like(b, number, x))


def _sinc_of(b: Builder, x: Value) -> Value:
    """Near 0 with the gradient of 1 - (pi x)**2 / 6."""
    zero = filled_like(b, 0, x)
    scaled = _times(b, x, math.pi)
    is_zero = b.eq(x, zero)
    safe = b.select(is_zero, filled_like(b, 1, x), scaled)
    near = b.sub(filled_like(b, 1, x), _times(b, b.mul(scaled, scaled), 1 / 6))
    return b.select(is_zero, near, b.div(b.sin(safe), safe))


def _entropy(b: Builder, x: Value) -> Value:
    """The gradient is infinite at 0, where x log x is 0."""

    def function(b: Builder, x: Value) -> Value:
        inside = b.neg(special.x_log_y(b, x, x))
        return b.select(b.lt(x, filled_like(b, 0, x)), filled_like(b, -math.inf, x), inside)

    def gradient(b: Builder, ct: Value, out: Value, x: Value) -> Value:
        return b.neg(b.mul(ct, b.add(b.log(x), filled_like(b, 1, x))))

    return with_gradient(b, function, gradient, x)


def _exp2(b: Builder, x: Value) -> Value:
    """Powers of whole exponents are exact."""
    return b.pow(filled_like(b, 2, x), x)


exp2 = _float("exp2", "2 ** input.", _exp2, takes_complex=True)
log2 = _float("log2", "The logarithm to base 2.", lambda b, x: _log_base(b, x, 2), takes_complex=True)
log10 = _float("log10", "The logarithm to base 10.", lambda b, x: _log_base(b, x, 10), takes_complex=True)
deg2rad = _float("deg2rad", "Degrees in radians.", lambda b, x: _times(b, x, math.pi / 180))
rad2deg = _float("rad2deg", "Radians in degrees.", lambda b, x: _times(b, x, 180 / math.pi))
sinc = _float("sinc", "sin(pi input) / (pi input), and 1 at 0.", _sinc_of, takes_complex=True)
entr = _float("entr", "-input * log(input); 0 at 0, -inf below.", _entropy)


def _log_base(b: Builder, x: Value, base: int) -> Value:
    """Whole results for whole powers: computed in double precision and rounded once."""
    wide = {dtypes.f32: dtypes.f64}.get(x.dtype)
    value = b.log(x if wide is None else b.cast(x, dtype=wide))
    found = b.div(value, filled_like(b, math.log(base), value))
    return found if wide is None else b.cast(found, dtype=x.dtype)


@operation
def _logit(b: Builder, x: Value, eps: float | None, default: DType) -> Value:
    (x,) = promoted_floats(b, x, default=default)
    if x.dtype.is_complex:
        raise not_implemented("logit_cpu", x)
    low, high = (0.0, 1.0) if eps is None else (eps, 1 - eps)

    def function(b: Builder, x: Value) -> Value:
        inside = x if eps is None else arithmetic.clip(b, x, eps, 1 - eps)
        return b.log(b.div(inside, b.sub(filled_like(b, 1, x), inside)))

    def gradient(b: Builder, ct: Value, out: Value, x: Value) -> Value:
        """Infinite at 0 and 1. Outside of the bounds it is 0, or nan where the function has none either."""
        found = b.div(ct, b.mul(x, b.sub(filled_like(b, 1, x), x)))
        is_outside = b.bitwise_or(b.lt(x, filled_like(b, low, x)), b.gt(x, filled_like(b, high, x)))
        return b.select(is_outside, filled_like(b, math.nan if eps is None else 0, x), found)

    return with_gradient(b, function, gradient, x)


@operation
def _frac(b: Builder, x: Value) -> Value:
    if not x.dtype.is_float:
        raise not_implemented("frac", x)
    return b.sub(x, b.stop_gradient(arithmetic.truncate(b, x)))


@operation
def _signbit(b: Builder, x: Value) -> Value:
    if x.dtype.is_complex:
        raise RuntimeError("signbit is not implemented for complex tensors.")
    if x.dtype.is_bool or x.dtype.kind == "unsigned":
        return b.ne(x, x)
    if x.dtype.is_integer:
        return b.lt(x, filled_like(b, 0, x))
    return sign_bit(b, x)


def sign_bit(b: Builder, x: Value) -> Value:
    """Whether a float is below 0, or -0."""
    wide = x if x.dtype in (dtypes.f32, dtypes.f64) else b.cast(x, dtype=dtypes.f32)
    bits = b.bitcast(wide, dtype=dtypes.i32 if wide.dtype is dtypes.f32 else dtypes.i64)
    return b.lt(bits, filled_like(b, 0, bits))


def angle_of(b: Builder, y: Value, x: Value) -> Value:
    """The angle of the point (x, y). The gradient of the origin is 0: a point beside it at the same angle stands in."""
    zero, one = filled_like(b, 0, x), filled_like(b, 1, x)
    at_origin = b.bitwise_and(b.eq(x, zero), b.eq(y, zero))
    found = b.atan2(y, b.select(at_origin, b.select(sign_bit(b, x), b.neg(one), one), x))
    return b.select(at_origin, b.stop_gradient(found), found)


@operation
def _nan_to_num(b: Builder, x: Value, nan: float, high: float, low: float) -> Value:
    if not x.dtype.is_differentiable:
        return b.identity(x)
    if x.dtype.is_complex:
        return b.complex(*(_finite(b, part, nan, high, low) for part in (b.real(x), b.imag(x))))
    return _finite(b, x, nan, high, low)


def _finite(b: Builder, x: Value, nan: float, high: float, low: float) -> Value:
    found = b.select(b.ne(x, x), filled_like(b, nan, x), x)
    found = b.select(b.eq(x, filled_like(b, math.inf, x)), filled_like(b, high, x), found)
    return b.select(b.eq(x, filled_like(b, -math.inf, x)), filled_like(b, low, x), found)


def _infinite(name: str, number: float, word: str) -> Any:
    def write(b: Builder, x: Value) -> Value:
        if x.dtype.is_complex:
            raise RuntimeError(f"{name} does not support complex inputs.")
        return b.eq(x, filled_like(b, number, x)) if x.dtype.is_float else b.ne(x, x)

    write.__name__ = name
    made = operation(write)

    def function(input: Tensor) -> Tensor:
        return call(made, tensors(name, input=input))

    renamed(function, name)
    function.__doc__ = f"Whether input is {word}infinity. Raises RuntimeError for complex numbers."
    return function


isposinf, isneginf = _infinite("isposinf", math.inf, ""), _infinite("isneginf", -math.inf, "minus ")


@operation
def _mantissa(b: Builder, x: Value, exponent: Value) -> Value:
    half = b.cast(b.floor_div(exponent, filled_like(b, 2, exponent)), dtype=x.dtype)
    rest = b.sub(b.cast(exponent, dtype=x.dtype), half)
    two = filled_like(b, 2, x)
    return b.mul(b.mul(x, b.pow(two, b.neg(half))), b.pow(two, b.neg(rest)))  # in two steps, neither overflows


@operation
def _round_decimals(b: Builder, x: Value, decimals: int) -> Value:
    if not x.dtype.is_float:
        raise not_implemented("round_cpu", x)
    ten = filled_like(b, 10.0 ** abs(decimals), x)
    found = b.round_even(b.mul(x, ten) if decimals >= 0 else b.div(x, ten))
    return b.stop_gradient(b.div(found, ten) if decimals >= 0 else b.mul(found, ten))


@operation
def _polygamma(b: Builder, x: Value, order: int, default: DType) -> Value:
    (x,) = promoted_floats(b, x, default=default)
    if order == 0:
        return b.digamma(x)
    if x.dtype is dtypes.f64:
        return b.polygamma(x, order=order)
    return b.cast(b.polygamma(b.cast(x, dtype=dtypes.f64), order=order), dtype=x.dtype)


# -- functions: what users call ----


def logit(input: Tensor, eps: float | None = None) -> Tensor:
    """log(input / (1 - input)), of what is brought into [eps, 1 - eps] first where eps is given."""
    return call(_logit, tensors("logit", input=input), (eps, default_type()))


def frac(input: Tensor) -> Tensor:
    """input without its whole part."""
    return call(_frac, tensors("frac", input=input))


def signbit(input: Tensor) -> Tensor:
    """Whether input is below 0, or -0."""
    return call(_signbit, tensors("signbit", input=input))


def nan_to_num(
    input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """input with numbers for nan (0), inf and -inf (the dtype's largest and smallest)."""
    import ml_dtypes

    (x,) = tensors("nan_to_num", input=input)
    kind = x.dtype.ir.real
    limits = ml_dtypes.finfo(kind.numpy) if kind.is_float else None
    high = float(limits.max) if limits is not None and posinf is None else posinf
    low = float(limits.min) if limits is not None and neginf is None else neginf
    return call(_nan_to_num, (x,), (0.0 if nan is None else nan, high, low))


def frexp(input: Tensor) -> Any:
    """(mantissa, exponent) with input = mantissa * 2**exponent and the mantissa in [0.5, 1). Raises RuntimeError for
    other dtypes than floats. The exponents are read now."""
    (x,) = tensors("frexp", input=input)
    if not x.dtype.is_floating_point:
        raise RuntimeError("torch.frexp() only supports floating-point dtypes")
    array, levels = whole(x)
    places = of_whole(np.asarray(np.frexp(array.astype(np.float64))[1]).astype(np.int32), levels)
    return frexp_result(call(_mantissa, (x, places)), places)


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """The nearest integer, halves to the even one; or with so many decimals. Raises NotImplementedError of integers
    with decimals."""
    from .ordering import round as rounded

    (x,) = tensors("round", input=input)
    return call(_round_decimals, (x,), (decimals,)) if decimals else rounded(x)


def polygamma(n: int, input: Tensor) -> Tensor:
    """The n-th derivative of digamma. Raises RuntimeError for n below 0."""
    (x,) = tensors("polygamma", input=input)
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return call(_polygamma, (x,), (n, default_type()))


def mvlgamma(input: Tensor, p: int) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension p. Raises RuntimeError for p below 1."""
    from ..tensors.creation import arange
    from .reductions import sum

    (x,) = tensors("mvlgamma", input=input)
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")
    wide = x if x.dtype.is_floating_point else x + 0.0
    terms = wide.unsqueeze(-1) + arange(0, -p, -1, dtype=wide.dtype, device=wide.device) * 0.5
    return sum(terms.lgamma(), -1) + p * (p - 1) / 4 * math.log(math.pi)


def positive(input: Tensor) -> Tensor:
    """The input itself. Raises RuntimeError for bools."""
    (x,) = tensors("positive", input=input)
    if x.dtype.ir.is_bool:
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return x
