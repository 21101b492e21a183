"""Images as arrays [..., channels, height, width]: flips, crops, padding, and what holds of their dtypes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_PADDING_MODES = ("constant", "edge", "reflect", "symmetric")


def is_float(array: np.ndarray) -> bool:
    """Whether its numbers are floats; they may be ml_dtypes' bfloat16, which numpy does not count as such."""
    return array.dtype.kind not in "iub"


def largest(dtype: np.dtype) -> int:
    """What stands for full intensity: the largest integer, 1 of floats."""
    return int(np.iinfo(dtype).max) if dtype.kind in "iu" else 1


def computed(array: np.ndarray) -> np.ndarray:
    """The array in the dtype that it is computed with, float32 for integers."""
    return array if is_float(array) else array.astype(np.float32)


def rounded(array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The array back in its dtype, rounded for integers."""
    if array.dtype == dtype:
        return array
    return (np.rint(array) if dtype.kind in "iu" else array).astype(dtype)


def crop(image: np.ndarray, top: int, left: int, height: int, width: int) -> np.ndarray:
    """The part of that size from (top, left) on; zeros where it lies outside."""
    full_height, full_width = image.shape[-2:]
    bottom, right = top + height, left + width
    inner = image[..., max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if left >= 0 and top >= 0 and right <= full_width and bottom <= full_height:
        return inner
    sides = [
        max(min(0, right) - left, 0), max(min(0, bottom) - top, 0),
        max(right - max(full_width, left), 0), max(bottom - max(full_height, top), 0),
    ]  # fmt: skip
    return pad(inner, sides)


def sides_of(padding: Any) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of one number, of one for each axis, or of four. Raises TypeError and ValueError."""
    if not isinstance(padding, (int, float, tuple, list)):
        raise TypeError("Got inappropriate padding arg")
    given = [padding] if isinstance(padding, (int, float)) else list(padding)
    if len(given) not in (1, 2, 4):
        raise ValueError(f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(given)} element tuple")
    left, top, right, bottom = (given * (4 // len(given)))[:4]
    return int(left), int(top), int(right), int(bottom)


def check_padding_mode(mode: Any) -> None:
    """Raises TypeError and ValueError for what is no mode of padding."""
    if not isinstance(mode, str):
        raise TypeError("Got inappropriate padding_mode arg")
    if mode not in _PADDING_MODES:
        raise ValueError("Padding mode should be either constant, edge, reflect or symmetric")


def pad(image: np.ndarray, padding: Any, fill: Any = 0, mode: str = "constant") -> np.ndarray:
    """The image with pixels added on its sides, or taken off where numbers are negative."""
    left, top, right, bottom = sides_of(padding)
    height, width = image.shape[-2:]
    image = image[..., max(-top, 0) : height - max(-bottom, 0), max(-left, 0) : width - max(-right, 0)]
    added = [(0, 0)] * (image.ndim - 2) + [(max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0))]
    if mode != "constant":
        return np.pad(image, added, mode=mode)
    result = np.full([size + sum(extra) for size, extra in zip(image.shape, added, strict=True)], fill, image.dtype)
    (top, bottom), (left, right) = added[-2:]
    result[..., top : top + image.shape[-2], left : left + image.shape[-1]] = image
    return result


def filled_channels(fill: Any, channels: int) -> Sequence[float] | None:
    """The numbers of `fill`, one for all channels or one each. Raises ValueError for another count."""
    if fill is None:
        return None
    if not isinstance(fill, (tuple, list)):
        return [float(fill)]
    if len(fill) > 1 and len(fill) != channels:
        raise ValueError(
            "The number of elements in 'fill' cannot broadcast to match the number of channels of the image "
            f"({len(fill)} != {channels})"
        )
    return [float(each) for each in fill]
