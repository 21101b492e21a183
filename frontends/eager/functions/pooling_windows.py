"""The windows of pooling as users give them: expanded, checked in PyTorch's words, and counted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from diptych.functions.pooling import Windows

from ..tensors.tensor import Tensor
from .sizes import repeated

Sizes = tuple[int, ...]


def expanded(message: str, given: Sizes, rank: int) -> Sizes:
    """One entry for each of `rank` axes, of one or as many. Raises RuntimeError with `message`."""
    if len(given) not in (1, rank):
        raise RuntimeError(message)
    return given * rank if len(given) == 1 else given


def given_sizes(name: str, label: str, position: int, value: Any, rank: int, wording: str = "must either be") -> Sizes:
    """An argument of a pooling over `rank` axes, one entry an axis. Raises TypeError and RuntimeError."""
    several = {2: "two", 3: "three"}[rank]
    message = f"{name}: {label} {wording} a single int, or a tuple of {several} ints"
    return expanded(message, repeated(name, label, value, 1, position), rank)


def given_stride(name: str, value: Any, kernel: Sizes, wording: str = "must either be") -> Sizes:
    """The argument `stride`, which is the kernel's size where it is None or empty."""
    found = () if value is None else repeated(name, "stride", value, 1, 3)
    rank = len(kernel)
    several = {2: "two", 3: "three"}[rank]
    message = f"{name}: stride {wording} omitted, a single int, or a tuple of {several} ints"
    return expanded(message, found, rank) if found else kernel


def _halved(number: int) -> int:
    """number / 2 rounded towards 0."""
    return number // 2 if number >= 0 else -(-number // 2)


def window_count(size: int, kernel: int, stride: int, pad: int, dilation: int, ceil_mode: bool) -> int:
    """How many windows fit along an axis; with `ceil_mode` also one that begins in the input or in the padding before
    it and ends behind. Raises RuntimeError."""
    if stride == 0:
        raise RuntimeError("stride should not be zero")
    if pad < 0:
        raise RuntimeError(f"pad must be non-negative, but got pad: {pad}")
    if pad > _halved((kernel - 1) * dilation + 1):
        raise RuntimeError(
            f"pad should be at most half of effective kernel size, but got pad={pad}, kernel_size={kernel} and "
            f"dilation={dilation}"
        )
    room = size + 2 * pad - dilation * (kernel - 1) - 1 + (stride - 1 if ceil_mode else 0)
    count = room // stride + 1
    return count - 1 if ceil_mode and (count - 1) * stride >= size + pad else count


def made_windows(
    spatial: Sizes, rank: int, kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, counts: Sizes
) -> Windows:
    """As many windows as were counted over the last axes: padding behind is as much as before, so that it is the same
    for all sizes, or what the last window takes beyond that."""
    pairs = tuple(
        (pad, max(pad, (count - 1) * step + (window - 1) * spread + 1 - size - pad))
        for size, window, step, pad, spread, count in zip(
            spatial, kernel, stride, padding, dilation, counts, strict=True
        )
    )
    axes = tuple(range(rank - len(spatial), rank))
    return Windows(axes, kernel, stride, pairs, dilation)


_LETTERS = {2: "HW", 3: "THW"}


def _named(prefix: str, values: Sequence[int]) -> str:
    return " ".join(f"{prefix}{letter}: {value}" for letter, value in zip(_LETTERS[len(values)], values, strict=True))


@lru_cache(maxsize=1024)
def checked_windows(
    name: str, shape: Sizes, kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, ceil_mode: bool,
    bigger_than_kernel: bool = False,
) -> Windows:  # fmt: skip
    """The windows over the last axes of an input of `shape`, of which there is at least one; with `bigger_than_kernel`
    the input must have a kernel's size without padding. Raises RuntimeError."""
    spatial = shape[-len(kernel) :]
    counts = tuple(
        window_count(*each, ceil_mode) for each in zip(spatial, kernel, stride, padding, dilation, strict=True)
    )
    for text, prefix, values in (
        ("kernel size", "k", kernel), ("stride", "d", stride), ("dilation", "dilation", dilation)
    ):  # fmt: skip
        if min(values) <= 0:
            raise RuntimeError(f"{text} should be greater than zero, but got {_named(prefix, values)}")
    (_check_plane if len(kernel) == 2 else _check_volume)(name, shape)
    if bigger_than_kernel and any(size < window for size, window in zip(spatial, kernel, strict=True)):
        raise RuntimeError(f"input image ({_named('', spatial)}) smaller than kernel size ({_named('k', kernel)})")
    if any(window // 2 < pad for window, pad in zip(kernel, padding, strict=True)):
        raise RuntimeError(
            f"pad should be smaller than or equal to half of kernel size, but got {_pads(kernel, padding)}"
        )
    if min(counts) < 1:
        channels = shape[-len(kernel) - 1]
        before, after = ("x".join(map(str, (channels, *each))) for each in (spatial, counts))
        raise RuntimeError(f"Given input size: ({before}). Calculated output size: ({after}). Output size is too small")
    return made_windows(spatial, len(shape), kernel, stride, padding, dilation, counts)


def _pads(kernel: Sizes, padding: Sizes) -> str:
    if len(kernel) == 2:
        return f"padW = {padding[1]}, padH = {padding[0]}, kW = {kernel[1]}, kH = {kernel[0]}"
    return f"kT: {kernel[0]} kW: {kernel[2]} kH: {kernel[1]} padT: {padding[0]} padW: {padding[2]} padH: {padding[1]}"


def _check_plane(name: str, shape: Sizes) -> None:
    if len(shape) not in (3, 4) or not all(shape[-3:]):
        raise RuntimeError(
            f"Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:{list(shape)}"
        )


def _check_volume(name: str, shape: Sizes) -> None:
    if not all(shape[-4:]):
        raise RuntimeError(  # the dimension that PyTorch names is the length it found
            f"{name}(): Expected input's non-batch dimensions to have positive length, but input has a shape of "
            f"{list(shape)} and non-batch dimension 0 has length zero!"
        )


def check_rank(shape: Sizes, rank: int) -> None:
    """Whether a shape has `rank` axes behind its channels and perhaps a batch. Raises RuntimeError."""
    if len(shape) not in (rank + 1, rank + 2):
        raise RuntimeError(f"non-empty {rank + 1}D or {rank + 2}D (batch mode) tensor expected for input")


def check_ranks_2_to_3(name: str, input: Tensor) -> None:
    """Whether the input of a one-dimensional pooling has channels and perhaps a batch. Raises RuntimeError."""
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {input.ndim}-dimensional tensor for argument #1 'self' (while "
            f"checking arguments for {name})"
        )


def one_size(name: str, label: str, position: int, value: Any) -> int:
    """An argument of a one-dimensional pooling. Raises TypeError and RuntimeError."""
    found = repeated(name, label, value, 1, position)
    if len(found) != 1:
        raise RuntimeError(f"{name}() argument '{label}' should contain one int (got {len(found)})")
    return found[0]
