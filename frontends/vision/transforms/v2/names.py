"""Every transform of samples by its name."""

from __future__ import annotations

from typing import Any

import diptych.eager as torch
import numpy as np

from ....pillow import is_image
from ...tensors import is_tensor
from .. import coloring, geometry, simple
from ..modes import InterpolationMode
from . import functional
from .samples import (
    Compose,
    Converting,
    RandomApply,
    RandomChoice,
    RandomOrder,
    Transform,
    mapped,
    of_samples,
    sample_of,
)

CenterCrop, FiveCrop, Pad, Resize, TenCrop = map(
    of_samples, (geometry.CenterCrop, geometry.FiveCrop, geometry.Pad, geometry.Resize, geometry.TenCrop)
)
RandomAffine, RandomCrop, RandomPerspective, RandomResizedCrop, RandomRotation = map(
    of_samples,
    (
        geometry.RandomAffine, geometry.RandomCrop, geometry.RandomPerspective, geometry.RandomResizedCrop,
        geometry.RandomRotation,
    ),
)  # fmt: skip
RandomHorizontalFlip, RandomVerticalFlip = map(of_samples, (geometry.RandomHorizontalFlip, geometry.RandomVerticalFlip))
ColorJitter, GaussianBlur, RandomErasing, RandomGrayscale = map(
    of_samples,
    (
        coloring.ColorJitter, coloring.GaussianBlur, coloring.RandomErasing,
        coloring.RandomGrayscale,
    ),
)  # fmt: skip
RandomAdjustSharpness, RandomAutocontrast, RandomEqualize, RandomInvert, RandomPosterize, RandomSolarize = map(
    of_samples,
    (
        coloring.RandomAdjustSharpness, coloring.RandomAutocontrast, coloring.RandomEqualize, coloring.RandomInvert,
        coloring.RandomPosterize, coloring.RandomSolarize,
    ),
)  # fmt: skip
ConvertImageDtype, LinearTransformation, Normalize = map(
    of_samples, (simple.ConvertImageDtype, simple.LinearTransformation, simple.Normalize)
)


class _Grayscale(coloring.Grayscale):
    """`functional.rgb_to_grayscale`."""

    def apply(self, image: Any, drawn: None) -> Any:
        return functional.rgb_to_grayscale(image, self.num_output_channels)


Grayscale = of_samples(_Grayscale, "Grayscale")


class ToImage(Converting):
    """Images and arrays as tensors of their own numbers."""

    def takes(self, leaf: Any) -> bool:
        """Tensors are images already."""
        return is_image(leaf) or isinstance(leaf, np.ndarray)

    def convert(self, leaf: Any) -> Any:
        """`functional.to_image`."""
        return functional.to_image(leaf)


class PILToTensor(Converting):
    """Images as tensors of their own numbers."""

    def takes(self, leaf: Any) -> bool:
        """Images alone."""
        return is_image(leaf)

    def convert(self, leaf: Any) -> Any:
        """`functional.pil_to_tensor`."""
        return functional.pil_to_tensor(leaf)


class ToTensor(Converting):
    """Images and arrays as tensors of numbers from 0 to 1."""

    def takes(self, leaf: Any) -> bool:
        """Tensors stay."""
        return is_image(leaf) or isinstance(leaf, np.ndarray)

    def convert(self, leaf: Any) -> Any:
        """`functional.to_tensor`."""
        return functional.to_tensor(leaf)


class ToPILImage(Converting):
    """Tensors and arrays as images."""

    def __init__(self, mode: str | None = None) -> None:
        super().__init__()
        self.mode = mode

    def forward(self, *inputs: Any) -> Any:
        """The sample with its first tensor, or all arrays where there is none, as images."""
        sample = sample_of(inputs)
        return mapped(sample, self.convert, self.takes if isinstance(sample, np.ndarray) else None)

    def takes(self, leaf: Any) -> bool:
        """Arrays."""
        return isinstance(leaf, np.ndarray)

    def convert(self, leaf: Any) -> Any:
        """`functional.to_pil_image`; images stay."""
        return leaf if is_image(leaf) else functional.to_pil_image(leaf, self.mode)


class ToPureTensor(Converting):
    """Tensors as plain tensors, which they are."""

    def convert(self, leaf: Any) -> Any:
        """The leaf itself."""
        return leaf


class ToDtype(Converting):
    """The sample's image in another dtype, scaled to its full intensity if `scale`."""

    def __init__(self, dtype: torch.dtype, scale: bool = False) -> None:
        super().__init__()
        self.dtype = dtype
        self.scale = scale

    def forward(self, *inputs: Any) -> Any:
        """The sample, transformed."""
        return mapped(sample_of(inputs), self.convert)

    def convert(self, leaf: Any) -> Any:
        """`functional.to_dtype`; images have none."""
        return functional.to_dtype(leaf, self.dtype, self.scale) if is_tensor(leaf) else leaf


class Identity(Converting):
    """The sample as it is."""

    def convert(self, leaf: Any) -> Any:
        """The leaf itself."""
        return leaf


class Lambda(Converting):
    """A function of the user's, of each leaf of the given types."""

    def __init__(self, lambd: Any, *types: type) -> None:
        super().__init__()
        if not callable(lambd):
            raise TypeError(f"Argument lambd should be callable, got {type(lambd).__name__!r}")
        self.lambd = lambd
        self.types = types or (object,)

    def takes(self, leaf: Any) -> bool:
        """What is of the types."""
        return isinstance(leaf, self.types)

    def convert(self, leaf: Any) -> Any:
        """What the function makes of it."""
        return self.lambd(leaf)


__all__ = [
    "CenterCrop", "ColorJitter", "Compose", "ConvertImageDtype", "FiveCrop", "GaussianBlur", "Grayscale", "Identity",
    "InterpolationMode", "Lambda", "LinearTransformation", "Normalize", "PILToTensor", "Pad", "RandomAdjustSharpness",
    "RandomAffine", "RandomApply", "RandomAutocontrast", "RandomChoice", "RandomCrop", "RandomEqualize",
    "RandomErasing", "RandomGrayscale", "RandomHorizontalFlip", "RandomInvert", "RandomOrder", "RandomPerspective",
    "RandomPosterize", "RandomResizedCrop", "RandomRotation", "RandomSolarize", "RandomVerticalFlip", "Resize",
    "TenCrop", "ToDtype", "ToImage", "ToPILImage", "ToPureTensor", "ToTensor", "Transform",
]  # fmt: skip
