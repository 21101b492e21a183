"""The normalisations of `nn.functional` that refuse a single value, whose spread is none."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..calling.autocasting import full_precision_on_cuda
from ..tensors.tensor import Tensor
from . import batch_norm as batch_norms
from . import layer_norm
from .operands import tensor


def _check_batch(size: Sequence[int]) -> None:
    """Raises ValueError where one value would be all of a channel."""
    if size[0] * math.prod(size[2:]) == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {size}")


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float | Tensor = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """(input [N, C, ...] - mean) / sqrt(variance + eps) * weight + bias for each channel (Ioffe and Szegedy, 2015).

    In training the mean and variance are those of the batch, and the running ones, where given, move towards them by
    `momentum`, with the variance's n - 1; otherwise the running ones are used. Raises ValueError for a single value a
    channel in training, RuntimeError for sizes and dtypes that do not fit.
    """
    x = tensor("batch_norm", "input", 1, input)
    if training:
        _check_batch(x.shape)
    if training and eps <= 0:
        raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    if eps < 0:
        raise ValueError(f"batch_norm eps must be non-negative, but got {eps}")
    return batch_norms.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, True)


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """As `batch_norm`, but with a mean and a variance for each channel of each element of the batch (Ulyanov, Vedaldi
    and Lempitsky, 2016); the running ones move towards their averages over the batch. Raises ValueError for a single
    value a channel, RuntimeError for sizes and dtypes that do not fit."""
    if use_input_stats:
        size = tensor("instance_norm", "input", 1, input).shape
        if math.prod(size[2:]) == 1:
            raise ValueError(f"Expected more than 1 spatial element when training, got input size {size}")
    return batch_norms.instance_norm(
        input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, True
    )


@full_precision_on_cuda
def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """(input [N, C, ...] - mean) / sqrt(variance + eps) over each of `num_groups` groups of channels of each element of
    the batch, times weight [C] plus bias [C] (Wu and He, 2018). Raises RuntimeError for sizes and dtypes that do not
    fit, ValueError for a single value a group."""
    x = tensor("group_norm", "input", 1, input)
    if x.ndim < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {x.ndim}")
    _check_batch([x.shape[0] * x.shape[1] // num_groups, num_groups, *x.shape[2:]])
    return layer_norm.group_norm(x, num_groups, weight, bias, eps)
