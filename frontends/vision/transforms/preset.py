"""What prepares images for published weights."""

from __future__ import annotations

from typing import Any

from ...eager import float32, nn
from ...eager.tensors.tensor import Tensor
from . import functional
from .modes import InterpolationMode


class ImageClassification(nn.Module):
    """Resizes the shorter side, crops the middle, makes float32 of it, and normalises."""

    def __init__(
        self,
        *,
        crop_size: int,
        resize_size: int = 256,
        mean: tuple[float, ...] = (0.485, 0.456, 0.406),
        std: tuple[float, ...] = (0.229, 0.224, 0.225),
        interpolation: InterpolationMode = InterpolationMode.BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        super().__init__()
        self.crop_size = [crop_size]
        self.resize_size = [resize_size]
        self.mean = list(mean)
        self.std = list(std)
        self.interpolation = interpolation
        self.antialias = antialias

    def forward(self, img: Any) -> Tensor:
        img = functional.resize(img, self.resize_size, interpolation=self.interpolation, antialias=self.antialias)
        img = functional.center_crop(img, self.crop_size)
        if not isinstance(img, Tensor):
            img = functional.pil_to_tensor(img)
        img = functional.convert_image_dtype(img, float32)
        return functional.normalize(img, mean=self.mean, std=self.std)

    def __repr__(self) -> str:
        names = ("crop_size", "resize_size", "mean", "std", "interpolation")
        return "ImageClassification(" + "".join(f"\n    {name}={getattr(self, name)}" for name in names) + "\n)"

    def describe(self) -> str:
        """What it does, as a sentence."""
        return (
            "Accepts PIL images, and tensors [C, H, W] or [B, C, H, W]: resized to "
            f"resize_size={self.resize_size} with interpolation={self.interpolation}, cropped in the middle to "
            f"crop_size={self.crop_size}, rescaled to [0.0, 1.0], and normalised with mean={self.mean} and "
            f"std={self.std}."
        )
