"""FarmHash's 64 bit fingerprint, by which TensorFlow puts strings into buckets: the same on every machine, for good.

The algorithm is FarmHash's (Geoff Pike, 2014; https://github.com/google/farmhash), there called Fingerprint64.
"""

from __future__ import annotations

_MASK = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_COMBINE = 0xC6A4A7935BD1E995

Pair = tuple[int, int]


def fingerprint64(text: bytes) -> int:
    """The fingerprint of a string, from 0 on and below 2**64."""
    if len(text) <= 16:
        return _upto_16(text)
    if len(text) <= 32:
        return _upto_32(text)
    if len(text) <= 64:
        return _upto_64(text)
    return _longer(text)


def combined_fingerprint(first: int, other: int) -> int:
    """The fingerprint of two fingerprints, in this order."""
    found = first ^ _COMBINE
    found ^= _shift_mix(other * _COMBINE & _MASK) * _COMBINE & _MASK
    found = found * _COMBINE & _MASK
    found = _shift_mix(found) * _COMBINE & _MASK
    return _shift_mix(found)


def _word(text: bytes, start: int) -> int:
    return int.from_bytes(text[start : start + 8], "little")


def _half(text: bytes, start: int) -> int:
    return int.from_bytes(text[start : start + 4], "little")


def _rotated(value: int, count: int) -> int:
    value &= _MASK
    return (value >> count | value << (64 - count)) & _MASK


def _shift_mix(value: int) -> int:
    return value ^ value >> 47


def _mixed(first: int, other: int, factor: int) -> int:
    a = ((first ^ other) & _MASK) * factor & _MASK
    a ^= a >> 47
    b = ((other ^ a) & _MASK) * factor & _MASK
    b ^= b >> 47
    return b * factor & _MASK


def _upto_16(text: bytes) -> int:
    size = len(text)
    factor = _K2 + size * 2
    if size >= 8:
        a, b = _word(text, 0) + _K2, _word(text, size - 8)
        c, d = _rotated(b, 37) * factor + a, (_rotated(a, 25) + b) * factor
        return _mixed(c & _MASK, d & _MASK, factor)
    if size >= 4:
        return _mixed(size + (_half(text, 0) << 3), _half(text, size - 4), factor)
    if size:
        y = text[0] + (text[size >> 1] << 8)
        z = size + (text[-1] << 2)
        return _shift_mix((y * _K2 ^ z * _K0) & _MASK) * _K2 & _MASK
    return _K2


def _upto_32(text: bytes) -> int:
    size = len(text)
    factor = _K2 + size * 2
    a, b = _word(text, 0) * _K1, _word(text, 8)
    c, d = _word(text, size - 8) * factor, _word(text, size - 16) * _K2
    first = _rotated(a + b, 43) + _rotated(c, 30) + d
    return _mixed(first & _MASK, (a + _rotated(b + _K2, 18) + c) & _MASK, factor)


def _upto_64(text: bytes) -> int:
    size = len(text)
    factor = _K2 + size * 2
    a, b = _word(text, 0) * _K2, _word(text, 8)
    c, d = _word(text, size - 8) * factor, _word(text, size - 16) * _K2
    y = (_rotated(a + b, 43) + _rotated(c, 30) + d) & _MASK
    z = _mixed(y, (a + _rotated(b + _K2, 18) + c) & _MASK, factor)
    e, f = _word(text, 16) * factor, _word(text, 24)
    g, h = (y + _word(text, size - 32)) * factor, (z + _word(text, size - 24)) * factor
    first = _rotated(e + f, 43) + _rotated(g, 30) + h
    return _mixed(first & _MASK, (e + _rotated(f + a, 18) + g) & _MASK, factor)


def _weak(text: bytes, start: int, a: int, b: int) -> Pair:
    """Two sums of 32 bytes."""
    w, x, y, z = (_word(text, start + 8 * number) for number in range(4))
    a += w
    b = _rotated(b + a + z, 21)
    c = a
    a += x + y
    b += _rotated(a, 44)
    return (a + z) & _MASK, (b + c) & _MASK


def _round(text: bytes, start: int, state: tuple[int, int, int, Pair, Pair], factor: int, is_last: bool) -> tuple[
    int, int, int, Pair, Pair
]:  # fmt: skip
    """The state after another 64 bytes."""
    x, y, z, v, w = state
    times = 9 if is_last else 1
    x = _rotated(x + y + v[0] + _word(text, start + 8), 37) * factor & _MASK
    y = _rotated(y + v[1] + _word(text, start + 48), 42) * factor & _MASK
    x ^= w[1] * times & _MASK
    y = (y + v[0] * times + _word(text, start + 40)) & _MASK
    z = _rotated(z + w[0], 33) * factor & _MASK
    v = _weak(text, start, v[1] * factor & _MASK, (x + w[0]) & _MASK)
    w = _weak(text, start + 32, (z + w[1]) & _MASK, (y + _word(text, start + 16)) & _MASK)
    return z, y, x, v, w


def _longer(text: bytes) -> int:
    seed, size = 81, len(text)
    y = (seed * _K1 + 113) & _MASK
    z = _shift_mix((y * _K2 + 113) & _MASK) * _K2 & _MASK
    state = ((seed * _K2 + _word(text, 0)) & _MASK, y, z, (0, 0), (0, 0))
    for start in range(0, (size - 1) // 64 * 64, 64):
        state = _round(text, start, state, _K1, False)
    x, y, z, v, w = state
    factor = (_K1 + ((z & 0xFF) << 1)) & _MASK
    w = ((w[0] + ((size - 1) & 63)) & _MASK, w[1])
    v = ((v[0] + w[0]) & _MASK, v[1])
    w = ((w[0] + v[0]) & _MASK, w[1])
    x, y, z, v, w = _round(text, size - 64, (x, y, z, v, w), factor, True)
    # the last round leaves x and z exchanged
    first = _mixed(v[0], w[0], factor) + _shift_mix(y) * _K0 + z
    return _mixed(first & _MASK, (_mixed(v[1], w[1], factor) + x) & _MASK, factor)
