"""The wire form of protocol buffers: how single values become bytes and are read again.

A field is a key, its number and the form of what follows, then a varint, 4 or 8 bytes, or a length and as many bytes.
"""

from __future__ import annotations

import operator
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .errors import DamagedData

VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5
MAX_VARINT = 10  # bytes


@dataclass(frozen=True, slots=True)
class Kind:
    """A scalar type: `encode` gives the bytes behind the key, `decode` the value of a varint, or of bytes; `array` is
    the dtype of many values of fixed size in a row, `names` are those of an enumeration's numbers."""

    name: str
    wire: int
    zero: Any
    encode: Callable[[Any], bytes]
    decode: Callable[[Any], Any]
    array: str | None = None
    names: Mapping[int, str] | None = field(default=None, compare=False)


def encode_varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; number is from 0 to 2**64 - 1."""
    if number < 0x80:
        return _SMALL[number]
    found = bytearray()
    while number >= 0x80:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


_SMALL = [bytes([number]) for number in range(0x80)]


def decode_varint(data: bytes, start: int, end: int) -> tuple[int, int]:
    """The number at `start` and where it ends. Raises DamagedData where it is cut or too long."""
    number = shift = 0
    for place in range(start, min(end, start + MAX_VARINT)):
        byte = data[place]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & 0xFFFFFFFFFFFFFFFF, place + 1
        shift += 7
    raise DamagedData("message", start, "a varint is cut" if end - start < MAX_VARINT else "a varint has over 10 bytes")


def encode_delimited(data: bytes) -> bytes:
    """A length and the bytes."""
    return encode_varint(len(data)) + data


# -- scalar types ----


def _integer(name: str, least: int, most: int) -> Callable[[Any], bytes]:
    def encode(value: Any) -> bytes:
        number = operator.index(value)
        if not least <= number <= most:
            raise ValueError(f"{name}: value is {number} but must be from {least} to {most}")
        return encode_varint(number & 0xFFFFFFFFFFFFFFFF)

    return encode


def _signed(number: int, bits: int) -> int:
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> bits - 1 else number


def _encode_float(value: Any) -> bytes:
    try:
        return _FLOAT.pack(value)
    except OverflowError:  # too large for 32 bits: infinite, as everywhere else
        return _FLOAT.pack(float("inf") if value > 0 else float("-inf"))


def _encode_string(value: Any) -> bytes:
    return encode_delimited(value.encode() if isinstance(value, str) else bytes(memoryview(value)))


def _decode_string(data: bytes) -> str:
    return data.decode()


def _encode_bytes(value: Any) -> bytes:
    if isinstance(value, str):
        raise TypeError("bytes: value is a str but must be bytes")
    return encode_delimited(bytes(memoryview(value)))


_FLOAT, _DOUBLE = struct.Struct("<f"), struct.Struct("<d")

DOUBLE = Kind("double", FIXED64, 0.0, _DOUBLE.pack, lambda data: _DOUBLE.unpack(data)[0], "<f8")
FLOAT = Kind("float", FIXED32, 0.0, _encode_float, lambda data: _FLOAT.unpack(data)[0], "<f4")
INT32 = Kind("int32", VARINT, 0, _integer("int32", -(2**31), 2**31 - 1), lambda number: _signed(number, 32))
INT64 = Kind("int64", VARINT, 0, _integer("int64", -(2**63), 2**63 - 1), lambda number: _signed(number, 64))
UINT32 = Kind("uint32", VARINT, 0, _integer("uint32", 0, 2**32 - 1), lambda number: number & 0xFFFFFFFF)
UINT64 = Kind("uint64", VARINT, 0, _integer("uint64", 0, 2**64 - 1), int)
ENUM = Kind("enum", VARINT, 0, INT32.encode, INT32.decode)


def enumeration(name: str, names: Mapping[int, str]) -> Kind:
    """An enumeration whose numbers have names."""
    return replace(ENUM, name=name, names=names)


BOOL = Kind("bool", VARINT, False, lambda value: b"\x01" if value else b"\x00", bool)
STRING = Kind("string", DELIMITED, "", _encode_string, _decode_string)
BYTES = Kind("bytes", DELIMITED, b"", _encode_bytes, bytes)


# -- many values in a row ----


def encode_packed(kind: Kind, values: Any) -> bytes:
    """Values of a kind that is no string, without keys between them."""
    if kind.array is not None:
        with np.errstate(over="ignore"):
            return np.asarray(values, np.float64).astype(kind.array).tobytes()
    return b"".join(map(kind.encode, values.tolist() if isinstance(values, np.ndarray) else values))


def decode_packed(kind: Kind, data: bytes, start: int, end: int) -> list[Any]:
    """The values between two places. Raises DamagedData where they do not end there."""
    if kind.array is not None:
        size = np.dtype(kind.array).itemsize
        if (end - start) % size:
            raise DamagedData(
                "message", start, f"packed values are {end - start} bytes but must be a multiple of {size}"
            )
        return np.frombuffer(data, kind.array, (end - start) // size, start).tolist()
    found: list[Any] = []
    while start < end:
        number, start = decode_varint(data, start, end)
        found.append(kind.decode(number))
    return found
