"""How bright pictures are: other types of numbers, brightness, contrast, gamma, standardization."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diptych.ir import Value

from ...functions import reductions
from ...functions.broadcasting import broadcast_together
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation, shape_of_input
from ..graphs.dtypes import DType, as_dtype, float16, float32
from ..graphs.scopes import name_scope
from ..graphs.site import Site, require_rank
from ..graphs.tensor import Tensor
from ..operations.arrays import identity, shape
from ..operations.casting import cast, saturate_cast
from ..operations.control import with_dependencies
from ..operations.division import div
from ..operations.random import random_uniform
from ..operations.reductions import reduced
from ..operations.statistics import reduce_std
from .shapes import checked_picture, required


@export("image.convert_image_dtype")
def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Tensor:
    """Intensities as another type, scaled: from 0 to 1 as floats, to the largest number as integers; `saturate` cuts
    what is out of range. Raises AttributeError for a type of no numbers."""
    image = convert_to_tensor(image, name="image")
    wanted, found = as_dtype(dtype), image.dtype.base_dtype
    if not wanted.is_floating and not wanted.is_integer:
        raise AttributeError("dtype must be either floating point or integer")
    if wanted is found:
        return identity(image, name=name)
    convert: Callable[..., Tensor] = saturate_cast if saturate else cast
    with name_scope(name, "convert_image", [image]) as scope:
        if found.is_floating and wanted.is_floating:
            return cast(image, wanted, name=scope)
        if found.is_integer and wanted.is_floating:
            return apply("Mul", [cast(image, wanted), 1.0 / found.max], name=scope)
        if found.is_floating:
            return convert(apply("Mul", [image, wanted.max + 0.5]), wanted, name=scope)
        if found.max > wanted.max:
            return convert(div(image, (found.max + 1) // (wanted.max + 1)), wanted, name=scope)
        return apply("Mul", [convert(image, wanted), (wanted.max + 1) // (found.max + 1)], name=scope)


def as_floats(image: Any, name: str = "image") -> tuple[Tensor, DType]:
    """(the picture in floats, the type that it had)."""
    image = convert_to_tensor(image, name=name)
    found = image.dtype.base_dtype
    return (image if found in (float16, float32) else convert_image_dtype(image, float32)), found


@export("image.adjust_brightness")
def adjust_brightness(image: Any, delta: Any) -> Tensor:
    """`delta` more of intensities from 0 to 1."""
    with name_scope(None, "adjust_brightness", [image, delta]) as name:
        floats, dtype = as_floats(image)
        return convert_image_dtype(apply("Add", [floats, cast(delta, floats.dtype)], name=name), dtype, saturate=True)


@operation(
    "AdjustContrastv2", "images: T, contrast_factor: float -> T", T=(float16, float32), shape=shape_of_input,
    attributes={},
)  # fmt: skip
def lower_contrast(at: Site, x: Value, factor: Value) -> Value:
    """(x - mean) * factor + mean, with the mean of each channel of each picture."""
    require_rank(x.shape, 3, at_least=True)
    b = at.b
    wide = b.cast(x, dtype=float32.ir) if x.dtype is not float32.ir else x
    mean = reductions.mean(b, wide, [x.rank - 3, x.rank - 2], keepdims=True)
    mean, _ = broadcast_together(b, mean, wide)
    factor, _ = broadcast_together(b, factor, wide)
    made = b.add(b.mul(b.sub(wide, mean), factor), mean)
    return b.cast(made, dtype=x.dtype) if x.dtype is not float32.ir else made


@export("image.adjust_contrast")
def adjust_contrast(images: Any, contrast_factor: Any) -> Tensor:
    """Each channel's distance from its mean over the picture times a factor."""
    with name_scope(None, "adjust_contrast", [images, contrast_factor]) as name:
        floats, dtype = as_floats(images, "images")
        adjusted = apply("AdjustContrastv2", [floats, contrast_factor], name=name)
        return convert_image_dtype(adjusted, dtype, saturate=True)


@export("image.adjust_gamma")
def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Tensor:
    """gain * image ** gamma, of intensities from 0 to 1. Raises ValueError for a negative gamma."""
    with name_scope(None, "adjust_gamma", [image, gamma, gain]):
        floats, dtype = as_floats(image)
        checks = required(gamma >= 0, "Gamma should be a non-negative real number.")
        if checks:
            gamma = with_dependencies(checks, gamma)
        return convert_image_dtype(gain * floats**gamma, dtype, saturate=True)


@export("image.random_brightness")
def random_brightness(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """Up to `max_delta` more or less of intensities from 0 to 1. Raises ValueError."""
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_brightness(image, random_uniform([], -max_delta, max_delta, seed=seed))


@export("image.random_contrast")
def random_contrast(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """As adjust_contrast, with a factor drawn between two. Raises ValueError."""
    return adjust_contrast(image, drawn_factor(lower, upper, seed))


def drawn_factor(lower: float, upper: float, seed: int | None) -> Tensor:
    """A factor drawn between two. Raises ValueError."""
    if upper <= lower:
        raise ValueError("upper must be > lower.")
    if lower < 0:
        raise ValueError("lower must be non-negative.")
    return random_uniform([], lower, upper, seed=seed)


@export("image.per_image_standardization")
def per_image_standardization(image: Any) -> Tensor:
    """A picture, or each of a batch, with mean 0 and standard deviation 1, which is taken for 1 / sqrt(elements) at
    least. Raises ValueError."""
    with name_scope(None, "per_image_standardization", [image]) as scope:
        floats, dtype = as_floats(checked_picture(convert_to_tensor(image, name="image")))
        count = reduced("Prod", shape(floats)[-3:], None, False, None)
        axes = [-1, -2, -3]
        mean = reduced("Mean", floats, axes, True, None)
        deviation = reduce_std(floats, axis=axes, keepdims=True)
        deviation = apply("Maximum", [deviation, apply("Rsqrt", [cast(count, floats.dtype)])])
        return convert_image_dtype(div(floats - mean, deviation, name=scope), dtype, saturate=True)
