"""Memory without a value, in checked programs: filled with bytes that no program means, so that what reads it shows.

The arena is filled before each call, each piece of it again when its value has been read for the last time, and what
results are written into before that. So what is read too late, or was not written whole, is nan, or -1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

BYTE = 0xFF  # all bits set: nan, -1, the largest unsigned number, true


def fill(array: np.ndarray) -> None:
    """Fills a contiguous array."""
    array.reshape(-1).view(np.uint8).fill(BYTE)


def filled(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
    """A new array, filled, in place of `np.empty`."""
    array = np.empty(shape, dtype)
    fill(array)
    return array
