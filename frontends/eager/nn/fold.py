"""Blocks of images as columns, and back, as modules."""

from __future__ import annotations

from ..functions import folding
from ..tensors.tensor import Tensor
from .module import Module

Size = int | tuple[int, ...]


class Fold(Module):
    """Columns [batch, channels * elements of a block, blocks] to the image [batch, channels, *output_size], where
    blocks that overlap add up."""

    def __init__(
        self, output_size: Size, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        return folding.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}, {_settings(self)}"


class Unfold(Module):
    """An image [batch, channels, height, width] to its blocks as columns."""

    def __init__(self, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        return folding.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return _settings(self)


def _settings(module: Fold | Unfold) -> str:
    return (
        f"kernel_size={module.kernel_size}, dilation={module.dilation}, padding={module.padding}, "
        f"stride={module.stride}"
    )
