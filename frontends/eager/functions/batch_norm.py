"""Normalisation of channels over a batch, or over each of its elements."""

from __future__ import annotations

import math
from typing import Any

from diptych.functions import normalization, reductions, updates
from diptych.functions.arithmetic import scaled
from diptych.ir import Builder, Constant, Value

from ..promotion import Number, converted
from ..tapes.batches import check_written_alone
from ..tapes.mode import is_grad_enabled, no_grad
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors import views
from ..tensors.tensor import Tensor
from .axes import counted
from .norm_parameters import check, parameters_of, weighted
from .operands import tensor

# -- operations: what is written as equations ----
# After the input and what is named come the weight and the bias where there are any, then the attributes.


def _unbiased(b: Builder, variance: Value, x: Value, axes: tuple[int, ...]) -> Value:
    """The variance divided by n - 1 rather than by the number of elements n, which stand in the program as they are: so
    it can be one for batches of many sizes."""
    count = math.prod(x.type.static_shape()[axis] for axis in axes)
    if count < 2:
        return scaled(b, variance, math.nan)
    numbers = [b.constant(value=Constant(float(each))) for each in (count, count - 1)]
    return scaled(b, variance, b.cast(b.div(*numbers), dtype=variance.dtype))


@operation
def _batch_norm_training(b: Builder, x: Value, *rest: Any) -> tuple[Value, Value, Value]:
    """The result, and the mean and unbiased variance of each channel."""
    *parameters, epsilon = rest
    wide = check("batch_norm", x, parameters)
    axes = tuple(axis for axis in range(x.rank) if axis != 1)
    result, mean, variance = normalization.standardized(b, converted(b, x, wide), axes, epsilon)
    result = weighted(b, result, parameters, (1,))
    return converted(b, result, x.dtype), mean, _unbiased(b, variance, x, axes)


@operation
def _batch_norm_evaluation(b: Builder, x: Value, mean: Value, variance: Value, *rest: Any) -> Value:
    *parameters, epsilon = rest
    wide = check("batch_norm", x, (mean, variance, *parameters))
    mean, variance = converted(b, mean, wide), converted(b, variance, wide)
    apart = b.sub(converted(b, x, wide), b.broadcast(mean, shape=x.shape, axes=(1,)))
    scale = normalization.inverse_deviation(b, variance, epsilon)
    result = b.mul(apart, b.broadcast(scale, shape=x.shape, axes=(1,)))
    return converted(b, weighted(b, result, parameters, (1,)), x.dtype)


@operation
def _running(
    b: Builder, mean: Value, variance: Value, fresh_mean: Value, fresh_variance: Value, momentum: Value | Number
) -> tuple[Value, ...]:
    """momentum * fresh + (1 - momentum) * running of both."""
    results: list[Value] = []
    for running, fresh in ((mean, fresh_mean), (variance, fresh_variance)):
        share = converted(b, momentum, fresh.dtype)
        kept = scaled(b, converted(b, running, fresh.dtype), updates.complement(b, share, fresh))
        results.append(converted(b, b.add(kept, scaled(b, fresh, share)), running.dtype))
    return tuple(results)


@operation
def _instance_norm(b: Builder, x: Value, *rest: Any) -> tuple[Value, Value, Value]:
    """The result, and of each channel the mean and the unbiased variance, averaged over the batch."""
    *parameters, epsilon = rest
    wide = check("batch_norm", x, parameters)
    axes = tuple(range(2, x.rank))
    result, mean, variance = normalization.standardized(b, converted(b, x, wide), axes, epsilon)
    result = weighted(b, result, parameters, (1,))
    variance = reductions.mean(b, _unbiased(b, variance, x, axes), (0,))
    return converted(b, result, x.dtype), reductions.mean(b, mean, (0,)), variance


# -- functions: what users call ----


def _check_length(what: str, given: Tensor | None, count: int) -> None:
    if given is not None and given.numel() != count:
        raise RuntimeError(f"{what} should contain {count} elements not {given.numel()}")


def _check_untracked(**running: Tensor | None) -> None:
    for what, given in running.items():
        if given is not None and given.requires_grad and is_grad_enabled():
            raise RuntimeError(
                f"The function 'native_batch_norm' is not differentiable with respect to argument '{what}'. This input "
                "cannot have requires_grad True."
            )


_SHARED = (
    "Batch norm got a batched tensor as input while the running_mean or running_var, which will be updated in place, "
    "were not batched.\nIf you are using a module and do not need eval mode, please set `track_running_stats` to be "
    "False.If you are using a prebuilt module and do not need eval mode, please see the functorch website for "
    "resources on how to patch your module to work with vmap"
)


def _write_running(
    mean: Tensor, variance: Tensor, fresh_mean: Tensor, fresh_variance: Tensor, momentum: float | Tensor
) -> None:
    """Moves the running statistics; like PyTorch's kernel in a way that counts as no write."""
    with no_grad():
        following = call(_running, (mean, variance, fresh_mean, fresh_variance, momentum))
        views.write(mean.data, following[0])
        views.write(variance.data, following[1])


def batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float | Tensor,
    eps: float,
    cudnn_enabled: bool,
) -> Tensor:
    """As `nn.functional.batch_norm`, but a single value a channel is taken too."""
    x = tensor("batch_norm", "input", 1, input)
    if x.ndim == 1 and not x.numel():
        return x.clone()
    channels = x.shape[counted(1, x.ndim)]
    for what, given in (("running_mean", running_mean), ("running_var", running_var)):
        if given is None and not training:
            raise RuntimeError(f"{what} must be defined in evaluation mode")
        _check_length(what, given, channels)
    _check_length("weight", weight, channels)
    _check_length("bias", bias, channels)
    parameters = parameters_of(channels, weight, bias)
    _check_untracked(running_mean=running_mean, running_var=running_var)
    if not training:
        return call(_batch_norm_evaluation, (x, running_mean, running_var, *parameters), (float(eps),))
    for given in (running_mean, running_var):
        if given is not None:
            check_written_alone(given, x, _SHARED)
    result, mean, variance = call(_batch_norm_training, (x, *parameters), (float(eps),))
    if running_mean is not None and running_var is not None:
        _write_running(running_mean, running_var, mean, variance, momentum)
    return result


def instance_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Tensor:
    """As `nn.functional.instance_norm`, but a single value a channel is taken too."""
    x = tensor("instance_norm", "input", 1, input)
    if not use_input_stats and (running_mean is None or running_var is None):
        raise RuntimeError("Expected running_mean and running_var to be defined when use_input_stats is false")
    batch, channels = x.shape[0], x.shape[counted(1, x.ndim)]
    for what, given in zip(_PLACES, (running_mean, running_var, weight, bias), strict=True):
        if given is not None and given.numel() != channels:
            raise RuntimeError(f"{what} should contain {batch * channels} elements not {batch * given.numel()}")
    parameters = parameters_of(channels, weight, bias)
    _check_untracked(running_mean=running_mean, running_var=running_var)
    if not use_input_stats:
        return call(_batch_norm_evaluation, (x, running_mean, running_var, *parameters), (float(eps),))
    result, mean, variance = call(_instance_norm, (x, *parameters), (float(eps),))
    if running_mean is not None and running_var is not None:
        _write_running(running_mean, running_var, mean, variance, momentum)
    return result


_PLACES = ("running_mean", "running_var", "weight", "bias")
