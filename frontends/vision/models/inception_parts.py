"""What GoogLeNet and Inception v3 share: a convolution with normalisation, images prepared anew, first weights."""

from __future__ import annotations

import warnings
from typing import Any

from ...eager import Tensor, cat, nn, unsqueeze


class BasicConv2d(nn.Module):
    """A convolution without bias, batch normalisation, relu."""

    def __init__(self, in_channels: int, out_channels: int, **settings: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, bias=False, **settings)
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.relu(self.bn(self.conv(x)), inplace=True)


_MEANS, _DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet


def prepared_for_tensorflow(x: Tensor) -> Tensor:
    """Images normalised with ImageNet's means and deviations as ones in [-1, 1], which TensorFlow's weights expect."""
    channels = [
        unsqueeze(x[:, place], 1) * (deviation / 0.5) + (mean - 0.5) / 0.5
        for place, (mean, deviation) in enumerate(zip(_MEANS, _DEVIATIONS, strict=True))
    ]
    return cat(channels, 1)


def asked_for_first_weights(model: str, init_weights: bool | None) -> bool:
    """Whether to draw first weights; warns where nobody said so."""
    if init_weights is None:
        warnings.warn(
            f"The default weight initialization of {model} will be changed in future releases of torchvision. If you "
            "wish to keep the old behavior (which leads to long initialization times due to scipy/scipy#11299), please "
            "set init_weights=True.",
            FutureWarning,
            stacklevel=5,
        )
        return True
    return init_weights


def initialise(network: nn.Module, deviation: float) -> None:
    """Weights of a truncated normal distribution, of a module's own deviation `stddev` where it has one."""
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            own = float(getattr(module, "stddev", deviation))
            nn.init.trunc_normal_(module.weight, mean=0.0, std=own, a=-2, b=2)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
