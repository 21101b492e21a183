"""Operations that TensorFlow's own gradients are made of. Programs here have none; graphs in files do.

Most are what flows back through the operation that they belong to, found by the rules that tf.gradients uses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from diptych.ir import Constant, Value
from diptych.passes.autodiff import backpropagate

from ...functions.constants import filled, filled_like
from ..graphs.definitions import DEFINITIONS, operation, shape_of_input
from ..graphs.dtypes import FLOATS, INDICES, NUMBERS, REALS, DType, float32, int32
from ..graphs.shapes import Dims
from ..graphs.site import Refusal, Site, require_rank
from ..graphs.tensor import Tensor
from .arrays import lower_shape
from .convolution import lower_conv3d, lower_depthwise
from .moments import lower_fused
from .slicing import lower_strided_slice
from .sliding import Numbers, channel_axis
from .transposed_convolution import _wanted


def flowing_back(at: Site, forward: Callable[..., Value], operands: Sequence[Value], cotangent: Value) -> list[Value]:
    """The cotangents of operands, given that of what `forward` makes of them; zeros where it does not depend on one."""
    b = at.b
    first = len(b.equations)
    own = [b.identity(operand) for operand in operands]
    made = forward(*own)
    if made.shape != cotangent.shape:
        raise Refusal(f"the gradient has shape {list(cotangent.shape)} but must have {list(made.shape)}")
    found = backpropagate(b, list(b.equations)[first:], {made: cotangent}, own)
    return [filled_like(b, 0, operand) if each is None else each for operand, each in zip(own, found, strict=True)]


# -- activations, of what they are given ----


def _of_features(type: str, forward: str, allowed: tuple[DType, ...]) -> None:
    @operation(type, "gradients: T, features: T -> T", T=allowed, shape=shape_of_input)
    def lower(at: Site, ct: Value, x: Value) -> Value:
        return flowing_back(at, lambda own: DEFINITIONS[forward].lower(at, own), [x], ct)[0]


for _name in ("Relu", "Relu6", "Softplus", "Softsign"):
    _of_features(f"{_name}Grad", _name, FLOATS)


@operation("LeakyReluGrad", "gradients: T, features: T -> T", T=FLOATS, shape=shape_of_input)
def lower_leaky_relu(at: Site, ct: Value, x: Value, *, alpha: float = 0.2) -> Value:
    """ct where x is above 0, alpha * ct elsewhere."""
    return flowing_back(at, lambda own: DEFINITIONS["LeakyRelu"].lower(at, own, alpha=alpha), [x], ct)[0]


# -- of what they gave ----

_SELU = 1.7580993408473768599402175208123  # scale * alpha, from the paper of Klambauer and others
_SELU_SCALE = 1.0507009873554804934193349852946


def _number(at: Site, number: float, like: Value) -> Value:
    return filled_like(at.b, number, like)


def _by_sign(at: Site, y: Value, ct: Value, below: Value, above: float) -> Value:
    positive = at.b.ge(y, _number(at, 0, y))
    return at.b.mul(ct, at.b.select(positive, _number(at, above, y), below))


@operation("EluGrad", "gradients: T, outputs: T -> T", T=FLOATS, shape=shape_of_input)
def lower_elu(at: Site, ct: Value, y: Value) -> Value:
    """ct * (y + 1) where y is below 0, ct elsewhere."""
    return _by_sign(at, y, ct, at.b.add(y, _number(at, 1, y)), 1)


@operation("SeluGrad", "gradients: T, outputs: T -> T", T=FLOATS, shape=shape_of_input)
def lower_selu(at: Site, ct: Value, y: Value) -> Value:
    """ct * (y + scale * alpha) where y is below 0, ct * scale elsewhere."""
    return _by_sign(at, y, ct, at.b.add(y, _number(at, _SELU, y)), _SELU_SCALE)


_OF_OUTPUTS: dict[str, Callable[[Site, Value, Value], Value]] = {
    "SigmoidGrad": lambda at, y, ct: at.b.mul(at.b.mul(ct, y), at.b.sub(_number(at, 1, y), y)),
    "TanhGrad": lambda at, y, ct: at.b.mul(ct, at.b.sub(_number(at, 1, y), at.b.mul(y, y))),
    "SqrtGrad": lambda at, y, ct: at.b.div(at.b.mul(ct, _number(at, 0.5, y)), y),
    "RsqrtGrad": lambda at, y, ct: at.b.mul(at.b.mul(ct, _number(at, -0.5, y)), at.b.mul(y, at.b.mul(y, y))),
    "ReciprocalGrad": lambda at, y, ct: at.b.neg(at.b.mul(ct, at.b.mul(y, y))),
    "InvGrad": lambda at, y, ct: at.b.neg(at.b.mul(ct, at.b.mul(y, y))),
}


def _of_outputs(type: str, compute: Callable[[Site, Value, Value], Value]) -> None:
    @operation(type, "y: T, dy: T -> T", T=FLOATS, shape=shape_of_input)
    def lower(at: Site, y: Value, ct: Value) -> Value:
        if y.shape != ct.shape:
            raise Refusal(f"{type}: shapes must be equal, but are {list(y.shape)} and {list(ct.shape)}")
        return compute(at, y, ct)


for _name, _compute in _OF_OUTPUTS.items():
    _of_outputs(_name, _compute)


# -- sizes ----


@operation("ShapeN", "input: N*T -> N*out_type")
def lower_shapes(at: Site, *values: Value, N: int, out_type: DType = int32) -> Sequence[Value]:
    """The sizes of tensors, a vector each."""
    return [lower_shape(at, value, out_type=out_type) for value in values]


@operation("ConcatOffset", "concat_dim: int32, shape: N*int32 -> N*int32")
def lower_offsets(at: Site, axis: Value, *shapes: Value, N: int) -> Sequence[Value]:
    """Where tensors of these shapes begin when they are joined along an axis."""
    sizes = [at.integers(shape) for shape in shapes]
    place = at.integer(axis)
    rank = len(sizes[0])
    if any(len(each) != rank for each in sizes) or not -rank <= place < rank:
        raise Refusal(f"Concat dim is {place} but must be an axis of shapes of equal rank, here {rank}")
    place %= rank
    found: list[Value] = []
    start = 0
    for each in sizes:
        found.append(at.b.constant(value=_constant([start if axis == place else 0 for axis in range(rank)])))
        start += each[place]
    return found


def _constant(numbers: Sequence[int], dtype: DType = int32) -> Constant:
    return Constant(np.array(numbers, dtype.numpy))


def _axes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return [(None,), (None,)]


@operation("BroadcastGradientArgs", "s0: T, s1: T -> T, T", defaults={"T": int32}, T=INDICES, shape=_axes)
def lower_broadcast_axes(at: Site, left: Value, right: Value) -> Sequence[Value]:
    """The axes over which gradients are summed where tensors of these shapes were broadcast together."""
    require_rank(left.shape, 1)
    require_rank(right.shape, 1)
    sizes = [at.integers(left), at.integers(right)]
    rank = max(map(len, sizes))
    wide = [[1] * (rank - len(each)) + each for each in sizes]
    together = [max(pair) if 0 not in pair else 0 for pair in zip(*wide, strict=True)]
    for each in wide:
        if any(size not in (1, full) for size, full in zip(each, together, strict=True)):
            raise Refusal(f"Incompatible shapes: {sizes[0]} vs. {sizes[1]}")
    summed = [
        [axis for axis, (size, full) in enumerate(zip(each, together, strict=True)) if size == 1 and (
            full != 1 or axis < rank - len(own) or all(other[axis] == 1 for other in wide))]
        for each, own in zip(wide, sizes, strict=True)
    ]  # fmt: skip
    dtype = next(dtype for dtype in INDICES if dtype.ir == left.dtype)
    return [at.b.constant(value=_constant(axes, dtype)) for axes in summed]


# -- parts ----


@operation("BiasAddGrad", "out_backprop: T -> T", T=NUMBERS)
def lower_bias(at: Site, ct: Value, *, data_format: str = "NHWC") -> Value:
    """The sum over all axes but the channels."""
    require_rank(ct.shape, 2, at_least=True)
    channel = ct.rank - 1 if data_format == "NHWC" else 1
    return at.b.reduce_sum(ct, axes=tuple(axis for axis in range(ct.rank) if axis != channel))


@operation("StridedSliceGrad", "shape: Index, begin: Index, end: Index, strides: Index, dy: T -> T", Index=INDICES)
def lower_strided_slice_grad(
    at: Site, shape: Value, begin: Value, end: Value, strides: Value, ct: Value, *, begin_mask: int = 0,
    end_mask: int = 0, ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0,
) -> Value:  # fmt: skip
    """Zeros of a shape, with ct in the place of what a strided slice takes."""
    zeros = filled(at.b, 0, tuple(at.shape(shape)), ct.dtype)
    masks = {
        "begin_mask": begin_mask, "end_mask": end_mask, "ellipsis_mask": ellipsis_mask,
        "new_axis_mask": new_axis_mask, "shrink_axis_mask": shrink_axis_mask,
    }  # fmt: skip
    return flowing_back(at, lambda own: lower_strided_slice(at, own, begin, end, strides, **masks), [zeros], ct)[0]


@operation("MirrorPadGrad", "input: T, paddings: Tpaddings -> T", Tpaddings=INDICES)
def lower_mirror_pad(at: Site, ct: Value, paddings: Value, *, mode: str) -> Value:
    """ct without its margins, which are added to what they mirror."""
    pairs = at.integers(paddings)
    sizes = tuple(size - pairs[2 * axis] - pairs[2 * axis + 1] for axis, size in enumerate(ct.shape))
    if any(isinstance(size, int) and size < 0 for size in sizes):
        raise Refusal(f"paddings {pairs} are more than the tensor of shape {list(ct.shape)} has")
    zeros = filled(at.b, 0, sizes, ct.dtype)
    return flowing_back(at, lambda own: DEFINITIONS["MirrorPad"].lower(at, own, paddings, mode=mode), [zeros], ct)[0]


# -- windows ----


def _max_pool(type: str, forward: str, variable: str, data_format: str) -> None:
    @operation(type, f"orig_input: {variable}, orig_output: {variable}, grad: T -> T", T=REALS, shape=shape_of_input)
    def lower(
        at: Site, x: Value, y: Value, ct: Value, *, ksize: Numbers, strides: Numbers, padding: str,
        data_format: str = data_format,
    ) -> Value:  # fmt: skip
        pooled = {"ksize": ksize, "strides": strides, "padding": padding, "data_format": data_format}
        return flowing_back(at, lambda own: DEFINITIONS[forward].lower(at, own, **pooled), [x], ct)[0]


_max_pool("MaxPoolGrad", "MaxPool", "T", "NHWC")
_max_pool("MaxPool3DGrad", "MaxPool3D", "TInput", "NDHWC")


def _average_pool(type: str, forward: str, rank: int, data_format: str) -> None:
    @operation(type, "orig_input_shape: int32, grad: T -> T", T=FLOATS, shape=_wanted(rank))
    def lower(
        at: Site, shape: Value, ct: Value, *, ksize: Numbers, strides: Numbers, padding: str,
        data_format: str = data_format,
    ) -> Value:  # fmt: skip
        pooled = {"ksize": ksize, "strides": strides, "padding": padding, "data_format": data_format}
        zeros = filled(at.b, 0, tuple(at.shape(shape)), ct.dtype)
        return flowing_back(at, lambda own: DEFINITIONS[forward].lower(at, own, **pooled), [zeros], ct)[0]


_average_pool("AvgPoolGrad", "AvgPool", 4, "NHWC")
_average_pool("AvgPool3DGrad", "AvgPool3D", 5, "NDHWC")


@operation("DepthwiseConv2dNativeBackpropInput", "input_sizes: int32, filter: T, out_backprop: T -> T", T=FLOATS,
           shape=_wanted(4))  # fmt: skip
def lower_depthwise_input(
    at: Site, sizes: Value, kernel: Value, ct: Value, *, strides: Numbers, padding: str, data_format: str = "NHWC",
    dilations: Numbers = (1, 1, 1, 1),
) -> Value:  # fmt: skip
    """What flows back to the images of a convolution of each channel apart."""
    moved = {"strides": strides, "padding": padding, "data_format": data_format, "dilations": dilations}
    zeros = filled(at.b, 0, tuple(at.shape(sizes)), ct.dtype)
    return flowing_back(at, lambda own: lower_depthwise(at, own, kernel, **moved), [zeros], ct)[0]


def _second(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return _wanted(4)([inputs[1]])


@operation("DepthwiseConv2dNativeBackpropFilter", "input: T, filter_sizes: int32, out_backprop: T -> T", T=FLOATS,
           shape=_second)  # fmt: skip
def lower_depthwise_filter(
    at: Site, x: Value, sizes: Value, ct: Value, *, strides: Numbers, padding: str, data_format: str = "NHWC",
    dilations: Numbers = (1, 1, 1, 1),
) -> Value:  # fmt: skip
    """What flows back to the kernel of a convolution of each channel apart."""
    moved = {"strides": strides, "padding": padding, "data_format": data_format, "dilations": dilations}
    zeros = filled(at.b, 0, tuple(at.shape(sizes)), ct.dtype)
    return flowing_back(at, lambda own: lower_depthwise(at, x, own, **moved), [zeros], ct)[0]


def _second_of_volumes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return _wanted(5)([inputs[1]])


@operation("Conv3DBackpropFilterV2", "input: T, filter_sizes: int32, out_backprop: T -> T", T=FLOATS,
           shape=_second_of_volumes)  # fmt: skip
def lower_conv3d_filter(
    at: Site, x: Value, sizes: Value, ct: Value, *, strides: Numbers, padding: str, data_format: str = "NDHWC",
    dilations: Numbers = (1, 1, 1, 1, 1),
) -> Value:  # fmt: skip
    """What flows back to the kernel of Conv3D."""
    moved = {"strides": strides, "padding": padding, "data_format": data_format, "dilations": dilations}
    zeros = filled(at.b, 0, tuple(at.shape(sizes)), ct.dtype)
    return flowing_back(at, lambda own: lower_conv3d(at, x, own, **moved), [zeros], ct)[0]


# -- normalization ----


@operation("LRNGrad", "input_grads: T, input_image: T, output_image: T -> T", T=FLOATS, shape=shape_of_input)
def lower_response(
    at: Site, ct: Value, x: Value, y: Value, *, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0,
    beta: float = 0.5,
) -> Value:  # fmt: skip
    """What flows back through LRN."""
    scales = {"depth_radius": depth_radius, "bias": bias, "alpha": alpha, "beta": beta}
    return flowing_back(at, lambda own: DEFINITIONS["LRN"].lower(at, own, **scales), [x], ct)[0]


def _normalized(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    scale = inputs[2]._dims
    return [inputs[1]._dims, scale, scale, None, None]


@operation("FusedBatchNormGradV3", "y_backprop: T, x: T, scale: float32, reserve_space_1: U, reserve_space_2: U, "
           "reserve_space_3: U -> T, U, U, U, U", T=FLOATS, U=(float32,), shape=_normalized)  # fmt: skip
def lower_fused_grad(
    at: Site, ct: Value, x: Value, scale: Value, mean: Value, variance: Value, third: Value, *,
    epsilon: float = 0.0001, data_format: str = "NHWC", is_training: bool = True,
) -> Sequence[Value]:  # fmt: skip
    """What flows back to x, scale and offset; without training through the moments given, which count as constants."""
    require_rank(x.shape, 4)
    offset = filled(at.b, 0, (x.shape[channel_axis(data_format, 4)],), scale.dtype)

    def forward(own: Value, factor: Value, rest: Value) -> Value:
        return lower_fused(
            at, own, factor, rest, mean, variance, epsilon=epsilon, data_format=data_format, is_training=is_training
        )[0]

    found = flowing_back(at, forward, [x, scale, offset], ct)
    empty = filled(at.b, 0, (0,), scale.dtype)
    return [*found, empty, empty]
