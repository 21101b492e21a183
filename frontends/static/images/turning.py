"""Pictures turned and mirrored."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int32
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations import arrays
from ..operations.casting import cast, round
from ..operations.conditions import case, cond
from ..operations.random import random_uniform
from ..operations.rearranging import reverse
from .shapes import checked_picture, checked_rank


def _with_shape(image: Tensor, made: Tensor) -> Tensor:
    made.set_shape(image.shape if image.shape.ndims is not None else [None, None, None])
    return made


def _flip(image: Any, axis: int, scope: str) -> Tensor:
    with name_scope(None, scope, [image]):
        image = checked_picture(convert_to_tensor(image, name="image"))
        if checked_rank(image) == 4:
            return reverse(image, [axis + 1])
        return _with_shape(image, reverse(image, [axis]))


@export("image.flip_left_right")
def flip_left_right(image: Any) -> Tensor:
    """A picture, or each of a batch, mirrored left to right. Raises ValueError."""
    return _flip(image, 1, "flip_left_right")


@export("image.flip_up_down")
def flip_up_down(image: Any) -> Tensor:
    """A picture, or each of a batch, upside down. Raises ValueError."""
    return _flip(image, 0, "flip_up_down")


def _random_flip(image: Any, axis: int, seed: int | None, scope: str) -> Tensor:
    with name_scope(None, scope, [image]) as name:
        image = checked_picture(convert_to_tensor(image, name="image"))
        if checked_rank(image) == 3:
            flips = random_uniform([], 0, 1.0, seed=seed) < 0.5
            return _with_shape(image, cond(flips, lambda: reverse(image, [axis]), lambda: image, name=name))
        count = arrays.shape(image)[0]
        drawn = random_uniform([count], 0, 1.0, seed=seed)
        flips = cast(round(arrays.reshape(drawn, [count, 1, 1, 1])), image.dtype)
        return flips * reverse(image, [axis + 1]) + (1 - flips) * image


@export("image.random_flip_left_right")
def random_flip_left_right(image: Any, seed: int | None = None) -> Tensor:
    """A picture, or each of a batch, mirrored left to right every other time. Raises ValueError."""
    return _random_flip(image, 1, seed, "random_flip_left_right")


@export("image.random_flip_up_down")
def random_flip_up_down(image: Any, seed: int | None = None) -> Tensor:
    """A picture, or each of a batch, upside down every other time. Raises ValueError."""
    return _random_flip(image, 0, seed, "random_flip_up_down")


def _swapped(image: Tensor, name: str | None = "transpose") -> Tensor:
    """Height for width."""
    order = [1, 0, 2] if checked_rank(image) == 3 else [0, 2, 1, 3]
    return arrays.transpose(image, order, name=name)


@export("image.transpose", "image.transpose_image")
def transpose(image: Any, name: str | None = None) -> Tensor:
    """A picture, or each of a batch, mirrored at its diagonal. Raises ValueError."""
    with name_scope(name, "transpose", [image]):
        return _swapped(checked_picture(convert_to_tensor(image, name="image")), name)


@export("image.rot90")
def rot90(image: Any, k: Any = 1, name: str | None = None) -> Tensor:
    """A picture, or each of a batch, turned `k` times by a quarter against the clock. Raises ValueError."""
    with name_scope(name, "rot90", [image, k]) as scope:
        image = checked_picture(convert_to_tensor(image, name="image"))
        k = convert_to_tensor(k, dtype=int32, name="k")
        k.shape.assert_has_rank(0)
        k = k % 4
        rank = checked_rank(image)
        height, width = rank - 3, rank - 2
        turns = [
            (apply("Equal", [k, 1]), lambda: _swapped(reverse(image, [width]))),
            (apply("Equal", [k, 2]), lambda: reverse(image, [height, width])),
            (apply("Equal", [k, 3]), lambda: reverse(_swapped(image), [width])),
        ]
        made = case(turns, default=lambda: image, exclusive=True, name=scope)
        lead = image.shape.as_list()[:height] if image.shape.ndims is not None else []
        made.set_shape([*lead, None, None, image.shape[rank - 1].value if image.shape.ndims is not None else None])
        return made
