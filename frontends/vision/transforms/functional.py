"""`torchvision.transforms.functional`: one function a transform, on images and on tensors."""

from __future__ import annotations

from .adjusting import (
    adjust_brightness,
    adjust_contrast,
    adjust_gamma,
    adjust_hue,
    adjust_saturation,
    adjust_sharpness,
    autocontrast,
    equalize,
    invert,
    posterize,
    rgb_to_grayscale,
    solarize,
    to_grayscale,
)
from .conversion import convert_image_dtype, pil_to_tensor, to_pil_image, to_tensor
from .filtering import erase, gaussian_blur, normalize
from .modes import InterpolationMode, pil_modes_mapping
from .moving import affine, perspective, rotate
from .sizing import center_crop, crop, five_crop, hflip, pad, resize, resized_crop, ten_crop, vflip
from .subjects import get_dimensions, get_image_num_channels, get_image_size

__all__ = [
    "InterpolationMode", "adjust_brightness", "adjust_contrast", "adjust_gamma", "adjust_hue", "adjust_saturation",
    "adjust_sharpness", "affine", "autocontrast", "center_crop", "convert_image_dtype", "crop", "equalize", "erase",
    "five_crop", "gaussian_blur", "get_dimensions", "get_image_num_channels", "get_image_size", "hflip", "invert",
    "normalize", "pad", "perspective", "pil_modes_mapping", "pil_to_tensor",
    "posterize", "resize", "resized_crop", "rgb_to_grayscale",
    "rotate", "solarize", "ten_crop", "to_grayscale", "to_pil_image", "to_tensor", "vflip",
]  # fmt: skip
