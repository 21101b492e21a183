"""Activations made of straight pieces: each gives a selection, whose gradient at a joint is PyTorch's."""

from __future__ import annotations

import numpy as np
from diptych.functions import activations
from diptych.functions.arithmetic import clip, scaled, shifted
from diptych.functions.constants import Number, filled_like
from diptych.functions.own_gradients import with_gradient
from diptych.ir import Builder, DType, Value

from .. import random
from ..calling.autocasting import lower_precision
from ..dtypes import of_ir
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.inplace import in_place, result_or_written
from ..tensors.tensor import Tensor
from .operands import not_implemented, tensor, tensors

# -- operations: what is written as equations ----


def _refuse_others(name: str, x: Value) -> None:
    if not x.dtype.is_float:
        raise not_implemented(name, x)


@operation
def _hardtanh(b: Builder, x: Value, low: Number, high: Number) -> Value:
    if x.dtype.is_bool:
        raise RuntimeError("Bool inputs not supported for hardtanh")
    if x.dtype.is_complex:
        raise NotImplementedError("clamp is not supported for complex types")
    if x.dtype.is_integer:
        low, high = int(low), int(high)
    if x.dtype.kind == "unsigned" and (low < 0 or high < 0):
        raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
    smallest, largest = filled_like(b, low, x), filled_like(b, high, x)
    return b.select(b.le(x, smallest), smallest, b.select(b.ge(x, largest), largest, x))


@operation
def _hardswish(b: Builder, x: Value) -> Value:
    """x times hardsigmoid of x: 0 below -3, x above 3, x * (x + 3) / 6 between (Howard et al., 2019)."""
    _refuse_others("hardswish_cpu", x)

    def gradient(b: Builder, ct: Value, out: Value, x: Value) -> Value:
        """No product with x, which may be infinite."""
        inside = shifted(b, scaled(b, x, 1 / 3), 0.5)
        upper = b.select(b.lt(x, filled_like(b, 3, x)), inside, filled_like(b, 1, x))
        return b.mul(ct, b.select(b.le(x, filled_like(b, -3, x)), filled_like(b, 0, x), upper))

    return with_gradient(b, lambda b, x: b.mul(x, _sixth(b, x)), gradient, x)


@operation
def _hardsigmoid(b: Builder, x: Value) -> Value:
    """0 below -3, 1 above 3, (x + 3) / 6 between, where alone the gradient is not 0."""
    _refuse_others("hardsigmoid_cpu", x)
    inside = b.bitwise_and(b.gt(x, filled_like(b, -3, x)), b.lt(x, filled_like(b, 3, x)))
    return b.graft(_sixth(b, x), b.select(inside, scaled(b, x, 1 / 6), filled_like(b, 0, x)))


def _sixth(b: Builder, x: Value) -> Value:
    """A sixth of x + 3 within 0 and 6."""
    return scaled(b, clip(b, shifted(b, x, 3), 0, 6), 1 / 6)


@operation
def _softshrink(b: Builder, x: Value, size: float) -> Value:
    above = b.gt(x, filled_like(b, size, x))
    below = b.lt(x, filled_like(b, -size, x))
    inside = b.select(b.ne(x, x), x, filled_like(b, 0, x))
    return b.select(above, shifted(b, x, -size), b.select(below, shifted(b, x, size), inside))


@operation
def _hardshrink(b: Builder, x: Value, size: float) -> Value:
    _refuse_others("hardshrink_cpu", x)
    inside = b.bitwise_and(b.ge(x, filled_like(b, -size, x)), b.le(x, filled_like(b, size, x)))
    return b.select(inside, filled_like(b, 0, x), x)


@operation
def _threshold(b: Builder, x: Value, threshold: float, value: float) -> Value:
    if x.dtype.is_bool or x.dtype.is_complex:
        raise not_implemented("threshold_cpu", x)
    limit, replacement = (int(each) if x.dtype.is_integer else each for each in (threshold, value))
    return b.select(b.le(x, filled_like(b, limit, x)), filled_like(b, replacement, x), x)


@operation
def _prelu(b: Builder, x: Value, weight: Value) -> Value:
    if x.dtype is not weight.dtype:
        names = of_ir(x.dtype).scalar, of_ir(weight.dtype).scalar
        raise RuntimeError(f"prelu: Type promoting not supported. Got {names[0]} and {names[1]}")
    _refuse_others("prelu_cpu", x)
    if weight.rank > 1:
        raise RuntimeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.rank}")
    count = 1 if not weight.rank else weight.type.static_shape()[0]
    channels = x.type.static_shape()[1] if x.rank > 1 else 1
    if count != 1 and count != channels:
        raise RuntimeError(
            f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {count} and channel size "
            f"= {channels}."
        )
    one = count == 1
    slopes = b.broadcast(b.reshape(weight, shape=()) if one else weight, shape=x.shape, axes=() if one else (1,))
    return b.select(b.gt(x, filled_like(b, 0, x)), x, b.mul(x, slopes))


@operation
def _leaky(b: Builder, x: Value, slope: float) -> Value:
    _refuse_others("leaky_relu_cpu", x)
    return activations.leaky_relu(b, x, slope)


@operation
def _leaky_each(b: Builder, x: Value, slopes: Value) -> Value:
    return b.select(b.le(x, filled_like(b, 0, x)), b.mul(x, slopes), x)


# -- functions: what users call ----


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """input between min_val and max_val, with gradient 0 at and beyond them. Raises ValueError where they are the wrong
    way round, RuntimeError and NotImplementedError for bools and complex numbers."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    x = tensor("hardtanh", "input", 1, input)
    return result_or_written(x, call(_hardtanh, (x,), (min_val, max_val)), inplace)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """min(max(input, 0), 6), with gradient 0 at 0 and 6."""
    x = tensor("relu6", "input", 1, input)
    return result_or_written(x, call(_hardtanh, (x,), (0, 6)), inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """input * relu6(input + 3) / 6."""
    x = tensor("hardswish", "input", 1, input)
    return result_or_written(x, call(_hardswish, (x,)), inplace)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """relu6(input + 3) / 6."""
    x = tensor("hardsigmoid", "input", 1, input)
    return result_or_written(x, call(_hardsigmoid, (x,)), inplace)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """input moved towards 0 by lambd, and 0 within it. Raises RuntimeError for a lambd below 0."""
    x = tensor("softshrink", "input", 1, input)
    kind = x.dtype.ir
    if not kind.is_float:
        raise NotImplementedError(f"\"softshrink_check\" not implemented for '{x.dtype.scalar}'")
    largest = _largest(kind)
    if not 0 <= lambd <= largest:
        raise RuntimeError(
            f"lambda must be in range [0, {largest:g}] for input dtype {x.dtype.scalar}, but found {lambd:g}"
        )
    return call(_softshrink, (x,), (float(lambd),))


def _largest(kind: DType) -> float:
    import ml_dtypes

    return float((ml_dtypes.finfo if kind.name == "bf16" else np.finfo)(kind.numpy).max)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """input, and 0 within lambd of 0."""
    return call(_hardshrink, (tensor("hardshrink", "input", 1, input),), (float(lambd),))


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """input above `threshold`, `value` elsewhere."""
    x = tensor("threshold", "input", 1, input)
    return result_or_written(x, call(_threshold, (x,), (threshold, value)), inplace)


@lower_precision
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """input above 0, weight * input below: one weight, or one for each channel of input [N, C, ...] (He et al., 2015).
    Raises RuntimeError for as many weights as do not fit."""
    return call(_prelu, tensors("prelu", input=input, weight=weight))


def rrelu(
    input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False
) -> Tensor:
    """input above 0, a slope times it below: in training a random one between the bounds for each element, otherwise
    the mean of the bounds. Raises RuntimeError where they are the wrong way round."""
    x = tensor("rrelu", "input", 1, input)
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    if not training:
        return result_or_written(x, call(_leaky, (x,), ((lower + upper) / 2,)), inplace)
    if not x.dtype.is_floating_point:
        raise NotImplementedError(f"\"rrelu_with_noise_out_cpu\" not implemented for '{x.dtype.scalar}'")
    slopes = random.filled_uniform(x.detach(), lower, upper)
    return result_or_written(x, call(_leaky_each, (x, slopes)), inplace)


hardtanh_, threshold_, rrelu_ = (
    in_place(hardtanh, "hardtanh_"),
    in_place(threshold, "threshold_"),
    in_place(rrelu, "rrelu_"),
)
