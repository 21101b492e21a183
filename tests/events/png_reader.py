"""Reads the PNG files that diptych writes, to look at their pixels."""

from __future__ import annotations

import struct
import zlib

import numpy as np


def pixels_of(file: bytes) -> np.ndarray:
    """Pixels [height, width, channels] of a file of 8 bits a channel, its checksums held."""
    assert file[:8] == b"\x89PNG\r\n\x1a\n"
    place, parts = 8, {}
    while place < len(file):
        (size,), name = struct.unpack_from(">I", file, place), file[place + 4 : place + 8]
        data = file[place + 8 : place + 8 + size]
        assert struct.unpack_from(">I", file, place + 8 + size) == (zlib.crc32(name + data),)
        parts[name] = data
        place += size + 12
    assert list(parts) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, color, *rest = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    assert (depth, rest) == (8, [0, 0, 0])
    channels = {0: 1, 4: 2, 2: 3, 6: 4}[color]
    rows = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, 1 + width * channels)
    pixels = np.zeros((height, width, channels), np.uint8)
    for place, (form, *_), data in zip(range(height), rows, rows[:, 1:].reshape(height, width, channels), strict=True):
        assert form in (0, 1, 2)
        above = pixels[place - 1] if place else np.zeros((width, channels), np.uint8)
        pixels[place] = (data, np.cumsum(data, axis=0, dtype=np.uint8), data + above)[form]
    return pixels
