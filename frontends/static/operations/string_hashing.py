"""tf.strings.to_hash_bucket and its kin: strings put into buckets by hashes of their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import host_operation, shape_of_input
from ..graphs.tensor import Tensor
from ..running.host import HostRun
from .arrays import either

Array = np.ndarray[Any, Any]
_MASK = (1 << 64) - 1

# -- FarmHash's Fingerprint64 (G. Pike, 2014), whose values stay the same for good ----

_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _at(data: bytes, place: int, count: int = 8) -> int:
    return int.from_bytes(data[place : place + count], "little")


def _rotated(x: int, by: int) -> int:
    """The 64 bits of x turned to the right."""
    x &= _MASK
    return (x >> by | x << (64 - by)) & _MASK


def _mixed(x: int) -> int:
    x &= _MASK
    return x ^ x >> 47


def _of_two(u: int, v: int, factor: int) -> int:
    a = _mixed((u ^ v) * factor)
    b = _mixed((v ^ a) * factor)
    return b * factor & _MASK


def fingerprint(data: bytes) -> int:
    """64 bits of a string."""
    size = len(data)
    if size <= 16:
        return _short(data)
    factor = (_K2 + size * 2) & _MASK
    if size <= 32:
        a, b = _at(data, 0) * _K1, _at(data, 8)
        c, d = _at(data, size - 8) * factor, _at(data, size - 16) * _K2
        first = _rotated(a + b, 43) + _rotated(c, 30) + d
        return _of_two(first & _MASK, (a + _rotated(b + _K2, 18) + c) & _MASK, factor)
    if size <= 64:
        a, b = _at(data, 0) * _K2, _at(data, 8)
        c, d = _at(data, size - 8) * factor, _at(data, size - 16) * _K2
        y = _rotated(a + b, 43) + _rotated(c, 30) + d
        z = _of_two(y & _MASK, (a + _rotated(b + _K2, 18) + c) & _MASK, factor)
        e, f = _at(data, 16) * factor, _at(data, 24)
        g, h = (y + _at(data, size - 32)) * factor, (z + _at(data, size - 24)) * factor
        first = _rotated(e + f, 43) + _rotated(g, 30) + h
        return _of_two(first & _MASK, (e + _rotated(f + a, 18) + g) & _MASK, factor)
    return _long(data)


def _short(data: bytes) -> int:
    size = len(data)
    factor = (_K2 + size * 2) & _MASK
    if size >= 8:
        a, b = _at(data, 0) + _K2, _at(data, size - 8)
        c = _rotated(b, 37) * factor + a
        d = (_rotated(a, 25) + b) * factor
        return _of_two(c & _MASK, d & _MASK, factor)
    if size >= 4:
        return _of_two(size + (_at(data, 0, 4) << 3), _at(data, size - 4, 4), factor)
    if size:
        y = data[0] + (data[size >> 1] << 8)
        z = size + (data[size - 1] << 2)
        return _mixed(y * _K2 ^ z * _K0) * _K2 & _MASK
    return _K2


def _weak(data: bytes, place: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = (_at(data, place + step) for step in (0, 8, 16, 24))
    a += w
    b = _rotated(b + a + z, 21)
    c = a
    a += x + y
    b += _rotated(a, 44)
    return (a + z) & _MASK, (b + c) & _MASK


def _long(data: bytes) -> int:
    size = len(data)
    x, y = 81, (81 * _K1 + 113) & _MASK
    z = _mixed(y * _K2 + 113) * _K2 & _MASK
    v, w = (0, 0), (0, 0)
    x = (x * _K2 + _at(data, 0)) & _MASK
    end = (size - 1) // 64 * 64
    for place in range(0, end, 64):
        x, y, z, v, w = _round(data, place, x, y, z, v, w, _K1, 1)
    factor = (_K1 + ((z & 0xFF) << 1)) & _MASK
    w = ((w[0] + ((size - 1) & 63)) & _MASK, w[1])
    v = ((v[0] + w[0]) & _MASK, v[1])
    w = ((w[0] + v[0]) & _MASK, w[1])
    x, y, z, v, w = _round(data, end + ((size - 1) & 63) - 63, x, y, z, v, w, factor, 9)
    first = _of_two(v[0], w[0], factor) + _mixed(y) * _K0 + z
    return _of_two(first & _MASK, (_of_two(v[1], w[1], factor) + x) & _MASK, factor)


def _round(
    data: bytes, place: int, x: int, y: int, z: int, v: tuple[int, int], w: tuple[int, int], factor: int, times: int
) -> tuple[int, int, int, tuple[int, int], tuple[int, int]]:
    """64 bytes; the last ones count `times` as much."""
    x = _rotated(x + y + v[0] + _at(data, place + 8), 37) * factor & _MASK
    y = _rotated(y + v[1] + _at(data, place + 48), 42) * factor & _MASK
    x ^= w[1] * times & _MASK
    y = (y + v[0] * times + _at(data, place + 40)) & _MASK
    z = _rotated(z + w[0], 33) * factor & _MASK
    v = _weak(data, place, v[1] * factor & _MASK, (x + w[0]) & _MASK)
    w = _weak(data, place + 32, (z + w[1]) & _MASK, (y + _at(data, place + 16)) & _MASK)
    return z, y, x, v, w


# -- the hash of earlier TensorFlow: MurmurHash64A (A. Appleby, 2008) ----


def murmur(data: bytes, seed: int = 0xDECAFCAFFE) -> int:
    """64 bits of a string."""
    factor = 0xC6A4A7935BD1E995
    found = seed ^ len(data) * factor & _MASK
    whole = len(data) // 8 * 8
    for place in range(0, whole, 8):
        part = _at(data, place) * factor & _MASK
        part = (part ^ part >> 47) * factor & _MASK
        found = (found ^ part) * factor & _MASK
    if len(data) > whole:
        found = (found ^ _at(data, whole)) * factor & _MASK
    found = (found ^ found >> 47) * factor & _MASK
    return found ^ found >> 47


# -- a keyed hash: SipHash-2-4 (J. Aumasson and D. Bernstein, 2012) ----


def sip(data: bytes, key: Sequence[int]) -> int:
    """64 bits of a string, under a key of two integers of 64 bits."""
    words = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
    state = [word ^ key[place % 2] & _MASK for place, word in enumerate(words)]
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 0xFF])
    for place in range(0, len(padded), 8):
        word = _at(padded, place)
        state[3] ^= word
        _sip_rounds(state, 2)
        state[0] ^= word
    state[2] ^= 0xFF
    _sip_rounds(state, 4)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _sip_rounds(state: list[int], count: int) -> None:
    a, b, c, d = state
    for _ in range(count):
        a, c = (a + b) & _MASK, (c + d) & _MASK
        b, d = _rotated(b, 51) ^ a, _rotated(d, 48) ^ c
        a = _rotated(a, 32)
        c, a = (c + b) & _MASK, (a + d) & _MASK
        b, d = _rotated(b, 47) ^ c, _rotated(d, 43) ^ a
        c = _rotated(c, 32)
    state[:] = a, b, c, d


# -- operations ----


def _buckets(x: Array, of: Any, count: int) -> Array:
    return np.array([of(item) % count for item in x.reshape(-1)], np.int64).reshape(x.shape)


@host_operation("StringToHashBucketFast", "input: string -> int64", shape=shape_of_input)
def bucket_fast(at: HostRun, x: Array, *, num_buckets: int) -> Array:
    """Buckets by FarmHash."""
    return _buckets(x, fingerprint, num_buckets)


@host_operation("StringToHashBucket", "string_tensor: string -> int64", shape=shape_of_input)
def bucket_legacy(at: HostRun, x: Array, *, num_buckets: int) -> Array:
    """Buckets by MurmurHash."""
    return _buckets(x, murmur, num_buckets)


@host_operation("StringToHashBucketStrong", "input: string -> int64", shape=shape_of_input)
def bucket_strong(at: HostRun, x: Array, *, num_buckets: int, key: Sequence[int]) -> Array:
    """Buckets by SipHash."""
    return _buckets(x, lambda item: sip(item, key), num_buckets)


def _check_count(num_buckets: int, type: str) -> None:
    if num_buckets < 1:
        raise ValueError(
            f"Value for attr 'num_buckets' of {num_buckets} must be at least minimum 1\n\t; NodeDef: "
            f"{{{{node {type}}}}}"
        )


@export("string_to_hash_bucket_fast", "strings.to_hash_bucket_fast")
def string_to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Tensor:
    """The bucket of every string as int64, by FarmHash's fingerprint of 64 bits. Raises ValueError for no buckets."""
    _check_count(num_buckets, "StringToHashBucketFast")
    return apply("StringToHashBucketFast", [input], name=name, num_buckets=num_buckets)


@export("string_to_hash_bucket", "strings.to_hash_bucket")
def string_to_hash_bucket(
    string_tensor: Any = None, num_buckets: int | None = None, name: str | None = None, input: Any = None
) -> Tensor:
    """The bucket of every string as int64, by a hash that may change. Raises ValueError for no buckets."""
    given = either("input", input, "string_tensor", string_tensor)
    _check_count(num_buckets or 0, "StringToHashBucket")
    return apply("StringToHashBucket", [given], name=name, num_buckets=num_buckets)


@export("string_to_hash_bucket_strong", "strings.to_hash_bucket_strong")
def string_to_hash_bucket_strong(input: Any, num_buckets: int, key: Sequence[int], name: str | None = None) -> Tensor:
    """The bucket of every string as int64, by a hash under a key of two integers. Raises ValueError for no buckets."""
    _check_count(num_buckets, "StringToHashBucketStrong")
    return apply("StringToHashBucketStrong", [input], name=name, num_buckets=num_buckets, key=list(key))
