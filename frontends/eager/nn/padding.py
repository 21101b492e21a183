"""Padding as modules. Sizes are before and behind each axis, the last axis first, or one number for all."""

from __future__ import annotations

from typing import Any, ClassVar

from ..functions import padding
from ..tensors.tensor import Tensor
from .module import Module

Size = int | tuple[int, ...]


class _Pad(Module):
    """Padding of the last `rank` axes by a mode of `nn.functional.pad`."""

    rank: ClassVar[int]
    mode: ClassVar[str]

    def __init__(self, padding: Size) -> None:
        super().__init__()
        self.padding = _sides(padding, self.rank)

    def forward(self, input: Tensor) -> Tensor:
        return padding.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


def _sides(padding: Any, rank: int) -> tuple[int, ...]:
    return tuple(padding) if hasattr(padding, "__iter__") else (padding,) * (2 * rank)


class _ConstantPad(_Pad):
    mode = "constant"

    def __init__(self, padding: Size, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return padding.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """One axis padded with a number."""

    rank = 1


class ConstantPad2d(_ConstantPad):
    """Two axes padded with a number."""

    rank = 2


class ConstantPad3d(_ConstantPad):
    """Three axes padded with a number."""

    rank = 3


class ZeroPad1d(ConstantPad1d):
    """One axis padded with zeros."""

    def __init__(self, padding: Size) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad2d(ConstantPad2d):
    """Two axes padded with zeros."""

    def __init__(self, padding: Size) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad3d(ConstantPad3d):
    """Three axes padded with zeros."""

    def __init__(self, padding: Size) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ReflectionPad1d(_Pad):
    """One axis continued by its mirror image."""

    rank, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """Two axes continued by their mirror images."""

    rank, mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """Three axes continued by their mirror images."""

    rank, mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """One axis continued by the elements at its ends."""

    rank, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """Two axes continued by the elements at their ends."""

    rank, mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """Three axes continued by the elements at their ends."""

    rank, mode = 3, "replicate"


class _CircularPad(_Pad):
    mode = "circular"

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in (self.rank + 1, self.rank + 2):
            raise ValueError(f"expected {self.rank + 1}D or {self.rank + 2}D input (got {input.ndim}D input)")
        return super().forward(input)


class CircularPad1d(_CircularPad):
    """One axis continued from its other end."""

    rank = 1


class CircularPad2d(_CircularPad):
    """Two axes continued from their other ends."""

    rank = 2


class CircularPad3d(_CircularPad):
    """Three axes continued from their other ends."""

    rank = 3
