"""Pictures cut and padded."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import float64, int32
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape, shape, squeeze
from ..operations.casting import cast
from ..operations.control import with_dependencies
from ..operations.joining import stack
from ..operations.padding import pad
from ..operations.slicing import slice_
from .resizing import ResizeMethod, resized
from .shapes import as_batch, checked_picture, is_tensor, picture_checks, required, sizes_of


def _floor(x: Tensor) -> Tensor:
    return apply("Floor", [x])


def _depends(checks: list[Any], value: Any) -> Any:
    return with_dependencies(checks, value) if checks else value


def _set_sizes(made: Tensor, sizes: list[Any]) -> None:
    made.set_shape([None if is_tensor(size) else size for size in sizes])


@export("image.crop_to_bounding_box")
def crop_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """The part of a picture, or of each of a batch, from an offset on. Raises ValueError, or in a run
    InvalidArgumentError, where it does not lie inside."""
    with name_scope(None, "crop_to_bounding_box", [image]):
        image, was_batch = as_batch(convert_to_tensor(image, name="image"))
        checks = picture_checks(image)
        batch, height, width, depth = sizes_of(image, 4)
        checks += required(offset_width >= 0, "offset_width must be >= 0.")
        checks += required(offset_height >= 0, "offset_height must be >= 0.")
        checks += required(target_width > 0, "target_width must be > 0.")
        checks += required(target_height > 0, "target_height must be > 0.")
        checks += required(width >= target_width + offset_width, "width must be >= target + offset.")
        checks += required(height >= target_height + offset_height, "height must be >= target + offset.")
        begin = stack([0, offset_height, offset_width, 0])
        cropped = slice_(_depends(checks, image), begin, stack([-1, target_height, target_width, -1]))
        _set_sizes(cropped, [batch, target_height, target_width, depth])
        return cropped if was_batch else squeeze(cropped, [0])


@export("image.pad_to_bounding_box")
def pad_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """A picture, or each of a batch, at an offset in a larger one of zeros. Raises ValueError, or in a run
    InvalidArgumentError, where it does not fit."""
    with name_scope(None, "pad_to_bounding_box", [image]):
        image, was_batch = as_batch(convert_to_tensor(image, name="image"))
        checks = picture_checks(image)
        batch, height, width, depth = sizes_of(image, 4)
        right, below = target_width - offset_width - width, target_height - offset_height - height
        checks += required(offset_height >= 0, "offset_height must be >= 0")
        checks += required(offset_width >= 0, "offset_width must be >= 0")
        checks += required(right >= 0, "width must be <= target - offset")
        checks += required(below >= 0, "height must be <= target - offset")
        paddings = reshape(stack([0, 0, offset_height, below, offset_width, right, 0, 0]), [4, 2])
        padded = pad(_depends(checks, image), paddings)
        _set_sizes(padded, [batch, target_height, target_width, depth])
        return padded if was_batch else squeeze(padded, [0])


def _larger(x: Any, y: Any) -> Any:
    return apply("Maximum", [x, y]) if is_tensor(x) or is_tensor(y) else max(x, y)


def _smaller(x: Any, y: Any) -> Any:
    return apply("Minimum", [x, y]) if is_tensor(x) or is_tensor(y) else min(x, y)


def _same(x: Any, y: Any) -> Any:
    return apply("Equal", [x, y]) if is_tensor(x) or is_tensor(y) else x == y


@export("image.resize_image_with_crop_or_pad", "image.resize_with_crop_or_pad")
def resize_image_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Tensor:
    """The middle of a picture, or of each of a batch, with zeros around it where it is too small. Raises ValueError."""
    with name_scope(None, "resize_image_with_crop_or_pad", [image]):
        image, was_batch = as_batch(convert_to_tensor(image, name="image"))
        checks = picture_checks(image)
        checks += required(target_width > 0, "target_width must be > 0.")
        checks += required(target_height > 0, "target_height must be > 0.")
        image = _depends(checks, image)
        target_height, target_width = (
            _depends(checks, target) if is_tensor(target) else target for target in (target_height, target_width)
        )
        _, height, width, _ = sizes_of(image, 4)
        more_width, more_height = target_width - width, target_height - height
        cropped = crop_to_bounding_box(
            image, _larger(-more_height // 2, 0), _larger(-more_width // 2, 0), _smaller(target_height, height),
            _smaller(target_width, width),
        )  # fmt: skip
        made = pad_to_bounding_box(
            cropped, _larger(more_height // 2, 0), _larger(more_width // 2, 0), target_height, target_width
        )
        _, found_height, found_width, _ = sizes_of(made, 4)
        checks = required(_same(found_height, target_height), "resized height is not correct.")
        checks += required(_same(found_width, target_width), "resized width is not correct.")
        made = _depends(checks, made)
        return made if was_batch else squeeze(made, [0])


@export("image.resize_image_with_pad")
def resize_image_with_pad(
    image: Any, target_height: Any, target_width: Any, method: Any = ResizeMethod.BILINEAR, align_corners: bool = False
) -> Tensor:
    """A picture, or each of a batch, as large as fits without changing its proportions, with zeros around it."""
    with name_scope(None, "resize_image_with_pad", [image]):
        image, was_batch = as_batch(convert_to_tensor(image, name="image"))
        checks = picture_checks(image)
        checks += required(target_width > 0, "target_width must be > 0.")
        checks += required(target_height > 0, "target_height must be > 0.")
        image = _depends(checks, image)
        _, *sizes, _ = sizes_of(image, 4)
        sides = [cast(size, float64) for size in sizes]
        targets = [cast(target, float64) for target in (target_height, target_width)]
        ratio = apply("Maximum", [sides[1] / targets[1], sides[0] / targets[0]])
        fitting = [side / ratio for side in sides]
        before = [
            apply("Maximum", [0, cast(_floor((target - side) / 2), int32)])
            for target, side in zip(targets, fitting, strict=True)
        ]
        new_size = [cast(_floor(side), int32) for side in fitting]
        fitted = resized(image, new_size, method, align_corners, False, None, keeps_same=False)
        padded = pad_to_bounding_box(fitted, before[0], before[1], target_height, target_width)
        return padded if was_batch else squeeze(padded, [0])


@export("image.central_crop")
def central_crop(image: Any, central_fraction: float) -> Tensor:
    """The middle of a picture, or of each of a batch: that fraction of both sides. Raises ValueError."""
    with name_scope(None, "central_crop", [image]):
        image = convert_to_tensor(image, name="image")
        if not 0.0 < central_fraction <= 1.0:
            raise ValueError("central_fraction must be within (0, 1]")
        if central_fraction == 1.0:
            return image
        checked_picture(image)
        rank = image.shape.ndims
        if rank not in (3, 4):
            raise ValueError(f"`image` should either be a Tensor with rank = 3 or rank = 4. Had rank = {rank}.")
        starts: list[Any] = []
        sizes: list[Any] = []
        for axis in (rank - 3, rank - 2):
            side: Any = image.shape[axis].value
            if side is None:
                side = shape(image)[axis]
                wide = cast(side, float64)
                start: Any = cast((wide - wide * central_fraction) / 2, int32)
            else:
                start = int((side - side * central_fraction) / 2)
            starts.append(start)
            sizes.append(side - start * 2)
        before, whole = [0] * (rank - 3), [-1] * (rank - 3)
        cropped = slice_(image, stack([*before, *starts, 0]), stack([*whole, *sizes, -1]))
        _set_sizes(cropped, [*image.shape.as_list()[: rank - 3], *sizes, image.shape[rank - 1].value])
        return cropped
