"""VGG (Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...eager import Tensor, flatten, nn
from .registry import builder


class VGG(nn.Module):
    """Classes [N, num_classes] of images [N, 3, H, W] of 32 pixels a side or more."""

    def __init__(
        self, features: nn.Module, num_classes: int = 1000, init_weights: bool = True, dropout: float = 0.5
    ) -> None:
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, num_classes),
        )
        if init_weights:
            for module in self.modules():
                _initialise(module)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(flatten(self.avgpool(self.features(x)), 1))


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.ones_(module.weight)
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0, 0.01)
        nn.init.zeros_(module.bias)


cfgs: dict[
    str, list[str | int]
] = {  # channels of 3 x 3 convolutions, "M" for a maximum over 2 x 2; A to E as published
    "A": [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    "B": [64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    "D": [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"],
    "E": [64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M", 512, 512, 512, 512, "M", 512, 512, 512, 512, "M"],
}


def make_layers(cfg: Sequence[str | int], batch_norm: bool = False) -> nn.Sequential:
    """The convolutions of a configuration, one of `cfgs`."""
    layers: list[nn.Module] = []
    channels = 3
    for each in cfg:
        if isinstance(each, str):
            layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            continue
        layers.append(nn.Conv2d(channels, each, kernel_size=3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(each))
        layers.append(nn.ReLU(inplace=True))
        channels = each
    return nn.Sequential(*layers)


def _vgg(configuration: str, batch_norm: bool, settings: dict[str, Any]) -> VGG:
    return VGG(make_layers(cfgs[configuration], batch_norm), **settings)


@builder("VGG11_Weights")
def vgg11(**settings: Any) -> VGG:
    """VGG of 11 layers; `settings` are those of the class."""
    return _vgg("A", False, settings)


@builder("VGG11_BN_Weights")
def vgg11_bn(**settings: Any) -> VGG:
    """VGG of 11 layers with batch normalisation; `settings` are those of the class."""
    return _vgg("A", True, settings)


@builder("VGG13_Weights")
def vgg13(**settings: Any) -> VGG:
    """VGG of 13 layers; `settings` are those of the class."""
    return _vgg("B", False, settings)


@builder("VGG13_BN_Weights")
def vgg13_bn(**settings: Any) -> VGG:
    """VGG of 13 layers with batch normalisation; `settings` are those of the class."""
    return _vgg("B", True, settings)


@builder("VGG16_Weights")
def vgg16(**settings: Any) -> VGG:
    """VGG of 16 layers; `settings` are those of the class."""
    return _vgg("D", False, settings)


@builder("VGG16_BN_Weights")
def vgg16_bn(**settings: Any) -> VGG:
    """VGG of 16 layers with batch normalisation; `settings` are those of the class."""
    return _vgg("D", True, settings)


@builder("VGG19_Weights")
def vgg19(**settings: Any) -> VGG:
    """VGG of 19 layers; `settings` are those of the class."""
    return _vgg("E", False, settings)


@builder("VGG19_BN_Weights")
def vgg19_bn(**settings: Any) -> VGG:
    """VGG of 19 layers with batch normalisation; `settings` are those of the class."""
    return _vgg("E", True, settings)
