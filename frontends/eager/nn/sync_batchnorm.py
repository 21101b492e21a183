"""Normalisation over the batches of all processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.backends.processes import process_count

from ..device import Device
from ..dtypes import bfloat16, dtype, float16
from ..functions.joining import cat
from ..tapes.mode import no_grad
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .batchnorm import _BatchNorm
from .module import Module


class SyncBatchNorm(_BatchNorm):
    """As `BatchNorm1d` to `BatchNorm3d`, for x [N, C, ...] of any rank, with the statistics of what all processes have,
    whose parts may differ in size, and with the gradient of the sum of their losses."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        device: Device = None,
        dtype: dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)
        self.process_group = process_group

    def _check_input_dim(self, input: Tensor) -> None:
        if input.ndim < 2:
            raise ValueError(f"expected at least 2D input (got {input.ndim}D input)")
        if not input.shape[1]:
            raise ValueError("SyncBatchNorm number of input channels should be non-zero")

    def forward(self, input: Tensor) -> Tensor:
        """x, normalised."""
        if not (self.training and process_count() > 1):
            return super().forward(input)
        self._check_input_dim(input)
        momentum = self._counted()
        axes = [axis for axis in range(input.ndim) if axis != 1]
        shape = [-1 if axis == 1 else 1 for axis in range(input.ndim)]
        x = input.float() if input.dtype in (float16, bfloat16) else input
        mean, variance, count = _statistics(x, axes, shape)
        if self.track_running_stats and self.running_mean is not None and self.running_var is not None:
            with no_grad():
                unbiased = variance * (count / (count - 1))
                for kept, own in ((self.running_mean, mean), (self.running_var, unbiased)):
                    kept.copy_(kept * (1 - momentum) + own * momentum)
        result = (x - mean.reshape(shape)) * (variance.reshape(shape) + self.eps).rsqrt()
        if self.weight is not None:
            result = result * self.weight.reshape(shape)
        if self.bias is not None:
            result = result + self.bias.reshape(shape)
        return result.to(input.dtype)

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: Any = None) -> Module:
        """The module with all `BatchNorm` below it, or itself, as `SyncBatchNorm` of the same tensors."""
        made = module
        if isinstance(module, _BatchNorm):
            made = SyncBatchNorm(
                module.num_features, module.eps, module.momentum, module.affine, module.track_running_stats,
                process_group, bias=module.bias is not None,
            )  # fmt: skip
            if module.affine:
                made.weight, made.bias = module.weight, module.bias
            made.running_mean, made.running_var = module.running_mean, module.running_var
            made.num_batches_tracked = module.num_batches_tracked
            made.training = module.training
        for name, child in module.named_children():
            made.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return made


def _statistics(x: Tensor, axes: Sequence[int], shape: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
    """The mean and the variance of each channel over all processes, and how many values it has in all."""
    from ..distributed.programs import gathered

    channels = x.shape[1]
    count = x.new_full((1,), x.numel() // channels)
    mean = x.mean(axes)
    deviation = (x - mean.reshape(shape)).square().sum(axes)
    told = call(gathered, (cat((mean, deviation, count)),), ("SyncBatchNorm",))
    means, deviations, counts = told[:, :channels], told[:, channels:-1], told[:, -1:]
    total = counts.sum(0)
    mean = (means * counts).sum(0) / total
    return mean, (deviations + (means - mean).square() * counts).sum(0) / total, total
