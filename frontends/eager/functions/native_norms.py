"""Normalisations that tell their statistics too: what PyTorch's modules come down to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..tapes.mode import no_grad
from ..tensors.creation import empty
from ..tensors.tensor import Tensor
from .batch_norm import batch_norm
from .layer_norm import group_norm, layer_norm
from .operands import tensor
from .reductions import mean, var
from .shapes import reshape


def native_layer_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None, bias: Tensor | None, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """`layer_norm`, and of each part that is normalised the mean and 1 / sqrt(variance + eps), without gradients."""
    result = layer_norm(input, normalized_shape, weight, bias, eps)
    axes = list(range(-len(normalized_shape), 0))
    with no_grad():
        return result, *_statistics(input, axes, eps, keepdim=True)


def _statistics(x: Tensor, axes: Sequence[int], eps: float, *, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """(mean, 1 / sqrt(variance + eps)) over the axes."""
    inverse = (var(x, axes, correction=0, keepdim=keepdim) + eps).rsqrt()
    return mean(x, axes, keepdim=keepdim), inverse


def native_group_norm(
    input: Tensor, weight: Tensor | None, bias: Tensor | None, N: int, C: int, HxW: int, group: int, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """`group_norm` of N x C x HxW elements, and of each group the mean and 1 / sqrt(variance + eps), with their
    gradients."""
    result = group_norm(input, group, weight, bias, eps)
    return result, *_statistics(reshape(input, (N, group, C // group * HxW)), [-1], eps)


def native_batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """`batch_norm`, and in training of each channel the mean and 1 / sqrt(variance + eps), without gradients; otherwise
    nothing more."""
    x = tensor("native_batch_norm", "input", 1, input)
    result = batch_norm(x, weight, bias, running_mean, running_var, training, momentum, eps, False)
    if not training or x.ndim < 2:
        nothing = {"dtype": x.dtype, "device": x.device}
        return result, empty(0, **nothing), empty(0, **nothing)
    with no_grad():
        return result, *_statistics(x, [axis for axis in range(x.ndim) if axis != 1], eps)


def batch_norm_without_running(
    input: Tensor, weight: Tensor | None, bias: Tensor | None, *rest: Any
) -> tuple[Tensor, Tensor, Tensor]:
    """`native_batch_norm`, where the running statistics may be left out."""
    running = rest if len(rest) == 5 else (None, None, *rest)
    return native_batch_norm(input, weight, bias, *running)


def batch_norm_with_update(
    input: Tensor, weight: Tensor | None, bias: Tensor | None, running_mean: Tensor, running_var: Tensor,
    momentum: float, eps: float,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
    """`native_batch_norm` in training, and what a kernel would keep: no bytes."""
    from ..dtypes import uint8

    found = native_batch_norm(input, weight, bias, running_mean, running_var, True, momentum, eps)
    return *found, empty(0, dtype=uint8, device=input.device)
