"""How far results of two backends, or of a backend and a reference, may lie apart: one table for all tests.

A unit is the machine epsilon of the result's dtype: 2**-52 for f64 and c128, 2**-23 for f32 and c64. f16 and bf16 are
computed in f32 and rounded once, so they may be the f32 figure and one of their own units apart. What the table does
not name is exact: equal in every bit but the payload of a nan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from diptych.ir import Op, dtype_of, ops

from .kernels.rounding import HALVES


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The sum of three parts, all in units: of each element, of the result's largest element, and of 1.

    `zero_sign` says whether -0.0 and 0.0 differ. Integers and bools are always compared exactly.
    """

    element: float = 0.0
    largest: float = 0.0
    one: float = 0.0
    zero_sign: bool = False


EXACT = Tolerance(zero_sign=True)
VALUE = Tolerance()  # exact but for the sign of zero
ROUNDED = Tolerance(element=1)  # correctly rounded on a CPU, within a unit on other devices
CLOSE = Tolerance(element=4)  # good libraries differ by so much
SUMMED = Tolerance(element=8, largest=32)  # the order of sums differs
DECOMPOSED = Tolerance(largest=256)  # backward stable algorithms, of well-conditioned matrices

TOLERANCES: dict[Op, Tolerance] = {
    # -- elementwise ----
    ops.abs: ROUNDED,  # the modulus of complex operands
    ops.sign: VALUE,
    **dict.fromkeys((ops.exp, ops.expm1, ops.log, ops.rsqrt, ops.sin, ops.cos, ops.tan, ops.tanh), CLOSE),
    **dict.fromkeys((ops.asin, ops.acos, ops.atan, ops.atan2, ops.asinh, ops.acosh), CLOSE),
    ops.log1p: Tolerance(element=256),  # XLA's f64 loses two digits near -0.4
    ops.sqrt: ROUNDED,
    ops.sinh: Tolerance(element=32),  # XLA takes exp(x - log 2), whose argument is rounded
    ops.cosh: Tolerance(element=32),
    ops.atanh: Tolerance(element=256),  # by XLA's log1p
    ops.logistic: Tolerance(element=8),
    ops.erf: Tolerance(element=8),
    ops.erfc: Tolerance(element=1024),  # XLA does not split the square in exp(-x * x)
    ops.erfinv: Tolerance(element=32),
    ops.lgamma: Tolerance(element=32, one=64),  # has zeros
    ops.digamma: Tolerance(element=16, one=32),  # has a zero
    ops.polygamma: Tolerance(element=16),
    ops.div: ROUNDED,
    ops.pow: CLOSE,
    **dict.fromkeys((ops.max, ops.min, ops.clamp), VALUE),
    # -- indexing ----
    ops.scatter: SUMMED,
    # -- reduction ----
    **dict.fromkeys((ops.reduce_sum, ops.reduce_prod, ops.cumulative_sum, ops.cumulative_prod), SUMMED),
    **dict.fromkeys((ops.reduce_max, ops.reduce_min, ops.cumulative_max, ops.cumulative_min), VALUE),
    # -- contraction ----
    ops.matmul: SUMMED,
    ops.convolution: SUMMED,
    # -- window ----
    ops.window_sum: SUMMED,
    ops.window_max: VALUE,
    ops.window_gather: VALUE,
    ops.window_scatter: SUMMED,
    # -- linalg ----
    **dict.fromkeys((ops.cholesky, ops.triangular_solve, ops.qr, ops.svd, ops.eigh, ops.eig, ops.lu), DECOMPOSED),
    ops.fft: Tolerance(largest=16),
    # -- control ----
    # What nested functions compute decides; a program as a whole needs a tolerance of its own.
    **dict.fromkeys(
        (ops.call, ops.fused, ops.parallel, ops.cond, ops.while_loop, ops.scan, ops.custom_gradient), SUMMED
    ),
}

# Where complex results are less exact than real ones: products of parts cancel, and poles magnify.
COMPLEX: dict[Op, Tolerance] = {
    **dict.fromkeys((ops.sign, ops.sqrt, ops.mul, ops.div), CLOSE),
    **dict.fromkeys((ops.tan, ops.tanh, ops.logistic, ops.log1p, ops.atanh), Tolerance(element=64)),
    ops.log: Tolerance(element=16, one=4),
    **dict.fromkeys((ops.sin, ops.cos, ops.sinh, ops.cosh), Tolerance(element=32, one=4)),  # XLA's e^z - e^-z
    ops.pow: Tolerance(element=1024),  # exp(y log x): the error of the exponent counts as often as it is large
}


def tolerance(op: Op, dtype: Any) -> Tolerance:
    """How far results of `op` in the numpy dtype `dtype` may lie apart."""
    if np.dtype(dtype).kind == "c" and op in COMPLEX:
        return COMPLEX[op]
    return TOLERANCES.get(op, EXACT)


def disagreement(found: Any, wanted: Any, allowed: Tolerance, *, relative: float = 0.0) -> str | None:
    """None where array `found` agrees with `wanted` within `allowed`, else a line that says where it does not.

    `relative`, a fraction of the largest element, is allowed on top. Infinities must be equal, and nan be nan.
    """
    found, wanted = np.asarray(found), np.asarray(wanted)
    if (found.dtype, found.shape) != (wanted.dtype, wanted.shape):
        return f"is {found.dtype}{list(found.shape)} but must be {wanted.dtype}{list(wanted.shape)}"
    if not wanted.size:
        return None
    wide_found, wide_wanted = _widened(found), _widened(wanted)
    with np.errstate(all="ignore"):
        same = (wide_found == wide_wanted) | (np.isnan(wide_found) & np.isnan(wide_wanted))
        bound = np.zeros(wanted.shape)
        if dtype_of(wanted.dtype).is_differentiable:
            bound = _bound(wanted.dtype, np.abs(wide_wanted), allowed, relative)
            same |= np.abs(wide_found - wide_wanted) <= bound
            if allowed.zero_sign and not relative:
                same &= _same_zeros(wide_found, wide_wanted)
    if same.all():
        return None
    place = tuple(int(index) for index in np.argwhere(~same)[0])  # () of a scalar
    return f"is {found[place]} at {list(place)} but must be {wanted[place]} within {bound[place]:.3g}"


def _widened(x: np.ndarray) -> np.ndarray:
    if x.dtype.kind in "buic":
        return x.astype(np.complex128) if x.dtype.kind == "c" else x
    return x.astype(np.float64)


def _bound(dtype: np.dtype[Any], magnitude: np.ndarray, allowed: Tolerance, relative: float) -> np.ndarray:
    finite = magnitude[np.isfinite(magnitude)]
    largest = finite.max() if finite.size else 0.0
    magnitude = np.where(np.isfinite(magnitude), magnitude, 0.0)
    double = dtype in (np.dtype(np.float64), np.dtype(np.complex128))
    unit = 2.0**-52 if double else 2.0**-23
    bound = unit * (allowed.element * magnitude + allowed.largest * largest + allowed.one) + relative * largest
    inexact = bool(allowed.element or allowed.largest or allowed.one)
    if dtype in HALVES and inexact:
        bound = bound + (magnitude * 2.0**-10 + 2.0**-24 if dtype == np.float16 else magnitude * 2.0**-7)
    if inexact:  # results too small for full precision may be flushed to 0
        bound = bound + float(np.finfo(np.float64 if double else np.float32).tiny)
    return bound


def _same_zeros(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    parts = ((found.real, wanted.real), (found.imag, wanted.imag)) if found.dtype.kind == "c" else ((found, wanted),)
    same = np.ones(found.shape, bool)
    for ours, theirs in parts:
        same &= (theirs != 0) | (np.signbit(ours) == np.signbit(theirs))
    return same
