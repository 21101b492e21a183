"""Modified Bessel functions of the first kind, with their gradients."""

from __future__ import annotations

from collections.abc import Callable

from diptych.ir import Builder, Value

from .constants import filled_like
from .fitted import scaled_bessel
from .own_gradients import with_gradient

_NEAR = 2.0**-52  # up to where 1 / x is too large to be a factor


def modified_bessel(order: int, *, scaled: bool) -> Callable[[Builder, Value], Value]:
    """exp(-|x|) I_order(x), or without the factor. Gradients are by the other order, those at 0 by limits."""

    def of(b: Builder, x: Value, order: int) -> Value:
        found = scaled_bessel(b, x, order)
        return found if scaled else b.mul(found, b.exp(b.abs(x)))

    def gradient(b: Builder, ct: Value, out: Value, x: Value) -> Value:
        one, sign = filled_like(b, 1, x), b.sign(x)
        if not order:
            slope = of(b, x, 1)
            return b.mul(ct, b.sub(slope, b.mul(sign, out)) if scaled else slope)
        near = b.bitwise_not(b.gt(b.abs(x), filled_like(b, _NEAR, x)))
        safe = b.select(near, one, x)
        damping = b.div(one, safe)
        slope = b.sub(of(b, safe, 0), b.mul(out, b.add(sign, damping) if scaled else damping))
        return b.mul(ct, b.select(near, filled_like(b, 0.5, x), slope))

    return lambda b, x: with_gradient(b, lambda b, x: of(b, x, order), gradient, x)
