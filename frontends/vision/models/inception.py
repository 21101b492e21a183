"""Inception v3 (Szegedy et al., "Rethinking the Inception architecture for computer vision", 2016)."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

from ...eager import Tensor, cat, flatten, nn
from .inception_parts import BasicConv2d, asked_for_first_weights, initialise, prepared_for_tensorflow
from .registry import builder

functional = nn.functional
Convolution = Callable[..., nn.Module]

InceptionOutputs = namedtuple("InceptionOutputs", ["logits", "aux_logits"])
_InceptionOutputs = InceptionOutputs  # its older name

_WIDE, _HIGH = {"kernel_size": (1, 7), "padding": (0, 3)}, {"kernel_size": (7, 1), "padding": (3, 0)}


class InceptionA(nn.Module):
    """1 x 1, 5 x 5, twice 3 x 3 and an average, side by side."""

    def __init__(self, in_channels: int, pool_features: int, conv_block: Convolution | None = None) -> None:
        super().__init__()
        convolution = conv_block or BasicConv2d
        self.branch1x1 = convolution(in_channels, 64, kernel_size=1)
        self.branch5x5_1 = convolution(in_channels, 48, kernel_size=1)
        self.branch5x5_2 = convolution(48, 64, kernel_size=5, padding=2)
        self.branch3x3dbl_1 = convolution(in_channels, 64, kernel_size=1)
        self.branch3x3dbl_2 = convolution(64, 96, kernel_size=3, padding=1)
        self.branch3x3dbl_3 = convolution(96, 96, kernel_size=3, padding=1)
        self.branch_pool = convolution(in_channels, pool_features, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        once = self.branch5x5_2(self.branch5x5_1(x))
        twice = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return cat([self.branch1x1(x), once, twice, self.branch_pool(_averages(x))], 1)


def _averages(x: Tensor) -> Tensor:
    return functional.avg_pool2d(x, kernel_size=3, stride=1, padding=1)


def _maxima(x: Tensor) -> Tensor:
    return functional.max_pool2d(x, kernel_size=3, stride=2)


class InceptionB(nn.Module):
    """3 x 3, twice 3 x 3 and a maximum, side by side, to half the size."""

    def __init__(self, in_channels: int, conv_block: Convolution | None = None) -> None:
        super().__init__()
        convolution = conv_block or BasicConv2d
        self.branch3x3 = convolution(in_channels, 384, kernel_size=3, stride=2)
        self.branch3x3dbl_1 = convolution(in_channels, 64, kernel_size=1)
        self.branch3x3dbl_2 = convolution(64, 96, kernel_size=3, padding=1)
        self.branch3x3dbl_3 = convolution(96, 96, kernel_size=3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        twice = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return cat([self.branch3x3(x), twice, _maxima(x)], 1)


class InceptionC(nn.Module):
    """1 x 1, 7 x 7 and twice 7 x 7, each of them as 1 x 7 and 7 x 1, and an average, side by side."""

    def __init__(self, in_channels: int, channels_7x7: int, conv_block: Convolution | None = None) -> None:
        super().__init__()
        convolution, inner = conv_block or BasicConv2d, channels_7x7
        self.branch1x1 = convolution(in_channels, 192, kernel_size=1)
        self.branch7x7_1 = convolution(in_channels, inner, kernel_size=1)
        self.branch7x7_2 = convolution(inner, inner, **_WIDE)
        self.branch7x7_3 = convolution(inner, 192, **_HIGH)
        self.branch7x7dbl_1 = convolution(in_channels, inner, kernel_size=1)
        self.branch7x7dbl_2 = convolution(inner, inner, **_HIGH)
        self.branch7x7dbl_3 = convolution(inner, inner, **_WIDE)
        self.branch7x7dbl_4 = convolution(inner, inner, **_HIGH)
        self.branch7x7dbl_5 = convolution(inner, 192, **_WIDE)
        self.branch_pool = convolution(in_channels, 192, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        once = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        twice = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        twice = self.branch7x7dbl_5(self.branch7x7dbl_4(twice))
        return cat([self.branch1x1(x), once, twice, self.branch_pool(_averages(x))], 1)


class InceptionD(nn.Module):
    """3 x 3, 7 x 7 and then 3 x 3, and a maximum, side by side, to half the size."""

    def __init__(self, in_channels: int, conv_block: Convolution | None = None) -> None:
        super().__init__()
        convolution = conv_block or BasicConv2d
        self.branch3x3_1 = convolution(in_channels, 192, kernel_size=1)
        self.branch3x3_2 = convolution(192, 320, kernel_size=3, stride=2)
        self.branch7x7x3_1 = convolution(in_channels, 192, kernel_size=1)
        self.branch7x7x3_2 = convolution(192, 192, **_WIDE)
        self.branch7x7x3_3 = convolution(192, 192, **_HIGH)
        self.branch7x7x3_4 = convolution(192, 192, kernel_size=3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        large = self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x)))
        return cat([self.branch3x3_2(self.branch3x3_1(x)), self.branch7x7x3_4(large), _maxima(x)], 1)


class InceptionE(nn.Module):
    """1 x 1, 3 x 3 and twice 3 x 3, whose last is 1 x 3 beside 3 x 1, and an average, side by side."""

    def __init__(self, in_channels: int, conv_block: Convolution | None = None) -> None:
        super().__init__()
        convolution = conv_block or BasicConv2d
        wide, high = {"kernel_size": (1, 3), "padding": (0, 1)}, {"kernel_size": (3, 1), "padding": (1, 0)}
        self.branch1x1 = convolution(in_channels, 320, kernel_size=1)
        self.branch3x3_1 = convolution(in_channels, 384, kernel_size=1)
        self.branch3x3_2a = convolution(384, 384, **wide)
        self.branch3x3_2b = convolution(384, 384, **high)
        self.branch3x3dbl_1 = convolution(in_channels, 448, kernel_size=1)
        self.branch3x3dbl_2 = convolution(448, 384, kernel_size=3, padding=1)
        self.branch3x3dbl_3a = convolution(384, 384, **wide)
        self.branch3x3dbl_3b = convolution(384, 384, **high)
        self.branch_pool = convolution(in_channels, 192, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        once = self.branch3x3_1(x)
        twice = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        parts = [
            self.branch1x1(x),
            self.branch3x3_2a(once),
            self.branch3x3_2b(once),
            self.branch3x3dbl_3a(twice),
            self.branch3x3dbl_3b(twice),
            self.branch_pool(_averages(x)),
        ]
        return cat(parts, 1)


class InceptionAux(nn.Module):
    """A smaller head, whose classes help to train what comes before it."""

    def __init__(self, in_channels: int, num_classes: int, conv_block: Convolution | None = None) -> None:
        super().__init__()
        convolution = conv_block or BasicConv2d
        self.conv0 = convolution(in_channels, 128, kernel_size=1)
        self.conv1 = convolution(128, 768, kernel_size=5)
        self.conv1.stddev = 0.01
        self.fc = nn.Linear(768, num_classes)
        self.fc.stddev = 0.001

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(self.conv0(functional.avg_pool2d(x, kernel_size=5, stride=3)))
        return self.fc(flatten(functional.adaptive_avg_pool2d(x, (1, 1)), 1))


# The way of an image, by the names of its parts.
_BEFORE_HEAD = (
    "Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "maxpool1", "Conv2d_3b_1x1", "Conv2d_4a_3x3", "maxpool2",
    "Mixed_5b", "Mixed_5c", "Mixed_5d", "Mixed_6a", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e",
)  # fmt: skip
_AFTER_HEAD = ("Mixed_7a", "Mixed_7b", "Mixed_7c", "avgpool", "dropout")


class Inception3(nn.Module):
    """Classes [N, num_classes] of images [N, 3, H, W] of 75 pixels a side or more; 299 is usual.

    In training with `aux_logits` an InceptionOutputs, which holds the classes of a smaller head too. `transform_input`
    takes images that are normalised as ImageNet's. Raises ValueError for not seven `inception_blocks`.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        aux_logits: bool = True,
        transform_input: bool = False,
        inception_blocks: Sequence[Convolution] | None = None,
        init_weights: bool | None = None,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        wants_weights = asked_for_first_weights("inception_v3", init_weights)
        blocks = inception_blocks
        if blocks is None:
            blocks = [BasicConv2d, InceptionA, InceptionB, InceptionC, InceptionD, InceptionE, InceptionAux]
        if len(blocks) != 7:
            raise ValueError(f"length of inception_blocks should be 7 instead of {len(blocks)}")
        convolution, block_a, block_b, block_c, block_d, block_e, head = blocks
        self.aux_logits = aux_logits
        self.transform_input = transform_input
        self.Conv2d_1a_3x3 = convolution(3, 32, kernel_size=3, stride=2)
        self.Conv2d_2a_3x3 = convolution(32, 32, kernel_size=3)
        self.Conv2d_2b_3x3 = convolution(32, 64, kernel_size=3, padding=1)
        self.maxpool1 = nn.MaxPool2d(kernel_size=3, stride=2)
        self.Conv2d_3b_1x1 = convolution(64, 80, kernel_size=1)
        self.Conv2d_4a_3x3 = convolution(80, 192, kernel_size=3)
        self.maxpool2 = nn.MaxPool2d(kernel_size=3, stride=2)
        self.Mixed_5b = block_a(192, pool_features=32)
        self.Mixed_5c = block_a(256, pool_features=64)
        self.Mixed_5d = block_a(288, pool_features=64)
        self.Mixed_6a = block_b(288)
        self.Mixed_6b = block_c(768, channels_7x7=128)
        self.Mixed_6c = block_c(768, channels_7x7=160)
        self.Mixed_6d = block_c(768, channels_7x7=160)
        self.Mixed_6e = block_c(768, channels_7x7=192)
        self.AuxLogits = head(768, num_classes) if aux_logits else None
        self.Mixed_7a = block_d(768)
        self.Mixed_7b = block_e(1280)
        self.Mixed_7c = block_e(2048)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(p=dropout)
        self.fc = nn.Linear(2048, num_classes)
        if wants_weights:
            initialise(self, 0.1)

    def forward(self, x: Tensor) -> Any:
        if self.transform_input:
            x = prepared_for_tensorflow(x)
        for name in _BEFORE_HEAD:
            x = getattr(self, name)(x)
        head = self.AuxLogits(x) if self.training and self.AuxLogits is not None else None
        for name in _AFTER_HEAD:
            x = getattr(self, name)(x)
        x = self.fc(flatten(x, 1))
        return InceptionOutputs(x, head) if self.training and self.aux_logits else x


@builder("Inception_V3_Weights")
def inception_v3(**settings: Any) -> Inception3:
    """Inception v3; `settings` are those of the class."""
    return Inception3(**settings)
