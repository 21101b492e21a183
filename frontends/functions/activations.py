"""Activation functions, written so that their derived gradients are finite and cheap."""

from __future__ import annotations

import math

from diptych.ir import Builder, Value, dtypes

from .constants import Number, as_operand, filled_like
from .reductions import normalized_axes, spread


def relu(b: Builder, x: Value) -> Value:
    """max(x, 0), nan of nan. The gradient at 0 is 0, as in both frameworks: hence a selection, not a maximum."""
    zero = filled_like(b, 0, x)
    return b.select(b.le(x, zero), zero, x)


def relu6(b: Builder, x: Value) -> Value:
    """min(max(x, 0), 6), with gradient 0 at 0 and at 6."""
    six = filled_like(b, 6, x)
    return b.select(b.ge(x, six), six, relu(b, x))


def leaky_relu(b: Builder, x: Value, slope: Number | Value = 0.01) -> Value:
    """x above 0, slope * x at 0 and below."""
    return b.select(b.gt(x, filled_like(b, 0, x)), x, b.mul(x, as_operand(b, slope, x)))


def elu(b: Builder, x: Value, alpha: Number = 1.0, *, linear_at_zero: bool = False) -> Value:
    """x above 0, alpha * (exp(x) - 1) at 0 and below; `linear_at_zero` gives the gradient at 0 the side above, as
    TensorFlow has it, rather than the one below, as PyTorch has it."""
    positive = b.ge(x, filled_like(b, 0, x)) if linear_at_zero else b.gt(x, filled_like(b, 0, x))
    # exp sees no positive x, so that its overflow cannot reach the gradient as 0 * inf
    below = b.expm1(b.select(positive, filled_like(b, 0, x), x))
    if alpha != 1:
        below = b.mul(below, filled_like(b, alpha, x))
    return b.select(positive, x, below)


SELU_ALPHA = 1.6732632423543772  # Klambauer et al., "Self-normalizing neural networks", 2017
SELU_SCALE = 1.0507009873554805


def selu(b: Builder, x: Value, *, linear_at_zero: bool = False) -> Value:
    """SELU_SCALE * elu(x, SELU_ALPHA)."""
    return b.mul(elu(b, x, SELU_ALPHA, linear_at_zero=linear_at_zero), filled_like(b, SELU_SCALE, x))


def sigmoid(b: Builder, x: Value) -> Value:
    """1 / (1 + exp(-x))."""
    return b.logistic(x)


def tanh(b: Builder, x: Value) -> Value:
    """Hyperbolic tangent."""
    return b.tanh(x)


def softplus(b: Builder, x: Value) -> Value:
    """log(1 + exp(x)), exact for large x of either sign; its gradient is the sigmoid everywhere, at 0 too."""
    positive = b.gt(x, filled_like(b, 0, x))
    small = b.log1p(b.exp(b.select(positive, b.neg(x), x)))
    return b.select(positive, b.add(x, small), small)


def log_sigmoid(b: Builder, x: Value) -> Value:
    """log(sigmoid(x))."""
    return b.neg(softplus(b, b.neg(x)))


def softsign(b: Builder, x: Value) -> Value:
    """x / (1 + |x|)."""
    return b.div(x, b.add(b.abs(x), filled_like(b, 1, x)))


def silu(b: Builder, x: Value) -> Value:
    """x * sigmoid(x)."""
    return b.mul(x, b.logistic(x))


def gelu(b: Builder, x: Value, *, approximate: bool = False) -> Value:
    """x times the normal distribution function of x, or its tanh approximation (Hendrycks and Gimpel, 2016)."""
    half = b.mul(x, filled_like(b, 0.5, x))
    if not approximate:
        inner = b.erf(b.mul(x, filled_like(b, math.sqrt(0.5), x)))
    else:
        cube = b.mul(b.mul(x, x), x)
        argument = b.add(x, b.mul(cube, filled_like(b, 0.044715, x)))
        inner = b.tanh(b.mul(argument, filled_like(b, math.sqrt(2 / math.pi), x)))
    return b.mul(half, b.add(inner, filled_like(b, 1, x)))


def shifted_exponentials(b: Builder, x: Value, axis: int) -> tuple[Value, Value, Value]:
    """(x - peak, exp of that, its sum along `axis`), which softmax, its logarithm and cross entropy share."""
    axes = normalized_axes(axis, x.rank)
    peak = b.stop_gradient(b.reduce_max(x, axes=axes))  # where it is infinite all are nan, as in both frameworks
    shifted = b.sub(x, spread(b, peak, x, axes))
    exponentials = b.exp(shifted)
    return shifted, exponentials, b.reduce_sum(exponentials, axes=axes)


def softmax(b: Builder, x: Value, axis: int = -1) -> Value:
    """exp(x) / sum(exp(x)) along `axis`, without overflow; in f32 where x is f16 or bf16."""
    if x.dtype in (dtypes.f16, dtypes.bf16):
        return b.cast(softmax(b, b.cast(x, dtype=dtypes.f32), axis), dtype=x.dtype)
    _, exponentials, total = shifted_exponentials(b, x, axis)
    return b.div(exponentials, spread(b, total, x, normalized_axes(axis, x.rank)))


def log_softmax(b: Builder, x: Value, axis: int = -1) -> Value:
    """x - log(sum(exp(x))) along `axis`, without overflow; in f32 where x is f16 or bf16."""
    if x.dtype in (dtypes.f16, dtypes.bf16):
        return b.cast(log_softmax(b, b.cast(x, dtype=dtypes.f32), axis), dtype=x.dtype)
    shifted, _, total = shifted_exponentials(b, x, axis)
    return b.sub(shifted, spread(b, b.log(total), x, normalized_axes(axis, x.rank)))
