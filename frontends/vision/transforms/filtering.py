"""Functions of images and tensors: blur, normalizing, erasing."""

from __future__ import annotations

from typing import Any

import diptych.eager as torch
import numpy as np

from ...pillow import is_image
from ..tensors import array_of, is_tensor, tensor_of
from . import resampling
from .conversion import pil_to_tensor, to_pil_image
from .subjects import Image, values_of


def gaussian_blur(img: Image, kernel_size: Any, sigma: Any = None) -> Image:
    """The image averaged with a bell of `sigma` pixels (across, down). Raises TypeError and ValueError for sizes that
    are not odd and positive, and for deviations that are not positive."""
    if not isinstance(kernel_size, (int, list, tuple)):
        raise TypeError(f"kernel_size should be int or a sequence of integers. Got {type(kernel_size)}")
    sizes = [kernel_size, kernel_size] if isinstance(kernel_size, int) else list(kernel_size)
    if len(sizes) != 2:
        raise ValueError(f"If kernel_size is a sequence its length should be 2. Got {len(sizes)}")
    if any(size % 2 == 0 or size < 0 for size in sizes):
        raise ValueError(f"kernel_size should have odd and positive integers. Got {sizes}")
    if sigma is None:
        sigma = [size * 0.15 + 0.35 for size in sizes]
    if not isinstance(sigma, (int, float, list, tuple)):
        raise TypeError(f"sigma should be either float or sequence of floats. Got {type(sigma)}")
    deviations = [float(sigma)] * 2 if isinstance(sigma, (int, float)) else list(sigma)
    deviations = deviations * 2 if len(deviations) == 1 else deviations
    if len(deviations) != 2:
        raise ValueError(f"If sigma is a sequence, its length should be 2. Got {len(deviations)}")
    if any(deviation <= 0.0 for deviation in deviations):
        raise ValueError(f"sigma should have positive values. Got {deviations}")
    if is_tensor(img):
        return tensor_of(resampling.gaussian_blur(values_of(img), sizes, deviations))
    if not is_image(img):
        raise TypeError(f"img should be PIL Image or Tensor. Got {type(img)}")
    blurred = resampling.gaussian_blur(array_of(pil_to_tensor(img)), sizes, deviations)
    return to_pil_image(tensor_of(blurred), mode=img.mode)


def normalize(tensor: torch.Tensor, mean: Any, std: Any, inplace: bool = False) -> torch.Tensor:
    """(tensor - mean) / std, one of each for each channel. Raises TypeError for what is no tensor of floats, ValueError
    for fewer than three axes and for a deviation of 0."""
    if not is_tensor(tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(tensor)}")
    if not tensor.is_floating_point():
        raise TypeError(f"Input tensor should be a float tensor. Got {tensor.dtype}.")
    if tensor.ndim < 3:
        raise ValueError(
            f"Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = {tensor.size()}"
        )
    kind = tensor.dtype.ir.numpy
    middle, deviation = (_of_channels(array_of(each) if is_tensor(each) else each, kind) for each in (mean, std))
    if (deviation == 0).any():
        raise ValueError(f"std evaluated to zero after conversion to {tensor.dtype}, leading to division by zero.")
    if inplace:
        return tensor.sub_(tensor_of(middle)).div_(tensor_of(deviation))
    if tensor.requires_grad:
        return (tensor - tensor_of(middle)) / tensor_of(deviation)
    return tensor_of((array_of(tensor) - middle) / deviation)


def _of_channels(numbers: Any, kind: Any) -> np.ndarray:
    found = np.asarray(numbers, kind)
    return found.reshape(-1, 1, 1) if found.ndim == 1 else found


def erase(img: torch.Tensor, i: int, j: int, h: int, w: int, v: torch.Tensor, inplace: bool = False) -> torch.Tensor:
    """The tensor with `v` in the part of size (h, w) from (i, j) on. Raises TypeError for what is no tensor."""
    if not is_tensor(img):
        raise TypeError(f"img should be Tensor Image. Got {type(img)}")
    if inplace:
        img[..., i : i + h, j : j + w] = v
        return img
    values = values_of(img).copy()
    values[..., i : i + h, j : j + w] = array_of(v) if is_tensor(v) else v
    return tensor_of(values)
