"""What convolutions and pooling share: TensorFlow's data formats, strides and paddings, in numbers for the IR."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.ir import Dim, Dimension, Shape, Unsupported, Value, floor_divide

from ..graphs.site import Refusal, UnknownValue

Numbers = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]


def is_channels_first(data_format: str | None) -> bool:
    """Whether the channels stand behind the batch: NCHW and its like."""
    return data_format is not None and data_format.startswith("NC")


def spatial_axes(data_format: str | None, rank: int) -> Numbers:
    """The axes over which windows slide, of an array of `rank` axes."""
    return tuple(range(2, rank)) if is_channels_first(data_format) else tuple(range(1, rank - 1))


def channel_axis(data_format: str | None, rank: int) -> int:
    """The axis of the channels."""
    return 1 if is_channels_first(data_format) else rank - 1


def checked_format(data_format: str | None, allowed: Sequence[str], default: str) -> str:
    """A data format. Raises ValueError for one that an operation does not have."""
    if data_format is None:
        return default
    if data_format not in allowed:
        names = ", ".join(f'"{name}"' for name in allowed)
        raise ValueError(
            f"Value for attr 'data_format' of \"{data_format}\" is not in the list of allowed values: {names}"
        )
    return data_format


def sequence(value: Any, count: int, data_format: str | None, name: str) -> Numbers:
    """`value`, a number or a number for each of `count` spatial axes, as one for every axis. Raises ValueError."""
    if value is None:
        value = [1]
    elif np.isscalar(value):
        value = [value]
    numbers = [int(number) for number in value]
    if len(numbers) == count + 2:
        return tuple(numbers)
    if len(numbers) == 1:
        numbers *= count
    if len(numbers) != count:
        raise ValueError(f"{name} should be of length 1, {count} or {count + 2} but was {len(numbers)}")
    return (1, 1, *numbers) if is_channels_first(data_format) else (1, *numbers, 1)


def checked_padding(padding: Any, *, explicit: bool = False) -> tuple[str, Numbers]:
    """(name, explicit numbers for every axis) of a padding. Raises ValueError for what is none."""
    names = '"SAME", "VALID", "EXPLICIT"' if explicit else '"SAME", "VALID"'
    if explicit and isinstance(padding, list | tuple):
        for index, pair in enumerate(padding):
            rule = "When padding is a list, each element of padding must be a list/tuple of size 2."
            if not isinstance(pair, list | tuple):
                raise ValueError(f"{rule} Element with index {index} of padding is not a list/tuple")
            if len(pair) != 2:
                raise ValueError(f"{rule} Element with index {index} of padding has size {len(pair)}")
        if len(padding) != 4:
            raise ValueError(f"When padding is a list, it must be of size 4. Got padding of size: {len(padding)}")
        return "EXPLICIT", tuple(int(number) for pair in padding for number in pair)
    if padding == "EXPLICIT":
        raise ValueError(
            '"EXPLICIT" is not a valid value for the padding parameter. To use explicit padding, the padding parameter '
            "must be a list."
        )
    text = padding.decode() if isinstance(padding, bytes) else padding
    if not isinstance(text, str):
        raise TypeError(f"Expected string for argument 'padding' not {padding!r}.")
    if text not in ("SAME", "VALID"):
        raise ValueError(f"Value for attr 'padding' of \"{text}\" is not in the list of allowed values: {names}")
    return text, ()


def numbers_of(x: Value, axes: Sequence[int]) -> Numbers:
    """Sizes of x along some axes. Raises UnknownValue where one is no number."""
    sizes = tuple(x.shape[axis] for axis in axes)
    if any(isinstance(size, Dimension) for size in sizes):
        raise UnknownValue(x)
    return tuple(int(size) for size in sizes)


def sizes_of(x: Value, axes: Sequence[int]) -> Shape:
    """Sizes of x along some axes, numbers or not."""
    return tuple(x.shape[axis] for axis in axes)


def paddings(
    padding: str, sizes: Shape, extents: Numbers, strides: Numbers, dilations: Numbers, explicit: Pairs = ()
) -> Pairs:
    """Elements before and behind along each spatial axis. "SAME" gives ceil(size / stride) windows, the odd element
    behind. Raises Refusal where no window fits, or a stride or dilation is no positive number, and Unsupported for
    "SAME" of sizes with names unless strides divide them."""
    if any(step < 1 for step in strides):
        raise Refusal(f"Stride must be > 0, but got {min(strides)}")
    if any(step < 1 for step in dilations):
        raise Refusal(f"Dilation rate must be >= 1, but got {min(dilations)}")
    spans = [(extent - 1) * dilation + 1 for extent, dilation in zip(extents, dilations, strict=True)]
    if padding == "SAME":
        totals = [_total(*each) for each in zip(sizes, strides, spans, strict=True)]
        return tuple((total // 2, total - total // 2) for total in totals)
    pairs = explicit if padding == "EXPLICIT" else ((0, 0),) * len(sizes)
    for size, span, pair in zip(sizes, spans, pairs, strict=True):
        if isinstance(size, int) and size + sum(pair) - span < 0:
            raise Refusal(
                f"Negative dimension size caused by subtracting {span} from {size + sum(pair)}",
                f"Computed output size would be negative: {size + sum(pair) - span + 1}",
            )
    return pairs


def _total(size: Dim, stride: int, span: int) -> int:
    """How many elements of padding windows take that begin every `stride` elements."""
    total = (floor_divide(size + (stride - 1), stride) - 1) * stride + span - size
    if not isinstance(total, int):
        problem = f"SAME padding of {size} elements in strides of {stride} depends on that size"
        raise Unsupported(problem, hint=f'padding "VALID", or a size that {stride} divides, such as {stride}*n')
    return max(total, 0)
