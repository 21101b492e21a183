"""Functions of images and tensors: other sizes, padding, crops, flips."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..tensors import is_tensor, tensor_of
from . import arrays, images, resampling
from .modes import InterpolationMode, mode_of, pil_modes_mapping
from .subjects import Image, get_dimensions, values_of

_BILINEAR = InterpolationMode.BILINEAR


def hflip(img: Image) -> Image:
    """Left for right."""
    return tensor_of(values_of(img)[..., ::-1]) if is_tensor(img) else images.flip(img, -1)


def vflip(img: Image) -> Image:
    """Up for down."""
    return tensor_of(values_of(img)[..., ::-1, :]) if is_tensor(img) else images.flip(img, -2)


def resized_dimensions(size: tuple[int, int], target: Sequence[int], max_size: int | None) -> list[int]:
    """[height, width] for a target of two numbers, or of one for the shorter side, the longer at most `max_size`."""
    if len(target) == 2:
        return [target[0], target[1]]
    height, width = size
    short, long = sorted(size)
    new_short, new_long = target[0], int(target[0] * long / short)
    if max_size is not None:
        if max_size <= target[0]:
            raise ValueError(
                f"max_size = {max_size} must be strictly greater than the requested size for the smaller edge "
                f"size = {list(target)}"
            )
        if new_long > max_size:
            new_short, new_long = int(max_size * new_short / new_long), max_size
    return [new_long, new_short] if width <= height else [new_short, new_long]


def resize(
    img: Image,
    size: Any,
    interpolation: Any = _BILINEAR,
    max_size: int | None = None,
    antialias: bool | None = True,
) -> Image:
    """The image with `size` (height, width), or with its shorter side so long. Raises ValueError for other sizes."""
    mode = mode_of(interpolation)
    if isinstance(size, (list, tuple)):
        if len(size) not in (1, 2):
            raise ValueError(
                f"Size must be an int or a 1 or 2 element tuple/list, not a {len(size)} element tuple/list"
            )
        if max_size is not None and len(size) != 1:
            raise ValueError(
                "max_size should only be passed if size specifies the length of the smaller edge, i.e. size should be "
                "an int or a sequence of length 1 in torchscript mode."
            )
    _, height, width = get_dimensions(img)
    target = resized_dimensions((height, width), [size] if isinstance(size, int) else size, max_size)
    if [height, width] == target:
        return img
    if not is_tensor(img):
        if antialias is False:
            warnings.warn(
                "Anti-alias option is always applied for PIL Image input. Argument antialias is ignored.", stacklevel=2
            )
        return images.resize(img, target, pil_modes_mapping[mode])
    return tensor_of(resampling.resize(values_of(img), target, mode.value, bool(antialias)))


def pad(img: Image, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> Image:
    """The image with pixels added: one number for all sides, two for left/right and top/bottom, or four for left, top,
    right and bottom."""
    if not is_tensor(img):
        return images.pad(img, padding, fill, padding_mode)
    values = values_of(img)
    fill = 0 if fill is None else fill
    if not isinstance(fill, (int, float)):
        raise TypeError("Got inappropriate fill arg")
    arrays.check_padding_mode(padding_mode)
    return tensor_of(arrays.pad(values, padding, fill, padding_mode))


def crop(img: Image, top: int, left: int, height: int, width: int) -> Image:
    """The part of that size from (top, left) on, zeros outside of the image."""
    if not is_tensor(img):
        return images.crop(img, top, left, height, width)
    return tensor_of(np.array(arrays.crop(values_of(img), top, left, height, width)))


def _pair(size: Any) -> tuple[int, int]:
    if isinstance(size, (int, float)):
        return int(size), int(size)
    if len(size) == 1:
        return size[0], size[0]
    if len(size) != 2:
        raise ValueError("Please provide only two dimensions (h, w) for size.")
    return size[0], size[1]


def center_crop(img: Image, output_size: Any) -> Image:
    """The middle of the image, with zeros around where it is too small."""
    height, width = _pair(output_size)
    _, full_height, full_width = get_dimensions(img)
    more_width, more_height = max(width - full_width, 0), max(height - full_height, 0)
    if more_width or more_height:
        img = pad(img, [more_width // 2, more_height // 2, (more_width + 1) // 2, (more_height + 1) // 2])
        _, full_height, full_width = get_dimensions(img)
        if (height, width) == (full_height, full_width):
            return img
    top, left = round((full_height - height) / 2.0), round((full_width - width) / 2.0)
    return crop(img, top, left, height, width)


def resized_crop(
    img: Image,
    top: int,
    left: int,
    height: int,
    width: int,
    size: Any,
    interpolation: Any = _BILINEAR,
    antialias: bool | None = True,
) -> Image:
    """A part of the image, with another size."""
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def five_crop(img: Image, size: Any) -> tuple[Image, ...]:
    """The four corners (top left, top right, bottom left, bottom right) and the middle. Raises ValueError for a size
    beyond the image."""
    height, width = _pair(size)
    _, full_height, full_width = get_dimensions(img)
    if width > full_width or height > full_height:
        raise ValueError(f"Requested crop size {(height, width)} is bigger than input size {(full_height, full_width)}")
    corners = [(top, left) for top in (0, full_height - height) for left in (0, full_width - width)]
    return (*(crop(img, top, left, height, width) for top, left in corners), center_crop(img, [height, width]))


def ten_crop(img: Image, size: Any, vertical_flip: bool = False) -> tuple[Image, ...]:
    """Five crops of the image, and five of its mirror image."""
    return five_crop(img, size) + five_crop(vflip(img) if vertical_flip else hflip(img), size)
