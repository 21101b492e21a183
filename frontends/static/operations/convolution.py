"""tf.nn.conv1d, conv2d, conv3d and what is made of them; tf.nn.convolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Shape, Value

from ...functions import convolution as products
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import FLOATS
from ..graphs.scopes import name_scope
from ..graphs.site import Refusal, Site, require_rank
from ..graphs.tensor import Tensor
from .arrays import expand_dims, squeeze
from .sliding import (
    Numbers,
    Pairs,
    channel_axis,
    checked_format,
    checked_padding,
    is_channels_first,
    numbers_of,
    paddings,
    sequence,
    sizes_of,
    spatial_axes,
)

FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}


def layout_of(data_format: str, rank: int) -> str:
    """The layout of a convolution over `rank` axes, in the IR's letters: kernels are [sizes, inputs, outputs]."""
    spatial = "".join(map(str, range(rank)))
    x = f"nc{spatial}" if is_channels_first(data_format) else f"n{spatial}c"
    return f"{x},{spatial}io->{x}"


class Geometry:
    """How the windows of one convolution lie over the spatial axes."""

    def __init__(
        self, x_sizes: Shape, kernel: Value, data_format: str, strides: Numbers, padding: str, dilations: Numbers,
        explicit_paddings: Numbers = (),
    ) -> None:  # fmt: skip
        rank = len(x_sizes)
        axes = spatial_axes(data_format, rank + 2)
        for name, steps in (("strides", strides), ("dilations", dilations)):
            if any(step != 1 for axis, step in enumerate(steps) if axis not in axes):
                raise Refusal(f"Current implementation does not yet support {name} in the batch and depth dimensions.")
        self.layout = layout_of(data_format, rank)
        self.stride = tuple(strides[axis] for axis in axes)
        self.dilation = tuple(dilations[axis] for axis in axes)
        explicit: Pairs = tuple((explicit_paddings[2 * axis], explicit_paddings[2 * axis + 1]) for axis in axes
                                ) if explicit_paddings else ()  # fmt: skip
        extents = numbers_of(kernel, range(rank))
        self.padding = paddings(padding, x_sizes, extents, self.stride, self.dilation, explicit)

    def attributes(self) -> dict[str, Any]:
        """As the functions of convolutions take them."""
        return {"layout": self.layout, "stride": self.stride, "padding": self.padding, "dilation": self.dilation}


def _groups(x: Value, kernel: Value, data_format: str) -> int:
    """How many groups the channels fall into. Raises Refusal where they do not fit the kernel's."""
    depth, inputs = x.shape[channel_axis(data_format, x.rank)], kernel.shape[-2]
    if depth == inputs:
        return 1
    if not isinstance(depth, int) or not isinstance(inputs, int) or not inputs or depth % inputs:
        raise Refusal(
            f"Depth of input ({depth}) is not a multiple of input depth of filter ({inputs})",
            f"input and filter must have the same depth: {depth} vs {inputs}",
        )
    return depth // inputs


def _lowered(
    at: Site, x: Value, kernel: Value, rank: int, strides: Numbers, padding: str, explicit: Numbers, data_format: str,
    dilations: Numbers,
) -> Value:  # fmt: skip
    for operand in (x, kernel):
        require_rank(operand.shape, rank + 2)
    sizes = sizes_of(x, spatial_axes(data_format, x.rank))
    geometry = Geometry(sizes, kernel, data_format, strides, padding, dilations, explicit)
    groups = _groups(x, kernel, data_format)
    return products.convolution(at.b, x, kernel, groups=groups, **geometry.attributes())


@operation("Conv2D", "input: T, filter: T -> T", T=FLOATS)
def lower_conv2d(
    at: Site, x: Value, kernel: Value, *, strides: Numbers, padding: str, explicit_paddings: Numbers = (),
    data_format: str = "NHWC", dilations: Numbers = (1, 1, 1, 1),
) -> Value:  # fmt: skip
    """The sliding product of images with a kernel [height, width, inputs, outputs]."""
    return _lowered(at, x, kernel, 2, strides, padding, explicit_paddings, data_format, dilations)


@operation("Conv3D", "input: T, filter: T -> T", T=FLOATS)
def lower_conv3d(
    at: Site, x: Value, kernel: Value, *, strides: Numbers, padding: str, data_format: str = "NDHWC",
    dilations: Numbers = (1, 1, 1, 1, 1),
) -> Value:  # fmt: skip
    """The sliding product of volumes with a kernel [depth, height, width, inputs, outputs]."""
    return _lowered(at, x, kernel, 3, strides, padding, (), data_format, dilations)


@operation("DepthwiseConv2dNative", "input: T, filter: T -> T", T=FLOATS)
def lower_depthwise(
    at: Site, x: Value, kernel: Value, *, strides: Numbers, padding: str, data_format: str = "NHWC",
    dilations: Numbers = (1, 1, 1, 1),
) -> Value:  # fmt: skip
    """Each channel with kernels of its own, [height, width, channels, multiplier]."""
    for operand in (x, kernel):
        require_rank(operand.shape, 4)
    depth, channels = x.shape[channel_axis(data_format, 4)], int(kernel.shape[2])
    if depth != channels:
        raise Refusal(f"Dimensions must be equal, but are {depth} and {channels}")
    sizes = sizes_of(x, spatial_axes(data_format, 4))
    geometry = Geometry(sizes, kernel, data_format, strides, padding, dilations)
    flat = at.b.reshape(kernel, shape=(*kernel.shape[:2], 1, channels * kernel.shape[3]))
    return products.convolution(at.b, x, flat, groups=channels, **geometry.attributes())


def one_of(new: str, value: Any, old: str, old_value: Any) -> Any:
    """The one of an argument's two names that is given. Raises ValueError for both."""
    if value is None:
        return old_value
    if old_value is not None:
        raise ValueError(f"Cannot specify both '{old}' and '{new}'")
    return value


@export("nn.conv2d")
def conv2d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: str | None = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
    filters: Any = None,
) -> Tensor:
    """The sliding product of images with a kernel [height, width, inputs, outputs], channels last or "NCHW".

    `padding` is "SAME", "VALID", or a pair of numbers for each axis; strides and dilations are one number, two, or one
    for each axis. Raises ValueError for shapes that do not fit.
    """
    kernel = one_of("filters", filters, "filter", filter)
    known = checked_format(data_format, FORMATS[2], "NHWC")
    chosen, explicit = checked_padding(padding, explicit=True)
    return apply(
        "Conv2D", [input, kernel], name=name, strides=sequence(strides, 2, known, "strides"), padding=chosen,
        explicit_paddings=explicit, data_format=known, dilations=sequence(dilations, 2, known, "dilations"),
    )  # fmt: skip


@export("nn.conv3d")
def conv3d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: str | None = "NDHWC",
    dilations: Any = (1, 1, 1, 1, 1),
    name: str | None = None,
    filters: Any = None,
) -> Tensor:
    """The sliding product of volumes with a kernel [depth, height, width, inputs, outputs]."""
    kernel = one_of("filters", filters, "filter", filter)
    known = checked_format(data_format, FORMATS[3], "NDHWC")
    chosen, _ = checked_padding(padding)
    return apply(
        "Conv3D", [input, kernel], name=name, strides=tuple(strides), padding=chosen, data_format=known,
        dilations=tuple(dilations),
    )  # fmt: skip


@export("nn.conv1d")
def conv1d(
    value: Any = None,
    filters: Any = None,
    stride: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool | None = None,
    data_format: str | None = None,
    name: str | None = None,
    input: Any = None,
    dilations: Any = None,
) -> Tensor:
    """The sliding product of sequences [batch, width, channels] with a kernel [width, inputs, outputs]."""
    value = one_of("input", input, "value", value)
    with name_scope(name, "conv1d", [value, filters]) as scope:
        if data_format not in (None, "NHWC", "NWC", "NCHW", "NCW"):
            raise ValueError('data_format must be "NWC" or "NCW".')
        first = is_channels_first(data_format)
        known, place = ("NCHW", 2) if first else ("NHWC", 1)
        steps = [
            _with_axis(sequence(given, 1, known, label), place)
            for given, label in ((stride, "stride"), (dilations, "dilations"))
        ]
        images = expand_dims(value, place)
        kernel = expand_dims(filters, 0)
        made = conv2d(
            images, kernel, strides=steps[0], padding=padding, data_format=known, dilations=steps[1], name=scope
        )
        return squeeze(made, [place])


def _with_axis(steps: Numbers, place: int) -> list[int]:
    return [*steps[:place], 1, *steps[place:]]


@export("nn.convolution")
def convolution(
    input: Any,
    filter: Any = None,
    padding: Any = None,
    strides: Any = None,
    dilation_rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    filters: Any = None,
    dilations: Any = None,
) -> Tensor:
    """A convolution over one, two or three axes, as many as the kernel has besides inputs and outputs."""
    kernel = one_of("filters", filters, "filter", filter)
    rate = one_of("dilations", dilations, "dilation_rate", dilation_rate)
    with name_scope(name, "convolution", [input, kernel]) as scope:
        x = convert_to_tensor(input, name="input")
        kernel = convert_to_tensor(kernel, name="filter")
        return convolved(x, kernel, padding, strides, rate, data_format, scope)


def convolved(
    x: Tensor, kernel: Tensor, padding: Any, strides: Any, rate: Any, data_format: str | None, name: str | None
) -> Tensor:
    """As `convolution`, of tensors, in an operation called `name`. Raises ValueError for what does not fit."""
    ranks = [None if each._dims is None else len(each._dims) - 2 for each in (kernel, x)]
    rank = ranks[0] if ranks[0] is not None else ranks[1]
    if rank is None:
        raise ValueError("rank of input must be known")
    if rank not in (1, 2, 3):
        raise ValueError(f"Number of spatial dimensions of convolution must be 1, 2 or 3, but is {rank}")
    if data_format is not None and data_format not in FORMATS[rank] + FORMATS[2]:
        raise ValueError(f"data_format must be one of {FORMATS[rank]}, but is {data_format!r}")
    steps, spread = _spatial(strides, rank, "strides"), _spatial(rate, rank, "dilation_rate")
    if any(step > 1 for step in steps) and any(step > 1 for step in spread):
        raise ValueError("strides > 1 not supported in conjunction with dilation_rate > 1")
    text = padding.upper() if isinstance(padding, str) else padding
    first = is_channels_first(data_format)
    if rank == 1:
        known = "NCW" if first else "NWC"
        return conv1d(x, kernel, list(steps), text, data_format=known, dilations=list(spread), name=name)
    function = conv2d if rank == 2 else conv3d
    known = FORMATS[rank][first]
    full = [sequence(list(each), rank, known, "strides") for each in (steps, spread)]
    return function(x, kernel, strides=full[0], padding=text, data_format=known, dilations=full[1], name=name)


def _spatial(given: Any, rank: int, name: str) -> Sequence[int]:
    if given is None:
        return (1,) * rank
    steps = (int(given),) * rank if not isinstance(given, list | tuple) else tuple(int(step) for step in given)
    if len(steps) != rank:
        raise ValueError(f"len({name})={len(steps)} but should be {rank}")
    if any(step < 1 for step in steps):
        raise ValueError(f"all values of {name} must be positive")
    return steps


@export("nn.atrous_conv2d")
def atrous_conv2d(value: Any, filters: Any, rate: int, padding: Any, name: str | None = None) -> Tensor:
    """A convolution of images with a kernel whose elements lie `rate` apart."""
    return convolution(value, filters, padding, dilation_rate=[rate, rate], name=name)


def _rated(strides: Any, rate: Any, dilations: Any, data_format: str | None) -> tuple[Numbers, Numbers]:
    """(strides, dilations) for every axis. Raises ValueError where both are more than 1."""
    rate = one_of("dilations", dilations, "rate", rate)
    known = data_format or "NHWC"
    spread = sequence([1, 1] if rate is None else rate, 2, known, "rate")
    steps = tuple(int(step) for step in strides)
    if any(step > 1 for step in steps) and any(step > 1 for step in spread):
        raise ValueError("strides > 1 not supported in conjunction with dilation_rate > 1")
    return steps, spread


@export("nn.depthwise_conv2d")
def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Tensor:
    """Each channel of images with kernels of its own, [height, width, channels, multiplier]."""
    steps, spread = _rated(strides, rate, dilations, data_format)
    with name_scope(name, "depthwise", [input, filter]) as scope:
        x = convert_to_tensor(input, name="tensor_in")
        kernel = convert_to_tensor(filter, name="filter_in")
        return _depthwise(x, kernel, steps, padding, data_format, spread, scope)


def _depthwise(
    x: Tensor, kernel: Tensor, strides: Numbers, padding: Any, data_format: str | None, dilations: Numbers, name: Any
) -> Tensor:
    known = checked_format(data_format, FORMATS[2], "NHWC")
    return apply(
        "DepthwiseConv2dNative", [x, kernel], name=name, strides=strides, padding=checked_padding(padding)[0],
        data_format=known, dilations=dilations,
    )  # fmt: skip


@export("nn.depthwise_conv2d_native")
def depthwise_conv2d_native(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """As depthwise_conv2d, with dilations for every axis."""
    x, kernel = convert_to_tensor(input), convert_to_tensor(filter)
    return _depthwise(x, kernel, tuple(strides), padding, data_format, tuple(dilations), name)


@export("nn.separable_conv2d")
def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Tensor:
    """A convolution of each channel, then a product [1, 1, channels * multiplier, outputs] that mixes them."""
    steps, spread = _rated(strides, rate, dilations, data_format)
    with name_scope(name, "separable_conv2d", [input, depthwise_filter, pointwise_filter]) as scope:
        x = convert_to_tensor(input, name="tensor_in")
        kernel = convert_to_tensor(depthwise_filter, name="depthwise_filter")
        mixing = convert_to_tensor(pointwise_filter, name="pointwise_filter")
        for axis in (0, 1):
            size = mixing.shape.with_rank(4)[axis]
            if size != 1:
                raise ValueError(f"Dimensions {size} and 1 are not compatible")
        apart = _depthwise(x, kernel, steps, padding, data_format, spread, "depthwise")
        return conv2d(
            apart, mixing, strides=[1, 1, 1, 1], padding="VALID", data_format=data_format or "NHWC", name=scope
        )
