"""erf and erfc on numpy.

Source of the float64 formulas: W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of
Computation 23 (1969), with the coefficients of his routine CALERF. Tables are in ascending powers.
"""

from __future__ import annotations

import numpy as np

from .evaluation import in_double, piecewise, polynomial

# erf(x) = x P(x^2) / Q(x^2) for |x| <= 0.46875
SMALL_P = (
    3.20937758913846947e3, 3.77485237685302021e2, 1.13864154151050156e2, 3.16112374387056560, 1.85777706184603153e-1,
)  # fmt: skip
SMALL_Q = (2.84423683343917062e3, 1.28261652607737228e3, 2.44024637934444173e2, 2.36012909523441209e1, 1.0)
# erfc(x) = exp(-x^2) P(x) / Q(x) for 0.46875 <= x <= 4
MIDDLE_P = (
    1.23033935479799725e3, 2.05107837782607147e3, 1.71204761263407058e3, 8.81952221241769090e2, 2.98635138197400131e2,
    6.61191906371416295e1, 8.88314979438837594, 5.64188496988670089e-1, 2.15311535474403846e-8,
)  # fmt: skip
MIDDLE_Q = (
    1.23033935480374942e3, 3.43936767414372164e3, 4.36261909014324716e3, 3.29079923573345963e3, 1.62138957456669019e3,
    5.37181101862009858e2, 1.17693950891312499e2, 1.57449261107098347e1, 1.0,
)  # fmt: skip
# erfc(x) = exp(-x^2)/x (1/sqrt(pi) - P(1/x^2) / (x^2 Q(1/x^2))) for x >= 4
LARGE_P = (
    6.58749161529837803e-4, 1.60837851487422766e-2, 1.25781726111229246e-1, 3.60344899949804439e-1,
    3.05326634961232344e-1, 1.63153871373020978e-2,
)  # fmt: skip
LARGE_Q = (
    2.33520497626869185e-3, 6.05183413124413191e-2, 5.27905102951428412e-1, 1.87295284992346725, 2.56852019228982242,
    1.0,
)  # fmt: skip
ONE_OVER_SQRT_PI = 0.56418958354775628695
SMALL, MIDDLE, ALL_UNDERFLOW = 0.46875, 4.0, 27.3  # erfc(27.3) is below the smallest float64

# erf(x) = x P(x^2) / Q(x^2) for |x| <= 4 in float32: the coefficients of Eigen's generic_fast_erf_float
SINGLE_P = (
    -1.60960333262415e-2, -2.95459980854025e-3, -7.34990630326855e-4, -5.69250639462346e-5, -2.10102402082508e-6,
    2.77068142495902e-8, -2.72614225801306e-10,
)  # fmt: skip
SINGLE_Q = (
    -1.42647390514189e-2, -7.37332916720468e-3, -1.68282697438203e-3, -2.13374055278905e-4, -1.45660718464996e-5,
)  # fmt: skip


def erf(x: np.ndarray) -> np.ndarray:
    """2/sqrt(pi) times the integral of exp(-t**2) from 0 to x, of float32 or float64.

    Relative error below 4e-16 in float64, below 4e-7 in float32; odd, so -0 gives -0.
    """
    return _erf_single(x) if x.dtype == np.float32 else _erf_double(x)


def _erf_single(x: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        clipped = np.clip(x, np.float32(-4), np.float32(4))  # erf(4) rounds to 1
        square = np.asarray(clipped * clipped)
        result = clipped * (polynomial(square, SINGLE_P) / polynomial(square, SINGLE_Q))
        return np.clip(result, np.float32(-1), np.float32(1))  # it may come out a unit above


@in_double
def _erf_double(x: np.ndarray) -> np.ndarray:
    magnitude = np.abs(x)
    return piecewise(x, [(magnitude <= SMALL, _erf_small)], _erf_by_complement)


@in_double
def erfc(x: np.ndarray) -> np.ndarray:
    """1 - erf(x) of float32 or float64, accurate where it is tiny.

    Relative error below 1e-15 in float64 (1e-14 where the result is below 1e-300), one rounding more in float32.
    """
    near_0, left = np.abs(x) <= SMALL, x < 0
    return piecewise(x, [(near_0, lambda x: 1 - _erf_small(x)), (left, lambda x: 2 - _erfc_right(-x))], _erfc_right)


def _erf_small(x: np.ndarray) -> np.ndarray:
    square = x * x
    return x * (polynomial(square, SMALL_P) / polynomial(square, SMALL_Q))


def _erf_by_complement(x: np.ndarray) -> np.ndarray:
    return np.copysign(1 - _erfc_right(np.abs(x)), x)


def _erfc_right(x: np.ndarray) -> np.ndarray:
    """erfc of x >= SMALL, and of nan."""
    return piecewise(x, [(x <= MIDDLE, _erfc_middle), (x > ALL_UNDERFLOW, 0.0)], _erfc_large)


def _erfc_middle(x: np.ndarray) -> np.ndarray:
    return _exp_of_minus_square(x) * (polynomial(x, MIDDLE_P) / polynomial(x, MIDDLE_Q))


def _erfc_large(x: np.ndarray) -> np.ndarray:
    inverse = 1 / (x * x)
    correction = inverse * polynomial(inverse, LARGE_P) / polynomial(inverse, LARGE_Q)
    return _exp_of_minus_square(x) * ((ONE_OVER_SQRT_PI - correction) / x)


def _exp_of_minus_square(x: np.ndarray) -> np.ndarray:
    """exp(-x**2): x**2 is split into a part that is exact in 16ths and a small rest, whose rounding is harmless."""
    coarse = np.trunc(x * 16) / 16
    rest = (x - coarse) * (x + coarse)
    return np.exp(-coarse * coarse) * np.exp(-rest)
