"""How pixels between pixels are made."""

from __future__ import annotations

from enum import Enum
from typing import Any


class InterpolationMode(Enum):
    """Ways of interpolation; tensors know the first four."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


# By the numbers that Pillow gives them.
_BY_NUMBER = {
    0: InterpolationMode.NEAREST, 1: InterpolationMode.LANCZOS, 2: InterpolationMode.BILINEAR,
    3: InterpolationMode.BICUBIC, 4: InterpolationMode.BOX, 5: InterpolationMode.HAMMING,
}  # fmt: skip
pil_modes_mapping = {mode: number for number, mode in _BY_NUMBER.items()} | {InterpolationMode.NEAREST_EXACT: 0}


def mode_of(interpolation: Any) -> InterpolationMode:
    """The mode, which may be given by Pillow's number. Raises TypeError for what is no mode."""
    if isinstance(interpolation, InterpolationMode):
        return interpolation
    if isinstance(interpolation, int):
        return _BY_NUMBER[interpolation]
    raise TypeError("Argument interpolation should be a InterpolationMode or a corresponding Pillow integer constant")
