"""Between images, arrays and tensors."""

from __future__ import annotations

import sys
from typing import Any

import diptych.eager as torch
import numpy as np

from ...pillow import image_of, is_image
from ..tensors import array_of, is_tensor, tensor_of
from . import colors

_SHORT = "I;16" if sys.byteorder == "little" else "I;16B"
_NUMBERS_OF_MODE = {"I": np.int32, _SHORT: np.int16, "F": np.float32}
_MODE_OF_NUMBERS = {"uint8": "L", "int16": _SHORT, "int32": "I", "float32": "F"}
_MODES = {2: ("LA",), 3: ("RGB", "YCbCr", "HSV"), 4: ("RGBA", "CMYK", "RGBX")}


def _channels_first(pixels: np.ndarray) -> np.ndarray:
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def to_tensor(pic: Any) -> torch.Tensor:
    """An image or array [height, width, channels] as a tensor [channels, height, width], of numbers from 0 to 1 where
    its own are uint8. Raises TypeError and ValueError for what is neither."""
    if isinstance(pic, np.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
        pixels = pic
    elif is_image(pic):
        pixels = np.array(pic, _NUMBERS_OF_MODE.get(pic.mode, np.uint8))
        if pic.mode == "1":
            pixels = pixels * np.uint8(255)
    else:
        raise TypeError(f"pic should be PIL Image or ndarray. Got {type(pic)}")
    found = _channels_first(pixels)
    if found.dtype == np.uint8:
        target = torch.get_default_dtype().ir.numpy
        return tensor_of(np.divide(found, np.array(255, target), dtype=target))
    return tensor_of(np.array(found))


def pil_to_tensor(pic: Any) -> torch.Tensor:
    """An image as a tensor [channels, height, width] of its own numbers. Raises TypeError for what is no image."""
    if not is_image(pic):
        raise TypeError(f"pic should be PIL Image. Got {type(pic)}")
    return tensor_of(_channels_first(np.array(pic)))


def to_pil_image(pic: Any, mode: str | None = None) -> Any:
    """A tensor [channels, height, width], or an array [height, width, channels], as an image; floats are taken to be
    from 0 to 1. Raises TypeError and ValueError for what has no such mode."""
    if is_tensor(pic):
        pixels = array_of(pic.detach())
        pixels = pixels.transpose(1, 2, 0) if pixels.ndim == 3 else pixels
    elif isinstance(pic, np.ndarray):
        pixels = pic
    else:
        raise TypeError(f"pic should be Tensor or ndarray. Got {type(pic)}.")
    if pixels.ndim not in (2, 3):
        raise ValueError(f"pic should be 2/3 dimensional. Got {pixels.ndim} dimensions.")
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    if channels > 4:
        raise ValueError(f"pic should not have > 4 channels. Got {channels} channels.")
    if pixels.dtype.kind not in "iub" and mode != "F":
        with np.errstate(invalid="ignore"):
            pixels = (pixels * np.array(255, pixels.dtype)).astype(np.uint8)
    if channels == 1:
        pixels = pixels.reshape(pixels.shape[:2])
        expected = _MODE_OF_NUMBERS.get(pixels.dtype.name)
        if mode is not None and mode != expected:
            raise ValueError(f"Incorrect mode ({mode}) supplied for input type {np.dtype}. Should be {expected}")
        mode = expected
    elif mode is not None and mode not in _MODES[channels]:
        raise ValueError(f"Only modes {list(_MODES[channels])} are supported for {channels}D inputs")
    elif mode is None and pixels.dtype == np.uint8:
        mode = _MODES[channels][0]
    if mode is None:
        raise TypeError(f"Input type {pixels.dtype} is not supported")
    return image_of(pixels, mode)


def convert_image_dtype(image: torch.Tensor, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """The image in another dtype, scaled to its full intensity. Raises TypeError for what is no tensor, RuntimeError
    where the numbers may not fit."""
    if not is_tensor(image):
        raise TypeError("Input img should be Tensor Image")
    if image.dtype == dtype:
        return image
    return tensor_of(colors.convert(array_of(image), np.dtype(dtype.ir.numpy)))
