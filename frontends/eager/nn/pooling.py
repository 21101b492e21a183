"""Pooling as modules. What they compute is said by the functions of the same names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ..functions.tuples import ntuple
from ..tensors.tensor import Tensor
from . import functional
from .module import Module

Function = Callable[..., Any]


def _shown(module: Module, *names: str) -> str:
    return ", ".join(f"{name}={getattr(module, name)}" for name in names)


class _MaxPool(Module):
    _pool: ClassVar[Function]

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Any:
        return self._pool(
            input, self.kernel_size, self.stride, self.padding, self.dilation, ceil_mode=self.ceil_mode,
            return_indices=self.return_indices,
        )  # fmt: skip

    def extra_repr(self) -> str:
        return _shown(self, "kernel_size", "stride", "padding", "dilation", "ceil_mode")


class MaxPool1d(_MaxPool):
    """Maxima of windows over the last axis."""

    _pool = staticmethod(functional.max_pool1d)


class MaxPool2d(_MaxPool):
    """Maxima of windows over the last two axes."""

    _pool = staticmethod(functional.max_pool2d)


class MaxPool3d(_MaxPool):
    """Maxima of windows over the last three axes."""

    _pool = staticmethod(functional.max_pool3d)


class _MaxUnpool(Module):
    _rank: ClassVar[int]
    _unpool: ClassVar[Function]

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        self.kernel_size = ntuple(self._rank, kernel_size)
        self.stride = ntuple(self._rank, kernel_size if stride is None else stride)
        self.padding = ntuple(self._rank, padding)

    def forward(self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        return self._unpool(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        return _shown(self, "kernel_size", "stride", "padding")


class MaxUnpool1d(_MaxUnpool):
    """Maxima of one axis put back where they were."""

    _rank = 1
    _unpool = staticmethod(functional.max_unpool1d)


class MaxUnpool2d(_MaxUnpool):
    """Maxima of two axes put back where they were."""

    _rank = 2
    _unpool = staticmethod(functional.max_unpool2d)


class MaxUnpool3d(_MaxUnpool):
    """Maxima of three axes put back where they were."""

    _rank = 3
    _unpool = staticmethod(functional.max_unpool3d)


class AvgPool1d(Module):
    """Means of windows over the last axis."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = ntuple(1, kernel_size)
        self.stride = ntuple(1, kernel_size if stride is None else stride)
        self.padding = ntuple(1, padding)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        return functional.avg_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad
        )

    def extra_repr(self) -> str:
        return _shown(self, "kernel_size", "stride", "padding")


class _AvgPool(Module):
    _pool: ClassVar[Function]

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        return self._pool(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad,
            self.divisor_override,
        )  # fmt: skip

    def extra_repr(self) -> str:
        return _shown(self, "kernel_size", "stride", "padding")


class AvgPool2d(_AvgPool):
    """Means of windows over the last two axes."""

    _pool = staticmethod(functional.avg_pool2d)


class AvgPool3d(_AvgPool):
    """Means of windows over the last three axes."""

    _pool = staticmethod(functional.avg_pool3d)


class _FractionalMaxPool(Module):
    _rank: ClassVar[int]
    _pool: ClassVar[Function]

    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = ntuple(self._rank, kernel_size)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else ntuple(self._rank, output_size)
        self.output_ratio = None if output_ratio is None else ntuple(self._rank, output_ratio)
        if output_size is None and output_ratio is None:
            raise ValueError(f"{self._get_name()} requires specifying either an output size, or a pooling ratio")
        if output_size is not None and output_ratio is not None:
            raise ValueError("only one of output_size and output_ratio may be specified")
        if self.output_ratio is not None and not all(0 < ratio < 1 for ratio in self.output_ratio):
            raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")

    def forward(self, input: Tensor) -> Any:
        return self._pool(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices,
            _random_samples=self._random_samples,
        )  # fmt: skip


class FractionalMaxPool2d(_FractionalMaxPool):
    """Maxima of windows over the last two axes that begin at random places."""

    _rank = 2
    _pool = staticmethod(functional.fractional_max_pool2d)


class FractionalMaxPool3d(_FractionalMaxPool):
    """Maxima of windows over the last three axes that begin at random places."""

    _rank = 3
    _pool = staticmethod(functional.fractional_max_pool3d)

    def __init__(self, kernel_size: Any, *arguments: Any, **options: Any) -> None:
        if isinstance(kernel_size, (int, tuple, list)) and min(ntuple(3, kernel_size), default=1) <= 0:
            raise ValueError(f"kernel_size must be greater than 0, but got {kernel_size}")
        super().__init__(kernel_size, *arguments, **options)


class _LPPool(Module):
    _pool: ClassVar[Function]

    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        return self._pool(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        return _shown(self, "norm_type", "kernel_size", "stride", "ceil_mode")


class LPPool1d(_LPPool):
    """Norms of windows over the last axis."""

    _pool = staticmethod(functional.lp_pool1d)


class LPPool2d(_LPPool):
    """Norms of windows over the last two axes."""

    _pool = staticmethod(functional.lp_pool2d)


class LPPool3d(_LPPool):
    """Norms of windows over the last three axes."""

    _pool = staticmethod(functional.lp_pool3d)


class _AdaptiveMaxPool(Module):
    _pool: ClassVar[Function]

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        return self._pool(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        return _shown(self, "output_size")


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Maxima of as many windows as asked for over the last axis."""

    _pool = staticmethod(functional.adaptive_max_pool1d)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Maxima of as many windows as asked for over the last two axes."""

    _pool = staticmethod(functional.adaptive_max_pool2d)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Maxima of as many windows as asked for over the last three axes."""

    _pool = staticmethod(functional.adaptive_max_pool3d)


class _AdaptiveAvgPool(Module):
    _pool: ClassVar[Function]

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        return self._pool(input, self.output_size)

    def extra_repr(self) -> str:
        return _shown(self, "output_size")


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Means of as many windows as asked for over the last axis."""

    _pool = staticmethod(functional.adaptive_avg_pool1d)


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Means of as many windows as asked for over the last two axes."""

    _pool = staticmethod(functional.adaptive_avg_pool2d)


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """Means of as many windows as asked for over the last three axes."""

    _pool = staticmethod(functional.adaptive_avg_pool3d)
