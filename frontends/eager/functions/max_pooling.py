"""Maxima of windows, as PyTorch has them outside `nn.functional`; and with their places."""

from __future__ import annotations

from typing import Any

from diptych.functions import pooling
from diptych.functions.pooling import Windows
from diptych.ir import Builder, Value

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
    made_windows,
    one_size,
    window_count,
)
from .sizes import repeated

# -- operations: what is written as equations ----


def _check_kernel(name: str, x: Value) -> None:
    if x.dtype.is_complex or x.dtype.is_bool:
        raise not_implemented(name, x)


@operation
def _max_pool1d(b: Builder, x: Value, windows: Windows) -> Value:
    if not x.dtype.is_float:
        raise not_implemented("max_pool1d_impl", x)
    return pooling.max_pool(b, x, windows)


def _maxima(name: str) -> Operation:
    def write(b: Builder, x: Value, windows: Windows) -> Value:
        _check_kernel(name, x)
        return pooling.max_pool(b, x, windows)

    write.__name__ = f"{name}_with_indices"  # as their gradient is called
    return operation(write)


_max_pool2d, _max_pool3d = _maxima("max_pool2d"), _maxima("max_pool3d")


def _maxima_and_places(name: str, called: str) -> Operation:
    def write(b: Builder, x: Value, windows: Windows) -> tuple[Value, Value]:
        _check_kernel(name, x)
        return pooling.max_pool(b, x, windows), pooling.max_places(b, x, windows)

    write.__name__ = called
    return operation(write)


_max_pool1d_with_places = _maxima_and_places("max_pool2d", "max_pool1d")
_max_pool2d_with_places = _maxima_and_places("max_pool2d", "max_pool2d_with_indices")
_max_pool3d_with_places = _maxima_and_places("max_pool3d", "max_pool3d_with_indices")

# -- functions: what users call ----


def _windows1d(input: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: Any) -> Windows:
    name = "max_pool1d"
    x = tensor(name, "input", 1, input)
    given = {
        "kernel_size": repeated(name, "kernel_size", kernel_size, 1, 2),
        "stride": () if stride is None else repeated(name, "stride", stride, 1, 3),
        "padding": repeated(name, "padding", padding, 1, 4),
        "dilation": repeated(name, "dilation", dilation, 1, 5),
    }
    flag(name, "ceil_mode", ceil_mode, 6)
    if x.ndim not in (2, 3) or not all(x.shape[-2:]):
        raise RuntimeError(
            f"{name}: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:"
            f"{list(x.shape)}"
        )
    given["stride"] = given["stride"] or given["kernel_size"]
    for label, (kinds, values) in zip(given, _wordings(given), strict=True):
        if len(values) != 1:
            raise RuntimeError(f"{name}() {label} must be {kinds} of size 1 but got size {len(values)}")
    (kernel,), (step,), (pad,), (spread,) = given.values()
    for label, number in (("kernel_size", kernel), ("stride", step)):
        if number <= 0:
            raise RuntimeError(f"{name}() {label} must be greater than zero, but got {number}")
    if pad < 0:
        raise RuntimeError(f"{name}() padding must be non-negative, but got {pad}")
    if pad > kernel // 2:
        raise RuntimeError(
            f"{name}() padding should be at most half of kernel size, but got padding={pad} and kernel_size={kernel}"
        )
    if spread <= 0:
        raise RuntimeError(f"{name}() dilation must be greater than zero, but got {spread}")
    count = window_count(x.shape[-1], kernel, step, pad, spread, ceil_mode)
    if count <= 0:
        raise RuntimeError(f"{name}() Invalid computed output size: {count}")
    return made_windows(tuple(x.shape[-1:]), x.ndim, (kernel,), (step,), (pad,), (spread,), (count,))


def _wordings(given: dict[str, tuple[int, ...]]) -> list[tuple[str, tuple[int, ...]]]:
    words = ("an int, list of ints or tuple of ints", "None, an int, list of ints, or tuple of ints",
             "an int, list of ints, or tuple of ints", "an int, list of ints or tuple of ints")  # fmt: skip
    return list(zip(words, given.values(), strict=True))


def max_pool1d(
    input: Tensor, kernel_size: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Tensor:
    """Maxima of windows over the last axis of an input [channels, length], perhaps with a batch before: the result has
    one element a window. Raises RuntimeError for windows that do not fit."""
    windows = _windows1d(input, kernel_size, stride, padding, dilation, ceil_mode)
    return call(_max_pool1d, (input,), (windows,))


def max_pool1d_with_indices(
    input: Tensor, kernel_size: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> tuple[Tensor, Tensor]:
    """As `max_pool1d`, and the maxima's places along the axis."""
    name = "max_pool1d"
    x = tensor("max_pool1d_with_indices", "input", 1, input)
    flag("max_pool1d_with_indices", "ceil_mode", ceil_mode, 6)
    check_ranks_2_to_3(name, x)
    kernel = one_size(name, "kernel_size", 2, kernel_size)
    has_stride = stride is not None and stride != ()
    step = one_size(name, "stride", 3, stride) if has_stride else kernel
    pad, spread = one_size(name, "padding", 4, padding), one_size(name, "dilation", 5, dilation)
    shape = (*x.shape[:-1], 1, x.shape[-1])
    checked = checked_windows("max_pool2d", shape, (1, kernel), (1, step), (0, pad), (1, spread), ceil_mode)
    last = Windows(
        (x.ndim - 1,), *(each[1:] for each in (checked.size, checked.stride, checked.padding, checked.dilation))
    )
    return call(_max_pool1d_with_places, (x,), (last,))


def _windows(
    name: str, rank: int, input: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: Any
) -> Windows:
    x = tensor(name, "input", 1, input)
    kernel = given_sizes(name, "kernel_size", 2, kernel_size, rank)
    step = given_stride(name, stride, kernel)
    pad = given_sizes(name, "padding", 4, padding, rank)
    spread = given_sizes(name, "dilation", 5, dilation, rank, "must be either")
    flag(name, "ceil_mode", ceil_mode, 6)
    shape = tuple(x.shape)
    check_rank(shape, rank)
    told = name if rank == 2 else "max_pool3d_with_indices_out_cpu_template"
    return checked_windows(told, shape, kernel, step, pad, spread, ceil_mode)


def max_pool2d(
    input: Tensor, kernel_size: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Tensor:
    """Maxima of windows over the last two axes of an input [channels, height, width], perhaps with a batch before: the
    result has one element a window. Raises RuntimeError for windows that do not fit."""
    return call(
        _max_pool2d, (input,), (_windows("max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode),)
    )


@full_precision
def max_pool3d(
    input: Tensor, kernel_size: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Tensor:
    """Maxima of windows over the last three axes of an input [channels, depth, height, width], perhaps with a batch
    before."""
    return call(
        _max_pool3d, (input,), (_windows("max_pool3d", 3, input, kernel_size, stride, padding, dilation, ceil_mode),)
    )


def max_pool2d_and_places(*arguments: Any) -> tuple[Tensor, Tensor]:
    """What `max_pool2d` gives, and the maxima's places, counted row by row."""
    return call(_max_pool2d_with_places, arguments[:1], (_windows("max_pool2d", 2, *arguments),))


@full_precision
def max_pool3d_and_places(*arguments: Any) -> tuple[Tensor, Tensor]:
    """What `max_pool3d` gives, and the maxima's places, counted plane by plane and row by row."""
    return call(_max_pool3d_with_places, arguments[:1], (_windows("max_pool3d", 3, *arguments),))
