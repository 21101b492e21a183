"""Transforms of places: sizes, crops, flips, turns."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

from . import draws, functional
from .arrays import check_padding_mode
from .base import Transform, check_sequence, checked_fill, fill_for, pair_of, range_of
from .modes import InterpolationMode, mode_of
from .subjects import Image

_BILINEAR, _NEAREST = InterpolationMode.BILINEAR, InterpolationMode.NEAREST


class Resize(Transform):
    """`functional.resize`."""

    def __init__(
        self, size: Any, interpolation: Any = _BILINEAR, max_size: int | None = None, antialias: bool | None = True
    ) -> None:
        super().__init__()
        if not isinstance(size, (int, Sequence)):
            raise TypeError(f"Size should be int or sequence. Got {type(size)}")
        if isinstance(size, Sequence) and len(size) not in (1, 2):
            raise ValueError("If size is a sequence, it should have 1 or 2 values")
        self.size = size
        self.max_size = max_size
        self.interpolation = mode_of(interpolation)
        self.antialias = antialias

    def apply(self, image: Image, drawn: None) -> Image:
        return functional.resize(image, self.size, self.interpolation, self.max_size, self.antialias)

    def text(self) -> str:
        return (
            f"size={self.size}, interpolation={self.interpolation.value}, max_size={self.max_size}, "
            f"antialias={self.antialias}"
        )


class _Sized(Transform):
    """A transform to a size."""

    def __init__(self, size: Any) -> None:
        super().__init__()
        self.size = pair_of(size)

    def text(self) -> str:
        return f"size={self.size}"


class CenterCrop(_Sized):
    """`functional.center_crop`."""

    def apply(self, image: Image, drawn: None) -> Image:
        return functional.center_crop(image, self.size)


class FiveCrop(_Sized):
    """`functional.five_crop`."""

    def apply(self, image: Image, drawn: None) -> tuple[Image, ...]:
        return functional.five_crop(image, self.size)


class TenCrop(_Sized):
    """`functional.ten_crop`."""

    def __init__(self, size: Any, vertical_flip: bool = False) -> None:
        super().__init__(size)
        self.vertical_flip = vertical_flip

    def apply(self, image: Image, drawn: None) -> tuple[Image, ...]:
        return functional.ten_crop(image, self.size, self.vertical_flip)

    def text(self) -> str:
        return f"size={self.size}, vertical_flip={self.vertical_flip}"


class Pad(Transform):
    """`functional.pad`."""

    def __init__(self, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> None:
        super().__init__()
        if not isinstance(padding, (int, float, tuple, list)):
            raise TypeError("Got inappropriate padding arg")
        if not isinstance(fill, (int, float, tuple, list)):
            raise TypeError("Got inappropriate fill arg")
        check_padding_mode(padding_mode)
        if isinstance(padding, Sequence) and len(padding) not in (1, 2, 4):
            raise ValueError(
                f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(padding)} element tuple"
            )
        self.padding = padding
        self.fill = fill
        self.padding_mode = padding_mode

    def apply(self, image: Image, drawn: None) -> Image:
        return functional.pad(image, self.padding, self.fill, self.padding_mode)

    def text(self) -> str:
        return f"padding={self.padding}, fill={self.fill}, padding_mode={self.padding_mode}"


class RandomCrop(Transform):
    """A part of the image, after padding."""

    def __init__(
        self,
        size: Any,
        padding: Any = None,
        pad_if_needed: bool = False,
        fill: Any = 0,
        padding_mode: str = "constant",
    ) -> None:
        super().__init__()
        self.size = tuple(pair_of(size))
        self.padding = padding
        self.pad_if_needed = pad_if_needed
        self.fill = fill
        self.padding_mode = padding_mode

    @staticmethod
    def get_params(img: Image, output_size: tuple[int, int]) -> tuple[int, int, int, int]:
        """(top, left, height, width). Raises ValueError for a size beyond the image."""
        _, height, width = functional.get_dimensions(img)
        target_height, target_width = output_size
        if height < target_height or width < target_width:
            raise ValueError(
                f"Required crop size {(target_height, target_width)} is larger than input image size {(height, width)}"
            )
        if (height, width) == (target_height, target_width):
            return 0, 0, height, width
        top = draws.integer(0, height - target_height + 1)
        return top, draws.integer(0, width - target_width + 1), target_height, target_width

    def prepare(self, image: Image) -> Image:
        if self.padding is not None:
            image = functional.pad(image, self.padding, self.fill, self.padding_mode)
        if self.pad_if_needed:
            _, height, width = functional.get_dimensions(image)
            if width < self.size[1]:
                image = functional.pad(image, [self.size[1] - width, 0], self.fill, self.padding_mode)
            if height < self.size[0]:
                image = functional.pad(image, [0, self.size[0] - height], self.fill, self.padding_mode)
        return image

    def draw(self, image: Image) -> tuple[int, int, int, int]:
        return self.get_params(image, self.size)

    def apply(self, image: Image, drawn: tuple[int, int, int, int]) -> Image:
        return functional.crop(image, *drawn)

    def text(self) -> str:
        return f"size={self.size}, padding={self.padding}"


class Chance(Transform):
    """A transform that happens with probability p."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def draw(self, image: Image) -> bool:
        return draws.chance(self.p)

    def text(self) -> str:
        return f"p={self.p}"


class RandomHorizontalFlip(Chance):
    """Left for right, with probability p."""

    def apply(self, image: Image, drawn: bool) -> Image:
        return functional.hflip(image) if drawn else image


class RandomVerticalFlip(Chance):
    """Up for down, with probability p."""

    def apply(self, image: Image, drawn: bool) -> Image:
        return functional.vflip(image) if drawn else image


def check_area(scale: Any, ratio: Any) -> None:
    """Of ranges of a part's area and of its width over its height. Raises TypeError; warns where they are empty."""
    if not isinstance(scale, Sequence):
        raise TypeError("Scale should be a sequence")
    if not isinstance(ratio, Sequence):
        raise TypeError("Ratio should be a sequence")
    if scale[0] > scale[1] or ratio[0] > ratio[1]:
        warnings.warn("Scale and ratio should be of kind (min, max)", stacklevel=3)


def drawn_area(area: float, scale: Sequence[float], ratio: Sequence[float]) -> tuple[float, float]:
    """(a part of the area, a ratio of sides), the latter even in its logarithm."""
    part = area * draws.uniform(scale[0], scale[1])
    return part, math.exp(draws.uniform(math.log(ratio[0]), math.log(ratio[1])))


class RandomResizedCrop(Transform):
    """A part of the image of random area and form, brought to one size."""

    def __init__(
        self,
        size: Any,
        scale: Sequence[float] = (0.08, 1.0),
        ratio: Sequence[float] = (3.0 / 4.0, 4.0 / 3.0),
        interpolation: Any = _BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        super().__init__()
        self.size = pair_of(size)
        check_area(scale, ratio)
        self.scale = scale
        self.ratio = ratio
        self.interpolation = mode_of(interpolation)
        self.antialias = antialias

    @staticmethod
    def get_params(img: Image, scale: Sequence[float], ratio: Sequence[float]) -> tuple[int, int, int, int]:
        """(top, left, height, width): after ten draws that do not fit, the middle."""
        _, height, width = functional.get_dimensions(img)
        for _ in range(10):
            area, form = drawn_area(height * width, scale, ratio)
            part_width, part_height = round(math.sqrt(area * form)), round(math.sqrt(area / form))
            if 0 < part_width <= width and 0 < part_height <= height:
                top = draws.integer(0, height - part_height + 1)
                return top, draws.integer(0, width - part_width + 1), part_height, part_width
        part_width, part_height = width, height
        if width / height < min(ratio):
            part_height = round(width / min(ratio))
        elif width / height > max(ratio):
            part_width = round(height * max(ratio))
        return (height - part_height) // 2, (width - part_width) // 2, part_height, part_width

    def draw(self, image: Image) -> tuple[int, int, int, int]:
        return self.get_params(image, self.scale, self.ratio)

    def apply(self, image: Image, drawn: tuple[int, int, int, int]) -> Image:
        return functional.resized_crop(image, *drawn, self.size, self.interpolation, antialias=self.antialias)

    def text(self) -> str:
        scale, ratio = (tuple(round(each, 4) for each in bounds) for bounds in (self.scale, self.ratio))
        return (
            f"size={self.size}, scale={scale}, ratio={ratio}, interpolation={self.interpolation.value}, "
            f"antialias={self.antialias}"
        )


class RandomRotation(Transform):
    """Turned by a random angle, in degrees."""

    def __init__(
        self, degrees: Any, interpolation: Any = _NEAREST, expand: bool = False, center: Any = None, fill: Any = 0
    ) -> None:
        super().__init__()
        self.degrees = range_of(degrees, "degrees")
        self.interpolation = mode_of(interpolation)
        if center is not None:
            check_sequence(center, "center", (2,))
        self.center = center
        self.expand = expand
        self.fill = checked_fill(fill)

    @staticmethod
    def get_params(degrees: Sequence[float]) -> float:
        """An angle."""
        return draws.uniform(degrees[0], degrees[1])

    def draw(self, image: Image) -> float:
        return self.get_params(self.degrees)

    def apply(self, image: Image, drawn: float) -> Image:
        fill = fill_for(image, self.fill)
        return functional.rotate(image, drawn, self.interpolation, self.expand, self.center, fill)

    def text(self) -> str:
        center = "" if self.center is None else f", center={self.center}"
        return (
            f"degrees={self.degrees}, interpolation={self.interpolation.value}, expand={self.expand}{center}, "
            f"fill={self.fill}"
        )


class RandomAffine(Transform):
    """Turned, moved, scaled and sheared at random, about its middle."""

    def __init__(
        self,
        degrees: Any,
        translate: Any = None,
        scale: Any = None,
        shear: Any = None,
        interpolation: Any = _NEAREST,
        fill: Any = 0,
        center: Any = None,
    ) -> None:
        super().__init__()
        self.degrees = range_of(degrees, "degrees")
        self.interpolation = mode_of(interpolation)
        if translate is not None:
            check_sequence(translate, "translate", (2,))
            if any(not 0.0 <= part <= 1.0 for part in translate):
                raise ValueError("translation values should be between 0 and 1")
        self.translate = translate
        if scale is not None:
            check_sequence(scale, "scale", (2,))
            if any(factor <= 0 for factor in scale):
                raise ValueError("scale values should be positive")
        self.scale = scale
        self.shear = None if shear is None else range_of(shear, "shear", (2, 4))
        self.fill = checked_fill(fill)
        if center is not None:
            check_sequence(center, "center", (2,))
        self.center = center

    @staticmethod
    def get_params(
        degrees: Sequence[float],
        translate: Sequence[float] | None,
        scale_ranges: Sequence[float] | None,
        shears: Sequence[float] | None,
        img_size: Sequence[int],
    ) -> tuple[float, tuple[int, int], float, tuple[float, float]]:
        """(angle, (right, down) in pixels, scale, (shear along x, along y)) of an image of size (width, height)."""
        angle = draws.uniform(degrees[0], degrees[1])
        moves = [0, 0]
        if translate is not None:
            most = [part * size for part, size in zip(translate, img_size, strict=True)]
            moves = [round(draws.uniform(-each, each)) for each in most]
        scale = 1.0 if scale_ranges is None else draws.uniform(scale_ranges[0], scale_ranges[1])
        shear_x = shear_y = 0.0
        if shears is not None:
            shear_x = draws.uniform(shears[0], shears[1])
            if len(shears) == 4:
                shear_y = draws.uniform(shears[2], shears[3])
        return angle, (moves[0], moves[1]), scale, (shear_x, shear_y)

    def draw(self, image: Image) -> Any:
        size = functional.get_image_size(image)
        return self.get_params(self.degrees, self.translate, self.scale, self.shear, size)

    def apply(self, image: Image, drawn: Any) -> Image:
        fill = fill_for(image, self.fill)
        return functional.affine(image, *drawn, interpolation=self.interpolation, fill=fill, center=self.center)

    def text(self) -> str:
        text = f"degrees={self.degrees}"
        for name in ("translate", "scale", "shear"):
            if getattr(self, name) is not None:
                text += f", {name}={getattr(self, name)}"
        if self.interpolation is not _NEAREST:
            text += f", interpolation={self.interpolation.value}"
        if self.fill != 0:
            text += f", fill={self.fill}"
        return text if self.center is None else f"{text}, center={self.center}"


class RandomPerspective(Chance):
    """Drawn in a random perspective, with probability p."""

    def __init__(
        self, distortion_scale: float = 0.5, p: float = 0.5, interpolation: Any = _BILINEAR, fill: Any = 0
    ) -> None:
        super().__init__(p)
        self.interpolation = mode_of(interpolation)
        self.distortion_scale = distortion_scale
        self.fill = checked_fill(fill)

    @staticmethod
    def get_params(width: int, height: int, distortion_scale: float) -> tuple[list[list[int]], list[list[int]]]:
        """(corners, where they go), from the top left on with the clock."""
        right, down = width - 1, height - 1
        most_x, most_y = int(distortion_scale * (width // 2)), int(distortion_scale * (height // 2))
        starts = [[0, 0], [right, 0], [right, down], [0, down]]
        ends = [
            [
                draws.integer(0, most_x + 1) if x == 0 else draws.integer(right - most_x, width),
                draws.integer(0, most_y + 1) if y == 0 else draws.integer(down - most_y, height),
            ]
            for x, y in starts
        ]
        return starts, ends

    def draw(self, image: Image) -> Any:
        if not super().draw(image):
            return None
        _, height, width = functional.get_dimensions(image)
        return self.get_params(width, height, self.distortion_scale)

    def apply(self, image: Image, drawn: Any) -> Image:
        if drawn is None:
            return image
        return functional.perspective(image, *drawn, self.interpolation, fill_for(image, self.fill))
