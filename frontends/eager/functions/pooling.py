"""Pooling as `torch.nn.functional` has it: maxima with their places where asked for, and norms of windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tapes.callers import renamed
from ..tensors.tensor import Tensor
from . import adaptive_pooling as adaptive
from . import average_pooling as average
from . import fractional_pooling as fractional
from . import max_pooling as largest
from . import ordering
from .activations import relu
from .tuples import ntuple

# -- largest elements ----


def max_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Maxima of windows over the last axis of an input [channels, length], perhaps with a batch before; with
    `return_indices` also their places. Raises RuntimeError for windows that do not fit."""
    pool = largest.max_pool1d_with_indices if return_indices else largest.max_pool1d
    return pool(input, kernel_size, () if stride is None else stride, padding, dilation, ceil_mode)


def max_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """As `max_pool1d`, over the last two axes of an input [channels, height, width]; places count row by row."""
    pool = largest.max_pool2d_and_places if return_indices else largest.max_pool2d
    return pool(input, kernel_size, () if stride is None else stride, padding, dilation, ceil_mode)


def max_pool3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """As `max_pool1d`, over the last three axes of an input [channels, depth, height, width]; places count plane by
    plane and row by row."""
    pool = largest.max_pool3d_and_places if return_indices else largest.max_pool3d
    return pool(input, kernel_size, () if stride is None else stride, padding, dilation, ceil_mode)


def _with_indices(name: str, pool: Callable[..., Any]) -> Any:
    def function(
        input: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> tuple[Tensor, Tensor]:
        return pool(input, kernel_size, () if stride is None else stride, padding, dilation, ceil_mode)

    return _named(function, name, f"As `{name.removesuffix('_with_indices')}` with its indices.")


def _named(function: Any, name: str, summary: str) -> Any:
    renamed(function, name)
    function.__doc__ = summary
    return function


max_pool1d_with_indices = _with_indices("max_pool1d_with_indices", largest.max_pool1d_with_indices)
max_pool2d_with_indices = _with_indices("max_pool2d_with_indices", largest.max_pool2d_and_places)
max_pool3d_with_indices = _with_indices("max_pool3d_with_indices", largest.max_pool3d_and_places)


def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Maxima of `output_size` windows that cover the last axis of an input [channels, length], perhaps with a batch
    before; with `return_indices` also their places. Raises RuntimeError for another rank and for no elements."""
    return adaptive.adaptive_maxima1d(input, output_size, bool(return_indices))


def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """As `adaptive_max_pool1d`, over the last two axes of an input [channels, height, width]; `output_size` is one
    number for both axes or one each, None for as many as elements."""
    return adaptive.adaptive_maxima2d(input, output_size, bool(return_indices))


def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """As `adaptive_max_pool2d`, over the last three axes of an input [channels, depth, height, width]."""
    return adaptive.adaptive_maxima3d(input, output_size, bool(return_indices))


def _adaptive_with_indices(name: str, pool: Callable[..., Any]) -> Any:
    def function(input: Tensor, output_size: Any, return_indices: bool = False) -> tuple[Tensor, Tensor]:
        return pool(input, output_size, True)

    return _named(function, name, f"As `{name.removesuffix('_with_indices')}` with its indices.")


adaptive_max_pool1d_with_indices = _adaptive_with_indices(
    "adaptive_max_pool1d_with_indices", adaptive.adaptive_maxima1d
)
adaptive_max_pool2d_with_indices = _adaptive_with_indices(
    "adaptive_max_pool2d_with_indices", adaptive.adaptive_maxima2d
)
adaptive_max_pool3d_with_indices = _adaptive_with_indices(
    "adaptive_max_pool3d_with_indices", adaptive.adaptive_maxima3d
)


def fractional_max_pool2d(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """Maxima of windows of `kernel_size` over the last two axes of an input [channels, height, width], perhaps with a
    batch before, which begin at random places: `output_size` of them, or `output_ratio` of the input's size. Random
    numbers [batch, channels, 2] may be given. Raises ValueError where neither says how many."""
    found = fractional.fractional_max_pool2d_with_indices(
        input, kernel_size, output_size, output_ratio, return_indices, _random_samples
    )
    return found if return_indices else found[0]


def fractional_max_pool3d(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """As `fractional_max_pool2d`, over the last three axes of an input [channels, depth, height, width]."""
    found = fractional.fractional_max_pool3d_with_indices(
        input, kernel_size, output_size, output_ratio, return_indices, _random_samples
    )
    return found if return_indices else found[0]


# -- norms ----


def lp_pool1d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """(Sum of input**norm_type)**(1 / norm_type) over windows of the last axis of an input [channels, length], perhaps
    with a batch before; of inf and -inf the largest and smallest absolute values."""
    return _normed(1, input, norm_type, kernel_size, kernel_size, stride, ceil_mode)


def lp_pool2d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """As `lp_pool1d`, over windows of the last two axes of an input [channels, height, width]."""
    width, height = ntuple(2, kernel_size)
    return _normed(2, input, norm_type, kernel_size, width * height, stride, ceil_mode)


def lp_pool3d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """As `lp_pool1d`, over windows of the last three axes of an input [channels, depth, height, width]."""
    depth, width, height = ntuple(3, kernel_size)
    return _normed(3, input, norm_type, kernel_size, depth * width * height, stride, ceil_mode)


def _normed(
    rank: int, input: Tensor, norm_type: float, kernel_size: Any, count: Any, stride: Any, ceil_mode: bool
) -> Tensor:
    if norm_type in (float("inf"), -float("inf")):
        pool = (max_pool1d, max_pool2d, max_pool3d)[rank - 1]
        if norm_type > 0:
            return pool(input.abs(), kernel_size, stride, 0, 1, ceil_mode)
        return -pool(-input.abs(), kernel_size, stride, 0, 1, ceil_mode)
    pool = (average.avg_pool1d, average.avg_pool2d, average.avg_pool3d)[rank - 1]
    mean = pool(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    total = (ordering.sign(mean) * relu(ordering.abs(mean))).mul(count)
    return total.pow(1.0 / norm_type)
