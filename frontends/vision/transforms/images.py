"""Transforms of Pillow's images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...pillow import image_of, is_image, pillow
from .arrays import check_padding_mode, sides_of


def check(image: Any) -> None:
    """Raises TypeError for what is no image."""
    if not is_image(image):
        raise TypeError(f"img should be PIL Image. Got {type(image)}")


def get_dimensions(image: Any) -> list[int]:
    """[channels, height, width]."""
    if not is_image(image):
        raise TypeError(f"Unexpected type {type(image)}")
    width, height = image.size
    return [len(image.getbands()), height, width]


def flip(image: Any, axis: int) -> Any:
    """Mirrored along the last axis (-1) or the one before."""
    check(image)
    transpose = pillow().Transpose
    return image.transpose(transpose.FLIP_LEFT_RIGHT if axis == -1 else transpose.FLIP_TOP_BOTTOM)


def enhance(image: Any, kind: str, factor: float) -> Any:
    """As Pillow's ImageEnhance of that kind does."""
    check(image)
    return getattr(pillow("ImageEnhance"), kind)(image).enhance(factor)


def operate(image: Any, name: str, *arguments: Any) -> Any:
    """As that function of Pillow's ImageOps does."""
    check(image)
    return getattr(pillow("ImageOps"), name)(image, *arguments)


def adjust_hue(image: Any, factor: float) -> Any:
    """All hues turned by a part of the circle, -0.5 to 0.5."""
    check(image)
    if image.mode in ("L", "1", "I", "F"):
        return image
    hue, saturation, value = image.convert("HSV").split()
    turned = np.array(hue, np.uint8) + np.uint8(int(factor * 255) % 256)
    return pillow().merge("HSV", (image_of(turned, "L"), saturation, value)).convert(image.mode)


def adjust_gamma(image: Any, gamma: float, gain: float) -> Any:
    """gain * image ** gamma, of intensities from 0 to 1."""
    check(image)
    table = [int((255 + 1 - 1e-3) * gain * (value / 255.0) ** gamma) for value in range(256)]
    return image.convert("RGB").point(table * 3).convert(image.mode)


def pad(image: Any, padding: Any, fill: Any, mode: str) -> Any:
    """The image with pixels added on its sides; in other modes than constant, taken off where numbers are negative."""
    check(image)
    if fill is not None and not isinstance(fill, (int, float, tuple, list)):
        raise TypeError("Got inappropriate fill arg")
    left, top, right, bottom = sides_of(padding)
    check_padding_mode(mode)
    if mode == "constant":
        expanded = pillow("ImageOps").expand(image, border=(left, top, right, bottom), fill=filling(fill, image))
        if image.mode == "P":
            expanded.putpalette(image.getpalette())
        return expanded
    if min(left, top, right, bottom) < 0:
        image = image.crop((max(-left, 0), max(-top, 0), image.width - max(-right, 0), image.height - max(-bottom, 0)))
    pixels = np.asarray(image)
    added = [(max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0))] + [(0, 0)] * (pixels.ndim - 2)
    padded = pillow().fromarray(np.pad(pixels, added, mode))
    if image.mode == "P":
        padded.putpalette(image.getpalette())
    return padded


def crop(image: Any, top: int, left: int, height: int, width: int) -> Any:
    """The part of that size from (top, left) on; black where it lies outside."""
    check(image)
    return image.crop((left, top, left + width, top + height))


def resize(image: Any, size: Sequence[int], number: int) -> Any:
    """The image with `size` (height, width), by the mode of that number."""
    check(image)
    return image.resize((size[1], size[0]), number)


def filling(fill: Any, image: Any) -> Any:
    """What Pillow fills with: a number, or one for each channel. Raises ValueError for another count."""
    channels = get_dimensions(image)[0]
    fill = 0 if fill is None else fill
    if isinstance(fill, (int, float)) and channels > 1:
        fill = (fill,) * channels
    if isinstance(fill, (list, tuple)):
        if len(fill) not in (1, channels):
            raise ValueError(
                "The number of elements in 'fill' does not match the number of channels of the image "
                f"({len(fill)} != {channels})"
            )
        fill = tuple(fill) * (channels if len(fill) == 1 else 1)
    if image.mode == "F":
        return fill
    return tuple(int(each) for each in fill) if isinstance(fill, tuple) else int(fill)


def transform(image: Any, kind: str, numbers: Sequence[float], number: int, fill: Any) -> Any:
    """The image moved by six (AFFINE) or eight (PERSPECTIVE) numbers."""
    check(image)
    method = getattr(pillow().Transform, kind)
    return image.transform(image.size, method, numbers, number, fillcolor=filling(fill, image))


def rotate(image: Any, angle: float, number: int, expand: bool, center: Any, fill: Any) -> Any:
    """The image turned by `angle` degrees, against the clock."""
    check(image)
    return image.rotate(angle, number, expand, center, fillcolor=filling(fill, image))


def to_grayscale(image: Any, channels: int) -> Any:
    """Luminance, once or three times. Raises ValueError for other counts."""
    check(image)
    if channels not in (1, 3):
        raise ValueError("num_output_channels should be either 1 or 3")
    found = image.convert("L")
    return found if channels == 1 else pillow().merge("RGB", (found, found, found))
