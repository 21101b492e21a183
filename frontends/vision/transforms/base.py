"""What transforms share: how they are called, and how their arguments are checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.eager import nn

from ..tensors import is_tensor
from . import functional
from .subjects import Image


class Transform(nn.Module):
    """A transform in three steps, so that one draw may serve many images: `prepare` each image, `draw` once for the
    first, `apply` to each."""

    def prepare(self, image: Image) -> Image:
        """The image as it is before the draw."""
        return image

    def draw(self, image: Image) -> Any:
        """Random choices for an image of these dimensions."""
        return None

    def apply(self, image: Image, drawn: Any) -> Image:
        """The image, transformed by what was drawn."""
        raise NotImplementedError

    def forward(self, img: Image) -> Image:
        """The image, transformed."""
        img = self.prepare(img)
        return self.apply(img, self.draw(img))

    def text(self) -> str:
        """What stands in brackets in the text of the transform."""
        return ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text()})"


def described(name: str, transforms: Sequence[Any], first: str = "") -> str:
    """The text of a transform of transforms."""
    return f"{name}({first}" + "".join(f"\n    {each}" for each in transforms) + "\n)"


def pair_of(size: Any, message: str = "Please provide only two dimensions (h, w) for size.") -> Any:
    """(height, width) of one number or of two. Raises ValueError for more."""
    if isinstance(size, (int, float)):
        return int(size), int(size)
    if isinstance(size, Sequence) and len(size) == 1:
        return size[0], size[0]
    if len(size) != 2:
        raise ValueError(message)
    return size


def check_sequence(value: Any, name: str, lengths: tuple[int, ...]) -> None:
    """Raises TypeError for what is no sequence, ValueError for one of another length."""
    message = f"{name} should be a sequence of length {' or '.join(map(str, lengths))}."
    if not isinstance(value, Sequence):
        raise TypeError(message)
    if len(value) not in lengths:
        raise ValueError(message)


def range_of(value: Any, name: str, lengths: tuple[int, ...] = (2,)) -> list[float]:
    """The range of a number, from its negative on, or the given one."""
    if isinstance(value, (int, float)):
        if value < 0:
            raise ValueError(f"If {name} is a single number, it must be positive.")
        value = [-value, value]
    else:
        check_sequence(value, name, lengths)
    return [float(each) for each in value]


def checked_fill(fill: Any) -> Any:
    """A number or sequence to fill with. Raises TypeError for others."""
    if fill is None:
        return 0
    if not isinstance(fill, (Sequence, int, float)):
        raise TypeError("Fill should be either a sequence or a number.")
    return fill


def fill_for(image: Image, fill: Any) -> Any:
    """One number for each channel, of tensors."""
    if not is_tensor(image):
        return fill
    if isinstance(fill, (int, float)):
        return [float(fill)] * functional.get_dimensions(image)[0]
    return [float(each) for each in fill]
