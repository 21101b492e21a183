"""lgamma and digamma on numpy.

Sources: Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), 6.1.33 (Taylor series at 1 and 2), 6.1.40
(Stirling), 6.1.17 and 6.3.7 (reflection), 6.3.5 (recurrence), 6.3.18 (asymptotic digamma).
"""

from __future__ import annotations

import numpy as np

from .evaluation import in_double, piecewise, polynomial

BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798)  # B2, B4, ...
STIRLING = tuple(number / (2 * k * (2 * k - 1)) for k, number in enumerate(BERNOULLI, start=1))
ASYMPTOTIC_DIGAMMA = tuple(number / (2 * k) for k, number in enumerate(BERNOULLI, start=1))
HALF_LOG_TWO_PI = 0.9189385332046727417803297
LOG_PI = 1.144729885849400174143427
LARGE = 10.0  # from here on the asymptotic series reach float64's precision

# lgamma(2 + z) = (1 - gamma) z + sum over k >= 2 of (-1)^k (zeta(k) - 1) z^k / k, for |z| <= 1/2
TAYLOR = (
    0.0, 0.4227843350984671393934879, 0.32246703342411321824, -0.067352301053198095133, 0.020580808427784547879,
    -0.0073855510286739852663, 0.0028905103307415232858, -0.0011927539117032609771, 5.0966952474304242234e-4,
    -2.2315475845357937976e-4, 9.9457512781808533715e-5, -4.49262367381331417e-5, 2.0507212775670691553e-5,
    -9.439488275268395904e-6, 4.3748667899074878042e-6, -2.0392157538013662368e-6, 9.5514121304074198329e-7,
    -4.4924691987645660433e-7, 2.1207184805554665869e-7, -1.0043224823968099609e-7, 4.7698101693639805658e-8,
    -2.271109460894316491e-8, 1.0838659214896954091e-8, -5.1834750419700466551e-9, 2.4836745438024783172e-9,
    -1.1921401405860912074e-9, 5.7313672416788620133e-10, -2.7595228851242331452e-10, 1.3304764374244489481e-10,
)  # fmt: skip

# Taylor series of digamma at its positive root: polygamma(k, root) / k! from k = 1; |x - root| < 1/4 is used.
ROOT, ROOT_REST = 1.4616321449683622, 9.549995429965697e-17  # their sum is the root to 1e-32
AT_ROOT = (
    0.0, 0.96767224544762117043, -0.44276316898359210609, 0.25849976095565101062, -0.1639427054424065275,
    0.10782405069126236576, -0.072199561256454710926, 0.048804288164143107225, -0.033161126474847359292,
    0.02259764823221810466, -0.015424765904948959139, 0.010538791616612175388, -0.007204534386356868241,
    0.0049267813957298534464, -0.0033698016554393280828, 0.0023051263267349278369, -0.0015769367714301972593,
    0.0010788252019162965807, -7.3807093899600512957e-4, 5.0495326583460203518e-4, -3.4546802510630769956e-4,
    2.3635601564027052792e-4, -1.6170622091974803449e-4,
)  # fmt: skip


@in_double
def lgamma(x: np.ndarray) -> np.ndarray:
    """log|gamma(x)| of float32 or float64; +inf at 0, the negative integers and both infinities.

    For x > -1/2 relative error below 1e-14 in float64, also near the zeros 1 and 2; for x below, absolute error below
    1e-14 * (1 + |x| log(1 + |x|)), since the zeros there have no closed form. One rounding more in float32.
    """
    return piecewise(
        x,
        [
            (np.isinf(x) | ((x <= 0) & (x == np.rint(x))), np.inf),
            (np.abs(x) <= 0.5, lambda x: polynomial(x, TAYLOR) - np.log1p(x) - np.log(np.abs(x))),
            (x < 0, _lgamma_reflected),
            (x <= 1.5, lambda x: polynomial(x - 1, TAYLOR) - np.log1p(x - 1)),
            (x <= 2.5, lambda x: polynomial(x - 2, TAYLOR)),
            (x < LARGE, _lgamma_by_recurrence),
        ],
        _lgamma_by_stirling,
    )


def _lgamma_reflected(x: np.ndarray) -> np.ndarray:
    """log|gamma(x)| = log(pi / |sin(pi x)|) - log gamma(1 - x)."""
    sine = np.abs(np.sin(np.pi * (x - np.rint(x))))
    return LOG_PI - np.log(sine) - lgamma(1 - x)


def _lgamma_by_recurrence(x: np.ndarray) -> np.ndarray:
    """gamma(x) = (x - 1)(x - 2)...(x - n) gamma(x - n), with x - n from 1.5 to 2.5."""
    reduced = x.copy()
    product = np.ones_like(x)
    for _ in range(int(LARGE) - 2):
        above = reduced > 2.5
        reduced -= above
        np.multiply(product, reduced, out=product, where=above)
    return np.log(product) + polynomial(reduced - 2, TAYLOR)


def _lgamma_by_stirling(x: np.ndarray) -> np.ndarray:
    inverse = 1 / x
    series = inverse * polynomial(inverse * inverse, STIRLING)
    logarithm = np.log(x)
    return x * (logarithm - 1) + (HALF_LOG_TWO_PI - 0.5 * logarithm + series)


@in_double
def digamma(x: np.ndarray) -> np.ndarray:
    """Derivative of lgamma, of float32 or float64; nan at the negative integers and -inf, -inf at +0 and +inf at -0.

    For x > 0 relative error below 1e-14 in float64, also near its root 1.46; for x < 0, absolute error below
    1e-14 * (1 + |result|) * (1 + |cot(pi x)|). One rounding more in float32.
    """
    return piecewise(
        x,
        [
            (x == 0, lambda zero: np.copysign(np.inf, -zero)),
            (x < 0, _digamma_reflected),
            (np.abs(x - ROOT) < 0.25, lambda x: polynomial((x - ROOT) - ROOT_REST, AT_ROOT)),
            (x < LARGE, _digamma_by_recurrence),
        ],
        _digamma_by_series,
    )


def _digamma_reflected(x: np.ndarray) -> np.ndarray:
    """digamma(x) = digamma(1 - x) - pi / tan(pi x)."""
    fraction = x - np.rint(x)
    result = digamma(1 - x) - np.pi / np.tan(np.pi * fraction)
    return np.where(fraction == 0, np.nan, result)


def _digamma_by_recurrence(x: np.ndarray) -> np.ndarray:
    """digamma(x) = digamma(x + n) - 1/x - ... - 1/(x + n - 1)."""
    raised = x.copy()
    total = np.zeros_like(x)
    for _ in range(int(LARGE)):
        below = raised < LARGE
        total += below / raised
        raised += below
    return _digamma_by_series(raised) - total


def _digamma_by_series(x: np.ndarray) -> np.ndarray:
    inverse = 1 / x
    square = inverse * inverse
    return np.log(x) - 0.5 * inverse - square * polynomial(square, ASYMPTOTIC_DIGAMMA)
