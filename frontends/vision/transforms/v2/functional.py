"""`torchvision.transforms.v2.functional`: the functions of the first version, and those of new names."""

from __future__ import annotations

from typing import Any

import diptych.eager as torch
import numpy as np

from ....pillow import is_image
from ...tensors import array_of, is_tensor, tensor_of
from .. import adjusting
from ..functional import (
    InterpolationMode,
    adjust_brightness,
    adjust_contrast,
    adjust_gamma,
    adjust_hue,
    adjust_saturation,
    adjust_sharpness,
    affine,
    autocontrast,
    center_crop,
    convert_image_dtype,
    crop,
    equalize,
    erase,
    five_crop,
    gaussian_blur,
    get_dimensions,
    hflip,
    invert,
    normalize,
    pad,
    perspective,
    pil_to_tensor,
    posterize,
    resize,
    resized_crop,
    rotate,
    solarize,
    ten_crop,
    to_grayscale,
    to_pil_image,
    to_tensor,
    vflip,
)

__all__ = [
    "InterpolationMode", "adjust_brightness", "adjust_contrast", "adjust_gamma", "adjust_hue", "adjust_saturation",
    "adjust_sharpness", "affine", "autocontrast", "center_crop", "convert_image_dtype", "crop", "equalize", "erase",
    "five_crop", "gaussian_blur", "get_dimensions", "get_num_channels", "get_size", "hflip", "horizontal_flip",
    "invert", "normalize", "pad", "perspective", "pil_to_tensor", "posterize", "resize", "resized_crop",
    "rgb_to_grayscale", "rotate", "solarize", "ten_crop", "to_dtype", "to_grayscale", "to_image", "to_pil_image",
    "to_tensor", "vertical_flip", "vflip",
]  # fmt: skip

horizontal_flip = hflip
vertical_flip = vflip


def rgb_to_grayscale(inpt: Any, num_output_channels: int = 1) -> Any:
    """Luminance, once or three times; of a tensor with one channel too, unlike in the first version."""
    found = adjusting.rgb_to_grayscale(inpt, num_output_channels)
    if num_output_channels == 3 and is_tensor(found) and found.shape[-3] == 1:
        return tensor_of(np.repeat(array_of(found), 3, axis=-3))
    return found


def get_size(inpt: Any) -> list[int]:
    """[height, width]."""
    return get_dimensions(inpt)[1:]


def get_num_channels(inpt: Any) -> int:
    """How many channels it has."""
    return get_dimensions(inpt)[0]


def to_image(inpt: Any) -> torch.Tensor:
    """An image or array [height, width, channels] as a tensor [channels, height, width] of its own numbers; a tensor
    as it is, with one channel where it has none. Raises TypeError for others."""
    if is_tensor(inpt):
        return inpt if inpt.ndim > 2 else inpt[(None,) * (3 - inpt.ndim)]
    if isinstance(inpt, np.ndarray):
        pixels = np.atleast_3d(inpt)
        return tensor_of(np.array(pixels.transpose(2, 0, 1)))
    if is_image(inpt):
        return pil_to_tensor(inpt)
    raise TypeError(f"Input can either be a pure Tensor, a numpy array, or a PIL image, but got {type(inpt)} instead.")


def to_dtype(inpt: torch.Tensor, dtype: torch.dtype = torch.float32, scale: bool = False) -> torch.Tensor:
    """The tensor in another dtype, scaled to its full intensity if `scale`."""
    return convert_image_dtype(inpt, dtype) if scale else inpt.to(dtype)
