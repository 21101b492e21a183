"""The quantiles of the normal distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence

from diptych.ir import Builder, Value

from .constants import filled_like
from .fitted import scaled_complement
from .own_gradients import with_gradient

_TAIL = 0.02  # parts below this are found by way of their logarithms
_STEPS = 3  # of Newton's, which the first guess needs
# Hastings' guess, good to 5e-4 (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.23).
_ABOVE = (2.515517, 0.802853, 0.010328)
_BELOW = (1.0, 1.432788, 0.189269, 0.001308)


def normal_quantile(b: Builder, x: Value) -> Value:
    """The number below which the part x of the normal distribution lies: -inf at 0, inf at 1, nan outside."""
    return with_gradient(b, _quantile, _gradient, x)


def _gradient(b: Builder, ct: Value, out: Value, x: Value) -> Value:
    half_square = b.mul(filled_like(b, 0.5, x), b.mul(out, out))
    return b.mul(ct, b.mul(filled_like(b, math.sqrt(2 * math.pi), x), b.exp(half_square)))


def _quantile(b: Builder, x: Value) -> Value:
    one, two, half = (filled_like(b, number, x) for number in (1, 2, 0.5))
    middle = b.mul(filled_like(b, math.sqrt(2), x), b.erfinv(b.sub(b.mul(two, x), one)))
    is_low = b.lt(x, half)
    part = b.select(is_low, x, b.sub(one, x))
    edge = filled_like(b, _TAIL, x)
    is_tail = b.bitwise_and(b.gt(part, filled_like(b, 0, x)), b.lt(part, edge))
    size = _beyond(b, b.select(is_tail, part, edge))
    return b.select(is_tail, b.select(is_low, b.neg(size), size), middle)


def _beyond(b: Builder, part: Value) -> Value:
    """The number above which a small part of the distribution lies, on logarithms, which lose nothing there."""
    wanted = b.log(part)
    root = b.sqrt(b.mul(filled_like(b, -2, part), wanted))
    found = b.sub(root, b.div(_polynomial(b, _ABOVE, root), _polynomial(b, _BELOW, root)))
    for _ in range(_STEPS):
        complement = scaled_complement(b, b.mul(found, filled_like(b, math.sqrt(0.5), part)))
        half = filled_like(b, 0.5, part)
        there = b.sub(b.log(b.mul(half, complement)), b.mul(half, b.mul(found, found)))
        step = b.mul(b.sub(there, wanted), b.mul(filled_like(b, math.sqrt(math.pi / 2), part), complement))
        found = b.add(found, step)
    return found


def _polynomial(b: Builder, coefficients: Sequence[float], x: Value) -> Value:
    total = filled_like(b, coefficients[-1], x)
    for coefficient in coefficients[-2::-1]:
        total = b.add(b.mul(total, x), filled_like(b, coefficient, x))
    return total
