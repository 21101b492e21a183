"""MobileNet V2 (Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", 2018)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...eager import Tensor, flatten, nn
from .registry import builder

# Of each stage: how much wider its blocks are inside, its channels, its blocks, the stride of the first.
_STAGES = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
)  # fmt: skip


class Conv2dNormActivation(nn.Sequential):
    """A convolution without bias, a normalisation and an activation, which keep the size but for the stride."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        groups: int = 1,
        norm_layer: Callable[..., nn.Module] = nn.BatchNorm2d,
        activation_layer: Callable[..., nn.Module] = nn.ReLU,
    ) -> None:
        padding = (kernel_size - 1) // 2
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, groups=groups, bias=False),
            norm_layer(out_channels),
            activation_layer(inplace=True),
        )
        self.out_channels = out_channels


def _divisible(channels: float, divisor: int) -> int:
    """The multiple of the divisor nearest to `channels`, not below it by more than a tenth."""
    nearest = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * channels else nearest


class InvertedResidual(nn.Module):
    """Wider by expand_ratio, each channel by itself, and narrow again; beside a way past where nothing changes. Raises
    ValueError for strides other than 1 and 2."""

    def __init__(
        self, inp: int, oup: int, stride: int, expand_ratio: int, norm_layer: Callable[..., nn.Module] | None = None
    ) -> None:
        super().__init__()
        if stride not in (1, 2):
            raise ValueError(f"stride should be 1 or 2 instead of {stride}")
        norm = norm_layer or nn.BatchNorm2d
        inner = round(inp * expand_ratio)
        self.stride = stride
        self.use_res_connect = stride == 1 and inp == oup
        usual = {"norm_layer": norm, "activation_layer": nn.ReLU6}
        layers: list[nn.Module] = []
        if expand_ratio != 1:
            layers.append(Conv2dNormActivation(inp, inner, kernel_size=1, **usual))
        layers.append(Conv2dNormActivation(inner, inner, stride=stride, groups=inner, **usual))
        layers.extend((nn.Conv2d(inner, oup, 1, 1, 0, bias=False), norm(oup)))
        self.conv = nn.Sequential(*layers)
        self.out_channels = oup

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class MobileNetV2(nn.Module):
    """Classes [N, num_classes] of images [N, 3, H, W]. `width_mult` scales the channels, which are rounded to multiples
    of `round_nearest`. Raises ValueError for stages that are not four numbers each."""

    def __init__(
        self,
        num_classes: int = 1000,
        width_mult: float = 1.0,
        inverted_residual_setting: Sequence[Sequence[int]] | None = None,
        round_nearest: int = 8,
        block: Callable[..., nn.Module] | None = None,
        norm_layer: Callable[..., nn.Module] | None = None,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        norm, make = norm_layer or nn.BatchNorm2d, block or InvertedResidual
        stages: Sequence[Sequence[int]] = _STAGES if inverted_residual_setting is None else inverted_residual_setting
        if not stages or len(stages[0]) != 4:
            raise ValueError(f"inverted_residual_setting should be non-empty or a 4-element list, got {stages}")
        usual = {"norm_layer": norm, "activation_layer": nn.ReLU6}
        channels = _divisible(32 * width_mult, round_nearest)
        self.last_channel = _divisible(1280 * max(1.0, width_mult), round_nearest)
        layers: list[nn.Module] = [Conv2dNormActivation(3, channels, stride=2, **usual)]
        for wider, wanted, count, stride in stages:
            outputs = _divisible(wanted * width_mult, round_nearest)
            for place in range(count):
                step = 1 if place else stride
                layers.append(make(channels, outputs, step, expand_ratio=wider, norm_layer=norm))
                channels = outputs
        layers.append(Conv2dNormActivation(channels, self.last_channel, kernel_size=1, **usual))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(p=dropout), nn.Linear(self.last_channel, num_classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, (nn.BatchNorm2d, nn.GroupNorm)):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0, 0.01)
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.adaptive_avg_pool2d(self.features(x), (1, 1))
        return self.classifier(flatten(x, 1))


@builder("MobileNet_V2_Weights")
def mobilenet_v2(**settings: Any) -> MobileNetV2:
    """MobileNet V2; `settings` are those of the class."""
    return MobileNetV2(**settings)
