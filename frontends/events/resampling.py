"""Pictures of other sizes, with Lanczos' window of three lobes, in fixed point as Pillow has it.

Columns go first, so bits are Pillow's but where it takes the rows of tall pictures first.
"""

from __future__ import annotations

import numpy as np

LOBES = 3
BITS = 22  # of a weight behind the point


def resized(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Pixels [height, width, channels] of uint8 at another size, columns first."""
    return _rows(_rows(pixels.swapaxes(0, 1), width).swapaxes(0, 1), height)


def _rows(pixels: np.ndarray, size: int) -> np.ndarray:
    """The first axis at another size."""
    if size == len(pixels):
        return pixels
    sums = np.tensordot(_weights(len(pixels), size), pixels.astype(np.int64), 1) + (1 << BITS - 1)
    return (sums >> BITS).clip(0, 255).astype(np.uint8)


def _weights(before: int, after: int) -> np.ndarray:
    """What each of [after] pixels takes of each of [before], in fixed point. The window widens where they get fewer."""
    scale = before / after
    widening = max(scale, 1.0)
    centers = (np.arange(after) + 0.5) * scale
    places = np.arange(before)
    support = LOBES * widening
    first = np.trunc(centers - support + 0.5).clip(0)[:, None]
    last = np.trunc(centers + support + 0.5).clip(max=before)[:, None]
    offsets = (places - centers[:, None] + 0.5) / widening
    window = np.sinc(offsets) * np.sinc(offsets / LOBES)
    window[(places < first) | (places >= last) | (offsets < -LOBES) | (offsets >= LOBES)] = 0
    scaled = window / window.sum(axis=1, keepdims=True) * (1 << BITS)
    return np.trunc(scaled + np.copysign(0.5, scaled)).astype(np.int64)
