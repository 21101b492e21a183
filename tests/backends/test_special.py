"""Special functions against scipy and against values known to more digits than float64 has."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import scipy.special
from diptych.backends.kernels.polygamma import polygamma
from diptych.backends.reference.special import digamma, erf, erfc, erfinv, lgamma, logistic

from tests.samples.notation import INF, NAN

Function = Callable[[np.ndarray], np.ndarray]
RANDOM = np.random.default_rng(7)
TINY = 10.0 ** RANDOM.uniform(-305, -3, 2000)
SCALES = 10.0 ** RANDOM.uniform(-300, 300, 2000)
UNIT = np.concatenate([RANDOM.uniform(-1, 1, 20000), 1 - 10.0 ** RANDOM.uniform(-15, -1, 2000), TINY])
LINE = np.concatenate([RANDOM.uniform(-6, 6, 20000), TINY, -TINY])
POSITIVE = np.concatenate([RANDOM.uniform(0.01, 3, 20000), RANDOM.uniform(3, 60, 20000), TINY, SCALES])
NEGATIVE = -np.concatenate([RANDOM.uniform(0.01, 3, 5000), RANDOM.uniform(3, 150, 5000)])


def relative_error(found: np.ndarray, wanted: np.ndarray, smallest: float = 1e-290) -> float:
    """The largest, over the elements where the reference is normal."""
    here = np.isfinite(wanted) & (np.abs(wanted) > smallest)
    assert here.any()
    return float((np.abs(found - wanted)[here] / np.abs(wanted)[here]).max())


# The bounds of the docstrings, and scipy's own error of some units on top.
@pytest.mark.parametrize(
    ("function", "reference", "x", "bound"),
    [
        (erf, scipy.special.erf, LINE, 1e-15),
        (erfc, scipy.special.erfc, RANDOM.uniform(-6, 5, 20000), 3e-15),
        (erfc, scipy.special.erfc, RANDOM.uniform(5, 25, 20000), 1e-13),  # scipy rounds the square in exp(-x * x)
        (erfinv, scipy.special.erfinv, UNIT, 2e-15),
        (lgamma, scipy.special.gammaln, POSITIVE[np.minimum(np.abs(POSITIVE - 1), np.abs(POSITIVE - 2)) > 1e-2], 1e-13),
        (digamma, scipy.special.digamma, POSITIVE, 2e-14),
        (logistic, scipy.special.expit, RANDOM.uniform(-700, 700, 20000), 1e-15),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_float64(function: Function, reference: Function, x: np.ndarray, bound: float) -> None:
    assert relative_error(function(x), reference(x)) < bound


@pytest.mark.parametrize(
    ("function", "reference", "x", "bound"),
    [
        (erf, scipy.special.erf, LINE, 4e-7),
        (erfc, scipy.special.erfc, RANDOM.uniform(-6, 8, 20000), 6e-8),
        (erfinv, scipy.special.erfinv, RANDOM.uniform(-1, 1, 20000), 6e-8),
        (lgamma, scipy.special.gammaln, RANDOM.uniform(0.01, 50, 20000), 6e-8),
        (digamma, scipy.special.digamma, RANDOM.uniform(0.01, 50, 20000), 6e-8),
        (logistic, scipy.special.expit, RANDOM.uniform(-80, 80, 20000), 5e-7),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_float32(function: Function, reference: Function, x: np.ndarray, bound: float) -> None:
    with np.errstate(under="ignore", over="ignore"):
        single = x.astype(np.float32)
    found = function(single)
    assert found.dtype == np.float32
    assert relative_error(found.astype(np.float64), reference(single.astype(np.float64)), 1e-37) < bound


def test_erf_of_float32_stays_within_1_and_is_odd() -> None:
    x = np.linspace(-5, 5, 100001, dtype=np.float32)
    assert np.abs(erf(x)).max() == 1
    assert np.array_equal(erf(-x), -erf(x))
    assert np.array_equal(np.signbit(erf(np.float32([0.0, -0.0]))), [False, True])


def test_gamma_functions_left_of_0() -> None:
    """Absolute, on the scale of the larger term of the reflection."""
    size = np.abs(NEGATIVE)
    error = np.abs(lgamma(NEGATIVE) - scipy.special.gammaln(NEGATIVE))
    assert (error / (1 + size * np.log1p(size))).max() < 1e-13
    wanted = scipy.special.digamma(NEGATIVE)
    scale = (1 + np.abs(wanted)) * (1 + 1 / np.abs(np.tan(np.pi * NEGATIVE)))
    assert (np.abs(digamma(NEGATIVE) - wanted) / scale).max() < 1e-13


def test_erfc_far_out() -> None:
    """Where the rounding of x**2 in exp(-x**2) would cost digits; the values were computed with 50 digits."""
    x = np.float64([6.1, 10.3, 17.7, 22.9, 26.3])
    wanted = [6.3146021501937181e-18, 4.5947618530992262e-48, 2.7710425007754267e-138, 4.3934655937655660e-230]
    assert relative_error(erfc(x)[:4], np.float64(wanted), 0) < 2e-15
    assert erfc(x)[4] == pytest.approx(8.5902490587940492e-303, rel=1e-14)


def test_near_the_zeros() -> None:
    """lgamma near 1 and 2 and digamma near its root, by their first Taylor coefficients."""
    step = np.float64([2.0**-20, -(2.0**-30), 2.0**-40, 2.0**-50])
    euler, slope = 0.57721566490153286061, np.pi**2 / 6
    near_1 = step * (-euler + step * (slope / 2 - step * 1.20205690315959428540 / 3))
    near_2 = step * (1 - euler + step * ((slope - 1) / 2 - step * 0.20205690315959428540 / 3))
    assert relative_error(lgamma(1 + step), near_1) < 1e-15
    assert relative_error(lgamma(2 + step), near_2) < 1e-15
    # The root is 1.4616321449683623412626...; digamma' and digamma''/2 there.
    root = 1.4616321449683622
    distance = step - (1.4616321449683623412626 - 1.4616321449683622) - 9.5e-17
    exact = distance * (0.96767224544762117043 - distance * 0.44276316898359210609)
    assert relative_error(digamma(root + step)[:2], exact[:2]) < 1e-9
    assert digamma(np.float64([root]))[0] == pytest.approx(-9.549995429965697e-17 * 0.96767224544762117043, rel=1e-12)


@pytest.mark.parametrize("order", [1, 2, 3, 7, 20])
def test_polygamma(order: int) -> None:
    x = np.concatenate([RANDOM.uniform(0.05, 3, 500), RANDOM.uniform(3, 100, 500)])
    assert relative_error(polygamma(np, x, order=order), scipy.special.polygamma(order, x)) < 1e-13
    single = x[x > 0.5].astype(np.float32)  # the others overflow at order 20
    found = polygamma(np, single, order=order)
    assert found.dtype == np.float32
    wanted = scipy.special.polygamma(order, single.astype(np.float64))
    assert relative_error(found.astype(np.float64), wanted, 1e-37) < 6e-8


@pytest.mark.parametrize("order", [1, 2, 3, 8])
def test_polygamma_left_of_0_by_recurrence(order: int) -> None:
    """polygamma(n, x) = polygamma(n, x + 1) - (-1)^n n! / x^(n + 1), applied until x is positive."""
    x = np.float64([-0.3, -1.75, -2.2, -9.1])
    wanted = scipy.special.polygamma(order, x + 10)
    for k in range(10):
        wanted = wanted - (-1) ** order * float(scipy.special.factorial(order)) / (x + k) ** (order + 1)
    assert relative_error(polygamma(np, x, order=order), wanted) < 1e-11


def test_polygamma_at_negative_half_integers() -> None:
    """There cot(pi x) is 0, and for even orders the reflection leaves polygamma(n, 1 - x) alone."""
    x = np.float64([-0.5, -20.5, -1000.5])
    assert relative_error(polygamma(np, x, order=2), scipy.special.polygamma(2, 1 - x)) < 1e-14


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("function", "points"),
    [
        (erf, {INF: 1, -INF: -1, NAN: NAN, 1e-30: 1.1283791670955126e-30, 40: 1}),
        (erfc, {INF: 0, -INF: 2, NAN: NAN, 0: 1, 30: 0, -30: 2}),
        (erfinv, {1: INF, -1: -INF, 1.5: NAN, -INF: NAN, NAN: NAN, 0: 0, 1e-30: 8.862269254527580e-31}),
        (lgamma, {0: INF, -1: INF, -50: INF, INF: INF, -INF: INF, NAN: NAN, 1: 0, 2: 0}),
        (digamma, {-1: NAN, -50: NAN, -INF: NAN, INF: INF, NAN: NAN, 1e-30: -1e30}),
        (logistic, {INF: 1, -INF: 0, NAN: NAN, 0: 0.5, 200: 1}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_special_values(function: Function, points: dict[float, float], dtype: type) -> None:
    found = function(np.array(list(points), dtype))
    np.testing.assert_allclose(found, np.array(list(points.values()), dtype), rtol=1e-6)


def test_infinities_of_digamma_follow_the_sign_of_zero() -> None:
    assert np.array_equal(digamma(np.float64([0.0, -0.0])), [-INF, INF])


@pytest.mark.parametrize("function", [erf, erfc, erfinv, lgamma, digamma, logistic])
def test_any_shape_and_stride(function: Function) -> None:
    x = np.linspace(0.1, 0.9, 12).reshape(3, 4)
    whole = function(x)
    assert np.array_equal(function(x.T), whole.T)
    assert np.array_equal(function(x[:, ::-2]), whole[:, ::-2])
    assert np.asarray(function(x[1, 2])).shape == ()
    assert float(function(np.asarray(x[1, 2]))) == whole[1, 2]
    assert function(x[:0]).shape == (0, 4)


def test_huge_and_tiny_arguments() -> None:
    assert lgamma(np.float64([1e305]))[0] == pytest.approx(scipy.special.gammaln(1e305), rel=1e-15)
    assert lgamma(np.float64([1e308]))[0] == INF
    assert lgamma(np.float64([-1e306]))[0] == INF  # an integer, as every float so large
    assert lgamma(np.float64([-5e-324]))[0] == pytest.approx(744.4400719213812, rel=1e-15)
    assert erfc(np.float64([26.5]))[0] == pytest.approx(scipy.special.erfc(26.5), rel=1e-10)
