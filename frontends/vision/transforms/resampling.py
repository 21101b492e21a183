"""Pixels between pixels, of images as arrays [..., channels, height, width]: other sizes, grids, blur."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from .arrays import computed, filled_channels, rounded

Matrix = Sequence[float]

# -- sizes ----


def _triangle(x: np.ndarray) -> np.ndarray:
    return np.maximum(1 - np.abs(x), 0)


def _cubic(x: np.ndarray, a: float) -> np.ndarray:
    """Keys's kernel, of which a = -0.5 is the smoothest."""
    x = np.abs(x)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * a
    return np.where(x < 1, near, np.where(x < 2, far, 0))


@lru_cache(64)
def _weights(size: int, target: int, mode: str, antialias: bool) -> np.ndarray:
    """float64 [target, size]: how much each old pixel is in each new one, in rows that sum to 1.

    With `antialias` kernels are as wide as new pixels, and what lies outside is left out, as in Pillow; without, they
    are as wide as old ones, and the last pixels go on outside.
    """
    scale = size / target
    places = np.arange(size)
    weights = np.zeros((target, size))
    for row in range(target):
        center = scale * (row + 0.5)
        if antialias:
            width = max(scale, 1.0)
            support = (1.0 if mode == "bilinear" else 2.0) * width
            first, last = max(int(center - support + 0.5), 0), min(int(center + support + 0.5), size)
            distance = (places[first:last] + 0.5 - center) / width
            kernel = _triangle(distance) if mode == "bilinear" else _cubic(distance, -0.5)
            weights[row, first:last] = kernel / kernel.sum()
        else:
            at = max(center - 0.5, 0.0) if mode == "bilinear" else center - 0.5
            reach = np.arange(int(np.floor(at)) - 1, int(np.floor(at)) + 3)
            kernel = _triangle(reach - at) if mode == "bilinear" else _cubic(reach - at, -0.75)
            np.add.at(weights[row], np.clip(reach, 0, size - 1), kernel)
    weights.flags.writeable = False
    return weights


def _nearest(size: int, target: int, exact: bool) -> np.ndarray:
    scale = np.float32(size) / np.float32(target)
    places = (np.arange(target, dtype=np.float32) + np.float32(0.5 if exact else 0.0)) * scale
    return np.minimum(places.astype(np.int64), size - 1)


def resize(image: np.ndarray, size: Sequence[int], mode: str, antialias: bool) -> np.ndarray:
    """The image with `size` (height, width). Raises ValueError for a mode that tensors do not know."""
    height, width = size
    if mode in ("nearest", "nearest-exact"):
        exact = mode == "nearest-exact"
        rows, columns = _nearest(image.shape[-2], height, exact), _nearest(image.shape[-1], width, exact)
        return image[..., rows[:, None], columns]
    if mode not in ("bilinear", "bicubic"):
        raise ValueError(f"Interpolation mode '{mode}' is unsupported with Tensor input")
    found = computed(image)
    found = found if found.dtype == np.float64 else found.astype(np.float32)
    across = _weights(image.shape[-1], width, mode, antialias).astype(found.dtype)
    down = _weights(image.shape[-2], height, mode, antialias).astype(found.dtype)
    found = down @ (found @ across.T)
    if mode == "bicubic" and image.dtype == np.uint8:
        found = found.clip(0, 255)
    return rounded(found, image.dtype)


# -- grids ----


def affine_grid(matrix: Matrix, size: tuple[int, int], target: tuple[int, int], dtype: Any) -> np.ndarray:
    """Places [height, width, 2] in an image of `size` (height, width), from -1 to 1, for each pixel of one of `target`
    size; `matrix` holds two rows of three numbers, about the middle."""
    rows, columns = _middles(target, dtype)
    theta = np.array(matrix, dtype).reshape(2, 3)
    return np.stack(
        [
            (columns * (theta[axis, 0] / half) + rows * (theta[axis, 1] / half)) + theta[axis, 2] / half
            for axis, half in ((0, np.array(0.5 * size[1], dtype)), (1, np.array(0.5 * size[0], dtype)))
        ],
        axis=-1,
    )


def _middles(size: tuple[int, int], dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    """Pixels' middles, from the image's middle: rows [height, 1] and columns [1, width]."""
    height, width = size
    rows, columns = (np.arange(each).astype(dtype) - np.array(0.5 * each - 0.5, dtype) for each in (height, width))
    return rows[:, None], columns[None]


def perspective_grid(coefficients: Matrix, size: tuple[int, int], dtype: Any) -> np.ndarray:
    """Places [height, width, 2], from -1 to 1: two lines of three coefficients over a third, whose last is 1."""
    height, width = size
    rows = (np.arange(height).astype(dtype) + np.array(0.5, dtype))[:, None]
    columns = (np.arange(width).astype(dtype) + np.array(0.5, dtype))[None]
    first = np.array(coefficients, dtype)
    below = columns * first[6] + rows * first[7] + np.array(1, dtype)
    return np.stack(
        [
            (columns * (line[0] / half) + rows * (line[1] / half) + line[2] / half) / below - 1
            for line, half in (
                (first[:3], np.array(0.5 * width, dtype)),
                (first[3:6], np.array(0.5 * height, dtype)),
            )
        ],
        axis=-1,
    )


def sample(image: np.ndarray, grid: np.ndarray, mode: str, fill: Any) -> np.ndarray:
    """The image at the places of `grid`, `fill` outside of it."""
    if mode not in ("nearest", "bilinear"):
        raise ValueError(f"Interpolation mode '{mode}' is unsupported with Tensor input")
    height, width = image.shape[-2:]
    fills = filled_channels(fill, 1 if image.ndim == 2 else image.shape[-3])
    found = image.astype(grid.dtype)
    x = ((grid[..., 0] + 1) * width - 1) / 2
    y = ((grid[..., 1] + 1) * height - 1) / 2
    if mode == "nearest":
        result, inside = _at(found, np.rint(y), np.rint(x))
    else:
        left, top = np.floor(x), np.floor(y)
        right, down = x - left, y - top
        result, inside = np.zeros((), found.dtype), np.zeros((), found.dtype)
        for row, column, weight in (
            (top, left, (1 - right) * (1 - down)),
            (top, left + 1, right * (1 - down)),
            (top + 1, left, (1 - right) * down),
            (top + 1, left + 1, right * down),
        ):
            values, within = _at(found, row, column)
            result, inside = result + values * weight, inside + within * weight
    if fills is not None:
        filled = np.array(fills, found.dtype).reshape(-1, 1, 1)
        if image.ndim == 2:
            filled = filled[0]
        result = np.where(inside, result, filled) if mode == "nearest" else result * inside + (1 - inside) * filled
    return rounded(result, image.dtype)


def _at(image: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(values at whole places, zeros outside; which lie inside)."""
    height, width = image.shape[-2:]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    y, x = (np.where(inside, each, 0).astype(np.int64) for each in (rows, columns))
    return image[..., y, x] * inside, inside


def turned_size(matrix: Matrix, width: int, height: int) -> tuple[int, int]:
    """(width, height) of the least image that holds all of one that `matrix` moves."""
    corners = np.array([[x * width, y * height, 1] for x in (-0.5, 0.5) for y in (-0.5, 0.5)], np.float32)
    moved = corners @ np.array(matrix, np.float32).reshape(2, 3).T + np.array([0.5 * width, 0.5 * height], np.float32)
    tolerance = np.float32(1e-4)
    most = np.ceil(np.trunc(moved.max(axis=0) / tolerance) * tolerance)
    least = np.floor(np.trunc(moved.min(axis=0) / tolerance) * tolerance)
    return int(most[0] - least[0]), int(most[1] - least[1])


# -- neighbourhoods ----


def _gaussian(size: int, sigma: float, dtype: Any) -> np.ndarray:
    half = (size - 1) * 0.5
    x = np.linspace(-half, half, size).astype(dtype)
    density = np.exp(-0.5 * (x / np.array(sigma, dtype)) ** 2)
    return density / density.sum()


def gaussian_blur(image: np.ndarray, kernel_size: Sequence[int], sigma: Sequence[float]) -> np.ndarray:
    """The image averaged with a bell of `sigma` pixels (across, down) over `kernel_size` pixels; edges mirror."""
    found = computed(image)
    for axis, size, deviation in ((-1, kernel_size[0], sigma[0]), (-2, kernel_size[1], sigma[1])):
        kernel = _gaussian(size, deviation, found.dtype)
        edges = [(0, 0)] * image.ndim
        edges[axis] = (size // 2, size // 2)
        padded = np.pad(found, edges, mode="reflect")
        length = image.shape[axis]
        found = sum(
            weight * padded.take(range(place, place + length), axis=axis) for place, weight in enumerate(kernel)
        )
    return rounded(found, image.dtype)


def smoothed(image: np.ndarray) -> np.ndarray:
    """Each inner pixel averaged with its eight neighbours, weighing five times theirs; the border as it is."""
    found = computed(image)
    height, width = image.shape[-2:]
    total = 4 * found[..., 1:-1, 1:-1]
    for row in range(3):
        for column in range(3):
            total = total + found[..., row : row + height - 2, column : column + width - 2]
    result = image.copy()
    result[..., 1:-1, 1:-1] = rounded(total / np.array(13, found.dtype), image.dtype)
    return result
