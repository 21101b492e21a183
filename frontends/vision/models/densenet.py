"""DenseNet (Huang et al., "Densely connected convolutional networks", 2017), with bottlenecks and compression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Unsupported

from ...eager import Tensor, cat, flatten, nn
from .registry import builder

functional = nn.functional


class _DenseLayer(nn.Module):
    """growth_rate new channels of all that came before."""

    def __init__(
        self, num_input_features: int, growth_rate: int, bn_size: int, drop_rate: float, memory_efficient: bool = False
    ) -> None:
        super().__init__()
        if memory_efficient:
            raise Unsupported(
                "torchvision.models: memory_efficient=True of a DenseNet is not there",
                hint="memory_efficient=False computes the same",
            )
        inner = bn_size * growth_rate
        self.norm1 = nn.BatchNorm2d(num_input_features)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(num_input_features, inner, kernel_size=1, stride=1, bias=False)
        self.norm2 = nn.BatchNorm2d(inner)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(inner, growth_rate, kernel_size=3, stride=1, padding=1, bias=False)
        self.drop_rate = float(drop_rate)
        self.memory_efficient = memory_efficient

    def forward(self, input: Tensor | Sequence[Tensor]) -> Tensor:
        before = cat([input] if isinstance(input, Tensor) else list(input), 1)
        inner = self.conv1(self.relu1(self.norm1(before)))
        fresh = self.conv2(self.relu2(self.norm2(inner)))
        if self.drop_rate > 0:
            fresh = functional.dropout(fresh, p=self.drop_rate, training=self.training)
        return fresh


class _DenseBlock(nn.ModuleDict):
    """Layers each of which sees what all before it have made."""

    _version = 2

    def __init__(
        self,
        num_layers: int,
        num_input_features: int,
        bn_size: int,
        growth_rate: int,
        drop_rate: float,
        memory_efficient: bool = False,
    ) -> None:
        super().__init__()
        for place in range(num_layers):
            layer = _DenseLayer(
                num_input_features + place * growth_rate, growth_rate, bn_size, drop_rate, memory_efficient
            )
            self.add_module(f"denselayer{place + 1}", layer)

    def forward(self, init_features: Tensor) -> Tensor:
        features = [init_features]
        for layer in self.values():
            features.append(layer(features))
        return cat(features, 1)


class _Transition(nn.Sequential):
    """Fewer channels, and half the size."""

    def __init__(self, num_input_features: int, num_output_features: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(num_input_features)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(num_input_features, num_output_features, kernel_size=1, stride=1, bias=False)
        self.pool = nn.AvgPool2d(kernel_size=2, stride=2)


class DenseNet(nn.Module):
    """Classes [N, num_classes] of images [N, 3, H, W] of 29 pixels a side or more.

    `block_config` says how many layers each block has, each of which adds `growth_rate` channels, by way of `bn_size`
    times as many.
    """

    def __init__(
        self,
        growth_rate: int = 32,
        block_config: Sequence[int] = (6, 12, 24, 16),
        num_init_features: int = 64,
        bn_size: int = 4,
        drop_rate: float = 0,
        num_classes: int = 1000,
        memory_efficient: bool = False,
    ) -> None:
        super().__init__()
        self.features = nn.Sequential()
        self.features.add_module("conv0", nn.Conv2d(3, num_init_features, 7, stride=2, padding=3, bias=False))
        self.features.add_module("norm0", nn.BatchNorm2d(num_init_features))
        self.features.add_module("relu0", nn.ReLU(inplace=True))
        self.features.add_module("pool0", nn.MaxPool2d(kernel_size=3, stride=2, padding=1))
        channels = num_init_features
        for place, count in enumerate(block_config, 1):
            block = _DenseBlock(count, channels, bn_size, growth_rate, drop_rate, memory_efficient)
            self.features.add_module(f"denseblock{place}", block)
            channels += count * growth_rate
            if place < len(block_config):
                self.features.add_module(f"transition{place}", _Transition(channels, channels // 2))
                channels //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(channels))
        self.classifier = nn.Linear(channels, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        features = functional.relu(self.features(x), inplace=True)
        return self.classifier(flatten(functional.adaptive_avg_pool2d(features, (1, 1)), 1))


@builder("DenseNet121_Weights")
def densenet121(**settings: Any) -> DenseNet:
    """DenseNet of 121 layers; `settings` are those of the class."""
    return DenseNet(32, (6, 12, 24, 16), 64, **settings)


@builder("DenseNet161_Weights")
def densenet161(**settings: Any) -> DenseNet:
    """DenseNet of 161 layers; `settings` are those of the class."""
    return DenseNet(48, (6, 12, 36, 24), 96, **settings)


@builder("DenseNet169_Weights")
def densenet169(**settings: Any) -> DenseNet:
    """DenseNet of 169 layers; `settings` are those of the class."""
    return DenseNet(32, (6, 12, 32, 32), 64, **settings)


@builder("DenseNet201_Weights")
def densenet201(**settings: Any) -> DenseNet:
    """DenseNet of 201 layers; `settings` are those of the class."""
    return DenseNet(32, (6, 12, 48, 32), 64, **settings)
