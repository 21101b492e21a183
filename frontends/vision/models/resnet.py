"""ResNet (He et al., "Deep residual learning for image recognition", 2016), ResNeXt (Xie et al., 2017) and wide ResNet
(Zagoruyko and Komodakis, 2016)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...eager import Tensor, flatten, nn
from .registry import builder


def conv3x3(in_planes: int, out_planes: int, stride: int = 1, groups: int = 1, dilation: int = 1) -> nn.Conv2d:
    """A 3 x 3 convolution that keeps the size, but for its stride."""
    return nn.Conv2d(
        in_planes, out_planes, kernel_size=3, stride=stride, padding=dilation, groups=groups, bias=False,
        dilation=dilation,
    )  # fmt: skip


def conv1x1(in_planes: int, out_planes: int, stride: int = 1) -> nn.Conv2d:
    """A 1 x 1 convolution."""
    return nn.Conv2d(in_planes, out_planes, kernel_size=1, stride=stride, bias=False)


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions beside a way past them. Raises ValueError for groups and widths, NotImplementedError for
    a dilation, which only a Bottleneck has."""

    expansion: int = 1

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        norm = norm_layer or nn.BatchNorm2d
        if groups != 1 or base_width != 64:
            raise ValueError("BasicBlock only supports groups=1 and base_width=64")
        if dilation > 1:
            raise NotImplementedError("Dilation > 1 not supported in BasicBlock")
        self.conv1 = conv3x3(inplanes, planes, stride)
        self.bn1 = norm(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3x3(planes, planes)
        self.bn2 = norm(planes)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        past = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += past
        return self.relu(out)


class Bottleneck(nn.Module):
    """A 3 x 3 convolution between two of 1 x 1, beside a way past them; the stride is in the middle."""

    expansion: int = 4

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        norm = norm_layer or nn.BatchNorm2d
        width = int(planes * (base_width / 64.0)) * groups
        self.conv1 = conv1x1(inplanes, width)
        self.bn1 = norm(width)
        self.conv2 = conv3x3(width, width, stride, groups, dilation)
        self.bn2 = norm(width)
        self.conv3 = conv1x1(width, planes * self.expansion)
        self.bn3 = norm(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        past = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += past
        return self.relu(out)


class ResNet(nn.Module):
    """Classes [N, num_classes] of images [N, 3, H, W]: `layers` says how many blocks each of four stages has.

    `replace_stride_with_dilation` says of the last three stages whether they keep the size and dilate instead;
    `zero_init_residual` lets each block start as its way past. Raises ValueError for not three of them.
    """

    def __init__(
        self,
        block: Any,
        layers: Sequence[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
        groups: int = 1,
        width_per_group: int = 64,
        replace_stride_with_dilation: Sequence[bool] | None = None,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        norm = norm_layer or nn.BatchNorm2d
        dilate = (False, False, False) if replace_stride_with_dilation is None else replace_stride_with_dilation
        if len(dilate) != 3:
            raise ValueError(f"replace_stride_with_dilation should be None or a 3-element tuple, got {dilate}")
        self._norm_layer = norm
        self.inplanes = 64
        self.dilation = 1
        self.groups = groups
        self.base_width = width_per_group
        self.conv1 = nn.Conv2d(3, self.inplanes, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = norm(self.inplanes)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, 64, layers[0])
        self.layer2 = self._make_layer(block, 128, layers[1], stride=2, dilate=dilate[0])
        self.layer3 = self._make_layer(block, 256, layers[2], stride=2, dilate=dilate[1])
        self.layer4 = self._make_layer(block, 512, layers[3], stride=2, dilate=dilate[2])
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * block.expansion, num_classes)
        self._initialise(zero_init_residual)

    def _initialise(self, zero_init_residual: bool) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, (nn.BatchNorm2d, nn.GroupNorm)):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
        if not zero_init_residual:
            return
        for module in self.modules():
            last = {Bottleneck: "bn3", BasicBlock: "bn2"}.get(type(module))
            if last is not None and getattr(module, last).weight is not None:
                nn.init.zeros_(getattr(module, last).weight)

    def _make_layer(self, block: Any, planes: int, blocks: int, stride: int = 1, dilate: bool = False) -> nn.Sequential:
        """One stage: the first block changes the size and the number of channels."""
        first_dilation = self.dilation
        if dilate:
            self.dilation *= stride
            stride = 1
        outputs = planes * block.expansion
        downsample = None
        if stride != 1 or self.inplanes != outputs:
            downsample = nn.Sequential(conv1x1(self.inplanes, outputs, stride), self._norm_layer(outputs))
        settings = {"groups": self.groups, "base_width": self.base_width, "norm_layer": self._norm_layer}
        made = [block(self.inplanes, planes, stride, downsample, dilation=first_dilation, **settings)]
        self.inplanes = outputs
        made.extend(block(outputs, planes, dilation=self.dilation, **settings) for _ in range(1, blocks))
        return nn.Sequential(*made)

    def _forward_impl(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(flatten(self.avgpool(x), 1))

    def forward(self, x: Tensor) -> Tensor:
        return self._forward_impl(x)


@builder("ResNet18_Weights")
def resnet18(**settings: Any) -> ResNet:
    """ResNet of 18 layers; `settings` are those of the class."""
    return ResNet(BasicBlock, [2, 2, 2, 2], **settings)


@builder("ResNet34_Weights")
def resnet34(**settings: Any) -> ResNet:
    """ResNet of 34 layers; `settings` are those of the class."""
    return ResNet(BasicBlock, [3, 4, 6, 3], **settings)


@builder("ResNet50_Weights")
def resnet50(**settings: Any) -> ResNet:
    """ResNet of 50 layers; `settings` are those of the class."""
    return ResNet(Bottleneck, [3, 4, 6, 3], **settings)


@builder("ResNet101_Weights")
def resnet101(**settings: Any) -> ResNet:
    """ResNet of 101 layers; `settings` are those of the class."""
    return ResNet(Bottleneck, [3, 4, 23, 3], **settings)


@builder("ResNet152_Weights")
def resnet152(**settings: Any) -> ResNet:
    """ResNet of 152 layers; `settings` are those of the class."""
    return ResNet(Bottleneck, [3, 8, 36, 3], **settings)


@builder("ResNeXt50_32X4D_Weights")
def resnext50_32x4d(**settings: Any) -> ResNet:
    """ResNeXt of 50 layers in 32 groups of width 4; `settings` are those of ResNet."""
    return ResNet(Bottleneck, [3, 4, 6, 3], **_fixed(settings, groups=32, width_per_group=4))


@builder("ResNeXt101_32X8D_Weights")
def resnext101_32x8d(**settings: Any) -> ResNet:
    """ResNeXt of 101 layers in 32 groups of width 8; `settings` are those of ResNet."""
    return ResNet(Bottleneck, [3, 4, 23, 3], **_fixed(settings, groups=32, width_per_group=8))


@builder("ResNeXt101_64X4D_Weights")
def resnext101_64x4d(**settings: Any) -> ResNet:
    """ResNeXt of 101 layers in 64 groups of width 4; `settings` are those of ResNet."""
    return ResNet(Bottleneck, [3, 4, 23, 3], **_fixed(settings, groups=64, width_per_group=4))


@builder("Wide_ResNet50_2_Weights")
def wide_resnet50_2(**settings: Any) -> ResNet:
    """ResNet of 50 layers, twice as wide inside the blocks; `settings` are those of ResNet."""
    return ResNet(Bottleneck, [3, 4, 6, 3], **_fixed(settings, width_per_group=128))


@builder("Wide_ResNet101_2_Weights")
def wide_resnet101_2(**settings: Any) -> ResNet:
    """ResNet of 101 layers, twice as wide inside the blocks; `settings` are those of ResNet."""
    return ResNet(Bottleneck, [3, 4, 23, 3], **_fixed(settings, width_per_group=128))


def _fixed(settings: dict[str, Any], **fixed: int) -> dict[str, Any]:
    """The settings with what makes the model what it is. Raises ValueError where the user says otherwise."""
    for name, value in fixed.items():
        if settings.get(name, value) != value:
            raise ValueError(f"The parameter '{name}' expected value {value} but got {settings[name]} instead.")
    return {**settings, **fixed}
