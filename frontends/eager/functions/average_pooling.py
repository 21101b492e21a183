"""Means of windows."""

from __future__ import annotations

from typing import Any

from diptych.functions import pooling
from diptych.functions.pooling import Pair, Windows
from diptych.ir import Builder, Value, dtypes

from ..calling.autocasting import full_precision
from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .flags import flag
from .operands import not_implemented, tensor
from .pooling_windows import (
    check_rank,
    check_ranks_2_to_3,
    checked_windows,
    given_sizes,
    given_stride,
    one_size,
)

# -- operations: what is written as equations ----


def _means(name: str, called: str) -> Operation:
    def write(b: Builder, x: Value, windows: Windows, padding: tuple[Pair, ...] | None, divisor: int | None) -> Value:
        halves = () if name == "avg_pool3d" else (dtypes.f16, dtypes.bf16)
        if x.dtype not in (dtypes.f32, dtypes.f64, dtypes.i64, *halves):
            raise not_implemented(name, x)
        return pooling.average_pool(
            b, x, windows, count_padding=padding is not None, counted_padding=padding, divisor=divisor
        )

    write.__name__ = called
    return operation(write)


_avg_pool1d = _means("avg_pool2d", "avg_pool1d")
_avg_pool2d, _avg_pool3d = _means("avg_pool2d", "avg_pool2d"), _means("avg_pool3d", "avg_pool3d")

# -- functions: what users call ----


def _counted(padding: tuple[int, ...], count_include_pad: bool) -> tuple[Pair, ...] | None:
    """The padding that counts: what a window has beyond that, with `ceil_mode`, does not."""
    return tuple((pad, pad) for pad in padding) if count_include_pad else None


def avg_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Means of windows over the last axis of an input [channels, length], perhaps with a batch before: the result has
    one element a window. Raises RuntimeError for windows that do not fit."""
    name = "avg_pool1d"
    x = tensor(name, "input", 1, input)
    kernel = one_size(name, "kernel_size", 2, kernel_size)
    step = kernel if stride is None or stride == () else one_size(name, "stride", 3, stride)
    pad = one_size(name, "padding", 4, padding)
    flag(name, "ceil_mode", ceil_mode)
    flag(name, "count_include_pad", count_include_pad)
    check_ranks_2_to_3(name, x)
    shape = (*x.shape[:-1], 1, x.shape[-1])
    checked = checked_windows("avg_pool2d", shape, (1, kernel), (1, step), (0, pad), (1, 1), ceil_mode)
    last = Windows(
        (x.ndim - 1,), *(each[1:] for each in (checked.size, checked.stride, checked.padding, checked.dilation))
    )
    return call(_avg_pool1d, (x,), (last, _counted((pad,), count_include_pad), None))


def avg_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Means of windows over the last two axes of an input [channels, height, width], perhaps with a batch before: sums
    over the number of elements, which of padding are counted with `count_include_pad`, or over `divisor_override`.
    Raises RuntimeError for windows that do not fit."""
    x, kernel, step, pad, divisor = _given(
        "avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override,
    )  # fmt: skip
    if x.ndim < 3:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-x.ndim}, {x.ndim - 1}], but got -3)")
    windows = checked_windows("avg_pool2d", tuple(x.shape), kernel, step, pad, (1, 1), ceil_mode)
    return call(_avg_pool2d, (x,), (windows, _counted(pad, count_include_pad), divisor))


@full_precision
def avg_pool3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """As `avg_pool2d`, over the last three axes of an input [channels, depth, height, width]."""
    x, kernel, step, pad, divisor = _given(
        "avg_pool3d", 3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override,
        wording="must be",
    )  # fmt: skip
    shape = tuple(x.shape)
    check_rank(shape, 3)
    windows = checked_windows("avg_pool3d", shape, kernel, step, pad, (1, 1, 1), ceil_mode, True)
    return call(_avg_pool3d, (x,), (windows, _counted(pad, count_include_pad), divisor))


def _given(
    name: str, rank: int, input: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: Any,
    count_include_pad: Any, divisor_override: Any, wording: str = "must either be",
) -> tuple[Tensor, tuple[int, ...], tuple[int, ...], tuple[int, ...], int | None]:  # fmt: skip
    """The input, the windows' sizes, strides and padding, and the divisor."""
    x = tensor(name, "input", 1, input)
    kernel = given_sizes(name, "kernel_size", 2, kernel_size, rank, wording)
    step = given_stride(name, stride, kernel, wording)
    pad = given_sizes(name, "padding", 4, padding, rank, wording)
    flag(name, "ceil_mode", ceil_mode)
    flag(name, "count_include_pad", count_include_pad)
    if divisor_override is not None:
        if not isinstance(divisor_override, int):
            kind = type(divisor_override).__name__
            raise TypeError(f"{name}(): argument 'divisor_override' must be int, not {kind}")
        if divisor_override == 0:
            raise RuntimeError("divisor must be not zero")
    return x, kernel, step, pad, divisor_override
