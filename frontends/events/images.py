"""Summaries of pictures."""

from __future__ import annotations

import itertools

import numpy as np

from . import png
from .optional import imported
from .summary import Image

_RED = {2: (76, 255), 3: (255, 0, 0), 4: (255, 0, 0, 255)}  # by channels, gray and alpha first


def image(pixels: np.ndarray, shown: np.ndarray | None = None) -> Image:
    """Pixels [height, width, channels] of uint8; `shown` is another picture that stands for them in the file."""
    height, width, channels = pixels.shape
    file = png.encode(pixels if shown is None else shown)
    return Image(height=height, width=width, colorspace=channels, encoded_image_string=file)


def as_pixels(array: np.ndarray, dataformats: str) -> np.ndarray:
    """An array, whose axes are named by letters of NCHW, as pixels [height, width, channels] of uint8. What is not of
    uint8 counts from 0 to 1, and is cut there. A batch becomes a grid, a gray picture has its channel three times.

    Raises AssertionError where letters do not fit the axes, with PyTorch's words."""
    upright = _upright(array, dataformats)
    with np.errstate(invalid="ignore"):
        scaled = upright.astype(np.float32) * (1 if array.dtype == np.uint8 else 255)
        return scaled.clip(0, 255).astype(np.uint8)


def _upright(array: np.ndarray, dataformats: str) -> np.ndarray:
    if len(set(dataformats)) != len(dataformats):
        raise AssertionError(
            f"You can not use the same dimension shorthand twice.             input_format: {dataformats}"
        )
    if array.ndim != len(dataformats):
        raise AssertionError(
            "size of input tensor and input format are different.         "
            f"tensor shape: {array.shape}, input_format: {dataformats}"
        )
    letters = dataformats.upper()
    if len(letters) == 4:
        return grid(array.transpose([letters.find(letter) for letter in "NCHW"])).transpose(1, 2, 0)
    if len(letters) == 3:
        upright = array.transpose([letters.find(letter) for letter in "HWC"])
        return np.repeat(upright, 3, axis=2) if upright.shape[2] == 1 else upright
    if len(letters) == 2:
        return np.repeat(array.transpose([letters.find(letter) for letter in "HW"])[:, :, None], 3, axis=2)
    raise ValueError(f"add_image: dataformats is {dataformats!r} but must be of 2, 3 or 4 letters")


def grid(batch: np.ndarray, columns: int = 8) -> np.ndarray:
    """Pictures [n, 1 or 3, height, width] side by side, as one [3, rows * height, columns * width]."""
    if batch.shape[1] == 1:
        batch = np.repeat(batch, 3, axis=1)
    if batch.ndim != 4 or batch.shape[1] != 3:
        raise AssertionError("Input should be a 4D numpy array with 3 channels")
    count, channels, height, width = batch.shape
    columns = min(count, columns)
    rows = -(-count // columns)
    canvas = np.zeros((rows * columns, channels, height, width), batch.dtype)
    canvas[:count] = batch
    parts = canvas.reshape(rows, columns, channels, height, width).transpose(2, 0, 3, 1, 4)
    return parts.reshape(channels, rows * height, columns * width)


def boxed(pixels: np.ndarray, boxes: np.ndarray, rescale: float = 1) -> np.ndarray:
    """Pixels with red frames around boxes [n, 4], x and y of two corners each, then at another size. Raises Unsupported
    for another size without Pillow."""
    drawn = pixels.copy()
    for left, top, right, bottom in np.trunc(boxes).astype(np.int64).tolist():
        corners = [(left, top), (left, bottom), (right, bottom), (right, top), (left, top)]
        for start, end in itertools.pairwise(corners):
            _draw(drawn, start, end)
    height, width = pixels.shape[:2]
    size = (int(width * rescale), int(height * rescale))
    if size == (width, height):
        return drawn
    pillow = imported("add_image_with_boxes", "PIL.Image", "pillow")
    return np.asarray(pillow.fromarray(drawn).resize(size, pillow.Resampling.LANCZOS)).reshape(*size[::-1], -1)


def _draw(pixels: np.ndarray, start: tuple[int, int], end: tuple[int, int]) -> None:
    """A line two pixels wide along an axis; the second pixel is on the inside, or outside, as Pillow has it."""
    (x, y), (to_x, to_y) = start, end
    wide_x = wide_y = (0, 0)
    if to_y != y:
        wide_x = (0, 1) if to_y > y else (-1, 0)
    elif to_x != x:
        wide_y = (0, 1) if to_x > x else (-1, 0)
    columns = slice(max(min(x, to_x) + wide_x[0], 0), max(max(x, to_x) + wide_x[1] + 1, 0))
    rows = slice(max(min(y, to_y) + wide_y[0], 0), max(max(y, to_y) + wide_y[1] + 1, 0))
    pixels[rows, columns] = _RED[pixels.shape[2]]
