"""Random numbers from a key and a counter. Each function returns the values and the counter that continues the stream.

`key` is u32[2], `counter` u64[]; random_bits says how many counts a call uses.
"""

from __future__ import annotations

import math

from diptych.ir import Builder, Dim, DType, Shape, Value, dtypes, floor_divide, product

from .constants import filled, filled_like, scalar, size_of

_FRACTION_BITS = {"f16": 11, "bf16": 8, "f32": 24, "f64": 53}  # a significand's width: every multiple is exact


def bits(b: Builder, key: Value, counter: Value, shape: Shape, dtype: DType) -> tuple[Value, Value]:
    """Uniform random bits as u32 or u64 of `shape`, and the next counter."""
    values = b.random_bits(key, counter, shape=shape, dtype=dtype)
    count = product(shape)
    blocks = count if dtype is dtypes.u64 else floor_divide(count + 1, 2)
    return values, b.add(counter, size_of(b, blocks, dtypes.u64))


def _fractions(b: Builder, words: Value, dtype: DType) -> Value:
    """Random words as floats k / 2**p, 0 <= k < 2**p, p the width of the significand."""
    width = _FRACTION_BITS[dtype.name]
    whole = b.cast(b.shift_right(words, filled_like(b, words.dtype.bits - width, words)), dtype=dtype)
    return b.mul(whole, filled_like(b, 2.0**-width, whole))


def _word(dtype: DType) -> DType:
    return dtypes.u64 if dtype is dtypes.f64 else dtypes.u32


def uniform(b: Builder, key: Value, counter: Value, shape: Shape, dtype: DType) -> tuple[Value, Value]:
    """Floats in [0, 1), evenly spaced, and the next counter."""
    words, following = bits(b, key, counter, shape, _word(dtype))
    return _fractions(b, words, dtype), following


def integers(b: Builder, key: Value, counter: Value, shape: Shape, low: Value, high: Value) -> tuple[Value, Value]:
    """Integers in [low, high), scalars of one integer dtype, and the next counter.

    Words modulo the range: as in both frameworks, the smallest numbers of a range that is no power of 2 are likelier
    by at most range / 2**32 (2**64 for 64-bit integers).
    """
    word = dtypes.u64 if low.dtype.bits == 64 else dtypes.u32
    words, following = bits(b, key, counter, shape, word)
    span = b.sub(b.cast(high, dtype=word), b.cast(low, dtype=word))
    offsets = b.cast(b.rem(words, b.broadcast(span, shape=shape, axes=())), dtype=low.dtype)
    return b.add(offsets, b.broadcast(low, shape=shape, axes=())), following


def normal(b: Builder, key: Value, counter: Value, shape: Shape, dtype: DType) -> tuple[Value, Value]:
    """Standard normal numbers by the method of Box and Muller (1958), two from two words, and the next counter."""
    if dtype in (dtypes.f16, dtypes.bf16):
        wide, following = normal(b, key, counter, shape, dtypes.f32)
        return b.cast(wide, dtype=dtype), following
    count = product(shape)
    pairs = floor_divide(count + 1, 2)
    words, following = bits(b, key, counter, (2, pairs), _word(dtype))
    fractions = _fractions(b, words, dtype)
    first, second = (
        b.reshape(b.slice(fractions, start=(row, 0), limit=(row + 1, pairs), stride=(1, 1)), shape=(pairs,))
        for row in (0, 1)
    )
    positive = b.sub(filled_like(b, 1, first), first)  # in (0, 1]: its logarithm is finite
    radius = b.sqrt(b.mul(filled_like(b, -2, positive), b.log(positive)))
    angle = b.mul(filled_like(b, 2 * math.pi, second), second)
    flat = b.concatenate(b.mul(radius, b.cos(angle)), b.mul(radius, b.sin(angle)), axis=0)
    if pairs * 2 != count:
        flat = b.slice(flat, start=(0,), limit=(count,), stride=(1,))
    return b.reshape(flat, shape=shape), following


def exponential(b: Builder, key: Value, counter: Value, shape: Shape, dtype: DType) -> tuple[Value, Value]:
    """Numbers above 0 of density exp(-x), and the next counter: the logarithm of uniform ones, where 1 - u is never 1.

    The smallest is half a step of the significand, as PyTorch has it, so that logarithms of them are finite.
    """
    if dtype in (dtypes.f16, dtypes.bf16):
        wide, following = exponential(b, key, counter, shape, dtypes.f32)
        return b.cast(wide, dtype=dtype), following
    fractions, following = uniform(b, key, counter, shape, dtype)
    found = b.neg(b.log1p(b.neg(fractions)))
    return b.max(found, filled_like(b, 2.0 ** -(_FRACTION_BITS[dtype.name] + 1), found)), following


def truncated_normal(b: Builder, key: Value, counter: Value, shape: Shape, dtype: DType) -> tuple[Value, Value]:
    """Standard normal numbers within two standard deviations, by inversion, and the next counter."""
    if dtype in (dtypes.f16, dtypes.bf16):
        wide, following = truncated_normal(b, key, counter, shape, dtypes.f32)
        return b.cast(wide, dtype=dtype), following
    words, following = bits(b, key, counter, shape, _word(dtype))
    width = _FRACTION_BITS[dtype.name]
    # the middle of each of 2**p cells, so that the distribution is symmetric: 2 * (k + 1/2) / 2**p - 1
    whole = b.cast(b.shift_right(words, filled_like(b, words.dtype.bits - width, words)), dtype=dtype)
    centred = b.add(b.mul(whole, filled_like(b, 2.0 ** (1 - width), whole)), filled_like(b, 2.0**-width - 1, whole))
    inside = b.mul(centred, filled_like(b, math.erf(math.sqrt(2)), centred))
    return b.mul(b.erfinv(inside), filled_like(b, math.sqrt(2), inside)), following


def bernoulli(
    b: Builder, key: Value, counter: Value, shape: Shape, probability: float, dtype: DType
) -> tuple[Value, Value]:
    """True with `probability`, as bool, drawn from uniform numbers of `dtype`; and the next counter."""
    draws, following = uniform(b, key, counter, shape, dtype)
    return b.lt(draws, filled(b, probability, shape, dtype)), following


def permutation(b: Builder, key: Value, counter: Value, count: Dim, dtype: DType) -> tuple[Value, Value]:
    """0 ... count - 1 of an integer dtype in random order, and the next counter: the order that sorts 64-bit words."""
    words, following = bits(b, key, counter, (count,), dtypes.u64)
    _, order = b.sort(words, b.iota(shape=(count,), axis=0, dtype=dtype), axis=0)
    return order, following


def fixed_key(b: Builder, high: int, low: int) -> Value:
    """A key of two 32-bit numbers as a constant."""
    words = [b.broadcast(scalar(b, word, dtypes.u32), shape=(1,), axes=()) for word in (high, low)]
    return b.concatenate(*words, axis=0)
