"""Functions of images and tensors: turns, shears, perspectives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import diptych.eager as torch
import numpy as np

from ..tensors import is_tensor, tensor_of
from . import arrays, images, resampling
from .modes import InterpolationMode, mode_of, pil_modes_mapping
from .subjects import Image, get_dimensions, values_of

_BILINEAR, _NEAREST = InterpolationMode.BILINEAR, InterpolationMode.NEAREST


def _float_dtype(values: np.ndarray) -> Any:
    return values.dtype if arrays.is_float(values) else np.float32


def _inverse_matrix(
    center: Sequence[float], angle: float, translate: Sequence[float], scale: float, shear: Sequence[float]
) -> list[float]:
    """The inverse of: move the center to the origin, shear, turn, scale, move back and translate. Six numbers."""
    turn, shear_x, shear_y = math.radians(angle), math.radians(shear[0]), math.radians(shear[1])
    a = math.cos(turn - shear_y) / math.cos(shear_y)
    b = -math.cos(turn - shear_y) * math.tan(shear_x) / math.cos(shear_y) - math.sin(turn)
    c = math.sin(turn - shear_y) / math.cos(shear_y)
    d = -math.sin(turn - shear_y) * math.tan(shear_x) / math.cos(shear_y) + math.cos(turn)
    # The matrix [[a, b], [c, d]] has determinant 1.
    rows = [[d / scale, -b / scale], [-c / scale, a / scale]]
    x, y = -center[0] - translate[0], -center[1] - translate[1]
    found: list[float] = []
    for (first, second), middle in zip(rows, center, strict=True):
        found += [first, second, first * x + second * y + middle]
    return found


def _check_angle(angle: Any, center: Any) -> None:
    if not isinstance(angle, (int, float)):
        raise TypeError("Argument angle should be int or float")
    if center is not None and not isinstance(center, (list, tuple)):
        raise TypeError("Argument center should be a sequence")


def _from_middle(img: torch.Tensor, center: Sequence[float] | None) -> list[float]:
    if center is None:
        return [0.0, 0.0]
    _, height, width = get_dimensions(img)
    return [center[0] - width * 0.5, center[1] - height * 0.5]


def rotate(
    img: Image,
    angle: float,
    interpolation: Any = _NEAREST,
    expand: bool = False,
    center: Sequence[float] | None = None,
    fill: Any = None,
) -> Image:
    """The image turned by `angle` degrees, against the clock, about `center` (x, y) or its middle."""
    mode = mode_of(interpolation)
    _check_angle(angle, center)
    if not is_tensor(img):
        return images.rotate(img, angle, pil_modes_mapping[mode], expand, center, fill)
    matrix = _inverse_matrix(_from_middle(img, center), -angle, (0.0, 0.0), 1.0, (0.0, 0.0))
    values = values_of(img)
    height, width = values.shape[-2:]
    new_width, new_height = resampling.turned_size(matrix, width, height) if expand else (width, height)
    grid = resampling.affine_grid(matrix, (height, width), (new_height, new_width), _float_dtype(values))
    return tensor_of(resampling.sample(values, grid, mode.value, fill))


def affine(
    img: Image,
    angle: float,
    translate: Sequence[float],
    scale: float,
    shear: Any,
    interpolation: Any = _NEAREST,
    fill: Any = None,
    center: Sequence[float] | None = None,
) -> Image:
    """The image turned clockwise by `angle` and sheared, in degrees, scaled, and moved by `translate` pixels (x, y)."""
    mode = mode_of(interpolation)
    _check_angle(angle, None)
    if not isinstance(translate, (list, tuple)):
        raise TypeError("Argument translate should be a sequence")
    if len(translate) != 2:
        raise ValueError("Argument translate should be a sequence of length 2")
    if scale <= 0.0:
        raise ValueError("Argument scale should be positive")
    if not isinstance(shear, (int, float, list, tuple)):
        raise TypeError("Shear should be either a single value or a sequence of two values")
    shears = [shear, 0.0] if isinstance(shear, (int, float)) else list(shear)
    shears = shears * 2 if len(shears) == 1 else shears
    if len(shears) != 2:
        raise ValueError(f"Shear should be a sequence containing two values. Got {shears}")
    _check_angle(angle, center)
    if not is_tensor(img):
        _, height, width = get_dimensions(img)
        matrix = _inverse_matrix(center or [width * 0.5, height * 0.5], angle, translate, scale, shears)
        return images.transform(img, "AFFINE", matrix, pil_modes_mapping[mode], fill)
    values = values_of(img)
    size = values.shape[-2], values.shape[-1]
    matrix = _inverse_matrix(_from_middle(img, center), angle, translate, scale, shears)
    grid = resampling.affine_grid(matrix, size, size, _float_dtype(values))
    return tensor_of(resampling.sample(values, grid, mode.value, fill))


def perspective(
    img: Image,
    startpoints: Sequence[Sequence[int]],
    endpoints: Sequence[Sequence[int]],
    interpolation: Any = _BILINEAR,
    fill: Any = None,
) -> Image:
    """The image drawn so that its four `startpoints` (x, y) come to lie on the `endpoints`."""
    if len(startpoints) != 4 or len(endpoints) != 4:
        raise ValueError(
            f"Please provide exactly four corners, got {len(startpoints)} startpoints and {len(endpoints)} endpoints."
        )
    lines: list[list[float]] = []
    for (x, y), (new_x, new_y) in zip(startpoints, endpoints, strict=True):
        lines.append([new_x, new_y, 1, 0, 0, 0, -x * new_x, -x * new_y])
        lines.append([0, 0, 0, new_x, new_y, 1, -y * new_x, -y * new_y])
    wanted = np.array(startpoints, np.float64).reshape(8)
    coefficients = np.linalg.lstsq(np.array(lines, np.float64), wanted)[0].astype(np.float32).tolist()
    mode = mode_of(interpolation)
    if not is_tensor(img):
        return images.transform(img, "PERSPECTIVE", coefficients, pil_modes_mapping[mode], fill)
    values = values_of(img)
    grid = resampling.perspective_grid(coefficients, (values.shape[-2], values.shape[-1]), _float_dtype(values))
    return tensor_of(resampling.sample(values, grid, mode.value, fill))
