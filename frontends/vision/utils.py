"""`torchvision.utils`: grids of images, files of images, and boxes drawn on them."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import diptych.eager as torch
import numpy as np

from ..pillow import pillow
from .tensors import array_of, is_tensor, tensor_of
from .transforms.colors import convert
from .transforms.conversion import pil_to_tensor, to_pil_image

Color = Any  # a name, "#rrggbb" or (red, green, blue)


def make_grid(
    tensor: Any,
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[float, float] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> torch.Tensor:
    """Images [count, channels, height, width], or a list of them, side by side, `nrow` in a row, `padding` pixels of
    `pad_value` between and around. One channel becomes three. `normalize` moves `value_range`, or the least and largest
    number, to 0 and 1; with `scale_each` those of each image. Raises TypeError for what is no tensor."""
    images = _stacked(tensor)
    if images.ndim == 2:
        images = images[None]
    if images.ndim == 3:
        images = (np.repeat(images, 3, axis=0) if len(images) == 1 else images)[None]
    if images.ndim == 4 and images.shape[1] == 1:
        images = np.repeat(images, 3, axis=1)
    if normalize is True:
        if value_range is not None and not isinstance(value_range, tuple):
            raise TypeError("value_range has to be a tuple (min, max) if specified. min and max are numbers")
        if scale_each is True:
            images = np.stack([_normalized(image, value_range) for image in images])
        else:
            images = _normalized(images, value_range)
    if len(images) == 1:
        return tensor_of(np.array(images[0]))
    count, channels, height, width = images.shape
    columns = min(nrow, count)
    rows = math.ceil(count / columns)
    height, width = height + padding, width + padding
    grid = np.full((channels, height * rows + padding, width * columns + padding), pad_value, images.dtype)
    for place, image in enumerate(images):
        top, left = (place // columns) * height + padding, (place % columns) * width + padding
        grid[:, top : top + height - padding, left : left + width - padding] = image
    return tensor_of(grid)


def _stacked(tensor: Any) -> np.ndarray:
    if is_tensor(tensor):
        return array_of(tensor.detach())
    if not isinstance(tensor, list):
        raise TypeError(f"tensor or list of tensors expected, got {type(tensor)}")
    for each in tensor:
        if not is_tensor(each):
            raise TypeError(f"tensor or list of tensors expected, got a list containing {type(each)}")
    return np.stack([array_of(each.detach()) for each in tensor])


def _normalized(images: np.ndarray, value_range: tuple[float, float] | None) -> np.ndarray:
    low, high = value_range or (float(images.min()), float(images.max()))
    kind = images.dtype.type
    return (images.clip(kind(low), kind(high)) - kind(low)) / kind(max(high - low, 1e-5))


def save_image(tensor: Any, fp: Any, format: str | None = None, **kwargs: Any) -> None:
    """Writes an image, or the grid of many, numbers from 0 to 1, into a file, by name or open; the name's ending is the
    format where none is given. Other options are those of `make_grid`."""
    grid = array_of(make_grid(tensor, **kwargs))
    kind = grid.dtype.type
    # Half a step more, so that numbers round instead of being cut.
    pixels = (grid * kind(255) + kind(0.5)).clip(0, 255).transpose(1, 2, 0).astype(np.uint8)
    image = pillow().fromarray(np.ascontiguousarray(pixels))
    image.save(Path(fp) if isinstance(fp, str) else fp, format=format)


def draw_bounding_boxes(
    image: torch.Tensor,
    boxes: torch.Tensor,
    labels: list[str | None] | None = None,
    colors: Any = None,
    fill: bool | None = False,
    width: int = 1,
    font: str | None = None,
    font_size: int | None = None,
    label_colors: Any = None,
    label_background_colors: Any = None,
    fill_labels: bool = False,
) -> torch.Tensor:
    """The image [1 or 3, height, width], uint8 or floats from 0 to 1, with boxes [count, 4] (left, top, right, bottom)
    drawn on it, with `labels`. Raises TypeError and ValueError for images and boxes of other forms."""
    _check_drawing(image, boxes)
    count = int(boxes.shape[0])
    if count == 0:
        warnings.warn("boxes doesn't contain any box. No box was drawn", stacklevel=2)
        return image
    texts = [None] * count if labels is None else labels
    if len(texts) != count:
        raise ValueError(
            f"Number of boxes ({count}) and labels ({len(texts)}) mismatch. Please specify labels for each box."
        )
    outlines = _parsed_colors(colors, count)
    letters = _parsed_colors(label_colors or "black", count) if label_colors or fill_labels else outlines
    grounds = outlines
    if fill_labels and label_background_colors:
        grounds = _parsed_colors(label_background_colors, count)
    typeface = _font(font, font_size)
    pixels = array_of(image)
    drawn = to_pil_image(tensor_of(_drawable(pixels)))
    draw = pillow("ImageDraw").Draw(drawn, "RGBA") if fill else pillow("ImageDraw").Draw(drawn)
    margin = width + 1
    for place, box in enumerate(array_of(boxes).astype(np.int64).tolist()):
        outline, text = outlines[place], texts[place]
        draw.rectangle(box, width=width, outline=outline, fill=(*outline, 100) if fill else None)
        if text is None:
            continue
        corner = (box[0] + margin, box[1] + margin)
        if fill_labels:
            left, top, right, bottom = draw.textbbox(corner, text, font=typeface)
            draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), fill=grounds[place])
        draw.text(corner, text, fill=letters[place], font=typeface)
    result = pil_to_tensor(drawn)
    return result if image.dtype == torch.uint8 else tensor_of(convert(array_of(result), pixels.dtype))


def _drawable(pixels: np.ndarray) -> np.ndarray:
    """uint8 with three channels."""
    wide = np.repeat(pixels, 3, axis=0) if pixels.shape[0] == 1 else pixels
    return convert(wide, np.dtype(np.uint8))


def _check_drawing(image: Any, boxes: torch.Tensor) -> None:
    if not is_tensor(image):
        raise TypeError(f"Tensor expected, got {type(image)}")
    if not (image.dtype == torch.uint8 or image.is_floating_point()):
        raise ValueError(f"The image dtype must be uint8 or float, got {image.dtype}")
    if image.ndim != 3:
        raise ValueError("Pass individual images, not batches")
    if image.shape[0] not in (1, 3):
        raise ValueError("Only grayscale and RGB images are supported")
    corners = array_of(boxes)
    if corners.shape[-1] != 4 or (corners[:, 0] > corners[:, 2]).any() or (corners[:, 1] > corners[:, 3]).any():
        raise ValueError(
            "Boxes need to be in (xmin, ymin, xmax, ymax) format. Use torchvision.ops.box_convert to convert them"
        )


def _font(font: str | None, size: int | None) -> Any:
    fonts = pillow("ImageFont")
    if font is not None:
        return fonts.truetype(font=font, size=size or 10)
    if size is not None:
        warnings.warn("Argument 'font_size' will be ignored since 'font' is not set.", stacklevel=3)
    return fonts.load_default()


def _parsed_colors(colors: Color | list[Color] | None, count: int) -> list[tuple[int, ...]]:
    """One (red, green, blue) a box: the given one for all, the given ones, or a palette."""
    if colors is None:
        # Multiples of large numbers: neighbours in the list differ.
        return [tuple(place * step % 255 for step in _PALETTE) for place in range(count)]
    if isinstance(colors, list):
        if len(colors) < count:
            raise ValueError(
                f"Number of colors must be equal or larger than the number of objects, but got {len(colors)} < {count}."
            )
        chosen = colors
    elif not isinstance(colors, (tuple, str)):
        raise ValueError(f"colors must be a tuple or a string, or a list thereof, but got {colors}.")
    elif isinstance(colors, tuple) and len(colors) != 3:
        raise ValueError(f"If passed as tuple, colors should be an RGB triplet, but got {colors}.")
    else:
        chosen = [colors] * count
    named = pillow("ImageColor").getrgb
    return [named(color) if isinstance(color, str) else color for color in chosen]


_PALETTE = (2**25 - 1, 2**15 - 1, 2**21 - 1)
