"""PNG files (RFC 2083) of arrays of bytes."""

from __future__ import annotations

import struct
import zlib

import numpy as np

_COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # gray, gray and alpha, RGB, RGB and alpha
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encode(pixels: np.ndarray) -> bytes:
    """Pixels [height, width, 1 to 4 channels] of uint8 as a file. Raises TypeError for other arrays, with Pillow's
    text, and ValueError for empty ones."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in _COLOR_TYPES:
        shape = (1, 1, *pixels.shape[2:])
        raise TypeError(f"Cannot handle this data type: {shape}, {pixels.dtype.str}")
    height, width, channels = pixels.shape
    if not height or not width:
        raise ValueError(f"png: the size is {height} by {width} but must be at least 1 by 1")
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOR_TYPES[channels], 0, 0, 0)
    body = zlib.compress(_filtered(pixels.reshape(height, width * channels), channels).tobytes(), 6)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _filtered(rows: np.ndarray, channels: int) -> np.ndarray:
    """Rows [height, 1 + bytes]: each as it is, less the pixel to its left, or less the row above, whichever is smallest
    in sum, behind the number that says which."""
    left, above = rows.copy(), rows.copy()
    left[:, channels:] -= rows[:, :-channels]
    above[1:] -= rows[:-1]
    forms = np.stack([rows, left, above])
    sizes = np.minimum(forms, np.negative(forms)).sum(axis=2, dtype=np.int64)
    chosen = sizes.argmin(axis=0)
    picked = forms[chosen, np.arange(len(rows))]
    return np.concatenate([chosen[:, None].astype(np.uint8), picked], axis=1)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
