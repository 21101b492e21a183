"""Kernels of `ir/ops/elementwise.py` of numpy's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import DiptychError, DType, ops

from ..kernels.rounding import BFLOAT16, in_f32, rounded_once
from . import special


@in_f32
def power(xp: Any, lhs: np.ndarray, rhs: np.ndarray) -> np.ndarray:
    """numpy refuses negative integer exponents, whose results are not defined: they count as 0 here."""
    return np.power(lhs, np.maximum(rhs, 0) if rhs.dtype.kind == "i" else rhs)


@in_f32
def log1p(xp: Any, x: np.ndarray) -> np.ndarray:
    """numpy's own of a complex x near 0 takes the logarithm of |1 + x|, which is rounded to 1."""
    result = np.asarray(np.log1p(x))
    if x.dtype.kind == "c":
        near = np.abs(x) < 0.5
        real, imag = x.real[near], x.imag[near]
        result.real[near] = np.log1p(real * (2 + real) + imag * imag) / 2
    return result


def from_parts(xp: Any, real: np.ndarray, imag: np.ndarray) -> np.ndarray:
    """Written part by part: real + 1j * imag would make nan of an infinite part."""
    result = np.empty(real.shape, np.result_type(real.dtype, np.complex64))
    result.real = real
    result.imag = imag
    return result


def cast(xp: Any, x: np.ndarray, *, dtype: DType) -> np.ndarray:
    """As astype, with one rounding to bfloat16 and no warning for a dropped imaginary part."""
    if x.dtype.kind == "c" and not (dtype.is_complex or dtype.is_bool):
        x = x.real
    if dtype.numpy == BFLOAT16 and x.dtype != BFLOAT16:
        return rounded_once(xp, x, BFLOAT16)
    return x.astype(dtype.numpy, copy=False)


def divisor(xp: Any, x: np.ndarray) -> np.ndarray:
    """A copy. Raises DiptychError where an element is 0."""
    refuse_zeros(x)
    return x.copy()


def refuse_zeros(x: np.ndarray) -> None:
    """Raises DiptychError where an element is 0. Counting takes a fraction of the time that `all` does."""
    if np.count_nonzero(x) != np.size(x):
        raise DiptychError("divisor: x holds 0 but must not: integers are divided by it")


OVERRIDES = {
    ops.log1p: log1p,
    ops.logistic: in_f32(lambda xp, x: special.logistic(x)),
    ops.erf: in_f32(lambda xp, x: special.erf(x)),
    ops.erfc: in_f32(lambda xp, x: special.erfc(x)),
    ops.erfinv: in_f32(lambda xp, x: special.erfinv(x)),
    ops.lgamma: in_f32(lambda xp, x: special.lgamma(x)),
    ops.digamma: in_f32(lambda xp, x: special.digamma(x)),
    ops.divisor: divisor,
    ops.pow: power,
    ops.shift_left: lambda xp, lhs, rhs: np.left_shift(lhs, rhs),
    ops.shift_right: lambda xp, lhs, rhs: np.right_shift(lhs, rhs),
    ops.complex: from_parts,
    ops.cast: cast,
    ops.bitcast: lambda xp, x, dtype: x.view(dtype.numpy),
}
