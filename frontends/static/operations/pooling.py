"""tf.nn: largest elements and means of windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Value

from ...functions import pooling
from ...functions.pooling import Windows
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import FLOATS, INDICES, REALS, DType, as_dtype, int64
from ..graphs.scopes import name_scope
from ..graphs.site import Refusal, Site, require_rank
from ..graphs.tensor import Tensor
from .arrays import expand_dims, squeeze
from .convolution import FORMATS, one_of
from .sliding import (
    Numbers,
    channel_axis,
    checked_format,
    checked_padding,
    is_channels_first,
    paddings,
    sequence,
    sizes_of,
    spatial_axes,
)


def _windows(x: Value, rank: int, ksize: Numbers, strides: Numbers, padding: str, data_format: str) -> Windows:
    """The windows of a pooling. Raises Refusal where they do not fit x."""
    require_rank(x.shape, rank)
    if ksize[0] != 1 or strides[0] != 1:
        raise Refusal("Pooling is not yet supported on the batch dimension.")
    axes = spatial_axes(data_format, rank)
    channel = channel_axis(data_format, rank)
    if ksize[channel] != 1:
        if any(ksize[axis] != 1 for axis in axes) or ksize[channel] != strides[channel]:
            raise Refusal("MaxPooling supports exactly one of pooling across depth or pooling across width/height.")
        axes = (channel,)
    size, stride = (tuple(numbers[axis] for axis in axes) for numbers in (ksize, strides))
    one = (1,) * len(axes)
    return Windows(axes, size, stride, paddings(padding, sizes_of(x, axes), size, stride, one), one)


def _declare(type: str, label: str, rank: int, average: bool) -> None:
    default = FORMATS[rank - 2][0]

    @operation(type, f"{label}: T -> T", T=FLOATS if average else REALS)
    def lower(
        at: Site, x: Value, *, ksize: Numbers, strides: Numbers, padding: str, data_format: str = default
    ) -> Value:
        windows = _windows(x, rank, ksize, strides, padding, data_format)
        if average:
            return pooling.average_pool(at.b, x, windows, count_padding=False)
        return pooling.max_pool(at.b, x, windows)


_declare("MaxPool", "input", 4, False)
_declare("AvgPool", "value", 4, True)
_declare("MaxPool3D", "input", 5, False)
_declare("AvgPool3D", "input", 5, True)


@operation("MaxPoolWithArgmax", "input: T -> T, Targmax", T=REALS, Targmax=INDICES)
def lower_with_argmax(
    at: Site, x: Value, *, ksize: Numbers, strides: Numbers, padding: str, Targmax: DType = int64,
    include_batch_in_index: bool = False,
) -> Sequence[Value]:  # fmt: skip
    """Largest elements of windows, and where they stand: counted row by row over rows, columns and channels, with
    `include_batch_in_index` over the batch too."""
    windows = _windows(x, 4, ksize, strides, padding, "NHWC")
    largest = pooling.max_pool(at.b, x, windows)
    if not at.wants(1):
        return [largest, at.b.cast(largest, dtype=Targmax.ir)]
    counted = pooling.row_by_row(at.b, x, (0, 1, 2, 3) if include_batch_in_index else (1, 2, 3))
    found = pooling.max_places(at.b, at.b.stop_gradient(x), windows, counted)
    return [largest, at.b.cast(found, dtype=Targmax.ir)]


def _pooled(
    type: str, x: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None, rank: int, name: str | None
) -> Tensor:
    with name_scope(name, type, [x]) as scope:
        known = checked_format(data_format, FORMATS[rank], FORMATS[rank][0])
        sizes, steps = sequence(ksize, rank, known, "ksize"), sequence(strides, rank, known, "strides")
        if any(size == 0 for size in sizes):
            raise ValueError("ksize cannot be zero.")
        chosen = checked_padding(padding)[0]
        return apply(type, [x], name=scope, ksize=sizes, strides=steps, padding=chosen, data_format=known)


@export("nn.max_pool")
def max_pool(
    value: Any,
    ksize: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: str | None = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Tensor:
    """The largest element of each window of images. Sizes and strides are one number, two, or one for each axis."""
    return _pooled("MaxPool", one_of("input", input, "value", value), ksize, strides, padding, data_format, 2, name)


@export("nn.avg_pool", "nn.avg_pool2d")
def avg_pool(
    value: Any = None,
    ksize: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: str | None = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Tensor:
    """The mean of each window of images, of those elements that lie inside of them."""
    return _pooled("AvgPool", one_of("input", input, "value", value), ksize, strides, padding, data_format, 2, name)


@export("nn.max_pool2d")
def max_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NHWC", name: str | None = None
) -> Tensor:
    """The largest element of each window of images."""
    return _pooled("MaxPool", input, ksize, strides, padding, data_format, 2, name)


@export("nn.max_pool3d")
def max_pool3d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NDHWC", name: str | None = None
) -> Tensor:
    """The largest element of each window of volumes."""
    return _pooled("MaxPool3D", input, ksize, strides, padding, data_format, 3, name)


@export("nn.avg_pool3d")
def avg_pool3d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NDHWC", name: str | None = None
) -> Tensor:
    """The mean of each window of volumes, of those elements that lie inside of them."""
    return _pooled("AvgPool3D", input, ksize, strides, padding, data_format, 3, name)


_NAMES_1D = {"MaxPool": "MaxPool1d", "AvgPool": "AvgPool1D"}


def _one_axis(
    type: str, x: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None, name: str | None
) -> Tensor:
    with name_scope(name, _NAMES_1D[type], [x]) as scope:
        known = checked_format(data_format, FORMATS[1], "NWC")
        first = is_channels_first(known)
        place = 2 if first else 1
        sizes, steps = (
            [*numbers[:place], 1, *numbers[place:]]
            for numbers in (sequence(ksize, 1, known, "ksize"), sequence(strides, 1, known, "strides"))
        )
        images = expand_dims(x, place)
        made = _pooled(type, images, sizes, steps, padding, FORMATS[2][first], 2, scope)
        return squeeze(made, [place])


@export("nn.max_pool1d")
def max_pool1d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NWC", name: str | None = None
) -> Tensor:
    """The largest element of each window of sequences."""
    return _one_axis("MaxPool", input, ksize, strides, padding, data_format, name)


@export("nn.avg_pool1d")
def avg_pool1d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NWC", name: str | None = None
) -> Tensor:
    """The mean of each window of sequences."""
    return _one_axis("AvgPool", input, ksize, strides, padding, data_format, name)


def _of_any_rank(type: str, x: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None, name: Any) -> Any:
    x = convert_to_tensor(x)
    rank = len(data_format) - 2 if data_format else None if x._dims is None else len(x._dims) - 2
    if rank not in (1, 2, 3):
        raise ValueError(f"Input tensor must be of rank 3, 4 or 5 but was {'unknown' if rank is None else rank + 2}.")
    if rank == 1:
        return _one_axis(type, x, ksize, strides, padding, data_format, name)
    return _pooled(type if rank == 2 else f"{type}3D", x, ksize, strides, padding, data_format, rank, name)


@export("nn.max_pool_v2")
def max_pool_v2(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """The largest element of each window of sequences, images or volumes."""
    return _of_any_rank("MaxPool", input, ksize, strides, padding, data_format, name)


@export("nn.avg_pool_v2")
def avg_pool_v2(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """The mean of each window of sequences, images or volumes."""
    return _of_any_rank("AvgPool", input, ksize, strides, padding, data_format, name)


@export("nn.max_pool_with_argmax")
def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    Targmax: Any = None,
    name: str | None = None,
    output_dtype: Any = None,
    include_batch_in_index: bool = False,
) -> list[Tensor]:
    """(largest elements of windows, where they stand) of images with channels last."""
    if data_format != "NHWC":
        raise ValueError("Data formats other than 'NHWC' are not yet supported")
    dtype = one_of("output_dtype", output_dtype, "Targmax", Targmax)
    return apply(
        "MaxPoolWithArgmax", [input], name=name, ksize=tuple(ksize), strides=tuple(strides),
        padding=checked_padding(padding)[0], Targmax=int64 if dtype is None else as_dtype(dtype),
        include_batch_in_index=include_batch_in_index,
    )  # fmt: skip


@export("nn.pool")
def pool(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    padding: str,
    dilation_rate: Any = None,
    strides: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Tensor:
    """The largest elements ("MAX") or means ("AVG") of windows over one, two or three axes."""
    rate = one_of("dilations", dilations, "dilation_rate", dilation_rate)
    if pooling_type not in ("MAX", "AVG"):
        raise ValueError(f"pooling_type is {pooling_type!r} but must be 'MAX' or 'AVG'")
    if rate is not None and any(step != 1 for step in rate):
        raise ValueError(f"tf.nn.pool: dilation_rate is {list(rate)} but must be 1 along every axis")
    with name_scope(name, f"{pooling_type.lower()}_pool", [input]) as scope:
        x = convert_to_tensor(input, name="input")
        rank = len(window_shape)
        known = data_format or FORMATS[rank][0]
        steps = [1] * rank if strides is None else list(strides)
        type = "MaxPool" if pooling_type == "MAX" else "AvgPool"
        return _of_any_rank(type, x, list(window_shape), steps, padding, known, scope)
