"""Normalisation over trailing dimensions, over groups of channels, over neighbouring channels."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np
from diptych.functions import normalization
from diptych.functions.arithmetic import scaled
from diptych.functions.constants import as_operand
from diptych.ir import Builder, DType, Value

from ..calling import autocasting
from ..calling.autocasting import full_precision_on_cuda
from ..dtypes import default_type
from ..promotion import converted
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .norm_parameters import check, parameters_of, weighted
from .operands import not_implemented, tensor
from .ordering import clamp
from .reductions import norm

# -- operations: what is written as equations ----
# After the input and what is named come the weight and the bias where there are any, then the attributes.


@operation
def _group_norm(b: Builder, x: Value, *rest: Any) -> Value:
    *parameters, groups, epsilon = rest
    wide = check("GroupNormKernelImpl", x, parameters)
    batch, channels, *places = x.type.static_shape()
    grouped = b.reshape(converted(b, x, wide), shape=(batch, groups, channels // groups, *places))
    result = normalization.standardized(b, grouped, tuple(range(2, grouped.rank)), epsilon)[0]
    result = weighted(b, b.reshape(result, shape=x.shape), parameters, (1,))
    return converted(b, result, x.dtype)


@operation
def _layer_norm(b: Builder, x: Value, *rest: Any) -> Value:
    *parameters, count, epsilon = rest
    wide = check("LayerNormKernelImpl", x, parameters)
    axes = tuple(range(x.rank - count, x.rank))
    result = normalization.standardized(b, converted(b, x, wide), axes, epsilon)[0]
    return converted(b, weighted(b, result, parameters, axes), x.dtype)


@operation
def _rms_norm(b: Builder, x: Value, *rest: Any) -> Value:
    *parameters, count, epsilon = rest
    if not x.dtype.is_differentiable:
        raise not_implemented("rms_norm", x)
    axes = tuple(range(x.rank - count, x.rank))
    wide = normalization.computed_in(x.dtype)
    result = normalization.root_mean_square_scaled(b, converted(b, x, wide), axes, epsilon)
    return converted(b, weighted(b, result, parameters, axes), x.dtype)


@operation
def _local_response_norm(b: Builder, x: Value, size: int, alpha: float, beta: float, k: float, default: DType) -> Value:
    """Krizhevsky, Sutskever and Hinton (2012), section 3.3, but alpha is divided by the size."""
    rest = (1,) * (x.rank - 2)
    padding = ((0, 0), (size // 2, (size - 1) // 2), *((0, 0) for _ in rest))
    one = (1,) * x.rank
    total = b.window_sum(b.mul(x, x), window=(1, size, *rest), stride=one, padding=padding, dilation=one)
    count = as_operand(b, size, total)
    mean = b.floor_div(total, count) if x.dtype.is_integer else b.div(total, count)
    mean, x = (each if each.dtype.is_differentiable else b.cast(each, dtype=default) for each in (mean, x))
    base = b.add(scaled(b, mean, alpha), as_operand(b, k, mean))
    return b.div(x, b.pow(base, as_operand(b, beta, base)))


# -- functions: what users call ----


@full_precision_on_cuda
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Tensor:
    """As `nn.functional.group_norm`, but a single value a group is taken too."""
    x = tensor("group_norm", "input", 1, input)
    if x.ndim < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {x.ndim}")
    size = list(x.shape)
    if num_groups <= 0:
        raise RuntimeError(f"Expected num groups to be greater than 0, got {num_groups}")
    if size[1] % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{size} and num_groups={num_groups}"
        )
    for what, given in (("weight", weight), ("bias", bias)):
        if given is not None and list(given.shape) != size[1:2]:
            raise RuntimeError(
                f"Expected {what} to be a vector of size equal to the number of channels in input, but got {what} of "
                f"shape {list(given.shape)} and input of shape {size}"
            )
    return call(_group_norm, (x, *parameters_of(size[1], weight, bias)), (num_groups, float(eps)))


def _trailing(
    name: str, x: Tensor, normalized_shape: Sequence[int], wildcard: str, **parameters: Tensor | None
) -> tuple[int, ...]:
    """The sizes normalised over. Raises TypeError and RuntimeError where they are not the input's last ones."""
    if not isinstance(normalized_shape, (tuple, list)):
        kind = type(normalized_shape).__name__
        raise TypeError(f"{name}(): argument 'normalized_shape' (position 2) must be tuple of ints, not {kind}")
    sizes = [index(size) for size in normalized_shape]
    if not sizes:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
            "normalized_shape = []"
        )
    for what, given in parameters.items():
        if given is not None and list(given.shape) != sizes:
            raise RuntimeError(
                f"Expected {what} to be of same shape as normalized_shape, but got {what} of shape {list(given.shape)} "
                f"and normalized_shape = {sizes}"
            )
    if list(x.shape[-len(sizes) :]) != sizes:
        raise RuntimeError(
            f"Given normalized_shape={sizes}, expected input with shape [{wildcard}{', '.join(map(str, sizes))}], but "
            f"got input of size{list(x.shape)}"
        )
    return tuple(sizes)


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Tensor:
    """(input - mean) / sqrt(variance + eps) over the last dimensions, times weight plus bias of their sizes (Ba, Kiros
    and Hinton, 2016). Raises RuntimeError for sizes and dtypes that do not fit."""
    x = tensor("layer_norm", "input", 1, input)
    if autocasting.on_cuda:
        x = autocasting.full_on_cuda(x)
        weight, bias = (each if each is None else autocasting.full_on_cuda(each) for each in (weight, bias))
    sizes = _trailing("layer_norm", x, normalized_shape, "*, ", weight=weight, bias=bias)
    return call(_layer_norm, (x, *parameters_of(sizes, weight, bias)), (len(sizes), float(eps)))


def rms_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """input / sqrt(mean(input**2) + eps) over the last dimensions, times weight of their sizes; eps is the dtype's
    where not given. Raises RuntimeError for sizes that do not fit."""
    x = tensor("rms_norm", "input", 1, input)
    sizes = _trailing("rms_norm", x, normalized_shape, "*", weight=weight)
    epsilon = float(_smallest_step(x) if eps is None else eps)
    return call(_rms_norm, (x,) if weight is None else (x, weight), (len(sizes), epsilon))


def _smallest_step(x: Tensor) -> float:
    kind = normalization.computed_in(x.dtype.ir)
    return float(np.finfo(kind.numpy).eps) if kind.is_differentiable else 0.0


def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """input [N, C, ...] / (k + alpha * mean of the squares of `size` neighbouring channels)**beta, where missing
    channels count as zeros. Raises ValueError below rank 3."""
    x = tensor("local_response_norm", "input", 1, input)
    if x.ndim < 3:
        gap = " " * 26
        raise ValueError(f"Expected 3D or higher dimensionality{gap}input (got {x.ndim} dimensions)")
    if not x.numel():
        return x
    if size <= 0:
        raise RuntimeError(f"kernel size should be greater than zero, but got kH: {size} kW: 1")
    settings = (size, float(alpha), float(beta), float(k), default_type())
    return call(_local_response_norm, (x,), settings)


def normalize(input: Tensor, p: float = 2.0, dim: int | Sequence[int] = 1, eps: float = 1e-12) -> Tensor:
    """input / max(its p-norm along `dim`, eps)."""
    x = tensor("normalize", "input", 1, input)
    return x / clamp(norm(x, p, dim, keepdim=True), min=eps)
