"""Functions of analysis that have gradients: Bessel's, incomplete gamma, the normal distribution's, zeta."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from diptych.functions import fitted, incomplete, special
from diptych.functions.bessel import modified_bessel
from diptych.functions.broadcasting import broadcast_together
from diptych.functions.constants import filled_like
from diptych.functions.quantiles import normal_quantile
from diptych.ir import Builder, DType, Value, dtypes

from ..dtypes import default_type
from ..promotion import Operand, promoted, promoted_floats
from ..tapes.callers import renamed
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .operands import Scalar, not_implemented, pair, tensors

# -- operations: what is written as equations ----


def _of_one(name: str, summary: str, write: Callable[[Builder, Value], Value]) -> Any:
    """The function of floats, and of integers as floats, computed in double precision of single."""

    def written(b: Builder, x: Value, default: DType) -> Value:
        (x,) = promoted_floats(b, x, default=default)
        if x.dtype.is_complex:
            raise not_implemented(f"{name}_cpu", x)
        if x.dtype is dtypes.f64:
            return write(b, x)
        return b.cast(write(b, b.cast(x, dtype=dtypes.f64)), dtype=x.dtype)

    written.__name__ = name
    made = operation(written)

    def function(input: Tensor) -> Tensor:
        return call(made, tensors(name, input=input), (default_type(),))

    renamed(function, name)
    function.__doc__ = summary
    return function


def _of_two(name: str, summary: str, write: Callable[[Builder, Value, Value], Value], *, floats: bool = False) -> Any:
    def written(b: Builder, x: Operand, y: Operand, default: DType) -> Value:
        found = (promoted_floats if floats else promoted)(b, x, y, default=default)
        left, right = broadcast_together(b, *found)
        if not left.dtype.is_float:
            raise not_implemented(f"{name}_cpu", left)
        if left.dtype is dtypes.f64:
            return write(b, left, right)
        wide = (b.cast(each, dtype=dtypes.f64) for each in (left, right))
        return b.cast(write(b, *wide), dtype=left.dtype)

    written.__name__ = name
    made = operation(written)

    def function(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
        return call(made, pair(name, input, other), (default_type(),))

    renamed(function, name)
    function.__doc__ = summary
    return function


def _normal_part(b: Builder, x: Value) -> Value:
    half = filled_like(b, 0.5, x)
    return b.mul(half, b.erfc(b.mul(x, filled_like(b, -math.sqrt(0.5), x))))


def _log_normal_part(b: Builder, x: Value) -> Value:
    """Through the scaled complement where it is small."""
    is_low = b.lt(x, filled_like(b, -1, x))
    low = b.select(is_low, x, filled_like(b, -1, x))
    root = filled_like(b, math.sqrt(0.5), x)
    half = filled_like(b, 0.5, x)
    tail = b.log(b.mul(half, fitted.scaled_complement(b, b.neg(b.mul(low, root)))))
    below = b.sub(tail, b.mul(half, b.mul(low, low)))
    high = b.select(is_low, filled_like(b, -1, x), x)
    above = b.log1p(b.neg(b.mul(half, b.erfc(b.mul(high, root)))))
    return b.select(is_low, below, above)


i0 = _of_one("i0", "The modified Bessel function of the first kind of order 0.", modified_bessel(0, scaled=False))
i0e = _of_one("i0e", "exp(-|input|) times `i0`.", modified_bessel(0, scaled=True))
i1 = _of_one("i1", "The modified Bessel function of the first kind of order 1.", modified_bessel(1, scaled=False))
i1e = _of_one("i1e", "exp(-|input|) times `i1`.", modified_bessel(1, scaled=True))
erfcx = _of_one("erfcx", "exp(input**2) * erfc(input).", fitted.scaled_complement)
ndtr = _of_one("ndtr", "The part of the normal distribution below input.", _normal_part)
log_ndtr = _of_one("log_ndtr", "The logarithm of `ndtr`.", _log_normal_part)
ndtri = _of_one("ndtri", "The number below which the part input of the normal distribution lies.", normal_quantile)
igamma = _of_two("igamma", "The regularized lower incomplete gamma function of shape input at other.",
                 incomplete.lower_gamma)  # fmt: skip
igammac = _of_two("igammac", "The regularized upper incomplete gamma function of shape input at other.",
                  incomplete.upper_gamma)  # fmt: skip


def _zeta(b: Builder, x: Value, q: Value) -> Value:
    """The gradient is by q alone."""
    found = special.zeta(b, b.stop_gradient(x), q)
    zero = filled_like(b, 0, q)
    at_pole = b.bitwise_and(b.le(q, zero), b.eq(b.floor(q), q))
    above = b.gt(x, filled_like(b, 1, x))
    return b.select(b.bitwise_and(at_pole, above), filled_like(b, math.inf, x), found)


zeta = _of_two("zeta", "Hurwitz's zeta function: the sum over k of (other + k) ** -input.", _zeta, floats=True)
