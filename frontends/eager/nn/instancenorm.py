"""Normalisation of the channels of each element of a batch, as modules."""

from __future__ import annotations

import warnings
from typing import Any

from ..device import Device
from ..dtypes import dtype
from ..functions import checked_norms
from ..functions.shapes import squeeze, unsqueeze
from ..tensors.tensor import Tensor
from .batchnorm import _NormBase, check_rank


class _InstanceNorm(_NormBase):
    """(x - mean) / sqrt(variance + eps) * weight + bias for each channel of each element of x [N, C, ...] or [C, ...].

    The running statistics, where tracked, move towards the averages over the batch, and are used in evaluation.
    """

    _places: int  # how many dimensions come after the channels

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Device = None,
        dtype: dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def _check_input_dim(self, input: Tensor) -> None:
        check_rank(input, self._places + 1, self._places + 2)

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: Any,
        strict: bool,
        missing: Any,
        unexpected: Any,
        errors: Any,
    ) -> None:
        """A state without a version may hold running statistics that nobody tracks, which is a problem of its own."""
        names = [name for name in ("running_mean", "running_var") if prefix + name in state_dict]
        if local_metadata.get("version") is None and not self.track_running_stats and names:
            kind = type(self).__name__
            errors.append(
                f"Unexpected running stats buffer(s) {' and '.join(map(_quoted, names))} for {kind} with "
                "track_running_stats=False. If state_dict is a checkpoint saved before 0.4.0, this may be expected "
                f"because {kind} does not track running stats by default since 0.4.0. Please remove these keys from "
                "state_dict. If the running stats are actually needed, instead set track_running_stats=True in "
                f"{kind} to enable them. See the documentation of {kind} for details."
            )
            for name in names:
                del state_dict[prefix + name]
        super()._load_from_state_dict(state_dict, prefix, local_metadata, strict, missing, unexpected, errors)

    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        axis = input.ndim - self._places - 1
        if input.shape[axis] != self.num_features:
            if self.affine:
                raise ValueError(
                    f"expected input's size at dim={axis} to match num_features ({self.num_features}), but got: "
                    f"{input.shape[axis]}."
                )
            warnings.warn(
                f"input's size at dim={axis} does not match num_features. You can silence this warning by not passing "
                "in num_features, which is not used because affine=False",
                stacklevel=2,
            )
        x = input if axis else unsqueeze(input, 0)
        result = checked_norms.instance_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return result if axis else squeeze(result, 0)


def _quoted(name: str) -> str:
    return f'"{name}"'


class InstanceNorm1d(_InstanceNorm):
    __doc__ = _InstanceNorm.__doc__
    _places = 1


class InstanceNorm2d(_InstanceNorm):
    __doc__ = _InstanceNorm.__doc__
    _places = 2


class InstanceNorm3d(_InstanceNorm):
    __doc__ = _InstanceNorm.__doc__
    _places = 3
