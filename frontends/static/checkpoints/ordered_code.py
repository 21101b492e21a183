"""Keys of slices in an index: a name and numbers as bytes that sort as they do.

(tensorflow: core/lib/strings/ordered_code.cc, core/util/saved_tensor_slice_util.cc)
"""

from __future__ import annotations

from collections.abc import Sequence


def slice_key(name: str, extents: Sequence[tuple[int, int]]) -> bytes:
    """The key of a slice of a tensor, by (start, length) along each axis; length is -1 of a whole one."""
    found = _unsigned(0) + _text(name.encode()) + _unsigned(len(extents))
    return found + b"".join(_signed(start) + _signed(length) for start, length in extents)


def _unsigned(number: int) -> bytes:
    """How many bytes follow, and the number, its high byte first."""
    size = (number.bit_length() + 7) // 8
    return bytes([size]) + number.to_bytes(size, "big")


def _text(data: bytes) -> bytes:
    """The bytes, with 0 and 255 escaped, and an end."""
    return b"".join(_ESCAPED.get(byte) or bytes([byte]) for byte in data) + b"\x00\x01"


_ESCAPED = {0x00: b"\x00\xff", 0xFF: b"\xff\x00"}


def _signed(number: int) -> bytes:
    """The number in as many bytes as its leading ones tell, of a negative one all inverted."""
    size = (~number if number < 0 else number).bit_length() // 7 + 1
    header = ((1 << 16) - (1 << (16 - size))).to_bytes(2, "big")
    whole = number.to_bytes(10, "big", signed=True)[10 - size :] if size <= 10 else b""
    return bytes([whole[0] ^ header[0], *(whole[1:2] and [whole[1] ^ header[1]]), *whole[2:]])
