"""Channels made into pixels and back, and channels put in another order."""

from __future__ import annotations

from typing import Any

from diptych.ir import Builder, Value

from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.creation import is_size
from ..tensors.tensor import Tensor
from .operands import tensor

# -- operations: what is written as equations ----


@operation
def _pixel_shuffle(b: Builder, x: Value, factor: int) -> Value:
    """[..., c * f * f, h, w] to [..., c, h * f, w * f]."""
    lead, (channels, height, width) = x.shape[:-3], x.shape[-3:]
    channels = channels // (factor * factor)
    apart = b.reshape(x, shape=(*lead, channels, factor, factor, height, width))
    first = len(lead)
    order = (*range(first + 1), first + 3, first + 1, first + 4, first + 2)
    moved = b.transpose(apart, permutation=order)
    return b.reshape(moved, shape=(*lead, channels, height * factor, width * factor))


@operation
def _pixel_unshuffle(b: Builder, x: Value, factor: int) -> Value:
    """[..., c, h * f, w * f] to [..., c * f * f, h, w]."""
    lead, (channels, height, width) = x.shape[:-3], x.shape[-3:]
    height, width = height // factor, width // factor
    apart = b.reshape(x, shape=(*lead, channels, height, factor, width, factor))
    first = len(lead)
    order = (*range(first + 1), first + 2, first + 4, first + 1, first + 3)
    moved = b.transpose(apart, permutation=order)
    return b.reshape(moved, shape=(*lead, channels * factor * factor, height, width))


def _shuffling(name: str) -> Operation:
    def write(b: Builder, x: Value, groups: int) -> Value:
        """Channels [groups, rest] as [rest, groups]."""
        batch, channels, *rest = x.shape
        apart = b.reshape(x, shape=(batch, groups, channels // groups, *rest))
        moved = b.transpose(apart, permutation=(0, 2, 1, *range(3, apart.rank)))
        return b.reshape(moved, shape=x.shape)

    write.__name__ = name
    return operation(write)


_channel_shuffle, _native_channel_shuffle = _shuffling("channel_shuffle"), _shuffling("native_channel_shuffle")

# -- functions: what users call ----


def _factor(name: str, label: str, value: Any) -> int:
    if not is_size(value):
        raise TypeError(f"{name}(): argument '{label}' (position 2) must be int, not {type(value).__name__}")
    return int(value)


def _check_rank(name: str, x: Tensor) -> None:
    if x.ndim < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions, but got input with {x.ndim} dimension(s)"
        )


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """An input [..., channels * factor**2, height, width] as [..., channels, height * factor, width * factor]. Raises
    RuntimeError where the channels do not divide so."""
    name = "pixel_shuffle"
    x, factor = tensor(name, "input", 1, input), _factor(name, "upscale_factor", upscale_factor)
    _check_rank(name, x)
    if factor <= 0:
        raise RuntimeError(f"{name} expects a positive upscale_factor, but got {factor}")
    if x.shape[-3] % (factor * factor):
        raise RuntimeError(
            f"{name} expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but "
            f"input.size(-3)={x.shape[-3]} is not divisible by {factor * factor}"
        )
    return call(_pixel_shuffle, (x,), (factor,))


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """What undoes `pixel_shuffle`. Raises RuntimeError where height or width do not divide so."""
    name = "pixel_unshuffle"
    x, factor = tensor(name, "input", 1, input), _factor(name, "downscale_factor", downscale_factor)
    _check_rank(name, x)
    if factor <= 0:
        raise RuntimeError(f"{name} expects a positive downscale_factor, but got {factor}")
    for label, axis in (("height", -2), ("width", -1)):
        if x.shape[axis] % factor:
            raise RuntimeError(
                f"{name} expects {label} to be divisible by downscale_factor, but input.size({axis})={x.shape[axis]} "
                f"is not divisible by {factor}"
            )
    return call(_pixel_unshuffle, (x,), (factor,))


def _shuffled(name: str, op: Operation, input: Any, groups: Any) -> Tensor:
    x, count = tensor(name, "input", 1, input), _factor(name, "groups", groups)
    if x.ndim < 3:
        raise RuntimeError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(x.shape)}")
    if count <= 0:
        raise RuntimeError(
            f"Number of groups to divide channels in must be positive. Value of groups:{count}"
        )  # fmt: skip
    if x.shape[1] % count:
        raise RuntimeError(
            f"Number of channels must be divisible by groups. Got {x.shape[1]} channels and {count} groups."
        )
    return call(op, (x,), (count,))


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """An input [batch, channels, ...] with its channels, in `groups` one after another, taken one of each group in
    turn. Raises RuntimeError where the channels do not divide so."""
    return _shuffled("channel_shuffle", _channel_shuffle, input, groups)


def native_channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """As `channel_shuffle`."""
    return _shuffled("native_channel_shuffle", _native_channel_shuffle, input, groups)
