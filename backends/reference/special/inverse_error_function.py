"""erfinv on numpy.

Source: M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37
(1988), PPND16; erfinv(x) is the normal quantile of (1 + x)/2 over sqrt(2). Tables are in ascending powers.
"""

from __future__ import annotations

import numpy as np

from .evaluation import in_double, piecewise, polynomial

CENTRE_P = (
    3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
    4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
)  # fmt: skip
CENTRE_Q = (
    1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
    3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
)  # fmt: skip
MIDDLE_P = (
    1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
    1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
)  # fmt: skip
MIDDLE_Q = (
    1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
    1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
)  # fmt: skip
TAIL_P = (
    6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
    2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
)  # fmt: skip
TAIL_Q = (
    1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
    1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
)  # fmt: skip
SQRT_HALF = 0.70710678118654752440
CENTRE = 0.85  # where the first formula ends; the second ends where the tail is exp(-25)


@in_double
def erfinv(x: np.ndarray) -> np.ndarray:
    """Inverse of erf, of float32 or float64; infinite at -1 and 1, nan outside.

    Relative error below 1e-15 in float64, one rounding more in float32.
    """
    magnitude = np.abs(x)
    return piecewise(x, [(magnitude <= CENTRE, _centre), (magnitude == 1, lambda end: end * np.inf)], _outer)


def _centre(x: np.ndarray) -> np.ndarray:
    half = x / 2
    square = 0.180625 - half * half
    return half * (SQRT_HALF * polynomial(square, CENTRE_P) / polynomial(square, CENTRE_Q))


def _outer(x: np.ndarray) -> np.ndarray:
    """erfinv where the smaller tail is (1 - |x|) / 2; nan where that is negative."""
    depth = np.sqrt(-np.log((1 - np.abs(x)) / 2))
    return np.copysign(piecewise(depth, [(depth > 5, _tail)], _middle) * SQRT_HALF, x)


def _middle(depth: np.ndarray) -> np.ndarray:
    shifted = depth - 1.6
    return polynomial(shifted, MIDDLE_P) / polynomial(shifted, MIDDLE_Q)


def _tail(depth: np.ndarray) -> np.ndarray:
    shifted = depth - 5
    return polynomial(shifted, TAIL_P) / polynomial(shifted, TAIL_Q)
