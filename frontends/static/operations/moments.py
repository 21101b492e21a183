"""tf.nn: means and variances, and what takes them out of a tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Value

from ...functions import normalization
from ...functions.arithmetic import square
from ...functions.constants import filled_like, scalar, size_of
from ...functions.reductions import mean as mean_over
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import FLOATS, float16, float32
from ..graphs.scopes import name_scope
from ..graphs.site import Refusal, Site, require_rank
from ..graphs.tensor import Tensor
from .arrays import either, shape, squeeze, stop_gradient
from .casting import cast
from .gathering import gather
from .ranges import zeros_like
from .reductions import reduced
from .sliding import channel_axis

MIN_EPSILON = 1.001e-5  # TensorFlow's least, for the sake of another library's kernels


@operation("FusedBatchNormV3", "x: T, scale: U, offset: U, mean: U, variance: U -> T, U, U, U, U, U", T=FLOATS,
           U=(float32, *FLOATS))  # fmt: skip
def lower_fused(
    at: Site, x: Value, scale: Value, offset: Value, mean: Value, variance: Value, *, epsilon: float = 0.0001,
    exponential_avg_factor: float = 1.0, data_format: str = "NHWC", is_training: bool = True,
) -> Sequence[Value]:  # fmt: skip
    """(x - mean) / sqrt(variance + epsilon) * scale + offset; in training with the moments of the batch, the variance
    given out being the unbiased one."""
    b = at.b
    require_rank(x.shape, 4)
    channel = channel_axis(data_format, 4)
    for operand in (scale, offset):
        require_rank(operand.shape, 1)
        if operand.shape[0] != x.shape[channel]:
            raise Refusal(f"Dimensions must be equal, but are {x.shape[channel]} and {operand.shape[0]}")
    wide = x if x.dtype == scale.dtype else b.cast(x, dtype=scale.dtype)
    axes = tuple(axis for axis in range(4) if axis != channel)
    if not is_training:
        factor = b.mul(normalization.inverse_deviation(b, variance, epsilon), scale)
        rest = b.sub(offset, b.mul(mean, factor))
        result = normalization.weighted(b, wide, factor, rest, (channel,))
        result = result if x.dtype == scale.dtype else b.cast(result, dtype=x.dtype)
        return [result, mean, variance, mean, variance, filled_like(b, 0, mean)]
    average, apart = normalization.centred(b, wide, axes)
    spread = mean_over(b, square(b, apart), axes)
    factor = b.mul(normalization.inverse_deviation(b, spread, epsilon), scale)
    result = normalization.weighted(b, apart, factor, offset, (channel,))
    result = result if x.dtype == scale.dtype else b.cast(result, dtype=x.dtype)
    average, spread = b.stop_gradient(average), b.stop_gradient(spread)
    return [result, average, _unbiased(at, spread, wide, channel), average, spread, filled_like(b, 0, average)]


def _unbiased(at: Site, variance: Value, x: Value, channel: int) -> Value:
    """The variance times n / (n - 1), n the elements that it is of."""
    count = 1
    for axis, size in enumerate(x.shape):
        count = count * size if axis != channel else count
    if isinstance(count, int):
        return at.b.mul(variance, filled_like(at.b, count / max(count - 1, 1), variance))
    whole = size_of(at.b, count, variance.dtype)
    rest = at.b.max(size_of(at.b, count - 1, variance.dtype), scalar(at.b, 1, variance.dtype))
    return at.b.mul(variance, at.b.broadcast(at.b.div(whole, rest), shape=variance.shape, axes=()))


@export("nn.fused_batch_norm")
def fused_batch_norm(
    x: Any,
    scale: Any,
    offset: Any,
    mean: Any = None,
    variance: Any = None,
    epsilon: float = 0.001,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """(x normalized, mean, variance) over all axes but the channels of images. Raises ValueError for moments given in
    training."""
    x = convert_to_tensor(x, name="input")
    scale = convert_to_tensor(scale, name="scale")
    offset = convert_to_tensor(offset, name="offset")
    if is_training and (mean is not None or variance is not None):
        raise ValueError("Both 'mean' and 'variance' must be None if is_training is True.")
    given = [constant([]) if moment is None else moment for moment in (mean, variance)]
    found = apply(
        "FusedBatchNormV3", [x, scale, offset, *given], name=name, epsilon=max(epsilon, MIN_EPSILON),
        data_format=data_format, is_training=is_training,
    )  # fmt: skip
    return found[0], found[1], found[2]


@export("nn.moments")
def moments(
    x: Any, axes: Any, shift: Any = None, name: str | None = None, keep_dims: Any = None, keepdims: Any = None
) -> tuple[Tensor, Tensor]:
    """(mean, variance) over `axes`."""
    keep = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "moments", [x, axes]):
        x = convert_to_tensor(x)
        wide = cast(x, float32) if x.dtype.base_dtype is float16 else x
        mean = reduced("Mean", wide, axes, True, "mean")
        apart = apply("SquaredDifference", [wide, stop_gradient(mean)])
        variance = reduced("Mean", apart, axes, True, "variance")
        return _kept(mean, variance, axes, keep, x)


def _kept(mean: Tensor, variance: Tensor, axes: Any, keep: bool, x: Tensor) -> tuple[Tensor, Tensor]:
    if not keep:
        mean, variance = squeeze(mean, axes), squeeze(variance, axes)
    return cast(mean, x.dtype.base_dtype), cast(variance, x.dtype.base_dtype)


@export("nn.weighted_moments")
def weighted_moments(
    x: Any, axes: Any, frequency_weights: Any, name: str | None = None, keep_dims: Any = None, keepdims: Any = None
) -> tuple[Tensor, Tensor]:
    """(mean, variance) over `axes`, where each element counts as often as its weight says."""
    keep = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "weighted_moments", [x, frequency_weights, axes]):
        x = convert_to_tensor(x, name="x")
        wide = cast(x, float32) if x.dtype.base_dtype is float16 else x
        weights = cast(convert_to_tensor(frequency_weights, name="frequency_weights"), wide.dtype.base_dtype)
        total = reduced("Sum", weights * wide, axes, True, "weighted_input_sum")
        count = reduced("Sum", weights + zeros_like(wide), axes, True, "sum_of_weights")
        divisor = apply("Reciprocal", [count], name="inv_weight_sum")
        mean = apply("Mul", [total, divisor])
        apart = weights * apply("SquaredDifference", [wide, mean])
        variance = apply("Mul", [reduced("Sum", apart, axes, True, "weighted_distsq"), divisor])
        return _kept(mean, variance, axes, keep, x)


@export("nn.sufficient_statistics")
def sufficient_statistics(
    x: Any, axes: Any, shift: Any = None, keep_dims: Any = None, name: str | None = None, keepdims: Any = None
) -> tuple[Tensor, Tensor, Tensor, Any]:
    """(count, sum, sum of squares, shift) over `axes`, of x minus `shift` where one is given."""
    keep = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "sufficient_statistics", [x, shift]):
        x = convert_to_tensor(x, name="x")
        if x._dims is not None and all(x._dims[axis] is not None for axis in axes):
            count = 1
            for axis in axes:
                count *= x._dims[axis] or 0
            counted = constant(count, dtype=x.dtype.base_dtype, name="count")
        else:
            sizes = cast(gather(shape(x), list(axes)), x.dtype.base_dtype)
            counted = reduced("Prod", sizes, None, False, "count")
        first, second = x, apply("Square", [x])
        if shift is not None:
            shift = convert_to_tensor(shift, name="shift")
            first, second = apply("Sub", [x, shift]), apply("SquaredDifference", [x, shift])
        total = reduced("Sum", first, list(axes), keep, "mean_ss")
        return counted, total, reduced("Sum", second, list(axes), keep, "var_ss"), shift


@export("nn.normalize_moments")
def normalize_moments(
    counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """(mean, variance) of what sufficient_statistics found."""
    with name_scope(name, "normalize", [counts, mean_ss, variance_ss, shift]):
        divisor = apply("Reciprocal", [counts], name="divisor")
        shifted = apply("Mul", [mean_ss, divisor], name="mean" if shift is None else "shifted_mean")
        mean = shifted if shift is None else apply("AddV2", [shifted, shift], name="mean")
        squares = apply("Mul", [variance_ss, divisor])
        return mean, apply("Sub", [squares, apply("Square", [shifted])], name="variance")


@export("nn.batch_normalization")
def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: Any, name: str | None = None
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset; scale and offset may be None."""
    with name_scope(name, "batchnorm", [x, mean, variance, scale, offset]):
        x, variance = convert_to_tensor(x), convert_to_tensor(variance)
        factor = apply("Rsqrt", [variance + variance_epsilon])
        if scale is not None:
            factor = factor * scale
        rest = -mean * factor if offset is None else offset - mean * factor
        return x * cast(factor, x.dtype.base_dtype) + cast(rest, x.dtype.base_dtype)


@export("nn.batch_norm_with_global_normalization")
def batch_norm_with_global_normalization(
    t: Any = None,
    m: Any = None,
    v: Any = None,
    beta: Any = None,
    gamma: Any = None,
    variance_epsilon: Any = None,
    scale_after_normalization: Any = None,
    name: str | None = None,
    input: Any = None,
    mean: Any = None,
    variance: Any = None,
) -> Tensor:
    """batch_normalization, which multiplies by gamma with `scale_after_normalization` alone."""
    t, m, v = either("input", input, "t", t), either("mean", mean, "m", m), either("variance", variance, "v", v)
    return batch_normalization(t, m, v, beta, gamma if scale_after_normalization else None, variance_epsilon, name)


@operation("LRN", "input: T -> T", T=FLOATS)
def lower_lrn(
    at: Site, x: Value, *, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5
) -> Value:
    """x / (bias + alpha * sum of squares over 2 * depth_radius + 1 neighbouring channels) ** beta (Krizhevsky et al.,
    2012)."""
    require_rank(x.shape, 4)
    b = at.b
    reach = 2 * depth_radius + 1
    total = b.window_sum(
        square(b, x), window=(1, 1, 1, reach), stride=(1,) * 4, padding=((0, 0),) * 3 + ((depth_radius,) * 2,),
        dilation=(1,) * 4,
    )  # fmt: skip
    base = b.add(b.mul(total, filled_like(b, alpha, x)), filled_like(b, bias, x))
    return b.mul(x, b.pow(base, filled_like(b, -beta, x)))


@export("nn.local_response_normalization", "nn.lrn")
def local_response_normalization(
    input: Any, depth_radius: int = 5, bias: float = 1, alpha: float = 1, beta: float = 0.5, name: str | None = None
) -> Tensor:
    """Each element of images over a power of the sum of squares of its neighbours among the channels."""
    return apply(
        "LRN", [input], name=name, depth_radius=int(depth_radius), bias=float(bias), alpha=float(alpha),
        beta=float(beta),
    )  # fmt: skip
