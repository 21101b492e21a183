"""Functions by fitted Chebyshev polynomials: modified Bessel functions of the first kind, and the scaled erfc.

The coefficients are computed on first use, from integrals that converge exponentially fast.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from diptych.ir import Builder, Value

from .constants import filled_like

Array = np.ndarray


def _scaled_bessel(order: int, x: Array) -> Array:
    """exp(-x) I_order(x) for x >= 0: the mean of exp(x (cos t - 1)) cos(order t) over t in [0, pi], by the trapezoid
    rule, which is exact to rounding for periodic functions."""
    count = 64 + int(4 * math.sqrt(float(x.max())) * 8)
    angle = np.linspace(0, math.pi, count + 1)
    weight = np.ones(count + 1)
    weight[[0, -1]] = 0.5
    terms = np.exp(x[:, None] * (np.cos(angle) - 1)) * np.cos(order * angle)
    return terms @ weight / count


@cache
def _bessel_coefficients(order: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Of exp(-x) I(x), divided by x for the first order, in x / 4 - 1 for x <= 8; of exp(-x) sqrt(x) I(x) in 16 / x - 1
    beyond."""

    def small(places: Array) -> Array:
        x = 4 * (places + 1)
        if not order:
            return _scaled_bessel(0, x)
        safe = np.maximum(x, 1e-6)
        return _scaled_bessel(1, safe) / safe

    def large(places: Array) -> Array:
        """Nearest to infinity, by the asymptotic series."""
        inverse = np.maximum((places + 1) / 16, 1e-12)
        x = 1 / inverse
        near = x < 200
        found = np.empty_like(x)
        found[near] = np.sqrt(x[near]) * _scaled_bessel(order, x[near])
        far, term = np.ones((~near).sum()), np.ones((~near).sum())
        for k in range(1, 12):
            term = -term * (4 * order**2 - (2 * k - 1) ** 2) / (8 * k * x[~near])
            far = far + term
        found[~near] = far / math.sqrt(2 * math.pi)
        return found

    return _fit(small, 32), _fit(large, 26)


def _fit(function: Callable[[Array], Array], degree: int) -> tuple[float, ...]:
    return tuple(np.polynomial.chebyshev.chebinterpolate(function, degree).tolist())


def series(b: Builder, coefficients: Sequence[float], x: Value) -> Value:
    """The sum of coefficients times Chebyshev polynomials of x in [-1, 1], by Clenshaw's recurrence."""
    twice = b.mul(filled_like(b, 2, x), x)
    before, current = filled_like(b, 0, x), filled_like(b, 0, x)
    for weight in reversed(coefficients[1:]):
        before, current = current, b.add(b.sub(b.mul(twice, current), before), filled_like(b, weight, x))
    return b.add(b.sub(b.mul(x, current), before), filled_like(b, coefficients[0], x))


def scaled_bessel(b: Builder, x: Value, order: int) -> Value:
    """exp(-|x|) I_order(x) for order 0 or 1, even or odd in x."""
    size = b.abs(x)
    edge = filled_like(b, 8, x)
    is_small = b.le(size, edge)
    near, far = _bessel_coefficients(order)
    one = filled_like(b, 1, x)
    inside = b.select(is_small, size, edge)
    small = series(b, near, b.sub(b.mul(inside, filled_like(b, 0.25, x)), one))
    if order:
        small = b.mul(small, b.select(is_small, x, edge))
    beyond = b.select(is_small, edge, size)
    large = b.div(series(b, far, b.sub(b.div(filled_like(b, 16, x), beyond), one)), b.sqrt(beyond))
    if order:
        large = b.select(b.lt(x, filled_like(b, 0, x)), b.neg(large), large)
    return b.select(is_small, small, large)


def _scaled_complement(x: Array) -> Array:
    """exp(x**2) erfc(x) for x >= 0: an integral of a Gaussian, by Gauss's rule."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    reach = np.minimum(7.0, 40 / np.maximum(2 * x, 1e-9))
    places = (nodes + 1) / 2 * reach[:, None]
    return (np.exp(-(places**2) - 2 * x[:, None] * places) @ weights) * reach / 2 * 2 / math.sqrt(math.pi)


@cache
def _complement_coefficients() -> tuple[float, ...]:
    """Of (1 + 2 x) exp(x**2) erfc(x) in (x - k) / (x + k), k = 3.75 (Shepherd and Laframboise, Chebyshev approximation
    of (1 + 2x) exp(x^2) erfc x in 0 <= x < inf, Mathematics of Computation 36, 1981)."""

    def function(places: Array) -> Array:
        safe = np.minimum(places, 1 - 1e-12)
        x = 3.75 * (1 + safe) / (1 - safe)
        return (1 + 2 * x) * _scaled_complement(x)

    return _fit(function, 44)


def scaled_complement(b: Builder, x: Value) -> Value:
    """exp(x**2) erfc(x), without overflow for x >= 0."""
    zero, k = filled_like(b, 0, x), filled_like(b, 3.75, x)
    is_negative = b.lt(x, zero)
    size = b.select(is_negative, b.neg(x), x)
    far = filled_like(b, 1e30, x)
    finite = b.select(b.gt(size, far), far, size)
    place = b.div(b.sub(finite, k), b.add(finite, k))
    found = b.div(
        series(b, _complement_coefficients(), place),
        b.add(filled_like(b, 1, x), b.mul(filled_like(b, 2, x), finite)),
    )  # fmt: skip
    inside = b.select(is_negative, x, zero)
    turned = b.sub(b.mul(filled_like(b, 2, x), b.exp(b.mul(inside, inside))), found)
    return b.select(is_negative, turned, found)
