"""What transforms are of: images of Pillow, and tensors [..., channels, height, width]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import diptych.eager as torch
import numpy as np

from ..tensors import array_of, is_tensor
from . import images

Image = Any  # one of Pillow's, or a tensor


def values_of(image: torch.Tensor, least: int = 2) -> np.ndarray:
    """The values of a tensor that is an image. Raises TypeError for fewer axes."""
    if image.ndim < 2:
        raise TypeError("Tensor is not a torch image.")
    if image.ndim < least:
        raise TypeError(f"Input image tensor should have at least {least} dimensions, but found {image.ndim}")
    return array_of(image)


def colors_of(image: torch.Tensor, permitted: Sequence[int] = (1, 3)) -> np.ndarray:
    """The values of a tensor with so many channels. Raises TypeError for others."""
    values = values_of(image)
    channels = get_dimensions(image)[0]
    if channels not in permitted:
        raise TypeError(f"Input image tensor permitted channel values are {list(permitted)}, but found {channels}")
    return values if values.ndim > 2 else values[None]


def get_dimensions(img: Image) -> list[int]:
    """[channels, height, width]."""
    if not is_tensor(img):
        return images.get_dimensions(img)
    if img.ndim < 2:
        raise TypeError("Tensor is not a torch image.")
    return [1 if img.ndim == 2 else int(img.shape[-3]), int(img.shape[-2]), int(img.shape[-1])]


def get_image_size(img: Image) -> list[int]:
    """[width, height]."""
    _, height, width = get_dimensions(img)
    return [width, height]


def get_image_num_channels(img: Image) -> int:
    """How many channels it has."""
    return get_dimensions(img)[0]
