"""Transforms of colours, blur, and erasing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import diptych.eager as torch

from . import draws, functional
from .base import Transform, pair_of
from .geometry import Chance, check_area, drawn_area
from .subjects import Image

_ADJUSTMENTS = ("brightness", "contrast", "saturation", "hue")


class ColorJitter(Transform):
    """Brightness, contrast, saturation and hue changed at random, in random order."""

    def __init__(self, brightness: Any = 0, contrast: Any = 0, saturation: Any = 0, hue: Any = 0) -> None:
        super().__init__()
        self.brightness = self._check_input(brightness, "brightness")
        self.contrast = self._check_input(contrast, "contrast")
        self.saturation = self._check_input(saturation, "saturation")
        self.hue = self._check_input(hue, "hue", 0, (-0.5, 0.5))

    @staticmethod
    def _check_input(
        value: Any, name: str, center: float = 1, bound: tuple[float, float] = (0, float("inf"))
    ) -> tuple[float, float] | None:
        """The range of factors, None where it holds `center` alone, which changes nothing."""
        if isinstance(value, (int, float)):
            if value < 0:
                raise ValueError(f"If {name} is a single number, it must be non negative.")
            found = [center - float(value), center + float(value)]
            if center == 1:
                found[0] = max(found[0], 0.0)
        elif isinstance(value, (tuple, list)) and len(value) == 2:
            found = [float(value[0]), float(value[1])]
        else:
            raise TypeError(f"{name} should be a single number or a list/tuple with length 2.")
        if not bound[0] <= found[0] <= found[1] <= bound[1]:
            raise ValueError(f"{name} values should be between {bound}, but got {found}.")
        return None if found[0] == found[1] == center else (found[0], found[1])

    @staticmethod
    def get_params(
        brightness: Sequence[float] | None,
        contrast: Sequence[float] | None,
        saturation: Sequence[float] | None,
        hue: Sequence[float] | None,
    ) -> tuple[torch.Tensor, float | None, float | None, float | None, float | None]:
        """(the order of the four, a factor for each or None)."""
        rest = list(range(4))
        order = torch.tensor([rest.pop(draws.integer(0, len(rest))) for _ in range(4)])
        ranges = (brightness, contrast, saturation, hue)
        b, c, s, h = (None if bounds is None else draws.uniform(bounds[0], bounds[1]) for bounds in ranges)
        return order, b, c, s, h

    def draw(self, image: Image) -> Any:
        return self.get_params(self.brightness, self.contrast, self.saturation, self.hue)

    def apply(self, image: Image, drawn: Any) -> Image:
        order, *factors = drawn
        for place in order.tolist():
            if factors[place] is not None:
                image = getattr(functional, f"adjust_{_ADJUSTMENTS[place]}")(image, factors[place])
        return image

    def text(self) -> str:
        return ", ".join(f"{name}={getattr(self, name)}" for name in _ADJUSTMENTS)


class Grayscale(Transform):
    """`functional.rgb_to_grayscale`."""

    def __init__(self, num_output_channels: int = 1) -> None:
        super().__init__()
        self.num_output_channels = num_output_channels

    def apply(self, image: Image, drawn: None) -> Image:
        return functional.rgb_to_grayscale(image, self.num_output_channels)

    def text(self) -> str:
        return f"num_output_channels={self.num_output_channels}"


class RandomGrayscale(Chance):
    """Gray, with as many channels as before, with probability p."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__(p)

    def apply(self, image: Image, drawn: bool) -> Image:
        if not drawn:
            return image
        return functional.rgb_to_grayscale(image, functional.get_image_num_channels(image))


class RandomInvert(Chance):
    """`functional.invert`, with probability p."""

    def apply(self, image: Image, drawn: bool) -> Image:
        return functional.invert(image) if drawn else image


class RandomAutocontrast(Chance):
    """`functional.autocontrast`, with probability p."""

    def apply(self, image: Image, drawn: bool) -> Image:
        return functional.autocontrast(image) if drawn else image


class RandomEqualize(Chance):
    """`functional.equalize`, with probability p."""

    def apply(self, image: Image, drawn: bool) -> Image:
        return functional.equalize(image) if drawn else image


class RandomPosterize(Chance):
    """`functional.posterize`, with probability p."""

    def __init__(self, bits: int, p: float = 0.5) -> None:
        super().__init__(p)
        self.bits = bits

    def apply(self, image: Image, drawn: bool) -> Image:
        return functional.posterize(image, self.bits) if drawn else image

    def text(self) -> str:
        return f"bits={self.bits},p={self.p}"


class RandomSolarize(Chance):
    """`functional.solarize`, with probability p."""

    def __init__(self, threshold: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.threshold = threshold

    def apply(self, image: Image, drawn: bool) -> Image:
        return functional.solarize(image, self.threshold) if drawn else image

    def text(self) -> str:
        return f"threshold={self.threshold},p={self.p}"


class RandomAdjustSharpness(Chance):
    """`functional.adjust_sharpness`, with probability p."""

    def __init__(self, sharpness_factor: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.sharpness_factor = sharpness_factor

    def apply(self, image: Image, drawn: bool) -> Image:
        return functional.adjust_sharpness(image, self.sharpness_factor) if drawn else image

    def text(self) -> str:
        return f"sharpness_factor={self.sharpness_factor},p={self.p}"


class GaussianBlur(Transform):
    """`functional.gaussian_blur` with a random deviation."""

    def __init__(self, kernel_size: Any, sigma: Any = (0.1, 2.0)) -> None:
        super().__init__()
        self.kernel_size = pair_of(kernel_size, "Kernel size should be a tuple/list of two integers")
        if any(size <= 0 or size % 2 == 0 for size in self.kernel_size):
            raise ValueError("Kernel size value should be an odd and positive number.")
        if isinstance(sigma, (int, float)):
            if sigma <= 0:
                raise ValueError("If sigma is a single number, it must be positive.")
            sigma = (sigma, sigma)
        elif isinstance(sigma, Sequence) and len(sigma) == 2:
            if not 0.0 < sigma[0] <= sigma[1]:
                raise ValueError("sigma values should be positive and of the form (min, max).")
        else:
            raise ValueError("sigma should be a single number or a list/tuple with length 2.")
        self.sigma = sigma

    @staticmethod
    def get_params(sigma_min: float, sigma_max: float) -> float:
        """A deviation."""
        return draws.uniform(sigma_min, sigma_max)

    def draw(self, image: Image) -> float:
        return self.get_params(self.sigma[0], self.sigma[1])

    def apply(self, image: Image, drawn: float) -> Image:
        return functional.gaussian_blur(image, self.kernel_size, [drawn, drawn])

    def text(self) -> str:
        return f"kernel_size={self.kernel_size}, sigma={self.sigma}"


class RandomErasing(Chance):
    """A random part of a tensor overwritten, with probability p, by a value, one a channel, or noise ("random")."""

    def __init__(
        self,
        p: float = 0.5,
        scale: Sequence[float] = (0.02, 0.33),
        ratio: Sequence[float] = (0.3, 3.3),
        value: Any = 0,
        inplace: bool = False,
    ) -> None:
        super().__init__(p)
        if not isinstance(value, (int, float, str, tuple, list)):
            raise TypeError("Argument value should be either a number or str or a sequence")
        if isinstance(value, str) and value != "random":
            raise ValueError("If value is str, it should be 'random'")
        check_area(scale, ratio)
        if scale[0] < 0 or scale[1] > 1:
            raise ValueError("Scale should be between 0 and 1")
        if p < 0 or p > 1:
            raise ValueError("Random erasing probability should be between 0 and 1")
        self.scale = scale
        self.ratio = ratio
        self.value = value
        self.inplace = inplace

    @staticmethod
    def get_params(
        img: torch.Tensor, scale: Sequence[float], ratio: Sequence[float], value: list[float] | None = None
    ) -> tuple[int, int, int, int, torch.Tensor]:
        """(top, left, height, width, what is written): after ten draws that do not fit, the image over itself."""
        channels, height, width = functional.get_dimensions(img)
        for _ in range(10):
            area, form = drawn_area(height * width, scale, ratio)
            part_height, part_width = round(math.sqrt(area * form)), round(math.sqrt(area / form))
            if part_height >= height or part_width >= width:
                continue
            if value is None:
                written = torch.randn(channels, part_height, part_width)
            else:
                written = torch.tensor(value).reshape(-1, 1, 1)
            top = draws.integer(0, height - part_height + 1)
            return top, draws.integer(0, width - part_width + 1), part_height, part_width, written
        return 0, 0, height, width, img

    def draw(self, image: Image) -> Any:
        if not super().draw(image):
            return None
        value: list[float] | None = None
        if isinstance(self.value, (int, float)):
            value = [float(self.value)]
        elif isinstance(self.value, (list, tuple)):
            value = [float(each) for each in self.value]
        channels = image.shape[-3]
        if value is not None and len(value) not in (1, channels):
            raise ValueError(
                f"If value is a sequence, it should have either a single value or {channels} (number of input channels)"
            )
        return self.get_params(image, self.scale, self.ratio, value)

    def apply(self, image: Image, drawn: Any) -> Image:
        return image if drawn is None else functional.erase(image, *drawn, self.inplace)

    def text(self) -> str:
        return f"p={self.p}, scale={self.scale}, ratio={self.ratio}, value={self.value}, inplace={self.inplace}"
