"""Incomplete gamma and beta functions, with their gradients. All are computed in f64, element by element."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from diptych.ir import Builder, Value, dtypes

from .constants import filled, filled_like
from .own_gradients import with_gradient

Step = Callable[[Builder, Value, Sequence[Value]], Sequence[Value]]

_ROUNDS = 2000  # enough for parameters up to a million
_PRECISION = 1e-16
_BIG, _SMALL = 4503599627370496.0, 2.220446049250313e-16  # beyond which a fraction is rescaled


def lower_gamma(b: Builder, a: Value, x: Value) -> Value:
    """The regularized lower incomplete gamma function P(a, x) of equal shapes; nan where a <= 0 or x < 0."""
    return _part(b, a, x, 0)


def upper_gamma(b: Builder, a: Value, x: Value) -> Value:
    """The regularized upper incomplete gamma function Q(a, x) = 1 - P(a, x) of equal shapes."""
    return _part(b, a, x, 1)


def lower_gamma_slope(b: Builder, a: Value, x: Value) -> Value:
    """The derivative of P(a, x) by a."""
    wide = [b.cast(value, dtype=dtypes.f64) for value in (a, x)]
    return b.cast(_regularized(b, *wide)[2], dtype=a.dtype)


def _part(b: Builder, a: Value, x: Value, which: int) -> Value:
    """P or Q, computed in double precision."""

    def function(b: Builder, *given: Value) -> Value:
        return b.cast(_regularized(b, *(b.cast(value, dtype=dtypes.f64) for value in given))[which], dtype=a.dtype)

    def gradient(b: Builder, ct: Value, out: Value, a: Value, x: Value) -> list[Value]:
        slopes = lower_gamma_slope(b, a, x), gamma_density(b, a, x)
        return [b.mul(ct, b.neg(slope) if which else slope) for slope in slopes]

    return with_gradient(b, function, gradient, a, x)


def gamma_density(b: Builder, a: Value, x: Value) -> Value:
    """The density x**(a - 1) exp(-x) / gamma(a)."""
    one = filled_like(b, 1, a)
    return b.exp(b.sub(b.sub(b.mul(b.sub(a, one), b.log(x)), x), b.lgamma(a)))


def _regularized(b: Builder, a: Value, x: Value) -> tuple[Value, Value, Value]:
    """(P, Q, dP/da): by a series where x is small, else by a continued fraction."""
    zero, one = filled_like(b, 0, a), filled_like(b, 1, a)
    by_series = b.bitwise_or(b.le(x, one), b.le(x, a))
    legal = b.bitwise_and(b.gt(a, zero), b.gt(x, zero))
    a_safe, x_safe = b.select(legal, a, one), b.select(legal, x, one)
    finite = b.is_finite(x_safe)
    x_safe = b.select(finite, x_safe, filled_like(b, 1e300, x))
    log_factor = b.sub(b.sub(b.mul(a_safe, b.log(x_safe)), x_safe), b.lgamma(a_safe))
    factor, by_a = b.exp(log_factor), b.sub(b.log(x_safe), b.digamma(a_safe))
    few = b.select(by_series, x_safe, b.mul(a_safe, filled_like(b, 0.5, a)))  # whichever converges
    total, slope = _series(b, a_safe, few)
    scaled = b.div(factor, a_safe)
    low = b.mul(scaled, total)
    low_slope = b.mul(scaled, b.add(slope, b.mul(total, b.sub(by_a, b.div(one, a_safe)))))
    much = b.select(by_series, b.add(a_safe, filled_like(b, 2, a)), x_safe)
    fraction, fraction_slope = _fraction(b, a_safe, much)
    high = b.mul(factor, fraction)
    high_slope = b.mul(factor, b.add(fraction_slope, b.mul(fraction, by_a)))
    p = b.select(by_series, low, b.sub(one, high))
    q = b.select(by_series, b.sub(one, low), high)
    dp = b.select(by_series, low_slope, b.neg(high_slope))
    p, q, dp = (b.select(finite, value, end) for value, end in ((p, one), (q, zero), (dp, zero)))
    at_zero = b.bitwise_and(b.gt(a, zero), b.eq(x, zero))
    nan = filled_like(b, float("nan"), a)
    return (
        b.select(legal, p, b.select(at_zero, zero, nan)),
        b.select(legal, q, b.select(at_zero, one, nan)),
        b.select(legal, dp, b.select(at_zero, zero, nan)),
    )


def _series(b: Builder, a: Value, x: Value) -> tuple[Value, Value]:
    """The sum of x**n / ((a + 1) ... (a + n)) from n = 0 on, and its derivative by a (Abramowitz and Stegun,
    6.5.29)."""

    def step(b: Builder, number: Value, state: Sequence[Value]) -> Sequence[Value]:
        term, slope, total, total_slope, a, x = state
        over = b.add(a, number)
        ratio = b.div(x, over)
        slope = b.sub(b.mul(slope, ratio), b.div(b.mul(term, ratio), over))
        term = b.mul(term, ratio)
        return term, slope, b.add(total, term), b.add(total_slope, slope), a, x

    def goes_on(b: Builder, state: Sequence[Value]) -> Value:
        return b.gt(b.abs(b.add(state[0], b.abs(state[1]))), b.mul(state[2], filled_like(b, _PRECISION, state[2])))

    zero, one = filled_like(b, 0, a), filled_like(b, 1, a)
    found = _repeated(b, step, goes_on, [one, zero, one, zero, a, x])
    return found[2], found[3]


def _fraction(b: Builder, a: Value, x: Value) -> tuple[Value, Value]:
    """The continued fraction of Q(a, x) gamma(a) exp(x) / x**a, and its derivative by a (Moshier, Cephes)."""

    def step(b: Builder, number: Value, state: Sequence[Value]) -> Sequence[Value]:
        p2, q2, p1, q1, dp2, dq2, dp1, dq1, answer, slope, _, a, x = state
        one = filled_like(b, 1, a)
        y = b.add(b.sub(one, a), number)
        z = b.add(b.add(x, y), b.add(number, one))
        yc, dyc = b.mul(y, number), b.neg(number)

        def next_part(first: Value, before: Value, d_first: Value, d_before: Value) -> tuple[Value, Value]:
            value = b.sub(b.mul(first, z), b.mul(before, yc))
            moved = b.sub(b.mul(d_first, z), first)  # z falls as a rises
            return value, b.sub(moved, b.add(b.mul(d_before, yc), b.mul(before, dyc)))

        p, dp = next_part(p1, p2, dp1, dp2)
        q, dq = next_part(q1, q2, dq1, dq2)
        ratio = b.div(p, q)
        following = b.div(b.sub(dp, b.mul(ratio, dq)), q)
        change = b.add(b.abs(b.div(b.sub(answer, ratio), ratio)), b.abs(b.sub(slope, following)))
        large = b.gt(b.abs(p), filled_like(b, _BIG, p))
        small = b.select(large, filled_like(b, _SMALL, p), one)
        scaled = [b.mul(value, small) for value in (p1, q1, p, q, dp1, dq1, dp, dq)]
        return *scaled, ratio, following, change, a, x

    def goes_on(b: Builder, state: Sequence[Value]) -> Value:
        return b.gt(state[10], filled_like(b, 10 * _PRECISION, state[10]))

    zero, one = filled_like(b, 0, a), filled_like(b, 1, a)
    z = b.add(b.sub(x, a), filled_like(b, 2, a))
    p1, q1 = b.add(x, one), b.mul(z, x)
    answer = b.div(p1, q1)
    dq1 = b.neg(x)
    slope = b.neg(b.div(b.mul(answer, dq1), q1))
    start = [one, x, p1, q1, zero, zero, zero, dq1, answer, slope, one, a, x]
    found = _repeated(b, step, goes_on, start)
    return found[8], found[9]


def _repeated(
    b: Builder, step: Step, goes_on: Callable[[Builder, Sequence[Value]], Value], start: Sequence[Value]
) -> Sequence[Value]:
    """The state after as many steps as some element needs; those that need no more stay. A step gets its number."""
    condition, body = b.nested("more"), b.nested("step")
    shape = start[0].shape
    count = filled(b, 1, (), dtypes.f64)
    number, *state = (condition.parameter(value.type) for value in (count, *start))
    more = condition.reduce_or(goes_on(condition, state), axes=range(len(shape)))
    within = condition.le(number, filled_like(condition, _ROUNDS, number))
    check = condition.finish([condition.bitwise_and(more, within)])
    number, *state = (body.parameter(value.type) for value in (count, *start))
    wanted = goes_on(body, state)
    following = step(body, body.broadcast(number, shape=shape, axes=()) if shape else number, state)
    kept = [body.select(wanted, new, old) for new, old in zip(following, state, strict=True)]
    once = body.finish([body.add(number, filled_like(body, 1, number)), *kept])
    return b.while_loop(count, *start, condition=check, body=once, bound=_ROUNDS)[1:]


def incomplete_beta(b: Builder, p: Value, q: Value, x: Value) -> Value:
    """The regularized incomplete beta function I_x(p, q) of equal shapes; its gradient is by x alone, as
    TensorFlow's."""

    def function(b: Builder, *given: Value) -> Value:
        return b.cast(_beta_ratio(b, *(b.cast(value, dtype=dtypes.f64) for value in given)), dtype=x.dtype)

    def gradient(b: Builder, ct: Value, out: Value, p: Value, q: Value, x: Value) -> list[Value]:
        one, zero = filled_like(b, 1, x), filled_like(b, 0, x)
        logs = b.add(b.mul(b.sub(q, one), b.log1p(b.neg(x))), b.mul(b.sub(p, one), b.log(x)))
        return [zero, zero, b.mul(ct, b.exp(b.sub(logs, _log_beta(b, p, q))))]

    return with_gradient(b, function, gradient, p, q, x)


def _log_beta(b: Builder, p: Value, q: Value) -> Value:
    return b.sub(b.add(b.lgamma(p), b.lgamma(q)), b.lgamma(b.add(p, q)))


def _beta_ratio(b: Builder, p: Value, q: Value, x: Value) -> Value:
    zero, one = filled_like(b, 0, x), filled_like(b, 1, x)
    inside = b.bitwise_and(b.gt(x, zero), b.lt(x, one))
    legal = b.bitwise_and(b.bitwise_and(b.gt(p, zero), b.gt(q, zero)), inside)
    p_safe, q_safe = b.select(legal, p, one), b.select(legal, q, one)
    x_safe = b.select(legal, x, filled_like(b, 0.25, x))
    middle = b.div(b.add(p_safe, one), b.add(b.add(p_safe, q_safe), filled_like(b, 2, x)))
    turned = b.ge(x_safe, middle)  # where the fraction of the other tail converges faster
    first, second = b.select(turned, q_safe, p_safe), b.select(turned, p_safe, q_safe)
    place = b.select(turned, b.sub(one, x_safe), x_safe)
    logs = b.add(b.mul(p_safe, b.log(x_safe)), b.mul(q_safe, b.log1p(b.neg(x_safe))))
    front = b.exp(b.sub(logs, _log_beta(b, p_safe, q_safe)))
    tail = b.div(b.mul(front, _beta_fraction(b, first, second, place)), first)
    found = b.select(turned, b.sub(one, tail), tail)
    good = b.bitwise_and(b.gt(p, zero), b.gt(q, zero))
    ends = b.select(b.eq(x, zero), zero, b.select(b.eq(x, one), one, filled_like(b, float("nan"), x)))
    return b.select(legal, found, b.select(good, ends, filled_like(b, float("nan"), x)))


def _beta_fraction(b: Builder, p: Value, q: Value, x: Value) -> Value:
    """The continued fraction of the incomplete beta function, by Lentz's method (Numerical Recipes, 6.4)."""

    def bounded(b: Builder, value: Value) -> Value:
        tiny = filled_like(b, 1e-300, value)
        return b.select(b.lt(b.abs(value), tiny), tiny, value)

    def step(b: Builder, number: Value, state: Sequence[Value]) -> Sequence[Value]:
        c, d, total, _, p, q, x = state
        one = filled_like(b, 1, x)
        twice = b.add(number, number)
        place = b.add(p, twice)
        even = b.div(b.mul(b.mul(number, b.sub(q, number)), x), b.mul(b.sub(place, one), place))
        d = b.div(one, bounded(b, b.add(one, b.mul(even, d))))
        c = bounded(b, b.add(one, b.div(even, c)))
        total = b.mul(total, b.mul(c, d))
        sums = b.mul(b.add(p, number), b.add(b.add(p, q), number))
        odd = b.neg(b.div(b.mul(sums, x), b.mul(place, b.add(place, one))))
        d = b.div(one, bounded(b, b.add(one, b.mul(odd, d))))
        c = bounded(b, b.add(one, b.div(odd, c)))
        change = b.mul(c, d)
        return c, d, b.mul(total, change), b.abs(b.sub(change, one)), p, q, x

    def goes_on(b: Builder, state: Sequence[Value]) -> Value:
        return b.gt(state[3], filled_like(b, 3 * _PRECISION, state[3]))

    one = filled_like(b, 1, x)
    first = b.sub(one, b.div(b.mul(b.add(p, q), x), b.add(p, one)))
    d = b.div(one, bounded(b, first))
    return _repeated(b, step, goes_on, [one, d, d, one, p, q, x])[2]
