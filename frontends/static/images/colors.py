"""Colours of pictures, whose last axis holds red, green and blue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Builder, Value

from ...functions import arithmetic, constants
from ...functions.broadcasting import broadcast_together
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation, shape_of_input
from ..graphs.dtypes import FLOATS, float16, float32, int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims
from ..graphs.site import Refusal, Site
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, rank, shape
from ..operations.checks import assert_equal, assert_greater_equal
from ..operations.contractions import tensordot
from ..operations.control import with_dependencies
from ..operations.joining import concat, tile
from ..operations.random import random_uniform
from ..operations.ranges import ones
from .intensities import as_floats, convert_image_dtype, drawn_factor

# -- hue, saturation and value ----


def _channels(b: Builder, x: Value) -> list[Value]:
    """The three of the last axis, each with a last axis of one."""
    if not x.rank:
        raise Refusal("Shape must be at least rank 1 but is rank 0", "input must be at least 1D")
    if x.shape[-1] != 3:
        raise Refusal(f"Dimension must be 3 but is {x.shape[-1]}", "input must have 3 channels in its last dimension.")
    before, ones_ = [0] * (x.rank - 1), [1] * x.rank
    return [b.slice(x, start=[*before, place], limit=[*x.shape[:-1], place + 1], stride=ones_) for place in range(3)]


def _hue(b: Builder, red: Value, green: Value, blue: Value) -> tuple[Value, Value, Value]:
    """(hue, smallest, largest): the hue goes from 0 to 1 around the circle, and is 0 for greys."""
    zero = constants.filled_like(b, 0, red)
    largest, smallest = b.max(b.max(red, green), blue), b.min(b.min(red, green), blue)
    span = b.sub(largest, smallest)
    grey = b.le(span, zero)
    per_sixth = b.div(constants.filled_like(b, 1 / 6, red), b.select(grey, constants.filled_like(b, 1, red), span))
    of_red = b.mul(per_sixth, b.sub(green, blue))
    of_green = arithmetic.shifted(b, b.mul(per_sixth, b.sub(blue, red)), 2 / 6)
    of_blue = arithmetic.shifted(b, b.mul(per_sixth, b.sub(red, green)), 4 / 6)
    hue = b.select(b.eq(red, largest), of_red, b.select(b.eq(green, largest), of_green, of_blue))
    hue = b.select(grey, zero, hue)
    return b.select(b.lt(hue, zero), arithmetic.shifted(b, hue, 1), hue), smallest, largest


def _full_color(b: Builder, hue: Value) -> list[Value]:
    """Red, green and blue of a hue at its brightest and purest."""
    sixths = arithmetic.scaled(b, hue, 6)

    def distance(place: int) -> Value:
        return b.abs(arithmetic.shifted(b, sixths, -place))

    def clipped(value: Value) -> Value:
        return b.clamp(constants.scalar(b, 0, hue.dtype), value, constants.scalar(b, 1, hue.dtype))

    return [
        clipped(arithmetic.shifted(b, distance(3), -1)),
        clipped(arithmetic.shifted(b, b.neg(distance(2)), 2)),
        clipped(arithmetic.shifted(b, b.neg(distance(4)), 2)),
    ]


def _joined(b: Builder, parts: Sequence[Value]) -> Value:
    return b.concatenate(*parts, axis=parts[0].rank - 1)


def _to_hsv(b: Builder, x: Value) -> list[Value]:
    hue, smallest, largest = _hue(b, *_channels(b, x))
    zero, one = constants.filled_like(b, 0, hue), constants.filled_like(b, 1, hue)
    is_bright = b.gt(largest, zero)
    saturation = b.div(b.sub(largest, smallest), b.select(is_bright, largest, one))
    return [hue, b.select(is_bright, saturation, zero), largest]


def _from_hsv(b: Builder, hue: Value, saturation: Value, value: Value) -> Value:
    rest = b.sub(constants.filled_like(b, 1, saturation), saturation)
    return _joined(b, [b.mul(b.add(rest, b.mul(saturation, part)), value) for part in _full_color(b, hue)])


def _of_colors(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    last = inputs[0].shape.with_rank_at_least(1)[-1].value
    if last not in (3, None):
        raise Refusal(f"Dimension must be 3 but is {last}")
    return [inputs[0]._dims]


@operation("RGBToHSV", "images: T -> T", defaults={"T": float32}, T=FLOATS, shape=_of_colors)
def lower_to_hsv(at: Site, x: Value) -> Value:
    """Hue, saturation and value, each from 0 to 1."""
    return _joined(at.b, _to_hsv(at.b, x))


@operation("HSVToRGB", "images: T -> T", defaults={"T": float32}, T=FLOATS, shape=_of_colors, blocks=True)
def lower_from_hsv(at: Site, x: Value) -> Value:
    """Red, green and blue, each from 0 to 1."""
    return _from_hsv(at.b, *_channels(at.b, x))


@export("image.rgb_to_hsv")
def rgb_to_hsv(images: Any, name: str | None = None) -> Tensor:
    """Hue, saturation and value of red, green and blue, all from 0 to 1."""
    return apply("RGBToHSV", [images], name=name)


@export("image.hsv_to_rgb")
def hsv_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Red, green and blue of hue, saturation and value, all from 0 to 1."""
    return apply("HSVToRGB", [images], name=name)


@operation("AdjustHue", "images: T, delta: float -> T", T=(float16, float32), shape=shape_of_input, blocks=True)
def lower_hue(at: Site, x: Value, delta: Value) -> Value:
    """x with all hues turned by a part of the circle."""
    b = at.b
    hue, smallest, largest = _hue(b, *_channels(b, x))
    moved = b.add(hue, broadcast_together(b, b.cast(delta, dtype=x.dtype), hue)[0])
    turned = b.sub(moved, b.floor(moved))
    span = b.sub(largest, smallest)
    return _joined(b, [b.add(smallest, b.mul(span, part)) for part in _full_color(b, turned)])


@operation("AdjustSaturation", "images: T, scale: float -> T", T=(float16, float32), shape=shape_of_input, blocks=True)
def lower_saturation(at: Site, x: Value, scale: Value) -> Value:
    """x with all saturations times a factor."""
    b = at.b
    hue, saturation, value = _to_hsv(b, x)
    scaled = b.mul(saturation, broadcast_together(b, b.cast(scale, dtype=x.dtype), saturation)[0])
    bounded = b.clamp(constants.scalar(b, 0, x.dtype), scaled, constants.scalar(b, 1, x.dtype))
    return _from_hsv(b, hue, bounded, value)


def _adjusted(type: str, scope: str, image: Any, amount: Any, name: str | None) -> Tensor:
    with name_scope(name, scope, [image]):
        floats, dtype = as_floats(image)
        return convert_image_dtype(apply(type, [floats, amount]), dtype)


@export("image.adjust_hue")
def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Tensor:
    """All hues turned by a part of the circle, from -1 to 1."""
    return _adjusted("AdjustHue", "adjust_hue", image, delta, name)


@export("image.adjust_saturation")
def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Tensor:
    """All saturations times a factor."""
    return _adjusted("AdjustSaturation", "adjust_saturation", image, saturation_factor, name)


@export("image.random_hue")
def random_hue(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """As adjust_hue, by up to `max_delta` either way. Raises ValueError."""
    if max_delta > 0.5:
        raise ValueError("max_delta must be <= 0.5.")
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_hue(image, random_uniform([], -max_delta, max_delta, seed=seed))


@export("image.random_saturation")
def random_saturation(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """As adjust_saturation, with a factor drawn between two. Raises ValueError."""
    return adjust_saturation(image, drawn_factor(lower, upper, seed))


# -- greys ----


@export("image.rgb_to_grayscale")
def rgb_to_grayscale(images: Any, name: str | None = None) -> Tensor:
    """The brightness of colours, with a last axis of one."""
    with name_scope(name, "rgb_to_grayscale", [images]) as scope:
        images = convert_to_tensor(images, name="images")
        floats = convert_image_dtype(images, float32)
        grey = expand_dims(tensordot(floats, [0.2989, 0.587, 0.114], [-1, -1]), -1)
        return convert_image_dtype(grey, images.dtype.base_dtype, name=scope)


@export("image.grayscale_to_rgb")
def grayscale_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Greys, whose last axis has one element, as colours. Raises ValueError for another last axis."""
    with name_scope(name, "grayscale_to_rgb", [images]) as scope:
        images = convert_to_tensor(images, name="images")
        dims = images._dims
        if dims is not None and len(dims) < 2:
            raise ValueError("A grayscale image must be at least two-dimensional.")
        if dims is not None and None not in dims and dims[-1] != 1:
            raise ValueError("Last dimension of a grayscale image should be size 1.")
        if dims is None or None in dims:
            checks = [
                assert_equal(shape(images)[-1], 1, message="Last dimension of a grayscale image should be size 1."),
                assert_greater_equal(rank(images), 3, message="A grayscale image must be at least two-dimensional."),
            ]
            images = with_dependencies(checks, images)
        lead = ones(expand_dims(rank(images) - 1, 0), dtype=int32)
        made = tile(images, concat([lead, expand_dims(3, 0)], 0), name=scope)
        if dims is not None:
            made.set_shape([*dims[:-1], 3])
        return made


# -- luminance and two differences ----

_MATRICES: dict[str, Any] = {
    "rgb_to_yiq": [
        [0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]
    ],
    "yiq_to_rgb": [[1, 1, 1], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]],
    "rgb_to_yuv": [
        [0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]
    ],
    "yuv_to_rgb": [[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]],
}  # fmt: skip


def _declare_linear(name: str, matrix: Any) -> None:
    @export(f"image.{name}")
    def function(images: Any) -> Tensor:
        images = convert_to_tensor(images, name="images")
        kernel = convert_to_tensor(matrix, dtype=images.dtype.base_dtype, name="kernel")
        return tensordot(images, kernel, [[images.shape.ndims - 1], [0]])

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Colours {name[:3].upper()} as {name[-3:].upper()}, the last axis times a matrix."


for _name, _matrix in _MATRICES.items():
    _declare_linear(_name, _matrix)
