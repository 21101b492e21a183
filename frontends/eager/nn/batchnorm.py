"""Normalisation of channels over a batch, as modules."""

from __future__ import annotations

from typing import Any

from ..device import Device
from ..dtypes import dtype, int64
from ..functions import checked_norms
from ..tapes.mode import no_grad
from ..tensors.creation import empty, ones, zeros
from ..tensors.data import tensor
from ..tensors.tensor import Tensor
from . import init
from .module import Module
from .parameter import Parameter


class _NormBase(Module):
    """Weight, bias and running statistics of num_features channels."""

    _version = 2  # 1 had no num_batches_tracked

    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        device: Device,
        dtype: dtype | None,
        bias: bool,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            made = Parameter(empty(num_features, device=device, dtype=dtype)) if wanted else None
            self.register_parameter(name, made)
        tracked = track_running_stats
        self.register_buffer("running_mean", zeros(num_features, device=device, dtype=dtype) if tracked else None)
        self.register_buffer("running_var", ones(num_features, device=device, dtype=dtype) if tracked else None)
        self.register_buffer("num_batches_tracked", tensor(0, dtype=int64, device=device) if tracked else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Means 0, variances 1, no batches."""
        if self.track_running_stats:
            with no_grad():
                self.running_mean.zero_()
                self.running_var.fill_(1)
                self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Weights 1, biases 0."""
        self.reset_running_stats()
        if self.affine:
            init.ones_(self.weight)
            if self.bias is not None:
                init.zeros_(self.bias)

    def _check_input_dim(self, input: Tensor) -> None:
        raise NotImplementedError

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, local_metadata: dict[str, Any], *rest: Any
    ) -> None:
        """A state without a version may lack the number of batches, which stays as it is."""
        key = prefix + "num_batches_tracked"
        if local_metadata.get("version") in (None, 1) and self.track_running_stats and key not in state_dict:
            state_dict[key] = self.num_batches_tracked
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)


class _BatchNorm(_NormBase):
    """(x - mean) / sqrt(variance + eps) * weight + bias for each channel of x [N, C, ...].

    In training the statistics are the batch's, and running_mean and running_var move towards them by `momentum`, or are
    the average of all batches where that is None. In evaluation the running ones are used, unless there are none.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Device = None,
        dtype: dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        momentum = self._counted()
        has_none = self.running_mean is None and self.running_var is None
        is_used = not self.training or self.track_running_stats
        return checked_norms.batch_norm(
            input,
            self.running_mean if is_used else None,
            self.running_var if is_used else None,
            self.weight,
            self.bias,
            self.training or has_none,
            momentum,
            self.eps,
        )

    def _counted(self) -> Any:
        """How far the running statistics move towards those of a batch, which is counted in training."""
        momentum: Any = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                momentum = 1.0 / self.num_batches_tracked.double()
        return momentum


def check_rank(input: Tensor, *ranks: int) -> None:
    """Raises ValueError for an input of another rank."""
    if input.ndim not in ranks:
        wanted = " or ".join(f"{rank}D" for rank in ranks)
        raise ValueError(f"expected {wanted} input (got {input.ndim}D input)")


class BatchNorm1d(_BatchNorm):
    __doc__ = _BatchNorm.__doc__

    def _check_input_dim(self, input: Tensor) -> None:
        check_rank(input, 2, 3)


class BatchNorm2d(_BatchNorm):
    __doc__ = _BatchNorm.__doc__

    def _check_input_dim(self, input: Tensor) -> None:
        check_rank(input, 4)


class BatchNorm3d(_BatchNorm):
    __doc__ = _BatchNorm.__doc__

    def _check_input_dim(self, input: Tensor) -> None:
        check_rank(input, 5)
