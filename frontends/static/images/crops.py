"""tf.image.crop_and_resize: parts of pictures, all in one size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Builder, Value

from ...functions import arithmetic, constants
from ...functions.broadcasting import broadcast_together
from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import operation
from ..graphs.dtypes import REALS, float32, int32
from ..graphs.shapes import Dims
from ..graphs.site import Refusal, Site, known_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import either
from .shapes import sizes_in


def _crop_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    images, boxes = inputs[0].shape.with_rank(4), inputs[1].shape.with_rank(2)
    count = boxes[0].merge_with(inputs[2].shape.with_rank(1)[0]).value
    return [(count, *sizes_in(inputs[3], 2), images[3].value)]


@operation(
    "CropAndResize", "image: T, boxes: float, box_ind: int32, crop_size: int32 -> float", T=REALS, shape=_crop_shape
)
def lower_crop_and_resize(
    at: Site, x: Value, boxes: Value, which: Value, size: Value, *, method: str = "bilinear",
    extrapolation_value: float = 0,
) -> Value:  # fmt: skip
    """[boxes, height, width, channels]: what stands in a box of a picture, read at evenly spread places."""
    b = at.b
    _, rows, columns, channels = known_shape(x)
    height, width = at.integers(size)
    if height <= 0 or width <= 0:
        raise Refusal("crop dimensions must be positive")
    count = boxes.shape[0]
    wide = x if x.dtype is float32.ir else b.cast(x, dtype=float32.ir)
    sides = [_side(b, boxes, column) for column in range(4)]
    y = _places(b, sides[0], sides[2], rows, height)
    across = _places(b, sides[1], sides[3], columns, width)
    shape = (count, height, width)
    y, across = b.broadcast(y, shape=shape, axes=(0, 1)), b.broadcast(across, shape=shape, axes=(0, 2))
    inside = b.bitwise_and(_within(b, y, rows), _within(b, across, columns))
    picture = b.broadcast(which, shape=shape, axes=(0,))

    def read(row: Value, column: Value) -> Value:
        whole = [b.cast(_kept(b, each, most), dtype=int32.ir) for each, most in ((row, rows), (column, columns))]
        return b.gather(wide, picture, *whole, axes=(0, 1, 2))

    if method == "nearest":
        found = read(_rounded(b, y), _rounded(b, across))
    else:
        top, left = b.floor(y), b.floor(across)
        shares = [
            b.broadcast(b.sub(place, low), shape=(*shape, channels), axes=(0, 1, 2))
            for place, low in ((y, top), (across, left))
        ]
        upper = _between(b, read(top, left), read(top, b.ceil(across)), shares[1])
        lower = _between(b, read(b.ceil(y), left), read(b.ceil(y), b.ceil(across)), shares[1])
        found = _between(b, upper, lower, shares[0])
    outside = constants.filled(b, extrapolation_value, found.shape, found.dtype)
    return b.select(b.broadcast(inside, shape=found.shape, axes=(0, 1, 2)), found, outside)


def _side(b: Builder, boxes: Value, column: int) -> Value:
    """[boxes]: one of the four numbers of each box."""
    cut = b.slice(boxes, start=[0, column], limit=[boxes.shape[0], column + 1], stride=[1, 1])
    return b.reshape(cut, shape=(boxes.shape[0],))


def _places(b: Builder, start: Value, end: Value, size: int, count: int) -> Value:
    """[boxes, count]: places from one side of a box to the other; of a single one the middle."""
    if count == 1:
        middle = arithmetic.scaled(b, b.add(start, end), 0.5 * (size - 1))
        return b.reshape(middle, shape=(middle.shape[0], 1))
    step = arithmetic.scaled(b, b.sub(end, start), (size - 1) / (count - 1))
    shape = (start.shape[0], count)
    first = b.broadcast(arithmetic.scaled(b, start, size - 1), shape=shape, axes=(0,))
    numbers = b.cast(b.iota(shape=shape, axis=1, dtype=int32.ir), dtype=start.dtype)
    return b.add(first, b.mul(numbers, b.broadcast(step, shape=shape, axes=(0,))))


def _within(b: Builder, place: Value, size: int) -> Value:
    zero, last = constants.filled_like(b, 0, place), constants.filled_like(b, size - 1, place)
    return b.bitwise_and(b.ge(place, zero), b.le(place, last))


def _kept(b: Builder, place: Value, size: int) -> Value:
    """A place that may be read, whether or not it counts."""
    return b.clamp(constants.scalar(b, 0, place.dtype), place, constants.scalar(b, size - 1, place.dtype))


def _rounded(b: Builder, place: Value) -> Value:
    """The nearest element, halves away from 0: what lies below 0 is not read."""
    return b.floor(arithmetic.shifted(b, place, 0.5))


def _between(b: Builder, start: Value, end: Value, share: Value) -> Value:
    start, end = broadcast_together(b, start, end)
    return b.add(start, b.mul(b.sub(end, start), share))


@export("image.crop_and_resize")
def crop_and_resize(
    image: Any, boxes: Any, box_ind: Any = None, crop_size: Any = None, method: str = "bilinear",
    extrapolation_value: float = 0, name: str | None = None, box_indices: Any = None,
) -> Tensor:  # fmt: skip
    """[boxes, height, width, channels]: the part in each box of the picture that `box_indices` names, as large as
    `crop_size` says. Boxes are [top, left, bottom, right], from 0 to 1."""
    which = either("box_indices", box_indices, "box_ind", box_ind)
    return apply(
        "CropAndResize", [image, boxes, which, crop_size], name=name, method=method,
        extrapolation_value=extrapolation_value,
    )  # fmt: skip
