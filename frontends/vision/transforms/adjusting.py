"""Functions of images and tensors: colours and intensities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import diptych.eager as torch
import numpy as np

from ...pillow import is_image
from ..tensors import is_tensor, tensor_of
from . import arrays, colors, images
from .subjects import Image, colors_of, values_of


def _recolored(image: torch.Tensor, function: Callable[..., np.ndarray], *arguments: Any) -> torch.Tensor:
    return tensor_of(function(colors_of(image), *arguments).reshape(image.shape))


def _enhanced(img: Image, enhancer: str, change: Callable[..., np.ndarray], name: str, factor: float) -> Image:
    """An image by Pillow's enhancer, a tensor by `change`. Raises ValueError for a tensor's factor below 0."""
    if not is_tensor(img):
        return images.enhance(img, enhancer, factor)
    if factor < 0:
        raise ValueError(f"{name} ({factor}) is not non-negative.")
    return _recolored(img, change, factor)


def adjust_brightness(img: Image, brightness_factor: float) -> Image:
    """Darker for factors below 1, black for 0."""
    return _enhanced(img, "Brightness", colors.adjust_brightness, "brightness_factor", brightness_factor)


def adjust_contrast(img: Image, contrast_factor: float) -> Image:
    """Less contrast for factors below 1, one gray for 0."""
    return _enhanced(img, "Contrast", colors.adjust_contrast, "contrast_factor", contrast_factor)


def adjust_saturation(img: Image, saturation_factor: float) -> Image:
    """Less colour for factors below 1, none for 0."""
    return _enhanced(img, "Color", colors.adjust_saturation, "saturation_factor", saturation_factor)


def adjust_sharpness(img: Image, sharpness_factor: float) -> Image:
    """Blurred for factors below 1, sharpened above."""
    return _enhanced(img, "Sharpness", colors.adjust_sharpness, "sharpness_factor", sharpness_factor)


def adjust_hue(img: Image, hue_factor: float) -> Image:
    """All hues turned by a part of the circle, -0.5 to 0.5. Raises ValueError for more."""
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")
    return _recolored(img, colors.adjust_hue, hue_factor) if is_tensor(img) else images.adjust_hue(img, hue_factor)


def adjust_gamma(img: Image, gamma: float, gain: float = 1) -> Image:
    """gain * img ** gamma, of intensities from 0 to 1."""
    if gamma < 0:
        raise ValueError("Gamma should be a non-negative real number")
    if not is_tensor(img):
        return images.adjust_gamma(img, gamma, gain)
    return _recolored(img, colors.adjust_gamma, gamma, gain)


def rgb_to_grayscale(img: Image, num_output_channels: int = 1) -> Image:
    """Luminance, once or three times. Raises ValueError for other counts."""
    if not is_tensor(img):
        return images.to_grayscale(img, num_output_channels)
    if img.ndim < 3:
        raise TypeError(f"Input image tensor should have at least 3 dimensions, but found {img.ndim}")
    values = colors_of(img)
    if num_output_channels not in (1, 3):
        raise ValueError("num_output_channels should be either 1 or 3")
    found = colors.gray(values)
    return tensor_of(np.broadcast_to(found, values.shape) if num_output_channels == 3 else found)


def to_grayscale(img: Image, num_output_channels: int = 1) -> Image:
    """An image's luminance, once or three times. Raises TypeError for what is no image."""
    if is_image(img):
        return images.to_grayscale(img, num_output_channels)
    raise TypeError("Input should be PIL Image")


def invert(img: Image) -> Image:
    """Bright for dark."""
    return tensor_of(colors.invert(_colors_of_three_axes(img))) if is_tensor(img) else images.operate(img, "invert")


def _colors_of_three_axes(image: torch.Tensor) -> np.ndarray:
    values_of(image, 3)
    return colors_of(image)


def _bytes(image: torch.Tensor) -> np.ndarray:
    if image.dtype != torch.uint8:
        raise TypeError(f"Only torch.uint8 image tensors are supported, but found {image.dtype}")
    return _colors_of_three_axes(image)


def posterize(img: Image, bits: int) -> Image:
    """With only the highest `bits` bits. Raises ValueError for more than 8."""
    if not 0 <= bits <= 8:
        raise ValueError(f"The number if bits should be between 0 and 8. Got {bits}")
    if not is_tensor(img):
        return images.operate(img, "posterize", bits)
    return tensor_of(colors.posterize(_bytes(img), bits))


def solarize(img: Image, threshold: float) -> Image:
    """Inverted from the threshold on. Raises TypeError for one beyond full intensity."""
    if not is_tensor(img):
        return images.operate(img, "solarize", threshold)
    values = _colors_of_three_axes(img)
    if threshold > arrays.largest(values.dtype):
        raise TypeError("Threshold should be less than bound of img.")
    return tensor_of(colors.solarize(values, threshold))


def autocontrast(img: Image) -> Image:
    """Each channel stretched to full contrast."""
    if not is_tensor(img):
        return images.operate(img, "autocontrast")
    return tensor_of(colors.autocontrast(_colors_of_three_axes(img)))


def equalize(img: Image) -> Image:
    """Each channel's intensities spread evenly."""
    return tensor_of(colors.equalize(_bytes(img))) if is_tensor(img) else images.operate(img, "equalize")
