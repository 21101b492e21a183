"""Kernels of `ir/ops/elementwise.py` of jax's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from diptych.ir import DType, ops
from jax import lax

from ..kernels import Kernel
from ..kernels.rounding import HALVES, in_f32, rounded_once


def sign(xp: Any, x: Any) -> Any:
    """lax keeps the sign of -0.0."""
    return jnp.where(x == 0, jnp.zeros_like(x), lax.sign(x))


def sinh(xp: Any, x: Any) -> Any:
    """lax takes exp(x) - exp(-x) of complex x, of which nothing is left near 0: here it is the sine, turned."""
    if x.dtype.kind != "c":
        return lax.sinh(x)
    turned = lax.sin(lax.complex(-lax.imag(x), lax.real(x)))
    return lax.complex(lax.imag(turned), -lax.real(turned))


@in_f32
def power(xp: Any, lhs: Any, rhs: Any) -> Any:
    """Integers by squaring over all bits of the exponent: jnp.power reads six of them."""
    if lhs.dtype.kind == "c":
        return complex_power(lhs, rhs)
    if lhs.dtype.kind not in "iu":
        return lax.pow(lhs, rhs)
    one = lhs.dtype.type(1)

    def square(state: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        result, base, exponent = state
        return jnp.where(exponent & one != 0, result * base, result), base * base, exponent >> one

    start = (jnp.ones_like(lhs), lhs, jnp.maximum(rhs, 0))
    return lax.while_loop(lambda state: (state[2] != 0).any(), square, start)[0]


def complex_power(lhs: Any, rhs: Any) -> Any:
    """exp(rhs log(lhs)). lax multiplies |lhs| ** real(rhs) by exp(-imag(rhs) angle(lhs)), each of which may be too
    small or too large for a float, though the product is not."""
    exponent = rhs * lax.log(lhs)
    is_zero = lax.exp(lax.real(exponent)) == 0  # of 0, whose logarithm has no finite part, as well
    result = jnp.where(is_zero, jnp.zeros_like(lhs), lax.exp(exponent))
    return jnp.where(rhs == 0, jnp.ones_like(lhs), result)


@in_f32
def digamma(xp: Any, x: Any) -> Any:
    """lax has nan at 0."""
    return jnp.where(x == 0, jnp.copysign(jnp.array(np.inf, x.dtype), -x), lax.digamma(x))


def shift_right(xp: Any, lhs: Any, rhs: Any) -> Any:
    """Signed operands keep their sign."""
    return (lax.shift_right_arithmetic if lhs.dtype.kind == "i" else lax.shift_right_logical)(lhs, rhs)


def cast(xp: Any, x: Any, *, dtype: DType) -> Any:
    """As convert_element_type, with one rounding to 16 bits and no warning for a dropped imaginary part."""
    if x.dtype.kind == "c" and not dtype.is_complex:
        x = (x != 0) if dtype.is_bool else lax.real(x)
    if dtype.numpy in HALVES and x.dtype != dtype.numpy:
        return rounded_once(xp, x, dtype.numpy)
    if x.dtype.kind not in "biuc" and dtype.numpy.kind in "iu" and dtype.numpy.itemsize < 4:
        x = lax.convert_element_type(x, np.int32)  # wraps around from there, as numpy does; XLA's own would saturate
    return lax.convert_element_type(x, dtype.numpy)


def sided(function: Callable[[Any], Any], *, odd: bool = False, turned: bool = False) -> Kernel:
    """A function with branch cuts: XLA takes -0.0 for 0.0, and so the wrong side of a cut. Parts get their signs from x
    here: the imaginary one always, the other way where it is `turned`, the real one of an `odd` function."""

    def signed(xp: Any, x: Any) -> Any:
        result = function(x)
        if x.dtype.kind != "c":
            return result
        real, imag = lax.real(x), lax.imag(x)
        return lax.complex(
            jnp.copysign(lax.real(result), real) if odd else lax.real(result),
            jnp.copysign(lax.imag(result), -imag if turned else imag),
        )

    return in_f32(signed)


OVERRIDES = {
    ops.sign: in_f32(sign),
    ops.sqrt: sided(lax.sqrt),
    ops.rsqrt: in_f32(lambda xp, x: lax.rsqrt(x)),
    ops.asin: sided(jnp.arcsin, odd=True),
    ops.acos: sided(jnp.arccos, turned=True),
    ops.atan: sided(jnp.arctan, odd=True),
    ops.sinh: in_f32(sinh),
    ops.asinh: sided(jnp.arcsinh, odd=True),
    ops.acosh: sided(jnp.arccosh),
    ops.atanh: sided(jnp.arctanh, odd=True),
    ops.logistic: in_f32(lambda xp, x: lax.logistic(x)),
    ops.erf: in_f32(lambda xp, x: lax.erf(x)),
    ops.erfc: in_f32(lambda xp, x: lax.erfc(x)),
    ops.erfinv: in_f32(lambda xp, x: lax.erf_inv(x)),
    ops.lgamma: in_f32(lambda xp, x: lax.lgamma(x)),
    ops.digamma: digamma,
    ops.pow: power,
    ops.shift_left: lambda xp, lhs, rhs: lax.shift_left(lhs, rhs),
    ops.shift_right: shift_right,
    ops.complex: lambda xp, real, imag: lax.complex(real, imag),
    ops.select: lambda xp, condition, on_true, on_false: lax.select(condition, on_true, on_false),
    ops.cast: cast,
    ops.bitcast: lambda xp, x, dtype: lax.bitcast_convert_type(x, dtype.numpy),
}
