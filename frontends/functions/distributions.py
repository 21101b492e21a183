"""Random numbers of more distributions, each from uniform or normal ones and with the counter that goes on.

Rejection is done side by side: of a few candidates for every number the first that is accepted counts. That none is has
a probability below 1e-9; the last one then counts.
"""

from __future__ import annotations

import math

from diptych.ir import Builder, DType, Shape, Value, dtypes

from . import incomplete, random
from .constants import Number, filled, filled_like
from .own_gradients import with_gradient

TRIALS = 12


def categorical(
    b: Builder, key: Value, counter: Value, logits: Value, samples: int, dtype: DType
) -> tuple[Value, Value]:
    """Classes drawn with probabilities softmax(logits): [batch, samples] of logits [batch, classes], by inversion."""
    batch, classes = logits.type.static_shape()
    wide = logits.dtype if logits.dtype in (dtypes.f32, dtypes.f64) else dtypes.f32
    scores = logits if logits.dtype is wide else b.cast(logits, dtype=wide)
    peak = b.broadcast(b.reduce_max(scores, axes=(1,)), shape=scores.shape, axes=(0,))
    totals = b.cumulative_sum(b.exp(b.sub(scores, peak)), axis=1)
    draws, following = random.uniform(b, key, counter, (batch, samples), wide)
    whole = b.reshape(b.slice(totals, start=(0, classes - 1), limit=(batch, classes), stride=(1, 1)), shape=(batch,))
    level = b.mul(draws, b.broadcast(whole, shape=draws.shape, axes=(0,)))
    shape = (batch, samples, classes)
    below = b.le(b.broadcast(totals, shape=shape, axes=(0, 2)), b.broadcast(level, shape=shape, axes=(0, 1)))
    return b.reduce_sum(b.cast(below, dtype=dtype), axes=(2,)), following


def _first_accepted(b: Builder, accepted: Value, candidates: Value) -> Value:
    """Along a first axis of trials the first candidate that is accepted, the last where none is."""
    trials = accepted.shape[0]
    last = b.eq(
        b.iota(shape=accepted.shape, axis=0, dtype=dtypes.i32), filled(b, trials - 1, accepted.shape, dtypes.i32)
    )
    chosen = b.argmax(b.cast(b.bitwise_or(accepted, last), dtype=dtypes.i32), axis=0, dtype=dtypes.i32)
    places = [b.iota(shape=chosen.shape, axis=axis, dtype=dtypes.i32) for axis in range(chosen.rank)]
    return b.gather(candidates, chosen, *places, axes=range(candidates.rank))


def gamma(b: Builder, key: Value, counter: Value, shape: Shape, alpha: Value) -> tuple[Value, Value]:
    """Numbers of the gamma distribution with these shapes `alpha`, whose axes are the last of `shape`, and scale 1.

    Marsaglia and Tsang, A simple method for generating gamma variables, ACM TOMS 26 (2000).
    """
    dtype = alpha.dtype
    if dtype in (dtypes.f16, dtypes.bf16):
        wide, following = gamma(b, key, counter, shape, b.cast(alpha, dtype=dtypes.f32))
        return b.cast(wide, dtype=dtype), following
    each = b.broadcast(alpha, shape=shape, axes=range(len(shape) - alpha.rank, len(shape)))
    one = filled_like(b, 1, each)
    small = b.lt(each, one)
    raised = b.select(small, b.add(each, one), each)
    trials = (TRIALS, *shape)
    d = b.sub(raised, filled_like(b, 1 / 3, raised))
    c = b.div(one, b.sqrt(b.mul(filled_like(b, 9, d), d)))
    d_wide, c_wide = (b.broadcast(v, shape=trials, axes=range(1, len(trials))) for v in (d, c))
    normals, counter = random.normal(b, key, counter, trials, dtype)
    uniforms, counter = random.uniform(b, key, counter, trials, dtype)
    boosts, counter = random.uniform(b, key, counter, shape, dtype)
    root = b.add(filled_like(b, 1, normals), b.mul(c_wide, normals))
    positive = b.gt(root, filled_like(b, 0, root))
    cube = b.mul(b.mul(root, root), root)
    safe = b.select(positive, cube, filled_like(b, 1, cube))
    bound = b.add(
        b.mul(filled_like(b, 0.5, normals), b.mul(normals, normals)),
        b.mul(d_wide, b.add(b.sub(filled_like(b, 1, cube), cube), b.log(safe))),
    )
    inside = b.lt(b.log(b.sub(filled_like(b, 1, uniforms), uniforms)), bound)
    found = b.mul(d, _first_accepted(b, b.bitwise_and(positive, inside), safe))
    shrunk = b.mul(found, b.pow(b.sub(one, boosts), b.div(one, each)))
    return b.select(small, shrunk, found), counter


SMALL_RATE = 10  # below it the distribution is inverted, its first terms added up
TERMS = 64


def with_gamma_gradient(b: Builder, drawn: Value, alpha: Value) -> Value:
    """The numbers drawn, whose gradient by alpha is that of a number which stays at its place in the distribution:
    -(dP/dalpha) / density (Figurnov et al., Implicit reparameterization gradients, 2018)."""
    wide = drawn.dtype if drawn.dtype in (dtypes.f32, dtypes.f64) else dtypes.f32
    axes = range(drawn.rank - alpha.rank, drawn.rank)
    each = b.broadcast(alpha, shape=drawn.shape, axes=axes)

    def gradient(b: Builder, ct: Value, out: Value, shape: Value, place: Value) -> tuple[Value, Value]:
        inside = [b.cast(value, dtype=wide) for value in (shape, place)]
        slope = b.div(incomplete.lower_gamma_slope(b, *inside), incomplete.gamma_density(b, *inside))
        return b.neg(b.mul(ct, b.cast(slope, dtype=ct.dtype))), filled_like(b, 0, place)

    return with_gradient(b, lambda b, shape, place: place, gradient, each, drawn)


def poisson(b: Builder, key: Value, counter: Value, shape: Shape, rate: Value) -> tuple[Value, Value]:
    """Counts of the Poisson distribution with these rates, whose axes are the last of `shape`, as f64."""
    each = b.broadcast(b.cast(rate, dtype=dtypes.f64), shape=shape, axes=range(len(shape) - rate.rank, len(shape)))
    small = b.lt(each, filled_like(b, SMALL_RATE, each))
    low, counter = _inverted(b, key, counter, b.select(small, each, filled_like(b, 1, each)))
    high, counter = _rejected(b, key, counter, b.select(small, filled_like(b, SMALL_RATE, each), each))
    return b.select(small, low, high), counter


def _inverted(b: Builder, key: Value, counter: Value, rate: Value) -> tuple[Value, Value]:
    draws, following = random.uniform(b, key, counter, rate.shape, dtypes.f64)
    shape = (*rate.shape, TERMS)
    wide, level = (b.broadcast(v, shape=shape, axes=range(rate.rank)) for v in (rate, draws))
    count = b.iota(shape=shape, axis=rate.rank, dtype=dtypes.f64)
    totals = b.cumulative_sum(b.exp(_log_probability(b, count, wide)), axis=rate.rank)
    zero_rate = b.eq(rate, filled_like(b, 0, rate))
    found = b.reduce_sum(b.cast(b.le(totals, level), dtype=dtypes.f64), axes=(rate.rank,))
    return b.select(zero_rate, filled_like(b, 0, found), found), following


def _log_probability(b: Builder, count: Value, rate: Value) -> Value:
    terms = b.sub(b.mul(count, b.log(rate)), rate)
    return b.sub(terms, b.lgamma(b.add(count, filled_like(b, 1, count))))


def _rejected(b: Builder, key: Value, counter: Value, rate: Value) -> tuple[Value, Value]:
    """Hoermann's transformed rejection, The transformed rejection method for generating Poisson random variables,
    Insurance: Mathematics and Economics 12 (1993), algorithm PTRS."""
    trials = (TRIALS, *rate.shape)
    rate = b.broadcast(rate, shape=trials, axes=range(1, len(trials)))

    def number(value: Number) -> Value:
        return filled_like(b, value, rate)

    first, counter = random.uniform(b, key, counter, trials, dtypes.f64)
    second, counter = random.uniform(b, key, counter, trials, dtypes.f64)
    u = b.sub(first, number(0.5))
    v = b.sub(number(1), second)
    width = b.add(number(0.931), b.mul(number(2.53), b.sqrt(rate)))
    a = b.add(number(-0.059), b.mul(number(0.02483), width))
    inverse_alpha = b.add(number(1.1239), b.div(number(1.1328), b.sub(width, number(3.4))))
    ready = b.sub(number(0.9277), b.div(number(3.6224), b.sub(width, number(2))))
    distance = b.sub(number(0.5), b.abs(u))
    safe = b.max(distance, number(math.ulp(0.5)))
    slope = b.add(b.div(b.mul(number(2), a), safe), width)
    count = b.floor(b.add(b.mul(slope, u), b.add(rate, number(0.43))))
    quick = b.bitwise_and(b.ge(distance, number(0.07)), b.le(v, ready))
    possible = b.ge(count, number(0))
    far = b.bitwise_and(b.lt(distance, number(0.013)), b.gt(v, distance))
    level = b.log(b.div(b.mul(v, inverse_alpha), b.add(b.div(a, b.mul(safe, safe)), width)))
    fits = b.le(level, _log_probability(b, b.max(count, number(0)), rate))
    slow = b.bitwise_and(b.bitwise_and(possible, b.bitwise_not(far)), fits)
    return _first_accepted(b, b.bitwise_or(b.bitwise_and(quick, possible), slow), count), counter
