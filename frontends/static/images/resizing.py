"""Pictures in other sizes: the operations, and tf.image.resize_images over them.

A new element stands at `place * scale` of the old axis, by TensorFlow 1's convention; with `align_corners` the
outermost elements of both axes meet, with `half_pixel_centers` middles are compared. All is computed in float32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from diptych.ir import Value

from ...functions import resizing
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import REALS, float32, int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims
from ..graphs.site import Refusal, Site, known_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, squeeze
from ..operations.casting import cast, round
from .shapes import sizes_in, sizes_of

Array = np.ndarray[Any, Any]
FLOAT = np.float32

# -- places ----


def scale_of(size: int, count: int, align_corners: bool) -> np.float32:
    """How many old elements a new one is."""
    if align_corners and count > 1:
        return FLOAT(size - 1) / FLOAT(count - 1)
    return FLOAT(size) / FLOAT(count)


def _places(size: int, count: int, align_corners: bool, half_pixel_centers: bool) -> Array:
    """Where new elements stand on the old axis, counted in old elements."""
    scale, numbers = scale_of(size, count, align_corners), np.arange(count, dtype=FLOAT)
    return (numbers + FLOAT(0.5)) * scale - FLOAT(0.5) if half_pixel_centers else numbers * scale


def bilinear_matrix(size: int, count: int, align_corners: bool, half_pixel_centers: bool) -> Array:
    """[count, size]: of each new element the two neighbours in proportion."""
    source = _places(size, count, align_corners, half_pixel_centers)
    low = np.floor(source)
    share = source - low
    places = np.stack([np.maximum(low, 0), np.minimum(np.ceil(source), size - 1)], 1).astype(np.int64)
    return resizing.matrix_of(places, np.stack([1 - share, share], 1), size)


CUBIC_STEPS = 1024  # TensorFlow reads the kernel from a table of so many places between two elements


def bicubic_matrix(size: int, count: int, align_corners: bool, half_pixel_centers: bool) -> Array:
    """[count, size]: of each new element the four neighbours by Keys's kernel.

    Its parameter is -0.75, and the outermost elements go on; with `half_pixel_centers` it is -0.5, and what would lie
    outside is left out.
    """
    source = _places(size, count, align_corners, half_pixel_centers)
    low = np.floor(source)
    share = (np.rint((source - low) * CUBIC_STEPS) / CUBIC_STEPS).astype(FLOAT)
    reach = np.arange(-1, 3)
    places = low.astype(np.int64)[:, None] + reach
    weights = resizing.cubic(share[:, None] - reach.astype(FLOAT), -0.5 if half_pixel_centers else -0.75)
    inside = np.clip(places, 0, size - 1)
    if half_pixel_centers:
        weights = np.where(inside == places, weights, FLOAT(0))
        weights = weights / weights.sum(1, keepdims=True)
    return resizing.matrix_of(inside, weights.astype(FLOAT), size)


def area_matrix(size: int, count: int, align_corners: bool, half_pixel_centers: bool = False) -> Array:
    """[count, size]: of each new element how much of it every old one covers."""
    scale = scale_of(size, count, align_corners)
    found = np.zeros((count, size), FLOAT)
    for row in range(count):
        start, end = FLOAT(row) * scale, FLOAT(row + 1) * scale
        for place in range(int(np.floor(start)), int(np.ceil(end))):
            covered = min(FLOAT(place + 1), end) - max(FLOAT(place), start)
            found[row, min(place, size - 1)] += covered / scale
    return found


def nearest_places(size: int, count: int, align_corners: bool, half_pixel_centers: bool) -> Array:
    """[count]: which old element each new one is."""
    scale, numbers = scale_of(size, count, align_corners), np.arange(count, dtype=FLOAT)
    source = (numbers + FLOAT(0.5)) * scale if half_pixel_centers else numbers * scale
    near = np.floor(source + FLOAT(0.5)) if align_corners else np.floor(source)
    return np.clip(near, 0, size - 1).astype(np.int64)


# -- operations ----


def _resized_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    images = inputs[0].shape.with_rank(4).as_list()
    return [(images[0], *sizes_in(inputs[1], 2), images[3])]


def new_size(at: Site, images: Value, size: Value) -> tuple[tuple[int, ...], list[int]]:
    """The shape of the pictures, and how high and wide they become. Raises Refusal."""
    if images.rank != 4:
        raise Refusal(f"Shape must be rank 4 but is rank {images.rank}", "images must be 4-dimensional")
    found = at.integers(size)
    if any(number <= 0 for number in found):
        raise Refusal("output dimensions must be positive")
    shape = known_shape(images)
    if any(number <= 0 for number in shape[1:3]):
        raise Refusal("input image must be of non-zero size")
    return shape, found


def _declare_mixed(type: str, matrix: Callable[..., Array], name: str, means: str, centers: bool = True) -> None:
    @operation(type, "images: T, size: int32 -> float", T=REALS, shape=_resized_shape,
               attributes={"half_pixel_centers": False} if centers else {})  # fmt: skip
    def lower(at: Site, x: Value, size: Value, *, align_corners: bool = False, **options: bool) -> Value:
        shape, counts = new_size(at, x, size)
        centered = options.get("half_pixel_centers", False)
        _check(align_corners, centered)
        wide = x if x.dtype is float32.ir else at.b.cast(x, dtype=float32.ir)
        matrices = [matrix(shape[axis], counts[axis - 1], align_corners, centered) for axis in (1, 2)]
        return resizing.resampled(at.b, wide, matrices, (1, 2))

    _declare_function(type, name, means, centers)


def _check(align_corners: bool, half_pixel_centers: bool) -> None:
    if align_corners and half_pixel_centers:
        raise Refusal("If half_pixel_centers is True, align_corners must be False.")


def _declare_function(type: str, name: str, means: str, centers: bool) -> None:
    def resize(
        images: Any, size: Any, align_corners: bool = False, name: str | None = None, half_pixel_centers: bool = False
    ) -> Tensor:
        return apply(type, [images, size], name=name, align_corners=align_corners,
                     half_pixel_centers=half_pixel_centers)  # fmt: skip

    def resize_area(images: Any, size: Any, align_corners: bool = False, name: str | None = None) -> Tensor:
        return apply(type, [images, size], name=name, align_corners=align_corners)

    function = resize if centers else resize_area
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Pictures [batch, height, width, channels] as high and wide as `size` says, {means}."
    export(f"image.{name}")(function)


_declare_mixed("ResizeBilinear", bilinear_matrix, "resize_bilinear", "each element mixed of its four neighbours")
_declare_mixed("ResizeBicubic", bicubic_matrix, "resize_bicubic", "each element mixed of sixteen neighbours")
_declare_mixed("ResizeArea", area_matrix, "resize_area", "each element the mean of what it covers", centers=False)


@operation("ResizeNearestNeighbor", "images: T, size: int32 -> T", T=REALS, shape=_resized_shape)
def lower_nearest(
    at: Site, x: Value, size: Value, *, align_corners: bool = False, half_pixel_centers: bool = False
) -> Value:
    """Each element is the one of x that lies nearest."""
    shape, counts = new_size(at, x, size)
    _check(align_corners, half_pixel_centers)
    for axis in (1, 2):
        places = nearest_places(shape[axis], counts[axis - 1], align_corners, half_pixel_centers)
        x = resizing.picked(at.b, x, places, axis)
    return x


_declare_function("ResizeNearestNeighbor", "resize_nearest_neighbor", "each element the nearest one", True)


# -- functions ----


@export("image.ResizeMethod")
class ResizeMethod:
    """How resize_images finds new elements."""

    BILINEAR = 0
    NEAREST_NEIGHBOR = 1
    BICUBIC = 2
    AREA = 3


_TYPES = {
    0: "ResizeBilinear", "bilinear": "ResizeBilinear", 1: "ResizeNearestNeighbor", "nearest": "ResizeNearestNeighbor",
    2: "ResizeBicubic", "bicubic": "ResizeBicubic", 3: "ResizeArea", "area": "ResizeArea",
}  # fmt: skip


@export("image.resize_images", "image.resize")
def resize_images(
    images: Any, size: Any, method: Any = ResizeMethod.BILINEAR, align_corners: bool = False,
    preserve_aspect_ratio: bool = False, name: str | None = None,
) -> Tensor:  # fmt: skip
    """Pictures [height, width, channels], or a batch of them, as high and wide as `size` says.

    float32, but for nearest neighbours and where nothing changes. With `preserve_aspect_ratio` they are as large as
    fits into `size`. Raises ValueError.
    """
    return resized(images, size, method, align_corners, preserve_aspect_ratio, name, keeps_same=True)


def resized(
    images: Any, size: Any, method: Any, align_corners: bool, preserve_aspect_ratio: bool, name: str | None, *,
    keeps_same: bool,
) -> Tensor:  # fmt: skip
    """As resize_images; pictures that have the size already are only left alone where `keeps_same`."""
    with name_scope(name, "resize", [images, size]):
        images = convert_to_tensor(images, name="images")
        rank = images.shape.ndims
        if rank is None:
            raise ValueError("'images' contains no shape.")
        if rank not in (3, 4):
            raise ValueError("'images' must have either 3 or 4 dimensions.")
        if rank == 3:
            images = expand_dims(images, 0)
        height, width = images.shape.as_list()[1:3]
        try:
            size = convert_to_tensor(size, dtype=int32, name="size")
        except (TypeError, ValueError):
            raise ValueError("'size' must be a 1-D int32 Tensor") from None
        if not size.shape.is_compatible_with([2]):
            raise ValueError("'size' must be a 1-D Tensor of 2 elements: new_height, new_width")
        if preserve_aspect_ratio:
            size = _fitting(images, size)
        new_height, new_width = sizes_in(size, 2)
        unchanged = keeps_same and None not in (height, width) and (height, width) == (new_height, new_width)
        if not unchanged:
            if method not in _TYPES:
                raise ValueError("Resize method is not implemented.")
            images = apply(_TYPES[method], [images, size], align_corners=align_corners)
            images.set_shape([None, new_height, new_width, None])
        return squeeze(images, [0]) if rank == 3 else images


def _fitting(images: Tensor, size: Tensor) -> Tensor:
    """The largest size of the pictures' own proportions within `size`."""
    limits = [size[place] if known is None else known for place, known in enumerate(sizes_in(size, 2))]
    current = [cast(side, float32) for side in sizes_of(images, 4)[1:3]]
    factor = apply("Minimum", [cast(limit, float32) / side for limit, side in zip(limits, current, strict=True)])
    return convert_to_tensor([cast(round(factor * side), int32) for side in current], dtype=int32, name="size")
