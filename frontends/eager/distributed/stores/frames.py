"""What a client and the server of a store send one another: frames of a code and some fields, with capped lengths.
Nothing in them is more than numbers, text and bytes."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from struct import Struct

GREETING = b"diptych store 1\n"  # what a client sends first, and gets back
LARGEST = 2**28  # bytes of a frame
_MOST = 2**16  # fields
_LENGTH, _HEAD, _FIELD = Struct("<Q"), Struct("<BI"), Struct("<I")
_PIECE = 2**16  # bytes read at once


class BrokenFrame(ConnectionError):
    """What came is no frame."""


def framed(code: int, fields: Sequence[bytes]) -> bytes:
    """A frame. Raises ValueError for one that is too large."""
    size = _HEAD.size + sum(_FIELD.size + len(field) for field in fields)
    if size > LARGEST or len(fields) > _MOST:
        raise ValueError(
            f"TCPStore: {len(fields)} values of {size} bytes are sent, but there must be {_MOST} of {LARGEST} at most"
        )
    parts = [_LENGTH.pack(size), _HEAD.pack(code, len(fields))]
    for field in fields:
        parts += [_FIELD.pack(len(field)), field]
    return b"".join(parts)


def read_frame(connection: socket.socket) -> tuple[int, list[bytes]] | None:
    """A frame's code and fields; None where the other has ended before one. Raises ConnectionError for one that is
    broken off, and BrokenFrame for what is none."""
    begun = connection.recv(1)
    if not begun:
        return None
    (size,) = _LENGTH.unpack(begun + read_exactly(connection, _LENGTH.size - 1))
    if not _HEAD.size <= size <= LARGEST:
        raise BrokenFrame(f"a frame of {size} bytes")
    data = read_exactly(connection, size)
    code, count = _HEAD.unpack_from(data)
    start = _HEAD.size
    fields: list[bytes] = []
    if count > _MOST:
        raise BrokenFrame(f"a frame of {count} fields")
    for _ in range(count):
        if start + _FIELD.size > size:
            raise BrokenFrame("a field outside of its frame")
        (length,) = _FIELD.unpack_from(data, start)
        start += _FIELD.size + length
        if start > size:
            raise BrokenFrame("a field outside of its frame")
        fields.append(data[start - length : start])
    return code, fields


def read_exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes. Raises ConnectionError where the other ends before."""
    found = bytearray()
    while len(found) < size:
        piece = connection.recv(min(size - len(found), _PIECE))
        if not piece:
            raise ConnectionError("the connection was closed")
        found += piece
    return bytes(found)
