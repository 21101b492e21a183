"""Normalisation: means and variances taken out, weights and biases put in."""

from __future__ import annotations

from collections.abc import Sequence

from diptych.ir import Builder, DType, Value, dtypes

from .arithmetic import square
from .constants import filled_like
from .reductions import mean, spread


def computed_in(dtype: DType) -> DType:
    """The dtype that statistics of `dtype` are taken in: f32 for f16 and bf16."""
    return dtypes.f32 if dtype in (dtypes.f16, dtypes.bf16) else dtype


def centred(b: Builder, x: Value, axes: Sequence[int]) -> tuple[Value, Value]:
    """(mean over `axes`, x minus it)."""
    average = mean(b, x, axes)
    return average, b.sub(x, spread(b, average, x, axes))


def inverse_deviation(b: Builder, variance: Value, epsilon: float) -> Value:
    """1 / sqrt(variance + epsilon)."""
    return b.rsqrt(b.add(variance, filled_like(b, epsilon, variance)))


def standardized(b: Builder, x: Value, axes: Sequence[int], epsilon: float) -> tuple[Value, Value, Value]:
    """((x - mean) / sqrt(variance + epsilon), mean, variance) over `axes`, the variance that of all elements."""
    average, apart = centred(b, x, axes)
    variance = mean(b, square(b, apart), axes)
    scale = inverse_deviation(b, variance, epsilon)
    return b.mul(apart, spread(b, scale, x, axes)), average, variance


def root_mean_square_scaled(b: Builder, x: Value, axes: Sequence[int], epsilon: float) -> Value:
    """x / sqrt(mean(x**2) + epsilon) over `axes` (Zhang and Sennrich, 2019)."""
    scale = inverse_deviation(b, mean(b, square(b, x), axes), epsilon)
    return b.mul(x, spread(b, scale, x, axes))


def weighted(b: Builder, x: Value, weight: Value | None, bias: Value | None, axes: Sequence[int]) -> Value:
    """x * weight + bias, both of which lie along `axes` of x."""
    if weight is not None:
        x = b.mul(x, b.broadcast(weight, shape=x.shape, axes=tuple(axes)))
    if bias is not None:
        x = b.add(x, b.broadcast(bias, shape=x.shape, axes=tuple(axes)))
    return x
