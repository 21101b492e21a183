"""Bessel's and Airy's functions as integrals, on numpy arrays in double precision.

Sources: NIST Digital Library of Mathematical Functions, 10.9 (J and Y), 10.32 (K), 9.6 and 9.5 (Ai).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

Array = np.ndarray

_FAR = 60.0  # beyond, the asymptotic series of J and Y are exact to rounding
_CUT = 45.0  # exp(-45) counts as nothing


def _finite(x: Array, compute: Callable[[Array], Array]) -> Array:
    """`compute` of what is finite, as a vector; nan elsewhere."""
    found = np.full(x.shape, np.nan)
    inside = np.isfinite(x)
    if inside.any():
        found[inside] = compute(x[inside])
    return found


def _over(x: Array, high: Array | float, integrand: Callable[[Array, Array], Array], points: int) -> Array:
    """The integral from 0 to `high` of integrand(x, t) for each x, by Gauss's rule."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    reach = np.broadcast_to(np.asarray(high, np.float64), x.shape)
    t = (nodes + 1) / 2 * reach[:, None]
    return integrand(x[:, None], t) @ weights * reach / 2


def _decay(x: Array) -> Array:
    """Where exp(-x sinh t) has vanished."""
    return np.arcsinh(_CUT / np.maximum(x, 1e-300))


def _hankel(order: int, x: Array) -> tuple[Array, Array]:
    """The asymptotic (J, Y) of large x."""
    p, q, term = np.ones_like(x), np.zeros_like(x), np.ones_like(x)
    for k in range(1, 24):
        term = term * (4 * order**2 - (2 * k - 1) ** 2) / (k * 8 * x)
        if k % 2:
            q = q + (term if k % 4 == 1 else -term)
        else:
            p = p + (-term if k % 4 == 2 else term)
    angle = x - order * math.pi / 2 - math.pi / 4
    scale = np.sqrt(2 / (math.pi * x))
    return scale * (np.cos(angle) * p - np.sin(angle) * q), scale * (np.sin(angle) * p + np.cos(angle) * q)


def bessel_j(order: int, x: Array) -> Array:
    """J of order 0 or 1."""

    def compute(x: Array) -> Array:
        size = np.abs(x)
        near = np.minimum(size, _FAR)
        found = _over(near, math.pi, lambda x, t: np.cos(order * t - x * np.sin(t)), 160) / math.pi
        found = np.where(size > _FAR, _hankel(order, np.maximum(size, _FAR))[0], found)
        return np.where(x < 0, -found, found) if order else found

    return _finite(x, compute)


def bessel_y(order: int, x: Array) -> Array:
    """Y of order 0 or 1: -inf at 0, nan below."""

    def compute(x: Array) -> Array:
        safe = np.clip(x, 1e-300, _FAR)
        waves = _over(safe, math.pi, lambda x, t: np.sin(x * np.sin(t) - order * t), 160) / math.pi
        tail = _over(safe, _decay(safe), lambda x, t: np.exp(-x * np.sinh(t)) * np.sinh(t) ** order, 400) * 2 / math.pi
        found = np.where(x > _FAR, _hankel(order, np.maximum(x, _FAR))[1], waves - tail)
        return np.where(x == 0, -np.inf, np.where(x < 0, np.nan, found))

    return _finite(x, compute)


def bessel_k(order: int, x: Array, *, scaled: bool) -> Array:
    """The modified K of order 0 or 1, with a factor exp(x) where `scaled`: inf at 0, nan below."""

    def compute(x: Array) -> Array:
        safe = np.maximum(x, 1e-300)
        reach = np.arccosh(1 + _CUT / safe)
        found = _over(safe, reach, lambda x, t: np.exp(-x * (np.cosh(t) - 1)) * np.cosh(order * t), 400)
        found = found if scaled else found * np.exp(-safe)
        return np.where(x == 0, np.inf, np.where(x < 0, np.nan, found))

    return _finite(x, compute)


def bessel_i(order: int, x: Array) -> Array:
    """The modified I of order 0 or 1."""

    def compute(x: Array) -> Array:
        count = 64 + int(32 * math.sqrt(float(np.abs(x).max())))
        angle = np.linspace(0, math.pi, count + 1)
        weight = np.ones(count + 1)
        weight[[0, -1]] = 0.5
        size = np.abs(x)[:, None]
        found = (np.exp(size * (np.cos(angle) - 1)) * np.cos(order * angle)) @ weight / count * np.exp(np.abs(x))
        return np.where(x < 0, -found, found) if order else found

    return _finite(x, compute)


def airy(x: Array) -> Array:
    """Ai, through K and J of order one third."""

    def compute(x: Array) -> Array:
        size = np.abs(x)
        z = np.maximum(2 / 3 * size**1.5, 1e-280)
        reach = np.arccosh(1 + _CUT / z)
        k = _over(z, reach, lambda z, t: np.exp(-z * (np.cosh(t) - 1)) * np.cosh(t / 3), 400)
        above = np.sqrt(size / 3) / math.pi * k * np.exp(-z)
        points = int(min(96 + 3 * z.max(), 4000))

        def j(nu: float) -> Array:
            waves = _over(z, math.pi, lambda z, t: np.cos(nu * t - z * np.sin(t)), points) / math.pi
            tail = _over(z, _decay(z) + 1, lambda z, t: np.exp(-z * np.sinh(t) - nu * t), 400)
            return waves - math.sin(nu * math.pi) / math.pi * tail

        below = np.sqrt(size) / 3 * (j(1 / 3) + j(-1 / 3)) if (x < 0).any() else above
        at_zero = 1 / (3 ** (2 / 3) * math.gamma(2 / 3))
        return np.where(size == 0, at_zero, np.where(x > 0, above, below))

    return _finite(x, compute)
