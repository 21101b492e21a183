"""Transforms of kind and of numbers: to tensors and back, other dtypes, normalizing."""

from __future__ import annotations

from typing import Any

import diptych.eager as torch

from . import functional
from .base import Transform


class ToTensor:
    """`functional.to_tensor`."""

    def __call__(self, pic: Any) -> torch.Tensor:
        """The image as a tensor."""
        return functional.to_tensor(pic)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class PILToTensor:
    """`functional.pil_to_tensor`."""

    def __call__(self, pic: Any) -> torch.Tensor:
        """The image as a tensor of its own numbers."""
        return functional.pil_to_tensor(pic)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class ToPILImage:
    """`functional.to_pil_image`."""

    def __init__(self, mode: str | None = None) -> None:
        self.mode = mode

    def __call__(self, pic: Any) -> Any:
        """The tensor or array as an image."""
        return functional.to_pil_image(pic, self.mode)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'' if self.mode is None else f'mode={self.mode}'})"


class ConvertImageDtype(Transform):
    """`functional.convert_image_dtype`."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype

    def apply(self, image: torch.Tensor, drawn: None) -> torch.Tensor:
        return functional.convert_image_dtype(image, self.dtype)


class Normalize(Transform):
    """`functional.normalize`."""

    def __init__(self, mean: Any, std: Any, inplace: bool = False) -> None:
        super().__init__()
        self.mean = mean
        self.std = std
        self.inplace = inplace

    def apply(self, image: torch.Tensor, drawn: None) -> torch.Tensor:
        return functional.normalize(image, self.mean, self.std, self.inplace)

    def text(self) -> str:
        return f"mean={self.mean}, std={self.std}"


class LinearTransformation(Transform):
    """(flattened tensor - mean vector) @ matrix, in the tensor's shape, as for whitening."""

    def __init__(self, transformation_matrix: torch.Tensor, mean_vector: torch.Tensor) -> None:
        super().__init__()
        rows, columns = transformation_matrix.shape
        if rows != columns:
            raise ValueError(f"transformation_matrix should be square. Got {(rows, columns)} rectangular matrix.")
        if mean_vector.shape[0] != rows:
            raise ValueError(
                f"mean_vector should have the same length {mean_vector.shape[0]} as any one of the dimensions of the "
                f"transformation_matrix [{(rows, columns)}]"
            )
        if transformation_matrix.dtype != mean_vector.dtype:
            raise ValueError(
                f"Input tensors should have the same dtype. Got {transformation_matrix.dtype} and {mean_vector.dtype}"
            )
        self.transformation_matrix = transformation_matrix
        self.mean_vector = mean_vector

    def apply(self, image: torch.Tensor, drawn: None) -> torch.Tensor:
        shape = tuple(image.shape)
        count = shape[-3] * shape[-2] * shape[-1]
        if count != self.transformation_matrix.shape[0]:
            raise ValueError(
                f"Input tensor and transformation matrix have incompatible shape.[{shape[-3]} x {shape[-2]} x "
                f"{shape[-1]}] != {self.transformation_matrix.shape[0]}"
            )
        flat = image.reshape(-1, count) - self.mean_vector
        return (flat @ self.transformation_matrix.to(flat.dtype)).reshape(shape)

    def text(self) -> str:
        return f"transformation_matrix={self.transformation_matrix.tolist()}, mean_vector={self.mean_vector.tolist()}"
