"""Convolutions backwards: tf.nn.conv2d_transpose and its like, and the gradients of convolutions by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Dimension, Value
from diptych.ir.ops.contraction import convolution_layout

from ...functions import convolution as products
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import FLOATS, INDICES, int32
from ..graphs.probe import static_value
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims, runtime_text
from ..graphs.site import Refusal, Site, require_rank
from ..graphs.tensor import Tensor
from .arrays import expand_dims, squeeze
from .convolution import FORMATS, Geometry, one_of
from .joining import concat
from .sliding import (
    Numbers,
    channel_axis,
    checked_format,
    checked_padding,
    is_channels_first,
    sequence,
    spatial_axes,
)


def _wanted(rank: int) -> Any:
    def rule(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
        """The shape is what the first input says, as far as it is known."""
        require_rank(inputs[0]._dims, 1)
        found = static_value(inputs[0])
        if found is None:
            return [(None,) * rank]
        require_rank(found.tolist(), rank)
        sizes = [None if isinstance(size, Dimension) else int(size) for size in found.tolist()]
        return [tuple(None if size == -1 else size for size in sizes)]

    return rule


def _lowered(
    at: Site, input_sizes: Value, kernel: Value, x: Value, rank: int, strides: Numbers, padding: str,
    explicit: Numbers, data_format: str, dilations: Numbers,
) -> Value:  # fmt: skip
    for operand in (kernel, x):
        require_rank(operand.shape, rank + 2)
    wanted = at.integers(input_sizes)
    sizes = tuple(wanted[axis] for axis in spatial_axes(data_format, rank + 2))
    geometry = Geometry(sizes, kernel, data_format, strides, padding, dilations, explicit)
    channel = channel_axis(data_format, rank + 2)
    for found, needed, what in (
        (wanted[0], x.shape[0], "batch sizes"),
        (kernel.shape[-1], x.shape[channel], "filter and out_backprop depths"),
        (wanted[channel], kernel.shape[-2], "input and filter depths"),
    ):
        if found != needed:
            raise Refusal(f"Conv{rank}DBackpropInput: {what} must be equal, but are {found} and {needed}")
    expected = _forward_sizes(sizes, kernel, geometry)
    found_sizes = tuple(x.shape[axis] for axis in spatial_axes(data_format, rank + 2))
    if expected != found_sizes:
        raise Refusal(
            f"Conv{rank}DSlowBackpropInput: Size of out_backprop doesn't match computed: actual = "
            f"{runtime_text(found_sizes)}, computed = {runtime_text(expected)}"
        )
    return products.transposed(at.b, x, kernel, sizes=sizes, **geometry.attributes())


def _forward_sizes(sizes: Numbers, kernel: Value, geometry: Geometry) -> Numbers:
    """The spatial sizes of what the convolution makes of the input."""
    axes = zip(sizes, kernel.shape, geometry.stride, geometry.padding, geometry.dilation, strict=False)
    return tuple(
        (size + sum(pair) - (int(extent) - 1) * dilation - 1) // stride + 1
        for size, extent, stride, pair, dilation in axes
    )


@operation(
    "Conv2DBackpropInput", "input_sizes: Tsizes, filter: T, out_backprop: T -> T", shape=_wanted(4),
    defaults={"Tsizes": int32}, Tsizes=INDICES, T=FLOATS,
)  # fmt: skip
def lower_conv2d_input(
    at: Site, input_sizes: Value, kernel: Value, x: Value, *, strides: Numbers, padding: str,
    explicit_paddings: Numbers = (), data_format: str = "NHWC", dilations: Numbers = (1, 1, 1, 1),
) -> Value:  # fmt: skip
    """The transpose of Conv2D with respect to its images, which have the shape `input_sizes`."""
    return _lowered(at, input_sizes, kernel, x, 2, strides, padding, explicit_paddings, data_format, dilations)


@operation(
    "Conv3DBackpropInputV2", "input_sizes: Tshape, filter: T, out_backprop: T -> T", shape=_wanted(5),
    defaults={"Tshape": int32}, Tshape=INDICES, T=FLOATS,
)  # fmt: skip
def lower_conv3d_input(
    at: Site, input_sizes: Value, kernel: Value, x: Value, *, strides: Numbers, padding: str,
    data_format: str = "NDHWC", dilations: Numbers = (1, 1, 1, 1, 1),
) -> Value:  # fmt: skip
    """The transpose of Conv3D with respect to its volumes, which have the shape `input_sizes`."""
    return _lowered(at, input_sizes, kernel, x, 3, strides, padding, (), data_format, dilations)


@operation(
    "Conv2DBackpropFilter", "input: T, filter_sizes: int32, out_backprop: T -> T", T=FLOATS,
)  # fmt: skip
def lower_conv2d_filter(
    at: Site, x: Value, filter_sizes: Value, ct: Value, *, strides: Numbers, padding: str,
    explicit_paddings: Numbers = (), data_format: str = "NHWC", dilations: Numbers = (1, 1, 1, 1),
) -> Value:  # fmt: skip
    """The gradient of Conv2D with respect to its kernel, which has the shape `filter_sizes`: the convolution of x with
    the spread-out ct, where the batch stands in the place of the channels."""
    for operand in (x, ct):
        require_rank(operand.shape, 4)
    extents = at.integers(filter_sizes)
    axes = spatial_axes(data_format, 4)
    sizes = tuple(int(x.shape[axis]) for axis in axes)
    like = at.b.broadcast(at.b.reshape(at.b.reduce_sum(x, axes=range(4)), shape=()), shape=extents, axes=())
    geometry = Geometry(sizes, like, data_format, strides, padding, dilations, explicit_paddings)
    roles = convolution_layout(geometry.layout)
    x_part = _renamed(roles.x, "cn")
    padded = tuple(
        (low, (int(ct.shape[axis]) - 1) * stride + (extent - 1) * dilation + 1 - size - low)
        for axis, size, extent, stride, dilation, (low, _) in zip(
            axes, sizes, extents, geometry.stride, geometry.dilation, geometry.padding, strict=False
        )
    )
    return at.b.convolution(
        x,
        ct,
        layout=f"{x_part},{_renamed(roles.result, 'io')}->01nc",
        stride=geometry.dilation,
        padding=padded,
        x_dilation=(1, 1),
        kernel_dilation=geometry.stride,
    )


def _renamed(axes: Sequence[int], letters: str) -> str:
    """The part of a layout that has these letters where batch and channels stand."""
    text = [""] * len(axes)
    for place, axis in enumerate(axes):
        text[axis] = letters[place] if place < 2 else str(place - 2)
    return "".join(text)


# -- what users call ----


def _transposed(
    type: str, rank: int, default: str, x: Any, kernel: Any, output_shape: Any, strides: Any, padding: Any,
    data_format: str | None, dilations: Any, name: str | None,
) -> Tensor:  # fmt: skip
    with name_scope(name, default, [x, kernel, output_shape]) as scope:
        known = checked_format(data_format, FORMATS[rank], FORMATS[rank][0])
        return apply(
            type, [output_shape, kernel, x], name=scope, strides=sequence(strides, rank, known, "strides"),
            padding=checked_padding(padding)[0], data_format=known,
            dilations=sequence(dilations, rank, known, "dilations"),
        )  # fmt: skip


@export("nn.conv2d_transpose")
def conv2d_transpose(
    value: Any = None,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: Any = "SAME",
    data_format: str | None = "NHWC",
    name: str | None = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Tensor:
    """The transpose of conv2d: from its result back to images of `output_shape`, with a kernel [height, width, outputs,
    inputs]."""
    x, kernel = one_of("input", input, "value", value), one_of("filters", filters, "filter", filter)
    return _transposed(
        "Conv2DBackpropInput", 2, "conv2d_transpose", x, kernel, output_shape, strides, padding, data_format,
        dilations, name,
    )  # fmt: skip


@export("nn.conv3d_transpose")
def conv3d_transpose(
    value: Any,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: Any = "SAME",
    data_format: str | None = "NDHWC",
    name: str | None = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Tensor:
    """The transpose of conv3d, with a kernel [depth, height, width, outputs, inputs]."""
    x, kernel = one_of("input", input, "value", value), one_of("filters", filters, "filter", filter)
    return _transposed(
        "Conv3DBackpropInputV2", 3, "conv3d_transpose", x, kernel, output_shape, strides, padding, data_format,
        dilations, name,
    )  # fmt: skip


@export("nn.conv1d_transpose")
def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of conv1d: from its result back to sequences of `output_shape`."""
    with name_scope(name, "conv1d_transpose", [input, filters, output_shape]) as scope:
        if data_format not in (None, "NHWC", "NWC", "NCHW", "NCW"):
            raise ValueError('data_format must be "NWC" or "NCW".')
        known, place = ("NCHW", 2) if is_channels_first(data_format) else ("NHWC", 1)
        steps = [
            [*numbers[:place], 1, *numbers[place:]]
            for numbers in (sequence(strides, 1, known, "stride"), sequence(dilations, 1, known, "dilations"))
        ]
        if isinstance(output_shape, list | tuple):
            wanted: Any = [*output_shape[:place], 1, *output_shape[place:]]
        else:
            sizes = convert_to_tensor(output_shape)
            wanted = concat([sizes[:place], convert_to_tensor([1], dtype=sizes.dtype), sizes[place:]], 0)
        made = _transposed(
            "Conv2DBackpropInput", 2, "conv1d_transpose", expand_dims(input, place), expand_dims(filters, 0), wanted,
            steps[0], padding, known, steps[1], scope,
        )  # fmt: skip
        return squeeze(made, [place])


@export("nn.conv2d_backprop_input")
def conv2d_backprop_input(
    input_sizes: Any,
    filter: Any = None,
    out_backprop: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: str | None = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
    filters: Any = None,
) -> Tensor:
    """The gradient of conv2d with respect to its images."""
    kernel = one_of("filters", filters, "filter", filter)
    chosen, explicit = checked_padding(padding, explicit=True)
    known = checked_format(data_format, FORMATS[2], "NHWC")
    return apply(
        "Conv2DBackpropInput", [input_sizes, kernel, out_backprop], name=name, strides=tuple(strides), padding=chosen,
        explicit_paddings=explicit, data_format=known, dilations=tuple(dilations),
    )  # fmt: skip


@export("nn.conv2d_backprop_filter")
def conv2d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    use_cudnn_on_gpu: bool = True,
    data_format: str | None = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The gradient of conv2d with respect to its kernel."""
    chosen, explicit = checked_padding(padding, explicit=True)
    known = checked_format(data_format, FORMATS[2], "NHWC")
    return apply(
        "Conv2DBackpropFilter", [input, filter_sizes, out_backprop], name=name, strides=tuple(strides), padding=chosen,
        explicit_paddings=explicit, data_format=known, dilations=tuple(dilations),
    )  # fmt: skip
